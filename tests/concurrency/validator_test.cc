// Validation while rulesets are swapped and keys are published: every verdict is one that some moment explains, and
// what a writer has finished is what every later validation sees.
#include "validator/validator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <string>

#include "capi/tokens.h"
#include "concurrency/storm.h"

namespace simdjwt {
namespace {

std::shared_ptr<const Ruleset> compile(std::string policy) {
  RulesetResult result = Ruleset::compile(policy);
  EXPECT_EQ(result.error, Error::ok) << result.path;
  return result.ruleset;
}

std::shared_ptr<const JwkSet> parse(std::string_view json) {
  JwkSetResult result = JwkSet::parse(json);
  EXPECT_EQ(result.error, Error::ok);
  return result.set;
}

// The policy of the tokens, with a verdict cache or without.
std::string policy_of(bool cached) {
  std::string policy = TOKENS_POLICY;
  if (cached) policy.insert(policy.rfind('}'), R"(,"limits":{"verdict_cache_bytes":262144})");
  return policy;
}

std::string other_audience(bool cached) {
  std::string policy = policy_of(cached);
  return policy.replace(policy.find(TOKENS_AUDIENCE), std::string_view(TOKENS_AUDIENCE).size(),
                        "https://elsewhere.example");
}

class ValidatorStorm : public testing::TestWithParam<bool> {
 protected:
  ValidatorStorm() { EXPECT_EQ(validator.publish(TOKENS_ISSUER, all_keys), Error::ok); }

  Error validate(Scratch& scratch, std::string_view token) {
    return validator.validate(scratch, {.token = token, .now = TOKENS_NOW}).error;
  }

  void expect_one_of(Scratch& scratch, std::string_view token, std::initializer_list<Error> allowed) {
    const Error error = validate(scratch, token);
    EXPECT_NE(std::find(allowed.begin(), allowed.end(), error), allowed.end()) << error_name(error);
  }

  const std::shared_ptr<const Ruleset> ruleset = compile(policy_of(GetParam()));
  const std::shared_ptr<const Ruleset> other_ruleset = compile(other_audience(GetParam()));
  const std::shared_ptr<const JwkSet> all_keys = parse(TOKENS_JWKS);
  const std::shared_ptr<const JwkSet> key_a = parse(TOKENS_JWKS_A);
  const std::shared_ptr<const JwkSet> key_b = parse(TOKENS_JWKS_B);
  Validator validator{ruleset};
};

TEST_P(ValidatorStorm, EveryVerdictIsOneThatSomeMomentExplains) {
  const auto reader = [this](Scratch& scratch) {
    expect_one_of(scratch, TOKENS_GOOD_A, {Error::ok, Error::key_unknown, Error::aud_mismatch});
    expect_one_of(scratch, TOKENS_GOOD_B, {Error::ok, Error::key_unknown, Error::aud_mismatch});
    expect_one_of(scratch, TOKENS_GOOD_RSA, {Error::ok, Error::key_unknown, Error::aud_mismatch});
    expect_one_of(scratch, TOKENS_FORGED, {Error::signature_invalid, Error::key_unknown, Error::aud_mismatch});
    expect_one_of(scratch, TOKENS_EXPIRED, {Error::token_expired, Error::key_unknown});
    expect_one_of(scratch, TOKENS_WRONG_ISS, {Error::iss_unknown});
    expect_one_of(scratch, TOKENS_MAC, {Error::alg_not_allowed});
  };
  const auto first = validator.make_scratch(0), second = validator.make_scratch(0);
  unsigned turn = 0;
  test::storm({[&] { reader(*first); }, [&] { reader(*second); },
               [&] {
                 switch (turn++ % 5) {
                   case 0:
                     EXPECT_EQ(validator.publish(TOKENS_ISSUER, key_a), Error::ok);
                     break;
                   case 1:
                     EXPECT_EQ(validator.swap_ruleset(other_ruleset), Error::ok);
                     break;
                   case 2:
                     EXPECT_EQ(validator.publish(TOKENS_ISSUER, key_b), Error::ok);
                     break;
                   case 3:
                     EXPECT_EQ(validator.swap_ruleset(ruleset), Error::ok);
                     break;
                   default:
                     EXPECT_EQ(validator.publish(TOKENS_ISSUER, parse(TOKENS_JWKS)), Error::ok);
                 }
               }});
  // The writer has stopped and so have the readers: the next write leaves nothing behind.
  EXPECT_EQ(validator.publish(TOKENS_ISSUER, all_keys), Error::ok);
  EXPECT_EQ(first->slot.domain()->retired_count(), 0U);
}

// A reader that begins after a change and ends before the next sees exactly that state: the writer counts up before and
// after each change, and odd counts are changes under way.
class Stage {
 public:
  template <typename Change>
  void change(const Change& apply) {
    count_.fetch_add(1);
    apply();
    count_.fetch_add(1);
    std::this_thread::yield();
  }
  std::uint64_t now() const { return count_.load(); }

