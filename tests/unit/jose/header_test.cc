#include "jose/header.h"

#include <gtest/gtest.h>

#include <string>

#include "support/json.h"
#include "support/print.h"

namespace simdjwt {
namespace {

using test::Document;

struct Parsed {
  explicit Parsed(std::string_view text, std::uint32_t max_kid_bytes = 256) : document(text) {
    EXPECT_EQ(document.error(), Error::ok) << text;
    result = parse_header(document.nodes(), max_kid_bytes, header);
  }
  Document document;
  JoseHeader header;
  HeaderResult result;
};

void expect_error(std::string_view text, Error error, std::string_view member) {
  const Parsed parsed(text);
  EXPECT_EQ(parsed.result.error, error) << text << " " << error_name(parsed.result.error);
  EXPECT_EQ(parsed.result.member, member) << text;
}

// The value in place of X in {"alg":"ES256","<name>":X}.
void expect_value(std::string_view name, std::string_view value, Error error) {
  const std::string text = R"({"alg":"ES256",")" + std::string(name) + "\":" + std::string(value) + "}";
  expect_error(text, error, error == Error::ok ? std::string_view() : name);
}

TEST(JoseHeader, ReadsWhatTheValidatorNeeds) {
  const Parsed parsed(R"({"typ":"at+jwt","alg":"ES256","kid":"k\u0031"})");
  ASSERT_EQ(parsed.result.error, Error::ok);
  EXPECT_EQ(parsed.header.alg, "ES256");
  EXPECT_EQ(parsed.header.algorithm, Algorithm::ES256);
  EXPECT_EQ(parsed.header.kid, "k1");
  EXPECT_TRUE(parsed.header.has_kid);
  EXPECT_EQ(parsed.header.typ, "at+jwt");
  EXPECT_TRUE(parsed.header.has_typ);
  const Parsed bare(R"({"alg":"HS256"})");
  ASSERT_EQ(bare.result.error, Error::ok);
  EXPECT_FALSE(bare.header.has_kid);
  EXPECT_FALSE(bare.header.has_typ);
  EXPECT_EQ(bare.header.algorithm, Algorithm::HS256);
  const Parsed empty(R"({"alg":"HS256","kid":"","typ":""})");
  ASSERT_EQ(empty.result.error, Error::ok);
  EXPECT_TRUE(empty.header.has_kid) << "an empty kid is there and must match";
  EXPECT_TRUE(empty.header.has_typ);
}

TEST(JoseHeader, EveryAlgorithmIsRecognized) {
  for (const AlgorithmInfo& row : algorithms()) {
    const Parsed parsed(R"({"alg":")" + std::string(row.name) + R"("})");
    EXPECT_EQ(parsed.result.error, Error::ok) << row.name;
    EXPECT_EQ(parsed.header.algorithm, row.algorithm) << row.name;
  }
}

// RFC 7515 §4.1.1: alg MUST be present.
TEST(JoseHeader, AlgIsRequiredAndAString) {
  expect_error("{}", Error::header_alg_missing, "alg");
  expect_error(R"({"kid":"a","Alg":"ES256"})", Error::header_alg_missing, "alg");
  for (const std::string_view value : {"null", "1", "true", "[\"ES256\"]", "{}"}) {
    expect_error(R"({"alg":)" + std::string(value) + "}", Error::header_member_type, "alg");
  }
}

// RFC 8725 §3.2, RFC 7518 §3.6: unsecured in any spelling.
TEST(JoseHeader, NoneIsRefusedInAnySpelling) {
  for (const std::string_view alg : {"none", "None", "NONE", "nOnE", "noNE", "\\u006eone"}) {
    expect_error(R"({"alg":")" + std::string(alg) + R"("})", Error::alg_none, "alg");
  }
  for (const std::string_view alg : {"", "none ", " none", "nones", "non", "n0ne", "nonE\\u0000"}) {
    expect_error(R"({"alg":")" + std::string(alg) + R"("})", Error::alg_unknown, "alg");
  }
}

// RFC 7515 §4.1.1: case-sensitive; only signature algorithms.
TEST(JoseHeader, OtherAlgsAreUnknown) {
  for (const std::string_view alg :
       {"es256", "ES256 ", "HS256\\u0000", "RSA-OAEP", "dir", "A256GCM", "RS1", "EDDSA", "HS1"}) {
    expect_error(R"({"alg":")" + std::string(alg) + R"("})", Error::alg_unknown, "alg");
  }
}

// RFC 7515 §4.1.11: crit names extensions that must be understood; none is, and an empty or malformed list is invalid.
TEST(JoseHeader, EveryCritIsRefused) {
  for (const std::string_view value : {"[]", R"(["exp"])", R"(["b64"])", R"(["alg"])", R"("exp")", "null", "1", "{}",
                                       "[1]", R"(["x","x"])", R"([""])"}) {
    expect_value("crit", value, Error::header_crit);
  }
  expect_error(R"({"alg":"ES256","b64":true,"crit":["b64"]})", Error::header_crit, "crit");
}

// RFC 7797 §7: JWTs MUST NOT use "b64": false.
TEST(JoseHeader, B64False) {
  expect_value("b64", "false", Error::header_b64);
  expect_value("b64", "true", Error::ok);
  for (const std::string_view value : {"null", "0", R"("false")", "[]"})
    expect_value("b64", value, Error::header_member_type);
}

// RFC 7515 §4.1.4, §4.1.9.
TEST(JoseHeader, KidAndTypAreStrings) {
  for (const std::string_view name : {"kid", "typ"}) {
    for (const std::string_view value : {"null", "1", "true", "[]", R"(["a"])", "{}"}) {
      expect_value(name, value, Error::header_member_type);
    }
    expect_value(name, R"("")", Error::ok);
  }
}

TEST(JoseHeader, KidAtTheLimitAndOver) {
  const auto header = [](std::size_t size) { return R"({"alg":"ES256","kid":")" + std::string(size, 'k') + R"("})"; };
  EXPECT_EQ(Parsed(header(256)).result.error, Error::ok);
  EXPECT_EQ(Parsed(header(257)).result.error, Error::kid_too_long);
  EXPECT_EQ(Parsed(header(257)).result.member, "kid");
  EXPECT_EQ(Parsed(header(1), 1).result.error, Error::ok);
  EXPECT_EQ(Parsed(header(2), 1).result.error, Error::kid_too_long);
  // The unescaped bytes count.
  EXPECT_EQ(Parsed(R"({"alg":"ES256","kid":"\u0061"})", 1).result.error, Error::ok);
  EXPECT_EQ(Parsed(R"({"alg":"ES256","kid":"\u00e9"})", 1).result.error, Error::kid_too_long);
}

TEST(JoseHeader, AKidMayHoldANul) {
  const Parsed parsed(R"({"alg":"ES256","kid":"a\u0000b"})");
  ASSERT_EQ(parsed.result.error, Error::ok);
  EXPECT_EQ(parsed.header.kid, std::string_view("a\0b", 3));
}

// RFC 7515 §4.1.2, §4.1.3, §4.1.5 to §4.1.8, §4.1.10: never used, yet of their type when they are there.
TEST(JoseHeader, MembersThatAreIgnoredHaveTheirTypes) {
  for (const std::string_view name : {"jku", "x5u", "x5t", "x5t#S256", "cty"}) {
    expect_value(name, R"("x")", Error::ok);
    for (const std::string_view value : {"null", "1", "true", "[]", "{}"})
      expect_value(name, value, Error::header_member_type);
  }
  expect_value("jwk", R"({"kty":"oct","k":"AA"})", Error::ok);
  for (const std::string_view value : {"null", R"("x")", "[]", "1"})
    expect_value("jwk", value, Error::header_member_type);
  expect_value("x5c", R"(["MII"])", Error::ok);
  for (const std::string_view value : {"null", R"("x")", "[]", "[1]", R"(["a",1])", "{}"}) {
    expect_value("x5c", value, Error::header_member_type);
  }
  // RFC 7515 §4: what is not understood is ignored.
  for (const std::string_view name : {"nonce", "x", "ALG", "b-64"}) {
    for (const std::string_view value : {"null", "1", "[]"}) expect_value(name, value, Error::ok);
  }
}

TEST(JoseHeader, TheFirstFaultInTheDocumentIsNamed) {
  expect_error(R"({"kid":1,"crit":[],"alg":"none"})", Error::header_member_type, "kid");
  expect_error(R"({"crit":[],"kid":1,"alg":"none"})", Error::header_crit, "crit");
  expect_error(R"({"alg":"none","typ":1})", Error::header_member_type, "typ");
}

// RFC 7515 §4.1.9: "application/" may be left out when no other '/' appears.
TEST(JoseHeader, CanonicalTyp) {
  constexpr std::pair<std::string_view, std::string_view> kRows[] = {
      {"at+jwt", "at+jwt"},
      {"application/at+jwt", "at+jwt"},
      {"JWT", "JWT"},
      {"application/JWT", "JWT"},
      {"Application/at+jwt", "Application/at+jwt"},
      {"application/a/b", "application/a/b"},
      {"application/", "application/"},
      {"application", "application"},
      {"text/at+jwt", "text/at+jwt"},
      {"application/application/at+jwt", "application/application/at+jwt"},
      {" application/at+jwt", " application/at+jwt"},
      {"", ""},
  };
  for (const auto& [typ, canonical] : kRows) EXPECT_EQ(canonical_typ(typ), canonical);
}

}  // namespace
}  // namespace simdjwt
