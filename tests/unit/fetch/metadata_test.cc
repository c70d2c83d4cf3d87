#include "fetch/metadata.h"

#include <gtest/gtest.h>

namespace simdjwt::fetch::test {
namespace {

const std::string kIssuer = "https://as.example/tenant";

// OpenID Connect Discovery 1.0 §4.1, RFC 8414 §3.1.
TEST(FetchMetadata, WellKnownPlaces) {
  const auto plain = well_known_urls("https://as.example");
  EXPECT_EQ(plain[0], "https://as.example/.well-known/openid-configuration");
  EXPECT_EQ(plain[1], "https://as.example/.well-known/oauth-authorization-server");
  EXPECT_EQ(well_known_urls("https://as.example/"), plain);
  const auto path = well_known_urls("https://as.example:8443/a/b");
  EXPECT_EQ(path[0], "https://as.example:8443/a/b/.well-known/openid-configuration");
  EXPECT_EQ(path[1], "https://as.example:8443/.well-known/oauth-authorization-server/a/b");
  EXPECT_EQ(well_known_urls("https://as.example:8443/a/b/"), path);
}

// RFC 8414 §2: the issuer is a URL without query and fragment.
TEST(FetchMetadata, AnIssuerThatIsNoSuchUrlHasNone) {
  for (const char* issuer : {"", "as.example", "://as.example", "https://", "https:///a", "https://as.example?x",
                             "https://as.example/#f", "https://as example", "https://as.example/\n"}) {
    EXPECT_EQ(well_known_urls(issuer)[0], "") << issuer;
    EXPECT_EQ(well_known_urls(issuer)[1], "") << issuer;
  }
}

TEST(FetchMetadata, OnlyWhatMayBeFetched) {
  EXPECT_TRUE(is_fetchable("https://as.example/jwks", false));
  EXPECT_FALSE(is_fetchable("http://as.example/jwks", false));
  EXPECT_TRUE(is_fetchable("http://as.example/jwks", true));
  EXPECT_FALSE(is_fetchable("file:///etc/passwd", true));
  EXPECT_FALSE(is_fetchable("/jwks", true));
  EXPECT_FALSE(is_fetchable("", true));
}

TEST(FetchMetadata, GivesThePlaceOfTheKeys) {
  const Metadata metadata = parse_metadata(
      R"({"other":[1,{"jwks_uri":"https://evil.example"}],"jwks_uri":"https:\/\/keys.example/a","issuer":"https://as.example/tenant"})",
      kIssuer);
  EXPECT_EQ(metadata.error, SIMDJWT_OK);
  EXPECT_EQ(metadata.jwks_uri, "https://keys.example/a");
}

// RFC 8414 §3.3: the issuer MUST be identical to the one the metadata were asked for.
TEST(FetchMetadata, OfAnotherIssuerAreRefused) {
  for (const char* issuer : {"https://as.example/tenant/", "https://AS.example/tenant", "https://as.example", "",
                             "https://as.example/tenan\\u0075"}) {
    const Metadata metadata =
        parse_metadata(R"({"issuer":")" + std::string(issuer) + R"(","jwks_uri":"https://as.example/jwks"})", kIssuer);
    EXPECT_EQ(metadata.error, SIMDJWT_FETCH_ISSUER) << issuer;
    EXPECT_EQ(metadata.jwks_uri, "");
  }
  EXPECT_EQ(parse_metadata(R"({"jwks_uri":"https://as.example/jwks"})", kIssuer).error, SIMDJWT_FETCH_ISSUER);
  EXPECT_EQ(parse_metadata(R"({"issuer":["https://as.example/tenant"],"jwks_uri":"https://a"})", kIssuer).error,
            SIMDJWT_FETCH_ISSUER);
}

// RFC 8259, RFC 7493 §2.3: a second issuer or jwks_uri is an error, not a choice.
TEST(FetchMetadata, AreStrictJsonWithAPlace) {
  const std::string issuer = R"("issuer":"https://as.example/tenant")";
  for (const std::string& text :
       {std::string(), std::string("<html>"), std::string("[]"), "{" + issuer,
        "{" + issuer + R"(,"jwks_uri":"https://a","jwks_uri":"https://b"})",
        "{" + issuer + "," + issuer + R"(,"jwks_uri":"https://a"})", "{" + issuer + R"(,"jwks_uri":"https://a"}x)",
        "{" + issuer + "}", "{" + issuer + R"(,"jwks_uri":7})", "{" + issuer + R"(,"jwks_uri":""})",
        "{" + issuer + R"(,"jwks_uri":"https://a\r\nHost: b"})",
        "{" + issuer + R"(,"jwks_uri":"https://a","x":")" + std::string(300'000, 'x') + "\"}"}) {
    const Metadata metadata = parse_metadata(text, kIssuer);
    EXPECT_EQ(metadata.error, SIMDJWT_FETCH_METADATA) << text.substr(0, 80);
    EXPECT_FALSE(metadata.detail.empty());
  }
}

}  // namespace
}  // namespace simdjwt::fetch::test
