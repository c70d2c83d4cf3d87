// Tokens that may be used once, many in one call: in the order of the requests, whatever is remembered of them, and
// with one question to each stage.
#include <gtest/gtest.h>

#include <random>

#include "unit/validator/replay_fixture.h"

namespace simdjwt {
namespace {

using test::attach;
using test::FakeStage;
using test::fields;
using test::Gate;
using test::keys_with_kid;
using test::kNow;
using test::once_parts;
using test::once_policy;
using test::once_token;
using test::Parts;
using test::plain_rule;

constexpr const char* kCache = R"(,"limits":{"verdict_cache_bytes":1048576})";

class ReplayBatch : public testing::TestWithParam<bool> {
 protected:
  std::string document() const { return once_policy("", plain_rule(), GetParam() ? kCache : ""); }

  std::vector<Error> errors(Gate& gate, const std::vector<Request>& requests) {
    std::vector<Verdict> verdicts(requests.size());
    const auto scratch = gate.validator.make_scratch(0, 64);
    EXPECT_EQ(gate.validator.validate_batch(*scratch, requests, verdicts), Error::ok);
    std::vector<Error> out;
    for (const Verdict& verdict : verdicts) out.push_back(verdict.error);
    return out;
  }
};

// Good, forged, expired, under-scoped, and several tokens of one jti.
std::vector<std::string> mixed_tokens() {
  std::vector<std::string> tokens;
  for (int i = 0; i < 150; ++i) {
    Parts parts = once_parts("j-" + std::to_string(i % 90));
    parts.claims.set("sub", '"' + std::to_string(i) + '"').set("scope", i % 3 == 0 ? R"("read write")" : R"("read")");
    if (i % 7 == 3) parts.forged = true;
    if (i % 11 == 4) parts.claims.set("exp", std::to_string(kNow - 1));
    if (i % 13 == 5) parts.claims.set("cnf", "{}");
    if (i % 17 == 6) parts.claims.drop("jti");
    tokens.push_back(parts.token());
  }
  return tokens;
}

TEST_P(ReplayBatch, EveryVerdictIsTheOneTheTokenGetsAlone) {
  const std::vector<std::string> tokens = mixed_tokens();
  const std::string_view write[] = {"write"};
  std::mt19937 random(20261127);
  for (int store = 0; store < 8; ++store) {
    Gate alone(once_policy(), keys_with_kid()), together(document(), keys_with_kid());
    const KeyedHash128 key(KeyedHash128::Key{static_cast<std::uint8_t>(store)});
    ASSERT_EQ(alone.validator.set_replay_key(key), Error::ok);
    ASSERT_EQ(together.validator.set_replay_key(key), Error::ok);
    const auto scratch = together.validator.make_scratch(0, 64);
    for (int round = 0; round < 12; ++round) {
      std::vector<Request> requests(random() % 65);
      for (Request& request : requests) {
        request = {.token = tokens[random() % tokens.size()], .now = kNow};
        if (random() % 4 == 0) request.required_scopes = write;
        if (random() % 3 == 0) request.replay = random() % 2 ? ReplayUse::check : ReplayUse::defer;
        if (random() % 16 == 0) request.nonce = "n";
      }
      std::vector<Verdict> verdicts(requests.size());
      ASSERT_EQ(together.validator.validate_batch(*scratch, requests, verdicts), Error::ok);
      for (std::size_t i = 0; i < requests.size(); ++i) {
        const Verdict expected = alone.validator.validate(*alone.scratch, requests[i]);
        EXPECT_EQ(fields(verdicts[i]), fields(expected)) << i << " " << error_name(expected.error);
        EXPECT_EQ(verdicts[i].replay_record.fingerprint, expected.replay_record.fingerprint);
        EXPECT_EQ(verdicts[i].replay_record.forget_at, expected.replay_record.forget_at);
      }
    }
    EXPECT_EQ(alone.validator.replay_store()->stats().consumed, together.validator.replay_store()->stats().consumed);
  }
}

TEST_P(ReplayBatch, TheFirstOfOneJtiWins) {
  Gate gate(document(), keys_with_kid());
  const std::string token = once_token();
  Parts other = once_parts();
  other.claims.set("sub", R"("other")");
  const std::string same_jti = other.token();
  const Request use{.token = token, .now = kNow}, again{.token = same_jti, .now = kNow};
  const Request look{.token = token, .now = kNow, .replay = ReplayUse::check};
  EXPECT_EQ(errors(gate, {look, again, use, look}),
            (std::vector{Error::ok, Error::ok, Error::token_replayed, Error::token_replayed}));
}

// What the cache remembers is recorded in its turn, not before the tokens that need a signature.
TEST_P(ReplayBatch, ARememberedTokenDoesNotOvertake) {
  Gate gate(document(), keys_with_kid());
  const std::string known = once_token();
  Parts other = once_parts();
  other.claims.set("sub", R"("other")");
  const std::string unknown = other.token();
  ASSERT_EQ(gate.validate(known, {.replay = ReplayUse::check}).error, Error::ok);
  std::vector<Verdict> verdicts(2);
  const std::vector<Request> requests{{.token = unknown, .now = kNow}, {.token = known, .now = kNow}};
  const auto scratch = gate.validator.make_scratch(0, 2);
  // A scratch of its own knows no header: let it meet one.
  const std::vector<Request> looks{{.token = known, .now = kNow, .replay = ReplayUse::check}};
  ASSERT_EQ(gate.validator.validate_batch(*scratch, looks, std::span(verdicts).first(1)), Error::ok);
  ASSERT_EQ(gate.validator.validate_batch(*scratch, requests, verdicts), Error::ok);
  EXPECT_EQ(verdicts[0].error, Error::ok);
  EXPECT_EQ(verdicts[1].error, Error::token_replayed);
}

TEST_P(ReplayBatch, EachStageIsAskedOnceAboutWhatStands) {
  Gate gate(document(), keys_with_kid());
  std::vector<std::string> tokens;
  for (int i = 0; i < 6; ++i) tokens.push_back(once_token("j-" + std::to_string(i)));
  // The fleet knows the third, and fails on the fourth.
  std::size_t asked = 0;
  const auto fleet = std::make_shared<FakeStage>([&asked](const ReplayRecord&) {
    const std::size_t i = asked++;
    return i == 2 ? Error::token_replayed : i == 3 ? Error::store_unavailable : Error::ok;
  });
  ASSERT_EQ(gate.validator.attach(ReplayStageName::fleet, fleet), Error::ok);
  const auto journal = attach(gate.validator, ReplayStageName::journal);
  std::vector<Request> requests;
  for (const std::string& token : tokens) requests.push_back({.token = token, .now = kNow});
  requests[4].replay = ReplayUse::check;
  requests.push_back({.token = "x", .now = kNow});
  EXPECT_EQ(errors(gate, requests), (std::vector{Error::ok, Error::ok, Error::token_replayed, Error::store_unavailable,
                                                 Error::ok, Error::ok, Error::token_segments}));
  ASSERT_EQ(fleet->calls().size(), 1u);
  EXPECT_EQ(fleet->records(), 5u);
  ASSERT_EQ(journal->calls().size(), 1u);
  EXPECT_EQ(journal->records(), 3u);
  // What was taken back can be used, what the fleet knew cannot.
  EXPECT_EQ(errors(gate, {requests[2], requests[3], requests[4]}),
            (std::vector{Error::token_replayed, Error::ok, Error::ok}));
}

// The second of one jti is a replay of the first, also when that one comes to nothing.
TEST_P(ReplayBatch, TheSecondStaysRefusedWhenTheFirstIsTakenBack) {
  Gate gate(document(), keys_with_kid());
  bool fails = true;
  ASSERT_EQ(gate.validator.attach(ReplayStageName::fleet, std::make_shared<FakeStage>([&](const ReplayRecord&) {
                                    return fails ? Error::store_unavailable : Error::ok;
                                  })),
            Error::ok);
  const std::string token = once_token();
  const Request use{.token = token, .now = kNow};
  EXPECT_EQ(errors(gate, {use, use}), (std::vector{Error::store_unavailable, Error::token_replayed}));
  fails = false;
  EXPECT_EQ(errors(gate, {use, use}), (std::vector{Error::ok, Error::token_replayed}));
}

TEST_P(ReplayBatch, DeferredAndOthersStandSideBySide) {
  Gate gate(document(), keys_with_kid());
  const auto fleet = attach(gate.validator, ReplayStageName::fleet),
             journal = attach(gate.validator, ReplayStageName::journal);
  const std::string one = once_token("j-1"), two = once_token("j-2");
  EXPECT_EQ(errors(gate, {{.token = one, .now = kNow, .replay = ReplayUse::defer}, {.token = two, .now = kNow}}),
            (std::vector{Error::store_unconfirmed, Error::ok}));
  EXPECT_EQ(fleet->records(), 1u);
  EXPECT_EQ(journal->records(), 2u);
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutACache, ReplayBatch, testing::Bool(),
                         [](const auto& tested) { return tested.param ? "Cached" : "Plain"; });

}  // namespace
}  // namespace simdjwt
