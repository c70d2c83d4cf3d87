#include "validator/verify_jws.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/validator/fixture.h"

namespace simdjwt {
namespace {

using test::b64;
using test::jwks;
using test::key_set;
using test::p256_key;
using test::SigningKey;

AlgorithmSet es256() {
  AlgorithmSet set;
  set.add(Algorithm::ES256);
  return set;
}

class VerifyJws : public ::testing::Test {
 protected:
  Verdict verify(std::string_view token, AlgorithmSet allowed = es256()) {
    return verify_jws(*keys_, allowed, scratch_, token);
  }

  std::shared_ptr<const JwkSet> keys_ =
      key_set(jwks({p256_key().jwk(R"("kid":"k")"), SigningKey::rsa().jwk(R"("kid":"r")")}));
  Scratch scratch_{Limits{.max_token_bytes = 4096, .max_kid_bytes = 8}, std::make_shared<EpochDomain>()};
};

constexpr std::string_view kHeader = R"({"alg":"ES256","kid":"k"})";

std::string signed_token(std::string_view payload, std::string_view header = kHeader) {
  return test::sign_token(header, payload, p256_key(), Algorithm::ES256);
}

// RFC 7515 §3: any sequence of octets.
TEST_F(VerifyJws, ThePayloadMayBeAnything) {
  for (const std::string& payload : {std::string("{}"), std::string("not JSON"), std::string("\0\xff\x80", 3),
                                     std::string(2000, 'x'), std::string(), std::string(R"({"exp":"x","exp":1})")}) {
    const std::string token = signed_token(payload);
    const Verdict verdict = verify(token);
    ASSERT_EQ(verdict.error, Error::ok) << payload.size();
    EXPECT_EQ(verdict.check, Check::none);
    EXPECT_TRUE(verdict.verified);
    EXPECT_EQ(verdict.claims, payload);
    EXPECT_EQ(verdict.header, kHeader);
    EXPECT_EQ(verdict.alg, "ES256");
    EXPECT_EQ(verdict.kid, "k");
    EXPECT_EQ(verdict.issuer, "");
    EXPECT_EQ(verdict.exp, kNoTime);
  }
}

TEST_F(VerifyJws, RefusesWithTheSameChecksInTheSameOrder) {
  const std::string good = signed_token("x"), header = b64(kHeader);
  const auto h = static_cast<std::uint32_t>(header.size());
  std::string forged = good;
  forged[h + 10] = forged[h + 10] == 'A' ? 'B' : 'A';
  struct Row {
    std::string token;
    Error error;
    Check check;
    std::uint32_t offset;
  };
  const Row rows[] = {
      {std::string(4097, 'a'), Error::token_too_large, Check::size, kNoOffset},
      {"a.b", Error::token_segments, Check::structure, 3},
      {header + ".eA.", Error::token_empty_segment, Check::structure, h + 4},
      {"*." + good, Error::token_segments, Check::structure, h + 5},
      {"*" + good, Error::base64url_character, Check::header_encoding, 0},
      {b64("{") + ".eA.eA", Error::json_end, Check::header_json, 1},
      {b64(R"({"alg":"ES256","crit":["x"]})") + ".*.*", Error::header_crit, Check::header_members, kNoOffset},
      {b64(R"({"alg":"none"})") + ".*.*", Error::alg_none, Check::header_members, kNoOffset},
      {b64(R"({"alg":"ES256","kid":"123456789"})") + ".*.*", Error::kid_too_long, Check::header_members, kNoOffset},
      {b64(R"({"alg":"RS256","kid":"r"})") + ".*.*", Error::alg_not_allowed, Check::algorithm, kNoOffset},
      {header + ".*.*", Error::base64url_character, Check::payload_encoding, h + 1},
      {b64(R"({"alg":"ES256","kid":"x"})") + ".eA.*", Error::key_unknown, Check::key, kNoOffset},
      {b64(R"({"alg":"ES256","kid":"r"})") + ".eA.*", Error::key_alg_mismatch, Check::key, kNoOffset},
      {header + ".eA.*", Error::base64url_character, Check::signature_encoding, h + 4},
      {header + ".eA.eA", Error::signature_length, Check::signature, kNoOffset},
      {header + ".eA." + std::string(86, 'A'), Error::signature_range, Check::signature, kNoOffset},
      {header + ".eB" + good.substr(h + 3), Error::base64url_trailing_bits, Check::payload_encoding, h + 2},
      {header + ".eQ" + good.substr(h + 3), Error::signature_invalid, Check::signature, kNoOffset},
      {forged, Error::signature_invalid, Check::signature, kNoOffset},
  };
  for (const Row& row : rows) {
    const Verdict verdict = verify(row.token);
    EXPECT_EQ(verdict.error, row.error) << row.token.substr(0, 100);
    EXPECT_EQ(verdict.check, row.check) << row.token.substr(0, 100);
    EXPECT_EQ(verdict.offset, row.offset) << row.token.substr(0, 100);
    EXPECT_FALSE(verdict.verified);
    EXPECT_TRUE(verdict.claims.empty());
  }
  EXPECT_EQ(verify(good).error, Error::ok);
  EXPECT_EQ(verify(good, {}).error, Error::alg_not_allowed) << "an empty list allows nothing";
}

TEST_F(VerifyJws, TheScratchIsNotSharedAndTellsNoClaims) {
  const std::string token = signed_token(R"({"sub":"u"})");
  ASSERT_TRUE(scratch_.slot.pin());
  EXPECT_EQ(verify(token).error, Error::scratch_in_use);
  scratch_.slot.unpin();
  EXPECT_EQ(verify(token).error, Error::ok);
  EXPECT_FALSE(scratch_.verified) << "the payload was never read as claims";
}

TEST_F(VerifyJws, OneSignatureWithOneKey) {
  const Jwk& key = keys_->entries()[0];
  const test::Octets signature = p256_key().sign(Algorithm::ES256, "m");
  const auto verify_one = [&](const Jwk& jwk, Algorithm algorithm, std::string_view message, ByteView bytes) {
    return verify_signature(jwk, algorithm, scratch_, as_bytes(message), bytes);
  };
  EXPECT_EQ(verify_one(key, Algorithm::ES256, "m", signature), Error::ok);
  EXPECT_EQ(verify_one(key, Algorithm::ES256, "n", signature), Error::signature_invalid);
  EXPECT_EQ(verify_one(key, Algorithm::ES256, "m", ByteView(signature).first(63)), Error::signature_length);
  EXPECT_EQ(verify_one(key, Algorithm::RS256, "m", signature), Error::key_alg_mismatch);
  EXPECT_EQ(verify_one(key, Algorithm::unknown, "m", signature), Error::unsupported_algorithm);
  EXPECT_EQ(verify_one(key, Algorithm::ML_DSA_44, "m", signature),
            test::openssl_has_ml_dsa() ? Error::key_alg_mismatch : Error::unsupported_algorithm);
  const auto bad = key_set(jwks({p256_key().jwk(R"("use":"enc")")}));
  EXPECT_EQ(verify_one(bad->entries()[0], Algorithm::ES256, "m", signature), Error::jwk_use);
  ASSERT_TRUE(scratch_.slot.pin());
  EXPECT_EQ(verify_one(key, Algorithm::ES256, "m", signature), Error::scratch_in_use);
  scratch_.slot.unpin();
}

}  // namespace
}  // namespace simdjwt
