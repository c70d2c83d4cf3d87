// How often the keys of an issuer are asked for: once a cooldown for each reason, whatever the clock does, and not
// again for a key that the last set did not bring.
#include "jwk/jwks_cache.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace simdjwt {
namespace {

constexpr std::int64_t kNow = 1800000000;
constexpr std::uint32_t kMissing = 1, kStale = 2, kUnknown = 4;

class Demand : public testing::Test {
 protected:
  // What was raised since the last call, and how often.
  std::uint32_t raised(std::uint64_t times) {
    EXPECT_EQ(total.load() - seen, times);
    seen = total.load();
    return demand.take();
  }
  void want_kid(std::string_view kid, std::int64_t now) { demand.want_kid(kid, now, limits); }

  DemandLimits limits{.cooldown_s = 30, .unknown_kid_ttl_s = 300};
  std::atomic<std::uint64_t> total{0};
  std::uint64_t seen = 0;
  KeyDemand demand{KeyedHash::random(), total};
};

TEST_F(Demand, EachReasonIsRaisedOnceACooldown) {
  EXPECT_EQ(raised(0), 0u);
  for (std::int64_t second = 0; second < 30; ++second) {
    for (int i = 0; i < 3; ++i) {
      demand.want_missing(kNow + second, limits);
      demand.want_stale(kNow + second, limits);
      want_kid(std::to_string(second * 3 + i), kNow + second);
    }
    EXPECT_EQ(raised(second == 0 ? 3 : 0), second == 0 ? kMissing | kStale | kUnknown : 0u) << second;
  }
  demand.want_stale(kNow + 30, limits);
  EXPECT_EQ(raised(1), kStale);
  want_kid("x", kNow + 45);
  EXPECT_EQ(raised(1), kUnknown);
  demand.want_missing(kNow + 1000, limits);
  EXPECT_EQ(raised(1), kMissing);
}

// Whoever did not hear of it the first time hears of it once more, a cooldown later.
TEST_F(Demand, AReasonThatNobodyTookIsCountedAgainAndTakenOnce) {
  demand.want_missing(kNow, limits);
  demand.want_missing(kNow + 29, limits);
  demand.want_missing(kNow + 30, limits);
  EXPECT_EQ(raised(2), kMissing);
  EXPECT_EQ(demand.take(), 0u);
}

TEST_F(Demand, AClockThatIsSetBackStopsNothing) {
  demand.want_stale(kNow, limits);
  EXPECT_EQ(raised(1), kStale);
  demand.want_stale(kNow - 3600, limits);
  EXPECT_EQ(raised(1), kStale);
  demand.want_stale(kNow - 3600, limits);
  demand.want_stale(kNow - 3571, limits);
  EXPECT_EQ(raised(0), 0u);
  demand.want_stale(kNow, limits);
  EXPECT_EQ(raised(1), kStale);
  demand.want_stale(kNow - 6, limits);
  EXPECT_EQ(raised(1), kStale);
}

// Two threads hold times of two seconds: the later raise is not undone by the earlier time.
TEST_F(Demand, ATimeJustBeforeTheLastRaiseCountsAsThatOfTheRaise) {
  want_kid("a", kNow);
  for (std::int64_t back = 1; back <= 5; ++back) want_kid("b", kNow - back);
  EXPECT_EQ(raised(1), kUnknown);
}

TEST_F(Demand, AnyTimeIsATime) {
  for (const std::int64_t now : {std::int64_t{0}, std::int64_t{-1000}, std::numeric_limits<std::int64_t>::max(),
                                 std::numeric_limits<std::int64_t>::min() + 1000, kNow}) {
    demand.want_missing(now, limits);
    want_kid("k" + std::to_string(now), now);
    EXPECT_EQ(raised(2), kMissing | kUnknown) << now;
  }
}

// A kid that was asked for, and that the set that came since still lacks.
TEST_F(Demand, AKidThatAFetchDidNotBringIsNotAskedForAgainWithinItsTime) {
  want_kid("k", kNow);
  EXPECT_EQ(raised(1), kUnknown);
  demand.answered();
  for (std::int64_t second = 0; second < 300; ++second) want_kid("k", kNow + second);
  EXPECT_EQ(raised(0), 0u);
  want_kid("l", kNow + 299);
  EXPECT_EQ(raised(1), kUnknown) << "another kid is asked for";
  want_kid("k", kNow + 329);
  EXPECT_EQ(raised(1), kUnknown);
}

// A fetch that failed brought nothing: the next cooldown asks again.
TEST_F(Demand, AKidIsAskedForAgainUntilASetHasCome) {
  for (std::int64_t second = 0; second <= 300; second += 30) {
    want_kid("k", kNow + second);
    EXPECT_EQ(raised(1), kUnknown) << second;
  }
  demand.answered();
  want_kid("k", kNow + 330);
  EXPECT_EQ(raised(0), 0u);
}

TEST_F(Demand, AClockThatIsSetBackForgetsNothingForever) {
  want_kid("k", kNow);
  demand.answered();
  EXPECT_EQ(raised(1), kUnknown);
  want_kid("k", kNow - 3600);
  EXPECT_EQ(raised(1), kUnknown);
}

TEST_F(Demand, TheMemoryIsBoundedAndKeepsTheLast) {
  limits = {.cooldown_s = 1, .unknown_kid_ttl_s = 86400};
  constexpr std::int64_t kKids = 3 * KeyDemand::kRemembered;
  for (std::int64_t i = 0; i < kKids; ++i) {
    want_kid(std::to_string(i), kNow + i);
    demand.answered();
  }
  EXPECT_EQ(raised(kKids), kUnknown);
  for (std::int64_t i = kKids - KeyDemand::kRemembered; i < kKids; ++i) want_kid(std::to_string(i), kNow + kKids);
  EXPECT_EQ(raised(0), 0u) << "the last kRemembered";
  want_kid(std::to_string(kKids - KeyDemand::kRemembered - 1), kNow + kKids);
  EXPECT_EQ(raised(1), kUnknown) << "the one before them";
}

TEST_F(Demand, AnAlgorithmWithoutAKeyIsNoKid) {
  demand.want_algorithm("ES256", kNow, limits);
  EXPECT_EQ(raised(1), kUnknown);
  demand.answered();
  demand.want_algorithm("ES256", kNow + 30, limits);
  EXPECT_EQ(raised(0), 0u);
  want_kid("ES256", kNow + 30);
  EXPECT_EQ(raised(1), kUnknown);
}

TEST_F(Demand, InAnotherPlaceEveryKeyMayBeAskedForAtOnce) {
  want_kid("k", kNow);
  demand.want_missing(kNow, limits);
  demand.answered();
  EXPECT_EQ(raised(2), kMissing | kUnknown);
  demand.forget();
  want_kid("k", kNow + 1);
  demand.want_missing(kNow + 1, limits);
  EXPECT_EQ(raised(2), kMissing | kUnknown);
}

// 10,000 random kids within one cooldown: one fetch. The pause between them is the clock's alone.
TEST_F(Demand, AStormOfRandomKidsRaisesOnce) {
  for (int i = 0; i < 10000; ++i) want_kid("random-" + std::to_string(i), kNow + i / 334);
  EXPECT_EQ(raised(1), kUnknown);
  EXPECT_EQ(demand.take(), 0u);
}

TEST_F(Demand, OfManyThreadsOneRaisesAndOneTakes) {
  std::atomic<int> takers{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) want_kid(std::to_string(t * 1000 + i), kNow + i % 3);
    });
  }
  for (std::thread& thread : threads) thread.join();
  threads.clear();
  for (int t = 0; t < 4; ++t) threads.emplace_back([&] { takers += demand.take() != 0; });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(total.load(), 1u);
  EXPECT_EQ(takers.load(), 1);
}

TEST(IssuerKeys, TermsAreToTheSecond) {
  IssuerKeys keys{.terms = {.fresh_until = 100, .usable_until = 200}};
  EXPECT_FALSE(keys.is_usable(0)) << "there is no set";
  keys.set = JwkSet::parse(R"({"keys":[]})").set;
  EXPECT_TRUE(keys.is_fresh(99));
  EXPECT_FALSE(keys.is_fresh(100));
  EXPECT_TRUE(keys.is_usable(199));
  EXPECT_FALSE(keys.is_usable(200));
  keys.terms = {};
  EXPECT_TRUE(keys.is_fresh(std::numeric_limits<std::int64_t>::max()));
  EXPECT_TRUE(keys.is_usable(std::numeric_limits<std::int64_t>::max()));
}

}  // namespace
}  // namespace simdjwt