 private:
  std::atomic<std::uint64_t> count_{0};
};

TEST_P(ValidatorStorm, WhatWasPublishedIsWhatLaterValidationsSee) {
  Stage stage;
  std::atomic<unsigned> judged{0};
  const auto reader = [&](Scratch& scratch) {
    const std::uint64_t before = stage.now();
    const Error of_a = validate(scratch, TOKENS_GOOD_A), of_b = validate(scratch, TOKENS_GOOD_B);
    if (before % 2 != 0 || before != stage.now()) return;
    judged.fetch_add(1);
    const std::uint64_t state =
        before / 2 % 4;  // 0: all keys, 1: key a removed, 2: other audience too, 3: key b removed
    EXPECT_EQ(of_a, state == 0 || state == 3 ? Error::ok : Error::key_unknown);
    EXPECT_EQ(of_b, state == 0 || state == 1 ? Error::ok : state == 2 ? Error::aud_mismatch : Error::key_unknown);
  };
  const auto first = validator.make_scratch(0), second = validator.make_scratch(0);
  std::uint64_t state = 0;
  test::storm(
      {[&] { reader(*first); }, [&] { reader(*second); },
       [&] {
         state = (state + 1) % 4;
         stage.change([&] {
           if (state == 2) {
             EXPECT_EQ(validator.swap_ruleset(other_ruleset), Error::ok);
           }
           if (state == 3) {
             EXPECT_EQ(validator.swap_ruleset(ruleset), Error::ok);
           }
           if (state != 2) {
             EXPECT_EQ(validator.publish(TOKENS_ISSUER, state == 0 ? all_keys : state == 1 ? key_b : key_a), Error::ok);
           }
         });
         std::this_thread::sleep_for(std::chrono::milliseconds(2));
       }});
  EXPECT_GT(judged.load(), 0U);
}

// A key set and a ruleset that were replaced are freed, while the scratches that used them live on.
TEST_P(ValidatorStorm, WhatWasReplacedIsFreed) {
  const auto scratch = validator.make_scratch(0);
  std::shared_ptr<const JwkSet> keys = parse(TOKENS_JWKS);
  std::shared_ptr<const Ruleset> rules = compile(TOKENS_POLICY);
  const std::weak_ptr<const JwkSet> watch_keys = keys;
  const std::weak_ptr<const Ruleset> watch_rules = rules;
  EXPECT_EQ(validator.swap_ruleset(std::move(rules)), Error::ok);
  EXPECT_EQ(validator.publish(TOKENS_ISSUER, std::move(keys)), Error::ok);
  EXPECT_EQ(validate(*scratch, TOKENS_GOOD_A), Error::ok);
  EXPECT_EQ(validator.swap_ruleset(ruleset), Error::ok);
  EXPECT_EQ(validator.publish(TOKENS_ISSUER, key_b), Error::ok);
  EXPECT_TRUE(watch_keys.expired());
  EXPECT_TRUE(watch_rules.expired());
  EXPECT_EQ(validate(*scratch, TOKENS_GOOD_A), Error::key_unknown);
}

// What a reader kept from being freed goes with the validator and its scratches, whichever goes last.
TEST_P(ValidatorStorm, WhatAReaderHeldIsFreedWithTheValidator) {
  auto mortal = std::make_unique<Validator>(ruleset);
  auto scratch = mortal->make_scratch(0);
  std::shared_ptr<const JwkSet> keys = parse(TOKENS_JWKS);
  const std::weak_ptr<const JwkSet> watch_keys = keys;
  EXPECT_EQ(mortal->publish(TOKENS_ISSUER, std::move(keys)), Error::ok);
  ASSERT_TRUE(scratch->slot.pin());
  EXPECT_EQ(mortal->publish(TOKENS_ISSUER, key_b), Error::ok);
  EXPECT_FALSE(watch_keys.expired());
  scratch->slot.unpin();
  mortal.reset();
  scratch.reset();
  EXPECT_TRUE(watch_keys.expired());
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutACache, ValidatorStorm, testing::Bool(),
                         [](const auto& tested) { return tested.param ? "Cached" : "Plain"; });

}  // namespace
}  // namespace simdjwt
