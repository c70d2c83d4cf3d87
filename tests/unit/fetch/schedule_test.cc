// Many issuers at once, in a time that the test moves.
#include "fetch/schedule.h"

#include <set>

#include "unit/fetch/schedule_fixture.h"

namespace simdjwt::fetch::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::vector<IssuerRule> rules(int count, bool is_one_host) {
  std::vector<IssuerRule> made;
  for (int i = 0; i < count; ++i) {
    const std::string name = std::to_string(i);
    const std::string issuer = is_one_host ? "https://as.example/" + name : "https://as" + name + ".example";
    made.push_back({issuer, issuer + "/jwks"});
  }
  return made;
}

std::size_t ready(const World& world) {
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < world.rules.size(); ++i) count += world.health(i).state == SIMDJWT_FETCH_READY;
  return count;
}

TEST(FetchSchedule, TwoHundredIssuersAreServedByAFewRequestsAtATime) {
  World world(rules(200, false));
  world.client.server = [](const HttpRequest&) { return good(key_set("a")); };
  world.client.latency = Millis(50);
  world.start();
  world.run(seconds(3));
  EXPECT_EQ(ready(world), 200u);
  EXPECT_TRUE(world.board.is_ready());
  EXPECT_EQ(world.client.sent.size(), 200u);
  EXPECT_LE(world.client.most_under_way, Schedule::kMaxUnderWay);
  // Refreshed a day long, and never all at once again.
  world.run(hours(2), Millis(100));
  std::map<std::int64_t, int> each_second;
  for (const Time at : world.client.times) {
    if (at > world.client.times.front() + minutes(5)) {
      ++each_second[std::chrono::duration_cast<seconds>(at.time_since_epoch()).count()];
    }
  }
  for (const auto& [second, count] : each_second) EXPECT_LE(count, 15) << second;
}

TEST(FetchSchedule, OneHostsBudgetIsSharedAndNobodyStarves) {
  simdjwt_fetch_policy policy = default_policy();
  policy.host_requests_per_minute = 60;
  World world(rules(200, true), policy);
  world.client.server = [](const HttpRequest&) { return good(key_set("a")); };
  world.start();
  world.run(seconds(30));
  EXPECT_EQ(world.client.sent.size(), 60u);
  std::size_t spent = 0;
  for (std::uint32_t i = 0; i < 200; ++i) spent += world.health(i).last_error == SIMDJWT_FETCH_BUDGET;
  EXPECT_EQ(spent, 140u);
  world.run(minutes(4));
  EXPECT_EQ(ready(world), 200u);
  world.run(hours(1), Millis(100));
  std::map<std::string, int> fetches;
  for (const std::string& url : world.client.sent) ++fetches[url];
  EXPECT_EQ(fetches.size(), 200u);
  for (const auto& [url, count] : fetches) EXPECT_GE(count, 6) << url;
  for (std::size_t i = 60; i < world.client.times.size(); ++i) {
    EXPECT_GE(world.client.times[i] - world.client.times[i - 60], seconds(60));
  }
}

TEST(FetchSchedule, AHostThatAnswersNobodyHoldsAFewPlacesOnly) {
  std::vector<IssuerRule> made = rules(100, true);
  made.push_back({"https://other.example", "https://other.example/jwks"});
  World world(made);
  world.client.server = [](const HttpRequest& request) {
    return request.url.starts_with("https://other") ? good(key_set("a")) : bad(SIMDJWT_FETCH_DEADLINE);
  };
  world.client.latency = Millis(5000);
  world.start();
  world.run(Millis(6100));  // the spread of the start, and one answer
  EXPECT_EQ(world.health(100).state, SIMDJWT_FETCH_READY);
  EXPECT_EQ(world.client.most_under_way, HostBudget::kMaxUnderWay + 1);
}

