// One scratch and two threads: the second call is refused, and nothing that either writes is spoilt.
#include <gtest/gtest.h>

#include <array>
#include <string_view>

#include "base/epoch.h"
#include "capi/tokens.h"
#include "concurrency/storm.h"
#include "jwk/jwk_set.h"
#include "simdjwt/simdjwt.h"
#include "validator/pin.h"
#include "validator/validator.h"
#include "validator/verify_jws.h"

namespace simdjwt {
namespace {

TEST(Scratch, EveryCallIsRefusedWhileAnotherHoldsTheScratch) {
  const auto ruleset = Ruleset::compile(TOKENS_POLICY).ruleset;
  const auto keys = JwkSet::parse(TOKENS_JWKS).set;
  Validator validator(ruleset);
  ASSERT_EQ(validator.publish(TOKENS_ISSUER, keys), Error::ok);
  const auto scratch = validator.make_scratch(0);
  const Request request{.token = TOKENS_GOOD_A, .now = TOKENS_NOW};
  AlgorithmSet allowed;
  allowed.add(Algorithm::ES256);
  ASSERT_EQ(validator.validate(*scratch, request).error, Error::ok);
  {
    const Pin pin(scratch->slot);
    ASSERT_TRUE(pin.held());
    EXPECT_EQ(validator.validate(*scratch, request).error, Error::scratch_in_use);
    EXPECT_EQ(verify_jws(*keys, allowed, *scratch, TOKENS_GOOD_A).error, Error::scratch_in_use);
    EXPECT_EQ(verify_signature(keys->entries()[0], Algorithm::ES256, *scratch, {}, {}), Error::scratch_in_use);
    EXPECT_TRUE(scratch->verified) << "the call that was refused touched nothing";
  }
  EXPECT_EQ(validator.validate(*scratch, request).error, Error::ok);
}

class SharedScratch : public testing::Test {
 protected:
  void SetUp() override {
    const std::string_view policy = TOKENS_POLICY, jwks = TOKENS_JWKS, issuer = TOKENS_ISSUER;
    ASSERT_EQ(simdjwt_ruleset_compile(policy.data(), policy.size(), &ruleset, nullptr), SIMDJWT_OK);
    ASSERT_EQ(simdjwt_jwks_parse(jwks.data(), jwks.size(), &keys, nullptr), SIMDJWT_OK);
    ASSERT_EQ(simdjwt_validator_new(ruleset, &validator), SIMDJWT_OK);
    ASSERT_EQ(simdjwt_keys_publish(validator, issuer.data(), issuer.size(), keys), SIMDJWT_OK);
    ASSERT_EQ(simdjwt_scratch_new(validator, 0, &scratch), SIMDJWT_OK);
  }

  void TearDown() override {
    simdjwt_scratch_free(scratch);
    simdjwt_validator_free(validator);
    simdjwt_jwks_free(keys);
    simdjwt_ruleset_free(ruleset);
  }

  simdjwt_verdict validate(std::string_view token) {
    simdjwt_request request = SIMDJWT_REQUEST_INIT;
    simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
    request.token = {token.data(), token.size()};
    request.now = TOKENS_NOW;
    EXPECT_EQ(simdjwt_validate(validator, scratch, &request, &verdict), verdict.error);
    return verdict;
  }

  simdjwt_ruleset* ruleset = nullptr;
  simdjwt_jwks* keys = nullptr;
  simdjwt_validator* validator = nullptr;
  simdjwt_scratch* scratch = nullptr;
};

TEST_F(SharedScratch, ASecondCallAtOnceIsRefusedAndTheFirstGoesOn) {
  struct Known {
    std::string_view token;
    simdjwt_error error;
  };
  static constexpr std::array<Known, 5> kKnown{{{TOKENS_GOOD_A, SIMDJWT_OK},
                                                {TOKENS_FORGED, SIMDJWT_SIGNATURE_INVALID},
                                                {TOKENS_GOOD_RSA, SIMDJWT_OK},
                                                {TOKENS_EXPIRED, SIMDJWT_TOKEN_EXPIRED},
                                                {"a.b", SIMDJWT_TOKEN_SEGMENTS}}};
  std::atomic<unsigned> refused{0}, answered{0};
  const auto body = [&] {
    for (const Known& known : kKnown) {
      const simdjwt_verdict verdict = validate(known.token);
      if (verdict.error == SIMDJWT_SCRATCH_IN_USE) {
        refused.fetch_add(1);
        EXPECT_EQ(verdict.verified, 0U);
        EXPECT_EQ(verdict.claims.data, nullptr);
      } else {
        answered.fetch_add(1);
        EXPECT_EQ(verdict.error, known.error) << simdjwt_error_name(verdict.error);
      }
    }
  };
  test::storm({body, body});
  EXPECT_GT(answered.load(), 0U);
  RecordProperty("refused", static_cast<int>(refused.load()));
  for (const Known& known : kKnown) EXPECT_EQ(validate(known.token).error, known.error);
}

// A scratch for each thread: nothing is ever refused, though all share the validator and the keys.
TEST_F(SharedScratch, ScratchesOfTheirOwnAreNeverRefused) {
  const auto body = [this](simdjwt_scratch* own) {
    simdjwt_request request = SIMDJWT_REQUEST_INIT;
    simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
    const std::string_view token = TOKENS_GOOD_A;
    request.token = {token.data(), token.size()};
    request.now = TOKENS_NOW;
    EXPECT_EQ(simdjwt_validate(validator, own, &request, &verdict), SIMDJWT_OK);
    EXPECT_EQ(std::string_view(verdict.subject.data, verdict.subject.size), "alice");
    simdjwt_claim claim = SIMDJWT_CLAIM_INIT;
    EXPECT_EQ(simdjwt_verified_claim(own, "jti", 3, &claim), SIMDJWT_OK);
    EXPECT_EQ(std::string_view(claim.text.data, claim.text.size), "jti-1");
  };
  simdjwt_scratch* other = nullptr;
  ASSERT_EQ(simdjwt_scratch_new(validator, 0, &other), SIMDJWT_OK);
  test::storm({[&] { body(scratch); }, [&] { body(other); }});
  simdjwt_scratch_free(other);
}

}  // namespace
}  // namespace simdjwt
