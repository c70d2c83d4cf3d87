// Many threads and one token that may be used once: one of them has it accepted, whatever else goes on.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <barrier>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "unit/validator/replay_fixture.h"

namespace simdjwt {
namespace {

using test::compile;
using test::Gate;
using test::keys_with_kid;
using test::kNow;
using test::once_policy;
using test::once_token;
using test::plain_rule;

constexpr unsigned kThreads = 8;
constexpr std::size_t kTokens = 64;
constexpr const char* kCache = R"(,"limits":{"verdict_cache_bytes":1048576})";

std::vector<std::string> tokens_of(const std::string& prefix) {
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i < kTokens; ++i) tokens.push_back(once_token(prefix + std::to_string(i)));
  return tokens;
}

// All threads at once, each with its number.
template <typename Work>
void together(const Work& work) {
  std::barrier start(static_cast<std::ptrdiff_t>(kThreads));
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      work(i);
    });
  }
}

class ReplayRace : public testing::TestWithParam<const char*> {
 protected:
  Gate gate{once_policy("", plain_rule(), GetParam()), keys_with_kid()};
  const std::vector<std::string> tokens = tokens_of("race-");
  std::array<std::atomic<unsigned>, kTokens> accepted{}, replayed{};

  void count(std::size_t token, Error error) {
    if (error == Error::ok) accepted[token].fetch_add(1);
    if (error == Error::token_replayed) replayed[token].fetch_add(1);
  }
  void expect_one_each(unsigned uses) {
    for (std::size_t i = 0; i < kTokens; ++i) {
      EXPECT_EQ(accepted[i].load(), 1u) << i;
      EXPECT_EQ(replayed[i].load(), uses - 1) << i;
    }
  }
};

TEST_P(ReplayRace, OneOfManyUsesIsAccepted) {
  together([this](unsigned thread) {
    const auto scratch = gate.validator.make_scratch(0);
    for (std::size_t i = 0; i < kTokens; ++i) {
      // Half of the threads come the other way.
      const std::size_t token = thread % 2 ? kTokens - 1 - i : i;
      count(token, gate.validator.validate(*scratch, {.token = tokens[token], .now = kNow}).error);
    }
  });
  expect_one_each(kThreads);
}

TEST_P(ReplayRace, InBatchesToo) {
  together([this](unsigned) {
    const auto scratch = gate.validator.make_scratch(0, 32);
    std::vector<Request> requests;
    std::vector<Verdict> verdicts(32);
    for (std::size_t first = 0; first < kTokens; first += 32) {
      requests.clear();
      for (std::size_t i = 0; i < 32; ++i) requests.push_back({.token = tokens[first + i], .now = kNow});
      ASSERT_EQ(gate.validator.validate_batch(*scratch, requests, verdicts), Error::ok);
      for (std::size_t i = 0; i < 32; ++i) count(first + i, verdicts[i].error);
    }
  });
  expect_one_each(kThreads);
}

// Two validators with one store, while their rulesets are swapped.
TEST_P(ReplayRace, AcrossValidatorsAndRulesets) {
  Gate other(once_policy("", plain_rule(), GetParam()), keys_with_kid());
  ASSERT_EQ(other.validator.share_replay(gate.validator), Error::ok);
  const auto longer = compile(once_policy("", plain_rule().set("leeway_s", "5"), GetParam()));
  const auto shorter = compile(once_policy("", plain_rule(), GetParam()));
  together([&](unsigned thread) {
    Validator& validator = thread % 2 ? gate.validator : other.validator;
    const auto scratch = validator.make_scratch(0);
    for (std::size_t i = 0; i < kTokens; ++i) {
      if (thread < 2 && i % 8 == 0) {
        EXPECT_EQ(validator.swap_ruleset(i % 16 ? longer : shorter), Error::ok);
      }
      count(i, validator.validate(*scratch, {.token = tokens[i], .now = kNow}).error);
    }
  });
  expect_one_each(kThreads);
}

// A ruleset with less leeway comes, and its uses are forgotten at exp, while a validator with the same store takes
// tokens beyond that.
TEST(ReplayLeeway, ALesserOneThatComesBringsNoUseBack) {
  constexpr std::int64_t kExp = kNow + 300;
  const auto more = once_policy("", plain_rule().set("leeway_s", "30"));
  const auto less = compile(once_policy());
  const std::vector<std::string> tokens = tokens_of("leeway-");
  for (int round = 0; round < 20; ++round) {
    Gate one(more, keys_with_kid()), two(more, keys_with_kid());
    ASSERT_EQ(two.validator.share_replay(one.validator), Error::ok);
    std::array<std::atomic<unsigned>, kTokens> accepted{};
    together([&](unsigned thread) {
      Validator& validator = thread % 2 ? one.validator : two.validator;
      const auto scratch = validator.make_scratch(0);
      if (thread == 1) {
        EXPECT_EQ(validator.swap_ruleset(less), Error::ok);
      }
      for (std::size_t i = 0; i < kTokens; ++i) {
        const std::int64_t now = thread % 2 ? kExp - 1 : kExp;
        const Error error = validator.validate(*scratch, {.token = tokens[i], .now = now}).error;
        if (error == Error::ok) accepted[i].fetch_add(1);
      }
    });
    for (std::size_t i = 0; i < kTokens; ++i) ASSERT_LE(accepted[i].load(), 1u) << i;
  }
}

// A stage that fails now and then: a token comes through once, and none is lost that is tried again until it does.
TEST_P(ReplayRace, UsesThatAreTakenBackAreAcceptedOnceInTheEnd) {
  std::atomic<unsigned> asked{0};
  ASSERT_EQ(gate.validator.attach(ReplayStageName::journal, std::make_shared<test::FakeStage>([&](const ReplayRecord&) {
                                    return asked.fetch_add(1) % 3 == 0 ? Error::store_unavailable : Error::ok;
                                  })),
            Error::ok);
  together([this](unsigned) {
    const auto scratch = gate.validator.make_scratch(0);
    for (std::size_t i = 0; i < kTokens; ++i) {
      Error error = Error::store_unavailable;
      while (error == Error::store_unavailable) {
        error = gate.validator.validate(*scratch, {.token = tokens[i], .now = kNow}).error;
      }
      count(i, error);
    }
  });
  // Who met the use of a thread whose stage then failed was told of a replay: so it may be that one gave up too soon,
  // but never that two were accepted.
  for (std::size_t i = 0; i < kTokens; ++i) EXPECT_EQ(accepted[i].load(), 1u) << i;
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutACache, ReplayRace, testing::Values("", kCache),
                         [](const auto& tested) { return *tested.param ? "Cached" : "Plain"; });

}  // namespace
}  // namespace simdjwt