// A deadline says nothing of whether the host takes connections.
TEST(FetchSchedule, ADeadlineDoesNotMakeARefusingHostABusyOne) {
  World world(rules(50, true));
  bool is_silent = false;
  world.client.server = [&](const HttpRequest&) {
    return bad(is_silent ? SIMDJWT_FETCH_DEADLINE : SIMDJWT_FETCH_CONNECT);
  };
  world.start();
  world.run(seconds(10));
  is_silent = true;
  const std::size_t before = world.client.sent.size();
  world.run(seconds(10));
  EXPECT_LE(world.client.sent.size() - before, 20u);
}

TEST(FetchSchedule, KeysAfterMetadataGoFirst) {
  std::vector<IssuerRule> made;
  for (int i = 0; i < 30; ++i) made.push_back({"https://as.example/" + std::to_string(i), ""});
  simdjwt_fetch_policy policy = default_policy();
  policy.host_requests_per_minute = 20;
  World world(made, policy);
  world.client.server = [&](const HttpRequest& request) {
    const std::size_t at = request.url.find("/.well-known");
    if (at == std::string::npos) return good(key_set("a"));
    return good(metadata_of(request.url.substr(0, at), request.url.substr(0, at) + "/jwks"));
  };
  world.start();
  world.run(seconds(30));
  EXPECT_EQ(world.client.sent.size(), 20u);
  // Two requests each, but for the few whose metadata came with the last of the minute.
  EXPECT_GE(ready(world), (20u - HostBudget::kMaxUnderWay) / 2);
}

// What memory ran out for is tried again in a second, not at the next look at all issuers.
TEST(FetchSchedule, MemoryThatRanOutDelaysABeginByASecond) {
  World world({kRule});
  world.client.server = [](const HttpRequest&) { return good(key_set("a")); };
  world.client.is_out_of_memory = true;
  world.start();
  world.run(Millis(100));
  world.client.is_out_of_memory = false;
  world.run(Millis(1100));
  EXPECT_EQ(ready(world), 1u);
  EXPECT_EQ(world.client.sent.size(), 1u);
}

TEST(FetchSchedule, MemoryThatRanOutDelaysAWithdrawalByASecond) {
  simdjwt_fetch_policy policy = default_policy();
  policy.max_refresh_s = 86400;
  policy.max_stale_s = 3600;
  World world({kRule}, policy);
  world.client.server = [](const HttpRequest&) { return good(key_set("a")); };
  world.start();
  world.run(minutes(59), Millis(100));
  world.keys.refusal = SIMDJWT_OUT_OF_MEMORY;
  world.run(seconds(70));
  EXPECT_EQ(world.keys.withdrawals, 0);
  world.keys.refusal = SIMDJWT_OK;
  world.run(Millis(1100));
  EXPECT_EQ(world.keys.withdrawals, 1);
}

TEST(FetchSchedule, ANewPolicyPutsBackWhatARulesetBetweenHasLost) {
  World world({kRule});
  world.client.server = [](const HttpRequest&) { return good(key_set("a")); };
  world.start();
  world.run(seconds(1));
  world.keys.in_force.clear();
  world.schedule.adopt(world.board.replace(world.rules), world.client);
  EXPECT_EQ(world.keys.in_force.count(kRule.issuer), 1u);
  EXPECT_EQ(world.client.sent.size(), 1u);
}

TEST(FetchSchedule, AHostThatRefusesIsProbedAsOneAndAllAreReadySoonAfterItsReturn) {
  World world(rules(50, true));
  bool is_up = false;
  world.client.server = [&](const HttpRequest&) { return is_up ? good(key_set("a")) : bad(SIMDJWT_FETCH_CONNECT); };
  world.start();
  world.run(seconds(60));
  // Those under way when the first was refused, then one or two a second.
  EXPECT_LE(world.client.sent.size(), Schedule::kMaxUnderWay + 120);
  is_up = true;
  world.run(Millis(1000));
  EXPECT_EQ(ready(world), 50u);
}

