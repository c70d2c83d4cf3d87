// Keys under terms, keys withdrawn, and what validations ask for: each reason, from every path that a token takes.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "unit/validator/fixture.h"

namespace simdjwt {
namespace {

using test::compile;
using test::Gate;
using test::jwks;
using test::key_set;
using test::keys_with_kid;
using test::kNow;
using test::p256_key;
using test::Parts;
using test::plain_rule;
using test::policy;
using test::SigningKey;

constexpr std::string_view kIssuer = "https://as.example";
constexpr std::string_view kCache = R"(,"limits":{"verdict_cache_bytes":1048576})";
constexpr std::uint32_t kMissing = 1, kStale = 2, kUnknown = 4;

// What is wanted now.
std::uint32_t wanted(Validator& validator, std::string_view issuer = kIssuer) {
  std::uint32_t reasons = 99;
  EXPECT_EQ(validator.take_wanted(issuer, reasons), Error::ok);
  return reasons;
}

Parts parts_of(std::string_view kid_json) {
  Parts parts;
  parts.header.drop("kid");
  if (!kid_json.empty()) parts.header.set("kid", kid_json);
  return parts;
}

bool was_cached(const Gate& gate) {
  return gate.scratch->unread;
}

TEST(Wanted, WithoutKeysTheyAreMissing) {
  Gate gate(policy({plain_rule().json(), plain_rule("https://two.example").json()}));
  EXPECT_EQ(wanted(gate.validator), 0u);
  EXPECT_EQ(gate.validator.wanted_total(), 0u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(gate.validate(Parts()).error, Error::keys_unavailable);
  EXPECT_EQ(gate.validator.wanted_total(), 1u);
  EXPECT_EQ(wanted(gate.validator, "https://two.example"), 0u) << "each issuer by itself";
  EXPECT_EQ(wanted(gate.validator), kMissing);
  EXPECT_EQ(wanted(gate.validator), 0u) << "one caller gets it";
  EXPECT_EQ(gate.validate(Parts(), {.now = kNow + 30}).error, Error::keys_unavailable);
  EXPECT_EQ(wanted(gate.validator), 0u);
  EXPECT_EQ(gate.validate(Parts(), {.now = kNow + 31}).error, Error::keys_unavailable);
  EXPECT_EQ(wanted(gate.validator), kMissing);
}

TEST(Wanted, TermsAreComparedWithTheTimeOfTheRequest) {
  Gate gate(policy({plain_rule().json()}));
  ASSERT_EQ(gate.validator.publish(kIssuer, key_set(keys_with_kid()), {kNow + 100, kNow + 200}), Error::ok);
  EXPECT_EQ(gate.validate(Parts(), {.now = kNow + 99}).error, Error::ok);
  EXPECT_EQ(wanted(gate.validator), 0u);
  EXPECT_EQ(gate.validate(Parts(), {.now = kNow + 100}).error, Error::ok);
  EXPECT_EQ(gate.validate(Parts(), {.now = kNow + 199}).error, Error::ok);
  EXPECT_EQ(wanted(gate.validator), kStale);
  const Verdict late = gate.validate(Parts(), {.now = kNow + 200});
  EXPECT_EQ(late.error, Error::keys_unavailable);
  EXPECT_EQ(late.check, Check::key);
  EXPECT_EQ(wanted(gate.validator), kMissing);
  // The same keys under new terms.
  ASSERT_EQ(gate.validator.publish(kIssuer, key_set(keys_with_kid()), {kNow + 300, kNow + 300}), Error::ok);
  EXPECT_EQ(gate.validate(Parts(), {.now = kNow + 200}).error, Error::ok);
  ASSERT_EQ(gate.validator.publish(kIssuer, key_set(keys_with_kid())), Error::ok);
  EXPECT_EQ(gate.validate(Parts(), {.now = kNow + 299}).error, Error::ok) << "forever";
  EXPECT_EQ(wanted(gate.validator), 0u);
}

TEST(Wanted, AKidThatTheSetLacks) {
  Gate gate(policy({plain_rule().json()}), keys_with_kid());
  EXPECT_EQ(gate.validate(Parts()).error, Error::ok);
  EXPECT_EQ(wanted(gate.validator), 0u);
  EXPECT_EQ(gate.validate(parts_of(R"("new")")).error, Error::key_unknown);
  EXPECT_EQ(wanted(gate.validator), kUnknown);
  // The fetch did not bring it: for a time nobody asks again, but for another kid.
  ASSERT_EQ(gate.validator.publish(kIssuer, key_set(keys_with_kid())), Error::ok);
  for (std::int64_t later = 0; later < 300; later += 10) {
    EXPECT_EQ(gate.validate(parts_of(R"("new")"), {.now = kNow + later}).error, Error::key_unknown);
  }
  EXPECT_EQ(wanted(gate.validator), 0u);
  EXPECT_EQ(gate.validate(parts_of(R"("newer")"), {.now = kNow + 31}).error, Error::key_unknown);
  EXPECT_EQ(wanted(gate.validator), kUnknown);
  // The fetch brings it.
  const auto rotated = key_set(jwks({p256_key().jwk(R"("kid":"newer")"), SigningKey::rsa().jwk(R"("kid":"r")")}));
  ASSERT_EQ(gate.validator.publish(kIssuer, rotated), Error::ok);
  EXPECT_EQ(gate.validate(parts_of(R"("newer")")).error, Error::ok);
  // A key of another kind is there: nothing is missing.
  EXPECT_EQ(gate.validate(parts_of(R"("r")"), {.now = kNow + 100}).error, Error::key_alg_mismatch);
  EXPECT_EQ(wanted(gate.validator), 0u);
}

TEST(Wanted, AnAlgorithmThatNoKeyFits) {
  Gate gate(policy({plain_rule().json()}), jwks({SigningKey::rsa().jwk()}));
  EXPECT_EQ(gate.validate(parts_of("")).error, Error::key_unknown);
  EXPECT_EQ(wanted(gate.validator), kUnknown);
}

// Only a token that may be one of the issuer's costs a fetch.
TEST(Wanted, NothingByATokenThatIsRefusedBefore) {
  Gate gate(policy({plain_rule().json(), plain_rule("https://none.example").json()}), keys_with_kid());
  Trace trace;
  for (Trace* const to : {static_cast<Trace*>(nullptr), &trace}) {
    for (const char* issuer : {"https://as.example", "https://none.example"}) {
      Parts typ = parts_of(R"("x")"), alg = parts_of(R"("x")");
      typ.claims.set("iss", '"' + std::string(issuer) + '"');
      alg.claims.set("iss", '"' + std::string(issuer) + '"');
      typ.header.set("typ", R"("JWX")");
      alg.header.set("alg", R"("RS256")");
      EXPECT_EQ(gate.validate(typ, {.trace = to}).error, Error::typ_mismatch);
      EXPECT_EQ(gate.validate(alg, {.trace = to}).error, Error::alg_not_allowed);
    }
    Parts unknown = parts_of(R"("x")");
    unknown.claims.set("iss", R"("https://nobody.example")");
    EXPECT_EQ(gate.validate(unknown, {.trace = to}).error, Error::iss_unknown);
  }
  EXPECT_EQ(gate.validator.wanted_total(), 0u);
}

TEST(Wanted, NothingOfInlineKeys) {
  Gate gate(policy({plain_rule().set("jwks", keys_with_kid()).json()}));
  std::uint32_t reasons = 99;
  EXPECT_EQ(gate.validate(parts_of(R"("x")")).error, Error::key_unknown);
  EXPECT_EQ(gate.validator.wanted_total(), 0u);
  EXPECT_EQ(gate.validator.take_wanted(kIssuer, reasons), Error::not_found);
  EXPECT_EQ(gate.validator.take_wanted("https://nobody.example", reasons), Error::not_found);
  EXPECT_EQ(gate.validator.withdraw(kIssuer), Error::not_found);
  EXPECT_EQ(gate.validator.withdraw("https://nobody.example"), Error::not_found);
  EXPECT_EQ(reasons, 99u);
}

TEST(Wanted, AStormOfRandomKidsAsksOnce) {
  Gate gate(policy({plain_rule().json()}), keys_with_kid());
  const std::string good = Parts().token(), tail = good.substr(good.find('.'));
  for (int i = 0; i < 10000; ++i) {
    const std::string header = R"({"alg":"ES256","typ":"JWT","kid":"random-)" + std::to_string(i) + "\"}";
    ASSERT_EQ(gate.validate(test::b64(header) + tail, {.now = kNow + i % 30}).error, Error::key_unknown);
  }
  EXPECT_EQ(gate.validator.wanted_total(), 1u);
  EXPECT_EQ(wanted(gate.validator), kUnknown);
  EXPECT_EQ(gate.validate(good).error, Error::ok);
}

TEST(Wanted, ABatchAsksAsSingleTokensDo) {
  Gate gate(policy({plain_rule().json(), plain_rule("https://none.example").json()}));
  ASSERT_EQ(gate.validator.publish(kIssuer, key_set(keys_with_kid()), {kNow, kNow + 100}), Error::ok);
  Parts none;
  none.claims.set("iss", R"("https://none.example")");
  const std::string tokens[] = {Parts().token(), parts_of(R"("x")").token(), none.token(), parts_of(R"("y")").token()};
  std::array<Request, 4> requests;
  std::array<Verdict, 4> verdicts;
  for (std::size_t i = 0; i < 4; ++i) requests[i] = {.token = tokens[i], .now = kNow};
  const auto scratch = gate.validator.make_scratch(0, 4);
  ASSERT_EQ(gate.validator.validate_batch(*scratch, requests, verdicts), Error::ok);
  EXPECT_EQ(verdicts[0].error, Error::ok);
  EXPECT_EQ(verdicts[1].error, Error::key_unknown);
  EXPECT_EQ(verdicts[2].error, Error::keys_unavailable);
  EXPECT_EQ(gate.validator.wanted_total(), 3u);
  EXPECT_EQ(wanted(gate.validator), kStale | kUnknown);
  EXPECT_EQ(wanted(gate.validator, "https://none.example"), kMissing);
}

TEST(Wanted, WhatIsAskedForOutlivesASwapOfTheRuleset) {
  const std::string document = policy({plain_rule().json()});
  Gate gate(document, keys_with_kid());
  EXPECT_EQ(gate.validate(parts_of(R"("x")")).error, Error::key_unknown);
  EXPECT_EQ(
      gate.validator.swap_ruleset(compile(policy({plain_rule("https://two.example").json(), plain_rule().json()}))),
      Error::ok);
  EXPECT_EQ(gate.validate(parts_of(R"("y")")).error, Error::key_unknown);
  EXPECT_EQ(gate.validator.wanted_total(), 1u) << "the cooldown goes on";
  EXPECT_EQ(wanted(gate.validator), kUnknown);
  ASSERT_EQ(gate.validator.publish(kIssuer, key_set(keys_with_kid())), Error::ok);
  // The ruleset in force says how long; and where the keys are elsewhere, everything may be asked for again.
  EXPECT_EQ(gate.validator.swap_ruleset(compile(policy({plain_rule().json()}, R"(,"fetch":{"cooldown_s":5})"))),
            Error::ok);
  EXPECT_EQ(gate.validate(parts_of(R"("y")"), {.now = kNow + 5}).error, Error::key_unknown);
  EXPECT_EQ(wanted(gate.validator), kUnknown);
  EXPECT_EQ(
      gate.validator.swap_ruleset(compile(policy({plain_rule().set("jwks_uri", R"("https://as.example/2")").json()}))),
      Error::ok);
  EXPECT_EQ(gate.validate(parts_of(R"("x")"), {.now = kNow + 6}).error, Error::key_unknown);
  EXPECT_EQ(wanted(gate.validator), kUnknown);
}

TEST(Withdraw, ItsTokensFindNoKeys) {
  Gate gate(policy({plain_rule().json()}), keys_with_kid());
  EXPECT_EQ(gate.validate(Parts()).error, Error::ok);
  const auto keys = key_set(keys_with_kid());
  EXPECT_EQ(gate.validator.withdraw(kIssuer), Error::ok);
  EXPECT_EQ(gate.validate(Parts()).error, Error::keys_unavailable);
  EXPECT_EQ(wanted(gate.validator), kMissing);
  EXPECT_EQ(gate.validator.withdraw(kIssuer), Error::ok) << "once more changes nothing";
  EXPECT_EQ(gate.validator.publish(kIssuer, keys), Error::ok);
  EXPECT_EQ(gate.validate(Parts()).error, Error::ok);
}

TEST(Terms, ACachedVerdictEndsWithItsKeys) {
  Gate gate(policy({plain_rule().json()}, kCache));
  ASSERT_EQ(gate.validator.publish(kIssuer, key_set(keys_with_kid()), {kNow + 50, kNow + 100}), Error::ok);
  const std::string token = Parts().token();
  for (int i = 0; i < 2; ++i) ASSERT_EQ(gate.validate(token).error, Error::ok);
  ASSERT_TRUE(was_cached(gate));
  EXPECT_EQ(wanted(gate.validator), 0u);
  EXPECT_EQ(gate.validate(token, {.now = kNow + 99}).error, Error::ok);
  EXPECT_TRUE(was_cached(gate));
  EXPECT_EQ(wanted(gate.validator), kStale) << "a hit asks too";
  EXPECT_EQ(gate.validate(token, {.now = kNow + 100}).error, Error::keys_unavailable);
  EXPECT_EQ(wanted(gate.validator), kMissing);
  EXPECT_EQ(gate.validate(token).error, Error::ok);
  EXPECT_TRUE(was_cached(gate));
  EXPECT_EQ(gate.validator.withdraw(kIssuer), Error::ok);
  EXPECT_EQ(gate.validate(token).error, Error::keys_unavailable);
  EXPECT_EQ(gate.validator.publish(kIssuer, key_set(keys_with_kid())), Error::ok);
  EXPECT_EQ(gate.validate(token).error, Error::ok);
  EXPECT_FALSE(was_cached(gate)) << "trust was withdrawn in between";
}

TEST(Terms, TheSameKeysKeepCachedVerdicts) {
  Gate gate(policy({plain_rule().json()}, kCache));
  const auto keys = key_set(keys_with_kid());
  ASSERT_EQ(gate.validator.publish(kIssuer, keys, {kNow + 50, kNow + 100}), Error::ok);
  const std::string token = Parts().token();
  ASSERT_EQ(gate.validate(token).error, Error::ok);
  for (const auto& again : {keys, key_set(keys_with_kid()), key_set("  " + keys_with_kid())}) {
    for (const std::int64_t until : {kNow + 60, kNow + 60, kNow + 70}) {
      ASSERT_EQ(gate.validator.publish(kIssuer, again, {until, until}), Error::ok);
      EXPECT_EQ(gate.validate(token).error, Error::ok);
      EXPECT_TRUE(was_cached(gate)) << "by the very next validation, its header known";
    }
  }
  EXPECT_EQ(gate.validate(token, {.now = kNow + 70}).error, Error::keys_unavailable) << "under the new terms";
  const SigningKey more = SigningKey::ec(Curve::p256);
  const std::string two = jwks({p256_key().jwk(R"("kid":"k")"), more.jwk(R"("kid":"l")")});
  ASSERT_EQ(gate.validator.publish(kIssuer, key_set(two)), Error::ok);
  EXPECT_EQ(gate.validate(token).error, Error::ok);
  EXPECT_FALSE(was_cached(gate)) << "another set";
}

// The set in force stays, and the one that came with its terms goes.
TEST(Terms, TheSameKeysTakeNoRoom) {
  Gate gate(policy({plain_rule().json()}), keys_with_kid());
  auto again = key_set(keys_with_kid());
  const std::weak_ptr<const JwkSet> watch = again;
  ASSERT_EQ(gate.validator.publish(kIssuer, std::move(again), {kNow + 1, kNow + 2}), Error::ok);
  EXPECT_TRUE(watch.expired());
}

// What a reader held while keys were published is freed when somebody asks what is wanted.
TEST(Terms, WhatAReaderHeldIsFreedByTheNextLook) {
  Gate gate(policy({plain_rule().json()}));
  auto keys = key_set(keys_with_kid());
  const std::weak_ptr<const JwkSet> watch = keys;
  ASSERT_EQ(gate.validator.publish(kIssuer, std::move(keys)), Error::ok);
  ASSERT_TRUE(gate.scratch->slot.pin());
  ASSERT_EQ(gate.validator.withdraw(kIssuer), Error::ok);
  gate.scratch->slot.unpin();
  EXPECT_FALSE(watch.expired());
  EXPECT_EQ(wanted(gate.validator), 0u);
  EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace simdjwt
