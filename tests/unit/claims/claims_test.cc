#include "claims/claims.h"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

#include "support/json.h"
#include "support/print.h"
#include "support/keys.h"
#include "validator/scratch.h"
#include "validator/token_steps.h"
#include "validator/verified_token.h"

namespace simdjwt {
namespace {

// Claims come from a VerifiedToken, and nobody outside the validator makes one.
static_assert(!std::is_constructible_v<VerifiedToken, const UnverifiedClaims&>);
static_assert(!std::is_default_constructible_v<VerifiedToken>);

ClaimResult parse(std::string_view json) {
  static std::unique_ptr<test::Document> document;  // a result views the claim's name
  document = std::make_unique<test::Document>(json);
  EXPECT_EQ(document->error(), Error::ok) << json;
  UnverifiedClaims claims;
  return claims.parse(document->nodes());
}

void expect_value(std::string_view claim, std::string_view value, Error error) {
  const std::string json = R"({"x":0,")" + std::string(claim) + "\":" + std::string(value) + "}";
  const ClaimResult result = parse(json);
  EXPECT_EQ(result.error, error) << json;
  EXPECT_EQ(result.claim, error == Error::ok ? "" : claim) << json;
}

// RFC 7519 §4.1.1, §4.1.2, §4.1.7; RFC 9068 §2.2; OpenID Connect Core §2.
TEST(Claims, StringsAreStrings) {
  for (const char* claim : {"iss", "sub", "jti", "azp", "nonce", "scope", "client_id"}) {
    for (const char* value : {R"("")", R"("x")", R"("\u0000")"}) expect_value(claim, value, Error::ok);
    for (const char* value : {"null", "1", "true", "[]", R"(["x"])", "{}"})
      expect_value(claim, value, Error::claim_type);
  }
}

// RFC 7519 §4.1.3: a string, or an array of strings.
TEST(Claims, AudIsAStringOrAnArrayOfStrings) {
  for (const char* value : {R"("x")", R"("")", "[]", R"(["x"])", R"(["x","y"])"}) expect_value("aud", value, Error::ok);
  for (const char* value : {"null", "1", "true", "{}", "[1]", R"(["x",null])", R"([["x"]])", R"(["x",{"y":"z"}])"}) {
    expect_value("aud", value, Error::claim_type);
  }
}

// RFC 7519 §4.3: any other name is a private claim, whatever it looks like. `null` is the value of none of ours.
TEST(Claims, ANameIsComparedToItsLastByte) {
  for (const std::string name :
       {"iss", "sub", "aud", "jti", "azp", "exp", "nbf", "iat", "cnf", "nonce", "scope", "client_id"}) {
    EXPECT_NE(registered_claim(name), RegisteredClaim::none) << name;
    expect_value(name, "null", Error::claim_type);
    for (const std::string& other : {name + "x", "x" + name, name.substr(1), name.substr(0, name.size() - 1)}) {
      EXPECT_EQ(registered_claim(other), RegisteredClaim::none) << other;
      expect_value(other, "null", Error::ok);
    }
    for (std::size_t i = 0; i < name.size(); ++i) {
      std::string other = name;
      other[i] = static_cast<char>(other[i] ^ 0x20);
      expect_value(other, "null", Error::ok);
    }
  }
}

// RFC 7519 §2: a NumericDate is a JSON number.
TEST(Claims, DatesAreNumbersOf64Bits) {
  for (const char* claim : {"exp", "nbf", "iat"}) {
    for (const char* value :
         {"0", "-1", "1300819380", "1300819380.5", "1e9", "-0", "9223372036854775807", "-9223372036854775808"}) {
      expect_value(claim, value, Error::ok);
    }
    for (const char* value : {"null", R"("1300819380")", "true", "[1]", "{}"})
      expect_value(claim, value, Error::claim_type);
    for (const char* value :
         {"9223372036854775808", "-9223372036854775809", "1e400", "-1e400", "18446744073709551616", "1e19"}) {
      expect_value(claim, value, Error::claim_range);
    }
  }
}

// RFC 7800 §3.1.
TEST(Claims, CnfIsAnObject) {
  expect_value("cnf", R"({"jkt":"x"})", Error::ok);
  expect_value("cnf", "{}", Error::ok);
  for (const char* value : {"null", "1", R"("x")", "[]"}) expect_value("cnf", value, Error::claim_type);
}

TEST(Claims, NamesAreExactAndOthersMayBeAnything) {
  for (const char* claim : {"Iss", "EXP", "exp ", "audience", "scp", "clientid", "sub\\u0000"}) {
    for (const char* value : {"null", "1", "[]", R"("x")"}) expect_value(claim, value, Error::ok);
  }
  // A registered name inside another claim is another claim.
  EXPECT_EQ(parse(R"({"act":{"sub":1,"exp":"x"}})").error, Error::ok);
  EXPECT_EQ(parse("{}").error, Error::ok);
}

TEST(Claims, TheFirstFaultInTheDocumentIsNamed) {
  EXPECT_EQ(parse(R"({"exp":"x","iss":1})").claim, "exp");
  EXPECT_EQ(parse(R"({"iss":1,"exp":"x"})").claim, "iss");
  EXPECT_EQ(parse(R"({"s\u0075b":1})").claim, "sub");
}

TEST(Claims, TheIssuerMayBeReadToChooseARule) {
  UnverifiedClaims claims;
  const test::Document with(R"({"iss":"https:\/\/as.example"})"), empty(R"({"iss":""})"),
      without(R"({"a":{"iss":"x"}})");
  EXPECT_EQ(claims.parse(with.nodes()).error, Error::ok);
  EXPECT_EQ(claims.unverified_issuer(), "https://as.example");
  EXPECT_EQ(claims.parse(empty.nodes()).error, Error::ok);
  EXPECT_EQ(claims.unverified_issuer(), "");
  EXPECT_NE(claims.unverified_issuer().data(), nullptr) << "an empty iss is not a missing one";
  EXPECT_EQ(claims.parse(without.nodes()).error, Error::ok);
  EXPECT_EQ(claims.unverified_issuer().data(), nullptr) << "nothing of the last token is left";
}

TEST(Claims, EveryRegisteredClaimIsFound) {
  Scratch scratch(Limits{}, std::make_shared<EpochDomain>());
  const test::Document document(
      R"({"iss":"i","sub":"s","aud":["a"],"jti":"j","azp":"z","nonce":"n","scope":"o","client_id":"c","cnf":{},"exp":1.5,"nbf":-2,"iat":3})");
  ASSERT_EQ(scratch.claims.parse(document.nodes()).error, Error::ok);
  const auto key = test::SigningKey::oct(32);
  const auto set = JwkSet::parse(key.jwk()).set;
  scratch.header.algorithm = Algorithm::HS256;
  scratch.jws.signing_input = "header.payload";
  const auto signature = key.sign(Algorithm::HS256, scratch.jws.signing_input);
  const auto keys = set->fitting(Algorithm::HS256);
  EXPECT_FALSE(SignatureStep::verify(scratch.verify, scratch, keys, ByteView(signature).first(31)).token) << "no proof, no claims";
  const Verification verification = SignatureStep::verify(scratch.verify, scratch, keys, signature);
  ASSERT_EQ(verification.error, Error::ok);
  const Claims& claims = verification.token->claims();
  EXPECT_EQ(text_of(claims.iss), "i");
  EXPECT_EQ(text_of(claims.sub), "s");
  EXPECT_EQ(text_of(claims.aud), R"(["a"])");
  EXPECT_EQ(text_of(claims.jti), "j");
  EXPECT_EQ(text_of(claims.azp), "z");
  EXPECT_EQ(text_of(claims.nonce), "n");
  EXPECT_EQ(text_of(claims.scope), "o");
  EXPECT_EQ(text_of(claims.client_id), "c");
  EXPECT_EQ(text_of(claims.cnf), "{}");
  EXPECT_EQ(claims.exp_value, (JsonNumber{1, true, true}));
  EXPECT_EQ(claims.nbf_value, (JsonNumber{-2, false, true}));
  EXPECT_EQ(claims.iat_value, (JsonNumber{3, false, true}));
  EXPECT_EQ(text_of(nullptr).data(), nullptr);
}

}  // namespace
}  // namespace simdjwt
