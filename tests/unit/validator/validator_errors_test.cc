// Every error that shape, header and claims can cause, with the byte or the member it names.
#include <gtest/gtest.h>

#include <string>

#include "unit/validator/fixture.h"
#include "validator/validator.h"

namespace simdjwt {
namespace {

using test::b64;
using test::Gate;
using test::keys_with_kid;
using test::kNow;
using test::Members;
using test::Parts;
using test::plain_rule;
using test::policy;

struct Row {
  std::string token;
  Error error;
  Check check;
  std::uint32_t offset;
  std::string member;
};

std::string with(std::string_view header, std::string_view payload) {
  return b64(header) + "." + b64(payload) + "." + b64(std::string(64, 'x'));
}

constexpr std::string_view kHeader = R"({"alg":"ES256","typ":"JWT","kid":"k"})";
const std::string kClaims = R"({"iss":"https://as.example","aud":"api","exp":1700000300})";

TEST(Validate, ErrorsOfShapeAndEncodingSayWhere) {
  Gate gate(policy({plain_rule().json()},
                   R"(,"limits":{"max_token_bytes":1000,"max_json_depth":4,"max_json_nodes":16,"max_kid_bytes":8})"),
            keys_with_kid());
  const std::string header = b64(kHeader), payload = b64(kClaims), signature = b64(std::string(64, 'x'));
  const auto h = static_cast<std::uint32_t>(header.size()), p = static_cast<std::uint32_t>(payload.size());
  const Row rows[] = {
      {"", Error::token_segments, Check::structure, 0, ""},
      {"a.b", Error::token_segments, Check::structure, 3, ""},
      {header + "." + payload, Error::token_segments, Check::structure, h + 1 + p, ""},
      {header + "." + payload + "." + signature + ".", Error::token_segments, Check::structure, h + p + 2 + 86, ""},
      {"." + payload + "." + signature, Error::token_empty_segment, Check::structure, 0, ""},
      {header + ".." + signature, Error::token_empty_segment, Check::structure, h + 1, ""},
      {header + "." + payload + ".", Error::token_empty_segment, Check::structure, h + p + 2, ""},
      {"A=" + header.substr(2) + "." + payload + "." + signature, Error::base64url_character, Check::header_encoding, 1,
       ""},
      {"eyJhb." + payload + "." + signature, Error::base64url_length, Check::header_encoding, 4, ""},
      {"eyJhbB." + payload + "." + signature, Error::base64url_trailing_bits, Check::header_encoding, 5, ""},
      {header + ".ab+d." + signature, Error::base64url_character, Check::payload_encoding, h + 3, ""},
      {header + ".abcde." + signature, Error::base64url_length, Check::payload_encoding, h + 5, ""},
      {header + ".ab." + signature, Error::base64url_trailing_bits, Check::payload_encoding, h + 2, ""},
      {header + "." + payload + "." + signature + "=", Error::base64url_character, Check::signature_encoding,
       h + p + 2 + 86, ""},
      {header + "." + payload + "." + signature + "AAA", Error::base64url_length, Check::signature_encoding,
       h + p + 2 + 88, ""},
      {header + "." + payload + "." + signature.substr(0, 85) + "B", Error::base64url_trailing_bits,
       Check::signature_encoding, h + p + 2 + 85, ""},
      {std::string(1001, 'a'), Error::token_too_large, Check::size, kNoOffset, ""},
      {std::string(1000, 'a'), Error::token_segments, Check::structure, 1000, ""},
      // Byte n of the JSON stands at character 4n/3 of its segment.
      {with(R"({"alg":"ES256","x":01})", "{}"), Error::json_number, Check::header_json, 19 * 4 / 3, ""},
      {with(R"({"alg":"ES256","x":tru})", "{}"), Error::json_syntax, Check::header_json, 19 * 4 / 3, ""},
      {with(R"(["alg"])", "{}"), Error::json_not_an_object, Check::header_json, 0, ""},
      {with("\xef\xbb\xbf{}", "{}"), Error::json_utf8, Check::header_json, 0, ""},
      {with(kHeader, R"({"iss":"a","x":01})"), Error::json_number, Check::payload_json, h + 1 + 15 * 4 / 3, ""},
      {with(kHeader, R"({"iss":"a","x":"\ud800"})"), Error::json_string, Check::payload_json, h + 1 + 15 * 4 / 3, ""},
      {with(kHeader, R"("x")"), Error::json_not_an_object, Check::payload_json, h + 1, ""},
      {with(kHeader, R"({"x":[[[[1]]]]})"), Error::json_too_deep, Check::payload_json, h + 1 + 8 * 4 / 3, ""},
      {with(kHeader, R"({"x":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]})"), Error::json_too_many_members, Check::payload_json,
       h + 1 + 34 * 4 / 3, ""},
  };
  for (const Row& row : rows) {
    const Verdict verdict = gate.validate(row.token);
    EXPECT_EQ(verdict.error, row.error) << row.token.substr(0, 120);
    EXPECT_EQ(verdict.check, row.check) << row.token.substr(0, 120);
    EXPECT_EQ(verdict.offset, row.offset) << row.token.substr(0, 120) << " " << error_name(row.error);
    EXPECT_EQ(verdict.member, row.member);
    EXPECT_FALSE(verdict.verified);
  }
  // Where the parser cannot tell the byte, at least the segment is right.
  for (const auto& [header_text, error] :
       {std::pair(R"({"alg":"ES256","alg":1})", Error::json_duplicate_member),
        std::pair(R"({"alg":"ES256","\u0061lg":1})", Error::json_duplicate_member), std::pair("{", Error::json_end)}) {
    const Verdict verdict = gate.validate(with(header_text, "{}"));
    EXPECT_EQ(verdict.error, error) << header_text;
    EXPECT_EQ(verdict.check, Check::header_json);
    EXPECT_LE(verdict.offset, b64(header_text).size()) << header_text;
  }
  for (const auto& [payload_text, error] :
       {std::pair(R"({"iss":"a","iss":"b"})", Error::json_duplicate_member), std::pair(R"({"a":1)", Error::json_end),
        std::pair("{} x", Error::json_end), std::pair("{\"a\":\"\xff\"}", Error::json_utf8),
        std::pair("{\"a\":\"\x01\"}", Error::json_string), std::pair("", Error::token_empty_segment),
        std::pair(" ", Error::json_end)}) {
    const Verdict verdict = gate.validate(with(kHeader, payload_text));
    EXPECT_EQ(verdict.error, error) << payload_text;
    EXPECT_GE(verdict.offset, h + 1) << payload_text;
    EXPECT_LE(verdict.offset, h + 1 + b64(payload_text).size()) << payload_text;
  }
}

TEST(Validate, ErrorsOfMembersNameThem) {
  Gate gate(policy({plain_rule().json()}, R"(,"limits":{"max_kid_bytes":8})"), keys_with_kid());
  const std::string claims_head = R"({"iss":"https://as.example","aud":"api",)";
  const Row rows[] = {
      {with(R"({"typ":"JWT"})", kClaims), Error::header_alg_missing, Check::header_members, kNoOffset, "alg"},
      {with(R"({"alg":1})", kClaims), Error::header_member_type, Check::header_members, kNoOffset, "alg"},
      {with(R"({"alg":"ES256","jku":1})", kClaims), Error::header_member_type, Check::header_members, kNoOffset, "jku"},
      {with(R"({"alg":"ES256","crit":["b64"],"b64":false})", kClaims), Error::header_crit, Check::header_members,
       kNoOffset, "crit"},
      {with(R"({"alg":"ES256","b64":false})", kClaims), Error::header_b64, Check::header_members, kNoOffset, "b64"},
      {with(R"({"alg":"ES256","kid":"123456789"})", kClaims), Error::kid_too_long, Check::header_members, kNoOffset,
       "kid"},
      {with(R"({"alg":"none"})", kClaims), Error::alg_none, Check::header_members, kNoOffset, "alg"},
      {with(R"({"alg":"nOnE"})", kClaims), Error::alg_none, Check::header_members, kNoOffset, "alg"},
      {with(R"({"alg":"ES257"})", kClaims), Error::alg_unknown, Check::header_members, kNoOffset, "alg"},
      {with(R"({"alg":"HS256"})", kClaims), Error::alg_not_allowed, Check::algorithm, kNoOffset, "alg"},
      {with(kHeader, R"({"iss":1})"), Error::claim_type, Check::claim_types, kNoOffset, "iss"},
      {with(kHeader, R"({"exp":"1"})"), Error::claim_type, Check::claim_types, kNoOffset, "exp"},
      {with(kHeader, R"({"exp":1e400})"), Error::claim_range, Check::claim_types, kNoOffset, "exp"},
      {with(kHeader, "{}"), Error::iss_missing, Check::issuer, kNoOffset, "iss"},
      {with(kHeader, R"({"iss":""})"), Error::iss_unknown, Check::issuer, kNoOffset, "iss"},
      {with(kHeader, R"({"iss":"https://as.example/"})"), Error::iss_unknown, Check::issuer, kNoOffset, "iss"},
      {with(kHeader, R"({"iss":"https://as.example\u0000"})"), Error::iss_unknown, Check::issuer, kNoOffset, "iss"},
      {with(kHeader, R"({"iss":"HTTPS://as.example"})"), Error::iss_unknown, Check::issuer, kNoOffset, "iss"},
      {with(R"({"alg":"ES256","kid":"k"})", kClaims), Error::typ_missing, Check::typ, kNoOffset, "typ"},
      {with(R"({"alg":"ES256","kid":"k","typ":"jwt"})", kClaims), Error::typ_mismatch, Check::typ, kNoOffset, "typ"},
      {with(R"({"alg":"ES256","kid":"k","typ":""})", kClaims), Error::typ_mismatch, Check::typ, kNoOffset, "typ"},
      {with(R"({"alg":"ES256","kid":"","typ":"JWT"})", kClaims), Error::key_unknown, Check::key, kNoOffset, "kid"},
      {with(R"({"alg":"ES256","kid":"k\u0000","typ":"JWT"})", kClaims), Error::key_unknown, Check::key, kNoOffset,
       "kid"},
      {with(kHeader, R"({"iss":"https://as.example","aud":"api"})"), Error::exp_missing, Check::expiry, kNoOffset,
       "exp"},
      {with(kHeader, claims_head + R"("exp":1700000000})"), Error::token_expired, Check::expiry, kNoOffset, "exp"},
      {with(kHeader, claims_head + R"("exp":1700000300,"nbf":1700000000.5})"), Error::token_not_yet_valid,
       Check::not_before, kNoOffset, "nbf"},
      {with(kHeader, claims_head + R"("exp":1700000300,"iat":1700000001})"), Error::iat_in_future, Check::issued_at,
       kNoOffset, "iat"},
      {with(kHeader, R"({"iss":"https://as.example","exp":1700000300})"), Error::aud_missing, Check::audience,
       kNoOffset, "aud"},
      {with(kHeader, R"({"iss":"https://as.example","exp":1700000300,"aud":[]})"), Error::aud_mismatch, Check::audience,
       kNoOffset, "aud"},
      {with(kHeader, claims_head + R"("exp":1700000300,"azp":"x"})"), Error::claim_unexpected, Check::other_claims,
       kNoOffset, "azp"},
      {with(kHeader, kClaims), Error::signature_invalid, Check::signature, kNoOffset, ""},
      {b64(kHeader) + "." + b64(kClaims) + ".AA", Error::signature_length, Check::signature, kNoOffset, ""},
      {b64(kHeader) + "." + b64(kClaims) + "." + std::string(86, 'A'), Error::signature_range, Check::signature,
       kNoOffset, ""},
  };
  for (const Row& row : rows) {
    const Verdict verdict = gate.validate(row.token);
    EXPECT_EQ(verdict.error, row.error) << row.token << " " << error_name(row.error);
    EXPECT_EQ(verdict.check, row.check) << error_name(row.error);
    EXPECT_EQ(verdict.offset, row.offset) << error_name(row.error);
    EXPECT_EQ(verdict.member, row.member) << error_name(row.error);
  }
}

// The rest of the errors need a rule of their own.
TEST(Validate, ErrorsOfSpecialRules) {
  const auto refused = [](const Members& rule, const Parts& parts, Error error, std::string_view member) {
    Gate gate(policy({rule.json()}), keys_with_kid());
    const Verdict verdict = gate.validate(parts);
    EXPECT_EQ(verdict.error, error) << rule.json();
    EXPECT_EQ(verdict.member, member) << rule.json();
  };
  Parts old;
  old.claims.set("iat", std::to_string(kNow - 61));
  refused(plain_rule().set("max_age_s", "60"), old, Error::token_too_old, "iat");
  refused(plain_rule().set("max_age_s", "60"), Parts(), Error::claim_missing, "iat");
  refused(plain_rule().set("claims", R"({"role":{"equals":"x"}})"), Parts(), Error::claim_missing, "role");
  refused(plain_rule().set("algorithms", "[]"), Parts(), Error::alg_not_allowed, "alg");
  Parts several;
  several.claims.set("aud", R"(["api","b"])").set("sub", R"("s")").set("iat", "1");
  refused(plain_rule().set("profile", R"("id-token")"), several, Error::azp_mismatch, "azp");
}

TEST(Validate, AnAlgorithmThatOpenSslLacksIsNotTheIssuersFault) {
  if (test::openssl_has_ml_dsa()) GTEST_SKIP() << "this OpenSSL has every algorithm of the table";
  Gate gate(policy({plain_rule().set("algorithms", R"(["ES256","ML-DSA-44"])").json()}), keys_with_kid());
  const Verdict verdict = gate.validate(with(R"({"alg":"ML-DSA-44","typ":"JWT","kid":"k"})", kClaims));
  EXPECT_EQ(verdict.error, Error::unsupported_algorithm);
  EXPECT_EQ(verdict.check, Check::algorithm);
  EXPECT_EQ(verdict.member, "alg");
}

}  // namespace
}  // namespace simdjwt
