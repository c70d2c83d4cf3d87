#include "fetch/backoff.h"

#include "unit/fetch/schedule_fixture.h"

namespace simdjwt::fetch::test {
namespace {

using std::chrono::seconds;

TEST(FetchBackoff, GrowsFromTheLeastToTheMostAndNeverBeyond) {
  const simdjwt_fetch_policy policy = default_policy();
  Backoff highest, lowest;
  const Random high = [] { return 0.999999; }, low = [] { return 0.0; };
  Millis last{0};
  for (int failure = 1; failure <= 100; ++failure) {
    const Millis delay = highest.next(policy, high);
    EXPECT_GE(delay, last);
    EXPECT_LE(delay, seconds(30));
    EXPECT_EQ(lowest.next(policy, low), Millis(500));
    last = delay;
  }
  EXPECT_GE(last, Millis(29'900));
  highest.reset();
  EXPECT_LE(highest.next(policy, high), Millis(1000));
}

TEST(FetchBackoff, ALeastBeyondTheMostIsTheMost) {
  simdjwt_fetch_policy policy = default_policy();
  policy.min_backoff_ms = 60'000;
  policy.max_backoff_s = 1;
  Backoff backoff;
  EXPECT_EQ(backoff.next(policy, [] { return 0.5; }), seconds(1));
}

TEST(FetchBackoff, ThoseThatFailTogetherComeBackApart) {
  const Random random = sequence();
  std::map<std::int64_t, int> tenths;
  for (int i = 0; i < 200; ++i) {
    Backoff backoff;
    Millis delay{};
    for (int failure = 0; failure < 8; ++failure) delay = backoff.next(default_policy(), random);
    ++tenths[delay.count() / 3000];
  }
  EXPECT_EQ(tenths.size(), 10u);
  for (const auto& [tenth, count] : tenths) EXPECT_LE(count, 50) << tenth;
}

// RFC 9110 §10.2.3.
TEST(FetchBackoff, RetryAfterIsKeptAsFarAsTheLongestBackoff) {
  const simdjwt_fetch_policy policy = default_policy();
  EXPECT_EQ(with_retry_after(Millis(700), std::nullopt, policy), Millis(700));
  EXPECT_EQ(with_retry_after(Millis(700), seconds(0), policy), Millis(700));
  EXPECT_EQ(with_retry_after(Millis(700), seconds(7), policy), seconds(7));
  EXPECT_EQ(with_retry_after(Millis(700), seconds(1'000'000'000'000), policy), seconds(30));
  EXPECT_EQ(with_retry_after(Millis(700), seconds(-5), policy), Millis(700));
}

TEST(FetchBackoff, AProbeLeavesRoomForAnAnswerWithinASecond) {
  EXPECT_GE(probe_delay([] { return 0.0; }), Millis(500));
  EXPECT_LE(probe_delay([] { return 1.0; }), Millis(800));
}

// RFC 9111 §4.2: before the answer is stale.
TEST(FetchRefresh, IsAheadOfMaxAgeAndWithinThePolicy) {
  const simdjwt_fetch_policy policy = default_policy();
  const Random random = sequence();
  for (int i = 0; i < 1000; ++i) {
    const Millis delay = refresh_delay(seconds(200), policy, random);
    EXPECT_GE(delay, seconds(150));
    EXPECT_LE(delay, seconds(190));
    EXPECT_LE(refresh_delay(std::nullopt, policy, random), seconds(570));
    EXPECT_GE(refresh_delay(std::nullopt, policy, random), seconds(450));
    EXPECT_LE(refresh_delay(seconds(31'536'000), policy, random), seconds(570));
    // no-store and no-cache come as 0.
    const Millis least = refresh_delay(seconds(0), policy, random);
    EXPECT_GE(least, seconds(60));
    EXPECT_LE(least, seconds(75));
  }
}

TEST(FetchRefresh, NeverSoonerThanTheLeastNorLaterThanTheMost) {
  simdjwt_fetch_policy policy = default_policy();
  policy.min_refresh_s = policy.max_refresh_s = 60;
  const Random random = sequence();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(refresh_delay(seconds(i * 10), policy, random), seconds(60));
}

TEST(FetchRefresh, TwoHundredAtOnceAreSpread) {
  const Random random = sequence();
  std::map<std::int64_t, int> each_second;
  for (int i = 0; i < 200; ++i) ++each_second[refresh_delay(std::nullopt, default_policy(), random).count() / 1000];
  for (const auto& [second, count] : each_second) EXPECT_LE(count, 10) << second;
}

}  // namespace
}  // namespace simdjwt::fetch::test
