// The state of tokens that may be used once outlives rulesets and is shared by validators; what would let a use be
// forgotten on the way is refused.
#include <gtest/gtest.h>

#include <limits>

#include "unit/validator/replay_fixture.h"

namespace simdjwt {
namespace {

using test::compile;
using test::Gate;
using test::keys_with_kid;
using test::kNow;
using test::kReplayIssuer;
using test::once_parts;
using test::once_policy;
using test::Parts;
using test::plain_rule;
using test::policy;

constexpr std::int64_t kExp = kNow + 300;  // of once_parts()

std::string with_leeway(const char* leeway_s, const std::string& members = "") {
  return once_policy(members, plain_rule().set("leeway_s", leeway_s));
}

Request at(std::int64_t now, ReplayUse replay = ReplayUse::consume) {
  return {.now = now, .replay = replay};
}

// A rule with more leeway takes what has expired for the one before it, and was forgotten then. A new token is refused
// too: it cannot be told from a used one.
TEST(ReplayTime, MoreLeewayBringsNoUseBack) {
  Gate gate(once_policy(), keys_with_kid());
  ASSERT_EQ(gate.validate(once_parts()).replay_record.forget_at, kExp);
  EXPECT_EQ(gate.validate(once_parts(), at(kExp)).error, Error::token_expired);
  ASSERT_EQ(gate.validator.swap_ruleset(compile(with_leeway("30"))), Error::ok);
  EXPECT_EQ(gate.validate(once_parts(), at(kExp - 1)).error, Error::token_replayed);
  for (const ReplayUse use : {ReplayUse::check, ReplayUse::defer, ReplayUse::consume}) {
    for (const std::int64_t now : {kExp, kExp + 29}) {
      for (const char* jti : {"j-1", "new"}) {
        const Verdict verdict = gate.validate(once_parts(jti), at(now, use));
        EXPECT_EQ(verdict.error, Error::store_forgot) << now << " " << jti;
        EXPECT_EQ(verdict.check, Check::replay);
      }
    }
  }
  EXPECT_EQ(gate.validate(once_parts("new"), at(kExp - 1)).error, Error::ok);
  // What stands there still is told so.
  EXPECT_EQ(gate.validate(once_parts("new"), at(kExp)).error, Error::token_replayed);
  EXPECT_EQ(gate.validate(once_parts(), at(kExp + 30)).error, Error::token_expired);
  EXPECT_EQ(gate.validator.replay_store()->stats().refused_forgot, 12u);
}

// Whatever there was first.
TEST(ReplayTime, LessLeewayInBetweenIsRemembered) {
  Gate gate(with_leeway("30"), keys_with_kid());
  EXPECT_EQ(gate.validate(once_parts("early"), at(kExp + 20)).error, Error::ok);
  ASSERT_EQ(gate.validator.swap_ruleset(compile(with_leeway("10"))), Error::ok);
  ASSERT_EQ(gate.validate(once_parts()).error, Error::ok);
  ASSERT_EQ(gate.validator.swap_ruleset(compile(with_leeway("30"))), Error::ok);
  EXPECT_EQ(gate.validate(once_parts(), at(kExp + 9)).error, Error::token_replayed);
  EXPECT_EQ(gate.validate(once_parts(), at(kExp + 10)).error, Error::store_forgot);
  EXPECT_EQ(gate.validate(once_parts("new"), at(kExp + 9)).error, Error::ok);
  EXPECT_EQ(gate.validate(once_parts("early"), at(kExp + 20)).error, Error::token_replayed);
}

TEST(ReplayTime, SharersWithAnotherLeewayBringNoUseBack) {
  Gate more(with_leeway("30"), keys_with_kid()), less(once_policy(), keys_with_kid());
  EXPECT_EQ(more.validate(once_parts("before"), at(kExp + 5)).error, Error::ok);
  ASSERT_EQ(less.validator.share_replay(more.validator), Error::ok);
  ASSERT_EQ(less.validate(once_parts()).error, Error::ok);
  EXPECT_EQ(more.validate(once_parts(), at(kExp)).error, Error::store_forgot);
  EXPECT_EQ(more.validate(once_parts(), at(kExp, ReplayUse::check)).error, Error::store_forgot);
  EXPECT_EQ(more.validate(once_parts("new"), at(kExp - 1)).error, Error::ok);
}

// An issuer whose rules have always had that leeway is not touched by another one's.
TEST(ReplayTime, LeewayIsAnIssuersOwn) {
  const auto document = [](const char* leeway_of_one) {
    return policy({plain_rule().set("leeway_s", leeway_of_one).json(),
                   plain_rule("https://two.example").set("leeway_s", "30").json()},
                  R"(,"replay":{"mode":"once","memory_bytes":1048576})");
  };
  Gate gate(document("0"), keys_with_kid());
  ASSERT_EQ(gate.validator.publish("https://two.example", test::key_set(keys_with_kid())), Error::ok);
  ASSERT_EQ(gate.validator.swap_ruleset(compile(document("30"))), Error::ok);
  Parts two = once_parts();
  two.claims.set("iss", R"("https://two.example")");
  EXPECT_EQ(gate.validate(two, at(kExp + 29)).error, Error::ok);
  EXPECT_EQ(gate.validate(once_parts(), at(kExp + 29)).error, Error::store_forgot);
}

// A grace that covers the difference: nothing is forgotten, and new tokens are taken.
TEST(ReplayTime, GraceCoversAnotherLeeway) {
  for (const bool shared : {false, true}) {
    Gate gate(with_leeway("0", R"("grace_s":30)"), keys_with_kid()), other(with_leeway("30"), keys_with_kid());
    if (shared) {
      ASSERT_EQ(other.validator.share_replay(gate.validator), Error::ok);
    }
    ASSERT_EQ(gate.validate(once_parts()).replay_record.forget_at, kExp + 30);
    EXPECT_EQ(gate.validate(once_parts(), at(kExp)).error, Error::token_expired);
    if (!shared) {
      ASSERT_EQ(gate.validator.swap_ruleset(compile(with_leeway("30"))), Error::ok);
    }
    Gate& later = shared ? other : gate;
    EXPECT_EQ(later.validate(once_parts(), at(kExp + 29)).error, Error::token_replayed);
    EXPECT_EQ(later.validate(once_parts("new"), at(kExp + 29)).error, Error::ok);
    EXPECT_EQ(later.validate(once_parts(), at(kExp + 30)).error, Error::token_expired);
  }
}

TEST(ReplayState, OutlivesRulesets) {
  const auto once = compile(once_policy()), off = compile(policy({plain_rule().json()}));
  const auto bigger = compile(once_policy(R"("max_retention_s":5000)"));
  Gate gate(once_policy(), keys_with_kid());
  const auto store = gate.validator.replay_store();
  ASSERT_EQ(gate.validate(once_parts()).error, Error::ok);
  EXPECT_EQ(gate.validator.swap_ruleset(off), Error::ok);
  EXPECT_EQ(gate.validate(once_parts()).error, Error::ok);
  EXPECT_EQ(gate.validator.swap_ruleset(bigger), Error::ok);
  EXPECT_EQ(gate.validate(once_parts()).error, Error::token_replayed);
  EXPECT_EQ(gate.validator.replay_store(), store);
}

TEST(ReplayState, IsMadeWithTheFirstRulesetThatAsks) {
  Gate gate(policy({plain_rule().json()}), keys_with_kid());
  EXPECT_EQ(gate.validator.replay_store(), nullptr);
  EXPECT_EQ(gate.validator.set_replay_key(KeyedHash128(KeyedHash128::Key{})), Error::not_found);
  EXPECT_EQ(gate.validator.attach(ReplayStageName::fleet, std::make_shared<test::FakeStage>()), Error::not_found);
  EXPECT_EQ(gate.validator.swap_ruleset(compile(once_policy())), Error::ok);
  ASSERT_NE(gate.validator.replay_store(), nullptr);
  EXPECT_EQ(gate.validate(once_parts()).error, Error::ok);
  EXPECT_EQ(gate.validate(once_parts()).error, Error::token_replayed);
}

TEST(ReplayState, IsShared) {
  Gate one(once_policy(), keys_with_kid()), two(once_policy(R"("max_retention_s":4000)"), keys_with_kid());
  Gate plain(policy({plain_rule().json()}), keys_with_kid());
  EXPECT_EQ(two.validator.share_replay(plain.validator), Error::not_found);
  ASSERT_EQ(two.validator.share_replay(one.validator), Error::ok);
  ASSERT_EQ(plain.validator.share_replay(one.validator), Error::ok);
  EXPECT_EQ(two.validator.replay_store(), one.validator.replay_store());
  EXPECT_EQ(one.validate(once_parts()).error, Error::ok);
  EXPECT_EQ(two.validate(once_parts()).error, Error::token_replayed);
  EXPECT_EQ(two.validate(once_parts("j-2")).error, Error::ok);
  EXPECT_EQ(one.validate(once_parts("j-2")).error, Error::token_replayed);
  // What was shared before any ruleset asked for it is there when one does.
  EXPECT_EQ(plain.validator.swap_ruleset(compile(once_policy())), Error::ok);
  EXPECT_EQ(plain.validate(once_parts()).error, Error::token_replayed);
  EXPECT_EQ(one.validator.share_replay(one.validator), Error::ok);
}

TEST(ReplayState, ItsKeyIsSetWhileItIsEmptyAndAlone) {
  const KeyedHash128 key(KeyedHash128::Key{1, 2, 3}), other(KeyedHash128::Key{4});
  Gate one(once_policy(), keys_with_kid()), two(once_policy(), keys_with_kid());
  ASSERT_EQ(one.validator.set_replay_key(key), Error::ok);
  ASSERT_EQ(two.validator.set_replay_key(key), Error::ok);
  const ReplayRecord first = one.validate(once_parts()).replay_record,
                     second = two.validate(once_parts()).replay_record;
  EXPECT_EQ(first.fingerprint, second.fingerprint);
  EXPECT_EQ(first.issuer, second.issuer);
  EXPECT_EQ(first.fingerprint, hash_jti(key.derive(kReplayIssuer), JtiScope::issuer, "alice", "web", "j-1"));
  EXPECT_EQ(one.validator.set_replay_key(key), Error::ok);  // it has that one
  EXPECT_EQ(one.validator.set_replay_key(other), Error::invalid_argument);
  Gate three(once_policy(), keys_with_kid()), four(once_policy(), keys_with_kid());
  ASSERT_EQ(four.validator.share_replay(three.validator), Error::ok);
  EXPECT_EQ(three.validator.set_replay_key(key), Error::invalid_argument);
  EXPECT_EQ(four.validator.set_replay_key(key), Error::invalid_argument);
}

// Who set a key, and a stage, keeps records under it.
TEST(ReplayState, AKeyThatSomebodyKeepsRecordsUnderStays) {
  const KeyedHash128 key(KeyedHash128::Key{1, 2, 3}), other(KeyedHash128::Key{4});
  Gate set(once_policy(), keys_with_kid());
  ASSERT_EQ(set.validator.set_replay_key(key), Error::ok);
  EXPECT_EQ(set.validator.set_replay_key(other), Error::invalid_argument);
  EXPECT_EQ(set.validator.set_replay_key(key), Error::ok);
  EXPECT_EQ(set.validator.replay_store()->key().key(), key.key());
  for (const ReplayStageName name : {ReplayStageName::fleet, ReplayStageName::journal}) {
    Gate gate(once_policy(), keys_with_kid());
    const KeyedHash128 own = gate.validator.replay_store()->key();
    test::attach(gate.validator, name);
    EXPECT_EQ(gate.validator.set_replay_key(key), Error::invalid_argument);
    EXPECT_FALSE(gate.validator.is_replay_key_set());
    EXPECT_EQ(gate.validator.replay_store()->key().key(), own.key());
    EXPECT_EQ(gate.validator.set_replay_key(own), Error::ok);
    EXPECT_TRUE(gate.validator.is_replay_key_set());
  }
}

// Records that had expired when they were loaded are known under the key of then, should the clock go back.
TEST(ReplayState, AKeyStaysWhereAnythingWasLoaded) {
  Gate gate(once_policy(), keys_with_kid());
  const ReplayRecord expired{.fingerprint = {1, 2}, .forget_at = kNow - 1};
  std::uint64_t loaded = 9;
  ASSERT_EQ(gate.validator.replay_store()->load(&expired, 1, kNow, &loaded), Error::ok);
  EXPECT_EQ(loaded, 0u);
  EXPECT_FALSE(gate.validator.replay_store()->empty());
  EXPECT_EQ(gate.validator.set_replay_key(KeyedHash128(KeyedHash128::Key{4})), Error::invalid_argument);
}

// Sharing would leave uses behind, or a stage with records under another key.
TEST(ReplayState, WhatHasUsesAKeyOrAStageOfItsOwnSharesNoOthers) {
  Gate home(once_policy(), keys_with_kid());
  const auto refused = [&home](Gate& gate) {
    const auto store = gate.validator.replay_store();
    EXPECT_EQ(gate.validator.share_replay(home.validator), Error::invalid_argument);
    EXPECT_EQ(gate.validator.replay_store(), store);
  };
  Gate used(once_policy(), keys_with_kid());
  ASSERT_EQ(used.validate(once_parts()).error, Error::ok);
  refused(used);
  EXPECT_EQ(used.validate(once_parts()).error, Error::token_replayed);
  Gate keyed(once_policy(), keys_with_kid());
  ASSERT_EQ(keyed.validator.set_replay_key(KeyedHash128(KeyedHash128::Key{4})), Error::ok);
  refused(keyed);
  for (const ReplayStageName name : {ReplayStageName::fleet, ReplayStageName::journal}) {
    Gate staged(once_policy(), keys_with_kid());
    test::attach(staged.validator, name);
    refused(staged);
  }
  // None of these refusals has made the other one's store a shared one.
  EXPECT_EQ(home.validator.set_replay_key(KeyedHash128(KeyedHash128::Key{5})), Error::ok);
}

TEST(ReplayState, SharingTakesTheKeyAlongAndNoStages) {
  Gate home(once_policy(), keys_with_kid()), guest(once_policy(), keys_with_kid()),
      plain(once_policy(), keys_with_kid());
  ASSERT_EQ(home.validator.set_replay_key(KeyedHash128(KeyedHash128::Key{4})), Error::ok);
  const auto journal = test::attach(home.validator, ReplayStageName::journal);
  ASSERT_EQ(guest.validator.share_replay(home.validator), Error::ok);
  EXPECT_TRUE(guest.validator.is_replay_key_set());
  EXPECT_EQ(guest.validate(once_parts()).error, Error::ok);
  EXPECT_EQ(journal->records(), 0u);
  EXPECT_EQ(guest.validator.share_replay(home.validator), Error::ok);  // again: it does already
  Gate random(once_policy(), keys_with_kid());
  ASSERT_EQ(plain.validator.share_replay(random.validator), Error::ok);
  EXPECT_FALSE(plain.validator.is_replay_key_set());
}

TEST(ReplayState, AFullOrForgetfulStoreIsNotTheTokensFault) {
  Gate gate(once_policy(R"("issuer_quota_percent":1)"), keys_with_kid());
  const std::uint64_t capacity = gate.validator.replay_store()->capacity();
  ReplayRecord record{.forget_at = kNow + 300, .issuer = 0};
  const ReplayIssuer issuer = gate.validator.replay_store()->issuer(kReplayIssuer);
  Error error = Error::ok;
  for (std::uint64_t i = 0; i < capacity && error == Error::ok; ++i) {
    record.fingerprint = issuer.hash(std::to_string(i));
    error = gate.validator.replay_store()->consume(record, issuer.account, kNow, 0);
  }
  ASSERT_EQ(error, Error::store_quota);
  const Verdict verdict = gate.validate(once_parts());
  EXPECT_EQ(verdict.error, Error::store_quota);
  EXPECT_EQ(verdict.check, Check::replay);
  EXPECT_EQ(verdict.member.data(), nullptr);
  EXPECT_EQ(error_http_status(verdict.error), 503);
}

}  // namespace
}  // namespace simdjwt
