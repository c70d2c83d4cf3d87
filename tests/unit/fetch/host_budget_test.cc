#include "fetch/host_budget.h"

#include "unit/fetch/schedule_fixture.h"

namespace simdjwt::fetch::test {
namespace {

using std::chrono::seconds;
using Answer = HostBudget::Answer;

const Time kStart{std::chrono::hours(5)};

TEST(FetchHostBudget, NoMinuteHasMore) {
  HostBudget budget;
  std::vector<Time> granted;
  for (int i = 0; i < 30'000; ++i) {
    const Time now = kStart + Millis(i * 10);
    if (budget.take("a", 7, now) == Answer::granted) {
      granted.push_back(now);
      budget.ended("a");
    }
  }
  ASSERT_GE(granted.size(), 7u * 5);
  for (std::size_t i = 7; i < granted.size(); ++i) EXPECT_GE(granted[i] - granted[i - 7], seconds(60));
}

TEST(FetchHostBudget, SaysWhenThereIsRoomAgain) {
  HostBudget budget;
  EXPECT_EQ(budget.next("a", 2, kStart), kStart);
  EXPECT_EQ(budget.take("a", 2, kStart), Answer::granted);
  EXPECT_EQ(budget.take("a", 2, kStart + seconds(10)), Answer::granted);
  EXPECT_EQ(budget.take("a", 2, kStart + seconds(20)), Answer::spent);
  EXPECT_EQ(budget.next("a", 2, kStart + seconds(20)), kStart + seconds(60));
  EXPECT_EQ(budget.take("a", 2, kStart + seconds(60)), Answer::granted);
  EXPECT_EQ(budget.next("a", 2, kStart + seconds(60)), kStart + seconds(70));
  EXPECT_EQ(budget.take("b", 2, kStart + seconds(20)), Answer::granted);
}

TEST(FetchHostBudget, ARefusedConnectionIsNoRequestAndHoldsTheHost) {
  HostBudget budget;
  EXPECT_EQ(budget.take("a", 1, kStart), Answer::granted);
  budget.refused("a", kStart + Millis(700));
  EXPECT_EQ(budget.take("a", 1, kStart + Millis(600)), Answer::refusing);
  EXPECT_EQ(budget.next("a", 1, kStart + Millis(600)), kStart + Millis(700));
  EXPECT_EQ(budget.take("a", 9, kStart + Millis(700)), Answer::granted);
  EXPECT_EQ(budget.take("a", 9, kStart + Millis(710)), Answer::refusing);  // one tries for all
  budget.refused("a", kStart + Millis(1400));
  budget.accepted("a");
  EXPECT_EQ(budget.take("a", 1, kStart + Millis(800)), Answer::granted);
}

TEST(FetchHostBudget, AHostHasAFewAtATime) {
  HostBudget budget;
  for (std::uint32_t i = 0; i < HostBudget::kMaxUnderWay; ++i) {
    EXPECT_EQ(budget.take("a", 100, kStart), Answer::granted);
  }
  EXPECT_EQ(budget.take("a", 100, kStart), Answer::busy);
  EXPECT_EQ(budget.take("b", 100, kStart), Answer::granted);
  budget.sweep(kStart + seconds(120));  // forgets none that is under way
  EXPECT_EQ(budget.take("a", 100, kStart + seconds(120)), Answer::busy);
  budget.ended("a");
  EXPECT_EQ(budget.take("a", 100, kStart + seconds(120)), Answer::granted);
}

TEST(FetchHostBudget, SweepForgetsWhatNoLongerCounts) {
  HostBudget budget;
  EXPECT_EQ(budget.take("a", 1, kStart), Answer::granted);
  budget.ended("a");
  budget.sweep(kStart + seconds(59));
  EXPECT_EQ(budget.take("a", 1, kStart + seconds(59)), Answer::spent);
  budget.sweep(kStart + seconds(60));
  EXPECT_EQ(budget.take("a", 1, kStart + seconds(60)), Answer::granted);
}

TEST(FetchHostBudget, HostsAreToldApartByAuthority) {
  EXPECT_EQ(authority_of("https://A.example/x?y"), "a.example");
  EXPECT_EQ(authority_of("https://a.example:443/"), "a.example");
  EXPECT_EQ(authority_of("https://a.example:8443"), "a.example:8443");
  EXPECT_EQ(authority_of("nothing"), "");
}

}  // namespace
}  // namespace simdjwt::fetch::test