TEST(FetchSchedule, AsksTheValidatorForEachIssuerOnlyWhenItsCountMoved) {
  World world(rules(10, false));
  world.client.server = [](const HttpRequest&) { return good(key_set("a")); };
  world.start();
  world.run(seconds(10));
  EXPECT_EQ(world.keys.questions, 0);
  world.keys.want("https://as3.example", SIMDJWT_WANTED_UNKNOWN_KID);
  world.run(seconds(10));
  EXPECT_EQ(world.keys.questions, 10);
  EXPECT_EQ(world.client.sent.back(), "https://as3.example/jwks");
  EXPECT_EQ(world.client.sent.size(), 11u);
}

TEST(FetchSchedule, ANewPolicyKeepsWhatIsTheSame) {
  World world(rules(3, false));
  world.client.server = [](const HttpRequest&) { return good(key_set("a")); };
  world.start();
  world.run(seconds(1));
  const std::uint64_t fetches = world.health(1).fetches;
  world.rules = {world.rules[1],
                 {"https://as2.example", "https://as2.example/moved"},
                 {"https://new.example", "https://new.example/jwks"}};
  FakeClient next(world.now);
  next.server = world.client.server;
  world.schedule.adopt(world.board.replace(world.rules), next);
  EXPECT_EQ(world.board.count(), 3u);
  EXPECT_EQ(world.health(0).state, SIMDJWT_FETCH_READY);
  EXPECT_EQ(world.health(0).fetches, fetches);
  // The keys of the old place stand until the new one answers.
  EXPECT_EQ(world.health(1).state, SIMDJWT_FETCH_READY);
  EXPECT_EQ(world.health(1).fetches, 0u);
  EXPECT_EQ(world.health(2).state, SIMDJWT_FETCH_STARTING);
  for (int i = 0; i < 100; ++i) {
    world.now += Millis(10);
    next.deliver();
    world.schedule.tick();
  }
  EXPECT_EQ((std::set<std::string>(next.sent.begin(), next.sent.end())),
            (std::set<std::string>{"https://as2.example/moved", "https://new.example/jwks"}));
  EXPECT_EQ(ready(world), 3u);
  world.schedule.stop();
}

TEST(FetchSchedule, ANewPolicyBeginsAnewWhatIsUnderWay) {
  World world({kRule});
  world.client.server = [](const HttpRequest&) { return good(key_set("a")); };
  world.client.latency = hours(1);
  world.start();
  world.run(Millis(100));
  EXPECT_EQ(world.client.under_way(), 1u);
  FakeClient next(world.now);
  next.server = world.client.server;
  world.schedule.adopt(world.board.replace(world.rules), next);
  EXPECT_EQ(world.client.cancelled, 1u);
  world.schedule.tick();
  EXPECT_EQ(next.under_way(), 1u);
  world.schedule.stop();
  EXPECT_EQ(next.cancelled, 1u);
}

TEST(FetchSchedule, OldKeysOfAMovedIssuerStillGoWhenTooOld) {
  World world({kRule});
  world.client.server = [](const HttpRequest& request) {
    return request.url == kRule.jwks_uri ? good(key_set("a")) : bad(SIMDJWT_FETCH_STATUS, 500);
  };
  world.start();
  world.run(seconds(1));
  world.rules = {{kRule.issuer, "https://as.example/moved"}};
  world.schedule.adopt(world.board.replace(world.rules), world.client);
  world.run(hours(23), Millis(1000));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_FAILING);
  world.run(hours(2), Millis(1000));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_DOWN);
  EXPECT_EQ(world.keys.withdrawals, 1);
}

TEST(FetchSchedule, StopEndsWhatIsUnderWay) {
  World world(rules(20, false));
  world.client.latency = hours(1);
  world.start();
  world.run(Millis(200));
  EXPECT_EQ(world.client.under_way(), Schedule::kMaxUnderWay);
  world.schedule.stop();
  EXPECT_EQ(world.client.under_way(), 0u);
  world.schedule.tick();
  EXPECT_EQ(world.client.under_way(), 0u);
}

}  // namespace
}  // namespace simdjwt::fetch::test
