// The stages that confirm a use (docs/decisions/0017): asked in their order, for what still stands, and believed.
#include <gtest/gtest.h>

#include "unit/validator/replay_fixture.h"

namespace simdjwt {
namespace {

using test::attach;
using test::compile;
using test::FakeStage;
using test::Gate;
using test::keys_with_kid;
using test::kNow;
using test::once_parts;
using test::once_policy;
using test::once_token;
using test::plain_rule;
using test::policy;

constexpr auto kFleet = ReplayStageName::fleet;
constexpr auto kJournal = ReplayStageName::journal;
const std::string kWantsFleet = R"("fleet":{"nodes":["h:1"],"key_file":"/k"})";
const std::string kWantsJournal = R"("durability":{"level":"strict","directory":"/j"})";

TEST(ReplayStages, AreAskedForEachUseAndNothingElse) {
  Gate gate(once_policy(), keys_with_kid());
  const auto fleet = attach(gate.validator, kFleet), journal = attach(gate.validator, kJournal);
  const Verdict verdict = gate.validate(once_parts());
  ASSERT_EQ(verdict.error, Error::ok);
  for (const auto& stage : {fleet, journal}) {
    ASSERT_EQ(stage->records(), 1u);
    EXPECT_EQ(stage->calls()[0][0].fingerprint, verdict.replay_record.fingerprint);
    EXPECT_EQ(stage->calls()[0][0].forget_at, kNow + 300);
    EXPECT_EQ(stage->calls()[0][0].issuer, verdict.replay_record.issuer);
  }
  EXPECT_EQ(gate.validate(once_parts()).error, Error::token_replayed);
  test::Parts forged = once_parts("j-2");
  forged.forged = true;
  EXPECT_EQ(gate.validate(forged).error, Error::signature_invalid);
  EXPECT_EQ(gate.validate(once_parts("j-3"), {.replay = ReplayUse::check}).error, Error::ok);
  EXPECT_EQ(fleet->records(), 1u);
  EXPECT_EQ(journal->records(), 1u);
}

// What has been used at another gateway stays used here, and the journal does not hear of it.
TEST(ReplayStages, AUseElsewhereStays) {
  Gate gate(once_policy(), keys_with_kid());
  const auto fleet = attach(gate.validator, kFleet, Error::token_replayed), journal = attach(gate.validator, kJournal);
  for (int i = 0; i < 3; ++i) {
    const Verdict verdict = gate.validate(once_parts());
    EXPECT_EQ(verdict.error, Error::token_replayed);
    EXPECT_EQ(verdict.member, "jti");
    EXPECT_EQ(verdict.replay_record.forget_at, 0);
  }
  EXPECT_EQ(fleet->records(), 1u);  // then the store knew
  EXPECT_EQ(journal->records(), 0u);
}

// Whatever else a stage says refuses the token, with one error, and takes its use back.
TEST(ReplayStages, AUseThatIsNotConfirmedIsTakenBack) {
  for (const Error error : {Error::store_unavailable, Error::store_full, Error::fleet_deadline, Error::journal_write,
                            Error::token_expired, static_cast<Error>(0xffff)}) {
    for (const ReplayStageName name : {kFleet, kJournal}) {
      Gate gate(once_policy(), keys_with_kid());
      bool fails = true;
      const auto stage = std::make_shared<FakeStage>([&](const ReplayRecord&) { return fails ? error : Error::ok; });
      ASSERT_EQ(gate.validator.attach(name, stage), Error::ok);
      const Verdict verdict = gate.validate(once_parts());
      EXPECT_EQ(verdict.error, Error::store_unavailable);
      EXPECT_EQ(verdict.check, Check::replay);
      EXPECT_EQ(verdict.member.data(), nullptr);
      EXPECT_EQ(verdict.replay_record.forget_at, 0);
      fails = false;
      EXPECT_EQ(gate.validate(once_parts()).error, Error::ok);
      EXPECT_EQ(gate.validate(once_parts()).error, Error::token_replayed);
    }
  }
}

// A stage that leaves a record out has not recorded it.
TEST(ReplayStages, SilenceIsNoConfirmation) {
  class Silent final : public ReplayStage {
    void commit(std::span<const ReplayRecord>, std::span<Error>) const noexcept override {}
  };
  Gate gate(once_policy(), keys_with_kid());
  ASSERT_EQ(gate.validator.attach(kJournal, std::make_shared<Silent>()), Error::ok);
  EXPECT_EQ(gate.validate(once_parts()).error, Error::store_unavailable);
}

// A forgotten call at start must not turn into accepted replays.
TEST(ReplayStages, OneThatThePolicyWantsAndIsNotThereRefuses) {
  struct Row {
    std::string members;
    std::vector<ReplayStageName> needed;
  };
  for (const Row& row : {Row{kWantsFleet, {kFleet}}, Row{kWantsJournal, {kJournal}},
                         Row{kWantsFleet + "," + kWantsJournal, {kFleet, kJournal}}}) {
    Gate gate(once_policy(row.members), keys_with_kid());
    for (const ReplayStageName name : row.needed) {
      EXPECT_EQ(gate.validate(once_parts()).error, Error::store_unavailable) << row.members;
      EXPECT_EQ(gate.validate(once_parts(), {.replay = ReplayUse::defer}).error, Error::store_unavailable);
      EXPECT_TRUE(gate.validator.replay_store()->empty());
      EXPECT_EQ(gate.validate(once_parts(), {.replay = ReplayUse::check}).error, Error::ok);  // looks here alone
      attach(gate.validator, name);
    }
    EXPECT_EQ(gate.validate(once_parts()).error, Error::ok) << row.members;
  }
}

TEST(ReplayStages, ARulesetThatAsksForMoreRefusesFromThenOn) {
  Gate gate(once_policy(), keys_with_kid());
  ASSERT_EQ(gate.validate(once_parts()).error, Error::ok);
  EXPECT_EQ(gate.validator.swap_ruleset(compile(once_policy(kWantsJournal))), Error::ok);
  EXPECT_EQ(gate.validate(once_parts("j-2")).error, Error::store_unavailable);
  const auto journal = attach(gate.validator, kJournal);
  EXPECT_EQ(gate.validate(once_parts("j-2")).error, Error::ok);
  // One that is attached is asked also where the ruleset does not ask for it.
  EXPECT_EQ(gate.validator.swap_ruleset(compile(once_policy())), Error::ok);
  EXPECT_EQ(gate.validate(once_parts("j-3")).error, Error::ok);
  EXPECT_EQ(journal->records(), 2u);
}

// What a stage promises is fixed when it is attached: a ruleset that asks for something else is refused, and the one in
// force stays.
TEST(ReplayStages, ARulesetThatAsksForOtherStagesIsRefused) {
  const auto journal = [](const std::string& members) { return R"("durability":{)" + members + "}"; };
  const auto fleet = [](const std::string& members) { return R"("fleet":{)" + members + "}"; };
  const std::string interval = R"("level":"interval","directory":"/j")",
                    nodes = R"("nodes":["a:1","b:1"],"key_file":"/k")";
  const std::string both = journal(interval) + "," + fleet(nodes);
  const std::string others[] = {
      journal(R"("level":"strict","directory":"/j")"),   journal(R"("level":"interval","directory":"/k")"),
      journal(interval + R"(,"interval_ms":101)"),       fleet(R"("nodes":["a:1"],"key_file":"/k")"),
      fleet(R"("nodes":["a:1","b:1"],"key_file":"/j")"), fleet(nodes + R"(,"deadline_ms":51)"),
      fleet(nodes + R"(,"allow_local_only":true)"),      fleet(nodes + R"(,"wait_replicas":1)"),
      fleet(nodes + R"(,"password_file":"/p")"),         fleet(nodes + R"(,"password_file":"/p","user":"u")"),
  };
  Gate gate(once_policy(both), keys_with_kid());
  attach(gate.validator, kFleet);
  attach(gate.validator, kJournal);
  for (const std::string& other : others) {
    const auto before = gate.validator.ruleset();
    EXPECT_EQ(gate.validator.swap_ruleset(compile(once_policy(other))), Error::invalid_argument) << other;
    EXPECT_EQ(gate.validator.ruleset(), before);
  }
  EXPECT_EQ(gate.validate(once_parts()).error, Error::ok);
  // The same settings, one stage of them, none, and the same again.
  for (const std::string& members : {both, both + R"(,"grace_s":20)", journal(interval + R"(,"interval_ms":100)"),
                                     fleet(nodes + R"(,"deadline_ms":50)"), std::string(), both}) {
    EXPECT_EQ(gate.validator.swap_ruleset(compile(once_policy(members))), Error::ok) << members;
  }
  // Where no rule accepts a token once nothing is asked for.
  const std::string off = policy({plain_rule().json()}, R"(,"replay":{"mode":"off",)" + others[0] + "}");
  EXPECT_EQ(gate.validator.swap_ruleset(compile(off)), Error::ok);
  EXPECT_EQ(gate.validate(once_parts()).error, Error::ok);
}

// One that was attached without being asked for has promised nothing.
TEST(ReplayStages, OneThatNoRulesetAskedForIsNotTakenForOneThatItAsksFor) {
  Gate gate(once_policy(), keys_with_kid());
  attach(gate.validator, kJournal);
  EXPECT_EQ(gate.validator.swap_ruleset(compile(once_policy(kWantsJournal))), Error::invalid_argument);
  EXPECT_EQ(gate.validator.swap_ruleset(compile(once_policy(kWantsFleet))), Error::ok);  // not attached: refuses tokens
  EXPECT_EQ(gate.validate(once_parts()).error, Error::store_unavailable);
}

TEST(ReplayStages, AreAttachedOnce) {
  Gate gate(once_policy(), keys_with_kid());
  attach(gate.validator, kFleet);
  EXPECT_EQ(gate.validator.attach(kFleet, std::make_shared<FakeStage>()), Error::invalid_argument);
  attach(gate.validator, kJournal);
}

// SIMDJWT_REPLAY_DEFER: the caller asks the fleet.
TEST(ReplayStages, ADeferredUseWaitsForTheFleet) {
  Gate gate(once_policy(kWantsFleet), keys_with_kid());
  const auto fleet = attach(gate.validator, kFleet, Error::store_unavailable),
             journal = attach(gate.validator, kJournal);
  const Request defer{.replay = ReplayUse::defer};
  const Verdict verdict = gate.validate(once_parts(), defer);
  EXPECT_EQ(verdict.error, Error::store_unconfirmed);
  EXPECT_EQ(verdict.check, Check::replay);
  EXPECT_TRUE(verdict.verified);
  EXPECT_EQ(verdict.replay_record.forget_at, kNow + 310);  // with the grace for the clocks of gateways
  EXPECT_EQ(fleet->records(), 0u);
  EXPECT_EQ(journal->records(), 1u);
  EXPECT_EQ(gate.validate(once_parts(), defer).error, Error::token_replayed);
  gate.validator.undo_use(verdict.replay_record);
  EXPECT_EQ(gate.validate(once_parts(), defer).error, Error::store_unconfirmed);
}

TEST(ReplayStages, WithoutAFleetThereIsNothingToDefer) {
  Gate gate(once_policy(), keys_with_kid());
  const auto journal = attach(gate.validator, kJournal);
  EXPECT_EQ(gate.validate(once_parts(), {.replay = ReplayUse::defer}).error, Error::ok);
  EXPECT_EQ(gate.validate(once_parts(), {.replay = ReplayUse::defer}).error, Error::token_replayed);
  EXPECT_EQ(journal->records(), 1u);
}

TEST(ReplayStages, ADeferredUseThatTheJournalRefusesIsTakenBack) {
  Gate gate(once_policy(kWantsFleet), keys_with_kid());
  attach(gate.validator, kFleet);
  attach(gate.validator, kJournal, Error::journal_write);
  const Verdict verdict = gate.validate(once_parts(), {.replay = ReplayUse::defer});
  EXPECT_EQ(verdict.error, Error::store_unavailable);
  EXPECT_EQ(verdict.replay_record.forget_at, 0);
  EXPECT_EQ(gate.validate(once_parts(), {.replay = ReplayUse::check}).error, Error::ok);
}

TEST(ReplayStages, AnUndoOfAnIssuerThatIsGoneChangesNothing) {
  Gate gate(once_policy(), keys_with_kid());
  const ReplayRecord record = gate.validate(once_parts()).replay_record;
  EXPECT_EQ(gate.validator.swap_ruleset(compile(once_policy("", test::plain_rule("https://two.example")))), Error::ok);
  gate.validator.undo_use(record);
  EXPECT_EQ(gate.validator.swap_ruleset(compile(once_policy())), Error::ok);
  ASSERT_EQ(gate.validator.publish(test::kReplayIssuer, test::key_set(keys_with_kid())), Error::ok);
  EXPECT_EQ(gate.validate(once_parts()).error, Error::token_replayed);
}

}  // namespace
}  // namespace simdjwt
