// Keys asked for by many threads at once, while others publish, withdraw, swap rulesets and take what is wanted: of
// every cooldown's reason one thread raises it and one takes it.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "capi/tokens.h"
#include "concurrency/storm.h"
#include "validator/validator.h"

namespace simdjwt {
namespace {

std::shared_ptr<const Ruleset> compile(bool other) {
  std::string policy = TOKENS_POLICY;
  policy.insert(policy.rfind('}'), R"(,"limits":{"verdict_cache_bytes":262144})");
  // A difference that no token sees.
  if (other) policy.insert(policy.rfind('}'), R"(,"challenge":{"realm":"other"})");
  RulesetResult result = Ruleset::compile(policy);
  EXPECT_EQ(result.error, Error::ok) << result.path;
  return result.ruleset;
}

// A demand over many cooldowns, whose clock moves on once every reader has asked in the second that it shows, so that
// no two of them are more than a second apart: never more than one raise a reason and cooldown.
TEST(WantedStorm, OneRaiseAndOneTakerACooldown) {
  constexpr std::int64_t kStart = 1800000000;
  constexpr DemandLimits kLimits{.cooldown_s = 30, .unknown_kid_ttl_s = 300};
  std::atomic<std::uint64_t> total{0};
  KeyDemand demand(KeyedHash::random(), total);
  std::atomic<std::int64_t> clock{kStart};
  std::array<std::atomic<std::int64_t>, 2> asked{};  // by each reader, in which second last
  std::array<std::atomic<std::uint64_t>, 3> taken{};
  std::atomic<std::uint64_t> names{0};
  const auto reader = [&](std::atomic<std::int64_t>& last) {
    const std::int64_t now = clock.load();
    demand.want_missing(now, kLimits);
    demand.want_stale(now, kLimits);
    demand.want_kid("kid-" + std::to_string(names.fetch_add(1)), now, kLimits);
    last.store(now);
  };
  const auto taker = [&] {
    const std::uint32_t reasons = demand.take();
    for (unsigned i = 0; i < 3; ++i) taken[i].fetch_add(reasons >> i & 1);
  };
  test::storm({[&] { reader(asked[0]); }, [&] { reader(asked[1]); }, taker,
               [&] {
                 demand.answered();
                 const std::int64_t now = clock.load();
                 if (asked[0].load() == now && asked[1].load() == now) clock.store(now + 1);
                 std::this_thread::yield();
               }});
  taker();
  const auto cooldowns = static_cast<std::uint64_t>((clock.load() - kStart) / 30) + 1;
  EXPECT_GE(total.load(), 3u);
  EXPECT_LE(total.load(), 3 * cooldowns);
  for (const auto& count : taken) {
    EXPECT_GE(count.load(), 1u);
    EXPECT_LE(count.load(), cooldowns);
  }
}

TEST(WantedStorm, ReadersAskWhileWritersPublishWithdrawAndSwap) {
  const std::shared_ptr<const Ruleset> rulesets[] = {compile(false), compile(true)};
  const std::shared_ptr<const JwkSet> keys = JwkSet::parse(TOKENS_JWKS).set, again = JwkSet::parse(TOKENS_JWKS).set,
                                      key_b = JwkSet::parse(TOKENS_JWKS_B).set;
  Validator validator(rulesets[0]);
  std::atomic<std::uint64_t> missing{0}, stale{0}, unknown{0};
  const auto reader = [&](Scratch& scratch) {
    const auto validate = [&](std::string_view token) {
      return validator.validate(scratch, {.token = token, .now = TOKENS_NOW}).error;
    };
    const Error a = validate(TOKENS_GOOD_A), b = validate(TOKENS_GOOD_B), c = validate(TOKENS_UNKNOWN_KID);
    EXPECT_TRUE(a == Error::ok || a == Error::key_unknown || a == Error::keys_unavailable) << error_name(a);
    EXPECT_TRUE(b == Error::ok || b == Error::keys_unavailable) << error_name(b);
    EXPECT_TRUE(c == Error::key_unknown || c == Error::keys_unavailable) << error_name(c);
  };
  const auto taker = [&] {
    std::uint32_t reasons = 0;
    EXPECT_EQ(validator.take_wanted(TOKENS_ISSUER, reasons), Error::ok);
    missing.fetch_add(reasons & 1);
    stale.fetch_add(reasons >> 1 & 1);
    unknown.fetch_add(reasons >> 2 & 1);
  };
  const auto first = validator.make_scratch(0), second = validator.make_scratch(0);
  unsigned turn = 0;
  test::storm({[&] { reader(*first); }, [&] { reader(*second); }, taker,
               [&] {
                 switch (turn++ % 6) {
                   case 0:
                     EXPECT_EQ(validator.publish(TOKENS_ISSUER, keys, {TOKENS_NOW, TOKENS_NOW + 9}), Error::ok);
                     break;
                   case 1:
                     EXPECT_EQ(validator.publish(TOKENS_ISSUER, again, {TOKENS_NOW + 9, TOKENS_NOW}), Error::ok);
                     break;
                   case 2:
                     EXPECT_EQ(validator.swap_ruleset(rulesets[turn / 6 % 2]), Error::ok);
                     break;
                   case 3:
                     EXPECT_EQ(validator.withdraw(TOKENS_ISSUER), Error::ok);
                     break;
                   case 4:
                     EXPECT_EQ(validator.publish(TOKENS_ISSUER, key_b), Error::ok);
                     break;
                   default:
                     EXPECT_EQ(validator.publish(TOKENS_ISSUER, again), Error::ok);
                 }
               }});
  // All of it at one time of the requests: each reason was raised and taken once.
  taker();
  EXPECT_EQ(validator.wanted_total(), missing.load() + stale.load() + unknown.load());
  EXPECT_EQ(missing.load(), 1u);
  EXPECT_EQ(stale.load(), 1u);
  EXPECT_EQ(unknown.load(), 1u);
  // Once the last reader has gone nothing that was replaced is held.
  EXPECT_EQ(first->slot.domain()->retired_count(), 0u);
}

}  // namespace
}  // namespace simdjwt
