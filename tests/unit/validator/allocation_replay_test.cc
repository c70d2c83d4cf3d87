// No heap on the way of a token that may be used once: accepted, replayed, looked at, deferred, refused by a store
// without room or by a stage, alone and in a batch, remembered or not.
#include <gtest/gtest.h>

#include "unit/validator/counted_malloc.h"
#include "unit/validator/replay_fixture.h"

namespace simdjwt {
namespace {

using test::count;
using test::expect_none;
using test::Gate;
using test::keys_with_kid;
using test::kNow;
using test::once_policy;
using test::once_token;
using test::plain_rule;

class Answering final : public ReplayStage {
 public:
  explicit Answering(const Error& answer) : answer_(answer) {}
  void commit(std::span<const ReplayRecord>, std::span<Error> errors) const noexcept override {
    for (Error& error : errors) error = answer_;
  }

 private:
  const Error& answer_;
};

std::vector<std::string> tokens_of(const std::string& prefix, int many) {
  std::vector<std::string> tokens;
  for (int i = 0; i < many; ++i) tokens.push_back(once_token(prefix + std::to_string(i)));
  return tokens;
}

class ReplayAllocation : public testing::TestWithParam<const char*> {
 protected:
  Gate gate{once_policy("", plain_rule(), GetParam()), keys_with_kid()};
};

TEST_P(ReplayAllocation, NoUseAllocates) {
  REQUIRE_COUNTING();
  const std::vector<std::string> warm = tokens_of("w", 3), tokens = tokens_of("t", 4);
  for (const std::string& token : warm) ASSERT_EQ(gate.validate(token).error, Error::ok);
  Trace trace;
  const auto one = [&](const std::string& token, Error expected, ReplayUse use, Trace* to) {
    Verdict verdict;
    const auto used = count([&] {
      verdict = gate.validator.validate(*gate.scratch, {.token = token, .now = kNow, .trace = to, .replay = use});
    });
    EXPECT_EQ(verdict.error, expected);
    expect_none(used.engine, std::string(error_name(expected)));
  };
  for (Trace* const to : {static_cast<Trace*>(nullptr), &trace}) {
    const std::string& token = tokens[to == nullptr ? 0 : 1];
    one(token, Error::ok, ReplayUse::check, to);
    one(token, Error::ok, ReplayUse::consume, to);
    one(token, Error::token_replayed, ReplayUse::consume, to);
    one(token, Error::token_replayed, ReplayUse::check, to);
  }
  one(tokens[2], Error::ok, ReplayUse::defer, nullptr);
}

TEST_P(ReplayAllocation, NoStageMakesTheEngineAllocate) {
  REQUIRE_COUNTING();
  Error answer = Error::ok;
  ASSERT_EQ(gate.validator.attach(ReplayStageName::fleet, std::make_shared<Answering>(answer)), Error::ok);
  ASSERT_EQ(gate.validator.attach(ReplayStageName::journal, std::make_shared<Answering>(answer)), Error::ok);
  const auto scratch = gate.validator.make_scratch(0, 4);
  for (int round = 0; round < 4; ++round) {
    const std::vector<std::string> tokens = tokens_of("r" + std::to_string(round) + "-", 4);
    std::vector<Request> requests;
    for (const std::string& token : tokens) requests.push_back({.token = token, .now = kNow});
    requests[3].replay = ReplayUse::defer;
    std::vector<Verdict> verdicts(4);
    const Error answers[] = {Error::ok, Error::ok, Error::token_replayed, Error::store_unavailable};
    answer = answers[round];
    Error error = Error::ok;
    const auto used = count([&] { error = gate.validator.validate_batch(*scratch, requests, verdicts); });
    ASSERT_EQ(error, Error::ok);
    EXPECT_EQ(verdicts[0].error, answer);
    if (round != 0) expect_none(used.engine, std::string(error_name(answer)));  // the first warms the scratch up
  }
}

// A quota that is spent.
TEST_P(ReplayAllocation, NoRoomAllocatesNothing) {
  REQUIRE_COUNTING();
  Gate tight(once_policy(R"("issuer_quota_percent":1)", plain_rule(), GetParam()), keys_with_kid());
  const auto store = tight.validator.replay_store();
  const ReplayIssuer issuer = store->issuer(test::kReplayIssuer);
  const std::string token = once_token(), looked = once_token("looked");
  ASSERT_EQ(tight.validate(looked, {.replay = ReplayUse::check}).error, Error::ok);
  Error error = Error::ok;
  for (std::uint64_t i = 0; i < store->capacity() && error == Error::ok; ++i) {
    error = store->consume({issuer.hash(std::to_string(i)), kNow + 300, issuer.id}, issuer.account, kNow, 0);
  }
  Verdict verdict;
  const auto used = count([&] { verdict = tight.validator.validate(*tight.scratch, {.token = token, .now = kNow}); });
  EXPECT_EQ(verdict.error, Error::store_quota);
  expect_none(used.engine, "store_quota");
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutACache, ReplayAllocation,
                         testing::Values("", R"(,"limits":{"verdict_cache_bytes":1048576})"),
                         [](const auto& tested) { return *tested.param ? "Cached" : "Plain"; });

}  // namespace
}  // namespace simdjwt
