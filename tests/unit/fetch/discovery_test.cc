// Issuers whose metadata say where their keys are, and issuers whose keys were kept.
#include <fstream>

#include "unit/fetch/schedule_fixture.h"

namespace simdjwt::fetch::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const IssuerRule kDiscovered{"https://as.example/t", ""};
const std::string kOpenid = "https://as.example/t/.well-known/openid-configuration";
const std::string kOauth = "https://as.example/.well-known/oauth-authorization-server/t";

struct Site {
  std::map<std::string, HttpAnswer> pages;
  HttpAnswer operator()(const HttpRequest& request) const {
    const auto found = pages.find(request.url);
    return found == pages.end() ? bad(SIMDJWT_FETCH_STATUS, 404) : found->second;
  }
};

TEST(FetchDiscovery, MetadataThenKeysInOneAttempt) {
  World world({kDiscovered});
  Site site{{{kOpenid, good(metadata_of(kDiscovered.issuer, "https://keys.example/a"))},
             {"https://keys.example/a", good(key_set("a"))}}};
  world.client.server = std::ref(site);
  world.start();
  EXPECT_STREQ(world.health().jwks_uri, "");
  world.run(Millis(200));
  EXPECT_EQ(world.client.sent, (std::vector<std::string>{kOpenid, "https://keys.example/a"}));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_READY);
  EXPECT_EQ(world.health().fetches, 1u);
  EXPECT_STREQ(world.health().jwks_uri, "https://keys.example/a");
  world.run(hours(1), Millis(100));
  EXPECT_EQ(std::count(world.client.sent.begin(), world.client.sent.end(), kOpenid), 1);
}

// RFC 8414 §3.1.
TEST(FetchDiscovery, TheSecondPlaceIsAskedWhenTheFirstHasNothing) {
  World world({kDiscovered});
  Site site{{{kOauth, good(metadata_of(kDiscovered.issuer, "https://as.example/jwks"))},
             {"https://as.example/jwks", good(key_set("a"))}}};
  world.client.server = std::ref(site);
  world.start();
  world.run(Millis(200));
  EXPECT_EQ(world.client.sent, (std::vector<std::string>{kOpenid, kOauth, "https://as.example/jwks"}));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_READY);
}

// RFC 8414 §3.3.
TEST(FetchDiscovery, MetadataOfAnotherIssuerAreNotFollowed) {
  World world({kDiscovered});
  Site site{{{kOpenid, good(metadata_of("https://evil.example", "https://evil.example/jwks"))},
             {"https://evil.example/jwks", good(key_set("evil"))}}};
  world.client.server = std::ref(site);
  world.start();
  world.run(seconds(30));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_DOWN);
  EXPECT_EQ(world.health().last_error, SIMDJWT_FETCH_ISSUER);
  EXPECT_EQ(std::count(world.client.sent.begin(), world.client.sent.end(), "https://evil.example/jwks"), 0);
  EXPECT_EQ(world.keys.publications, 0);
}

TEST(FetchDiscovery, AServerThatFailsIsNotAskedTwiceAtOnce) {
  for (const HttpAnswer& answer : {bad(SIMDJWT_FETCH_STATUS, 503), bad(SIMDJWT_FETCH_STATUS, 429),
                                   bad(SIMDJWT_FETCH_DEADLINE), bad(SIMDJWT_FETCH_TLS)}) {
    World world({kDiscovered});
    world.client.server = [&](const HttpRequest&) { return answer; };
    world.start();
    world.run(Millis(200));
    EXPECT_EQ(world.client.sent, (std::vector<std::string>{kOpenid}));
    EXPECT_EQ(world.health().last_error, answer.error);
  }
}

TEST(FetchDiscovery, KeysThatAreGoneAreLookedForAnew) {
  World world({kDiscovered});
  Site site{{{kOpenid, good(metadata_of(kDiscovered.issuer, "https://as.example/old"))},
             {"https://as.example/old", good(key_set("a"), "\"old\"")}}};
  world.client.server = std::ref(site);
  world.start();
  world.run(seconds(1));
  site.pages.erase("https://as.example/old");
  site.pages[kOpenid] = good(metadata_of(kDiscovered.issuer, "https://as.example/new"));
  site.pages["https://as.example/new"] = good(key_set("b"));
  world.run(minutes(12), Millis(100));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_READY);
  EXPECT_STREQ(world.health().jwks_uri, "https://as.example/new");
  const auto at = std::find(world.client.sent.begin(), world.client.sent.end(), "https://as.example/new");
  ASSERT_NE(at, world.client.sent.end());
  // The tag was the old place's.
  EXPECT_EQ(world.client.etags[static_cast<std::size_t>(at - world.client.sent.begin())], "");
}

TEST(FetchDiscovery, MetadataThatCannotBeHadLeaveTheKnownPlace) {
  World world({kDiscovered});
  Site site{{{kOpenid, good(metadata_of(kDiscovered.issuer, "https://as.example/jwks"))},
             {"https://as.example/jwks", good(key_set("a"))}}};
  world.client.server = std::ref(site);
  world.start();
  world.run(seconds(1));
  site.pages[kOpenid] = bad(SIMDJWT_FETCH_STATUS, 500);
  world.run(hours(25), Millis(1000));
  EXPECT_GE(std::count(world.client.sent.begin(), world.client.sent.end(), kOpenid), 2);
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_READY);
  EXPECT_EQ(world.health().failures, 0u);
  EXPECT_EQ(world.health().last_error, SIMDJWT_FETCH_STATUS);
  EXPECT_STREQ(world.health().last_detail, "as the test says");
  // The old place is not believed for another day: the next attempt asks again.
  site.pages[kOpenid] = good(metadata_of(kDiscovered.issuer, "https://as.example/new"));
  site.pages["https://as.example/new"] = good(key_set("b"));
  world.run(minutes(11), Millis(1000));
  EXPECT_STREQ(world.health().jwks_uri, "https://as.example/new");
  EXPECT_EQ(world.health().last_error, SIMDJWT_OK);
}

TEST(FetchDiscovery, AUriThatMayNotBeAskedReplacesNone) {
  World world({kDiscovered});
  Site site{{{kOpenid, good(metadata_of(kDiscovered.issuer, "https://as.example/jwks"))},
             {"https://as.example/jwks", good(key_set("a"))}}};
  world.client.server = std::ref(site);
  world.start();
  world.run(seconds(1));
  site.pages[kOpenid] = good(metadata_of(kDiscovered.issuer, "http://as.example/jwks"));
  world.run(hours(25), Millis(1000));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_READY);
  EXPECT_STREQ(world.health().jwks_uri, "https://as.example/jwks");
  EXPECT_EQ(world.health().last_error, SIMDJWT_FETCH_METADATA);
}

TEST(FetchKept, KeysAreInForceBeforeAnyRequestAndUntilAFetchConfirmsThem) {
  const TemporaryDirectory directory;
  {
    World world({kRule}, default_policy(), directory.path());
    world.client.server = [](const HttpRequest&) { return good(key_set("a"), "\"1\""); };
    world.start();
    world.run(seconds(1));
  }
  World world({kRule}, default_policy(), directory.path());
  bool is_up = false;
  world.client.server = [&](const HttpRequest& request) {
    if (!is_up) return bad(SIMDJWT_FETCH_CONNECT);
    return request.etag == "\"1\"" ? not_modified() : good(key_set("b"));
  };
  world.wall += 7200;
  world.start();
  EXPECT_EQ(world.keys.publications, 1);
  EXPECT_EQ(world.health().from_state_dir, 1u);
  EXPECT_EQ(world.health().age_ms, 7'200'000);
  EXPECT_TRUE(world.board.is_ready());
  world.run(seconds(5));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_FAILING);
  is_up = true;
  world.run(seconds(31));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_READY);
  EXPECT_EQ(world.health().from_state_dir, 0u);
  EXPECT_EQ(world.health().not_modified, 1u);
}

TEST(FetchKept, TheirAgeCountsOnFromWhenAServerConfirmedThem) {
  const TemporaryDirectory directory;
  {
    World world({kRule}, default_policy(), directory.path());
    world.client.server = [](const HttpRequest&) { return good(key_set("a")); };
    world.start();
    world.run(seconds(1));
  }
  World world({kRule}, default_policy(), directory.path());
  world.wall += 86'400 - 60;
  world.start();
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_READY);
  world.run(seconds(61));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_DOWN);
  EXPECT_EQ(world.keys.withdrawals, 1);
}

TEST(FetchKept, TooOldOfTheFutureOrOfAnotherPlaceIsAsIfItWereNotThere) {
  const TemporaryDirectory directory;
  {
    World world({kRule}, default_policy(), directory.path());
    world.client.server = [](const HttpRequest&) { return good(key_set("a")); };
    world.start();
    world.run(seconds(1));
  }
  const auto refused = [&](std::int64_t later, const IssuerRule& rule) {
    World world({rule}, default_policy(), directory.path());
    world.wall += later;
    world.start();
    return world.keys.publications == 0 && world.health().last_error == SIMDJWT_FETCH_STATE_FILE &&
           world.health().state == SIMDJWT_FETCH_STARTING;
  };
  EXPECT_TRUE(refused(86'400, kRule));
  EXPECT_TRUE(refused(-7200, kRule));
  EXPECT_TRUE(refused(0, {kRule.issuer, "https://as.example/other"}));
  EXPECT_FALSE(refused(-1800, kRule));  // a step of the wall clock
  EXPECT_FALSE(refused(0, {kRule.issuer, ""}));
}

TEST(FetchKept, OfAPlaceThatMayNotBeAskedIsAsIfItWereNotThere) {
  const TemporaryDirectory directory;
  simdjwt_fetch_policy policy = default_policy();
  policy.allow_http = 1;
  {
    World world({kDiscovered}, policy, directory.path());
    Site site{{{kOpenid, good(metadata_of(kDiscovered.issuer, "http://as.example/jwks"))},
               {"http://as.example/jwks", good(key_set("a"))}}};
    world.client.server = site;
    world.start();
    world.run(seconds(1));
    ASSERT_EQ(world.health().state, SIMDJWT_FETCH_READY);
  }
  World open({kDiscovered}, policy, directory.path());
  open.start();
  EXPECT_EQ(open.keys.publications, 1);
  policy.allow_http = 0;
  World closed({kDiscovered}, policy, directory.path());
  closed.start();
  EXPECT_EQ(closed.keys.publications, 0);
  EXPECT_EQ(closed.health().last_error, SIMDJWT_FETCH_STATE_FILE);
  EXPECT_STREQ(closed.health().jwks_uri, "");
}

TEST(FetchKept, NeverReplaceNewerKeysInForce) {
  const TemporaryDirectory directory;
  World world({kRule}, default_policy(), directory.path());
  std::string kid = "a";
  world.client.server = [&](const HttpRequest&) { return good(key_set(kid)); };
  world.start();
  world.run(seconds(1));
  // From now on nothing is kept, and the file grows old.
  world.state = StateDirectory("");
  kid = "b";
  world.run(minutes(11), Millis(1000));
  const simdjwt_jwks* const newer = world.keys.in_force[kRule.issuer];
  world.client.server = [](const HttpRequest&) { return bad(SIMDJWT_FETCH_CONNECT); };
  world.rules = {{kRule.issuer, "https://as.example/moved"}};
  world.schedule.adopt(world.board.replace(world.rules), world.client);
  world.state = StateDirectory(directory.path());
  world.rules = {kRule};
  world.schedule.adopt(world.board.replace(world.rules), world.client);
  EXPECT_EQ(world.keys.in_force[kRule.issuer], newer);
  EXPECT_EQ(world.health().from_state_dir, 0u);
}

TEST(FetchKept, DamagedKeysAreNotPublishedAndSaid) {
  const TemporaryDirectory directory;
  std::ofstream(directory.path() + "/" + state_file_name(kRule.issuer)) << "simdjwt keys 1\nnothing";
  World world({kRule}, default_policy(), directory.path());
  world.start();
  EXPECT_EQ(world.keys.publications, 0);
  EXPECT_EQ(world.health().last_error, SIMDJWT_FETCH_STATE_FILE);
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_STARTING);
  EXPECT_FALSE(world.board.is_ready());
}

TEST(FetchKept, AreWrittenOnAChangeAndOftenEnoughToStayYoung) {
  const TemporaryDirectory directory;
  World world({kRule}, default_policy(), directory.path());
  std::string kid = "a";
  world.client.server = [&](const HttpRequest&) { return good(key_set(kid)); };
  world.start();
  const StateDirectory state(directory.path());
  const auto confirmed = [&] { return state.load(kRule.issuer, 1 << 20).keys.confirmed; };
  world.run(seconds(1));
  const std::int64_t first = confirmed();
  EXPECT_EQ(first, world.wall);
  world.wall += 3600;
  world.run(hours(1), Millis(1000));
  EXPECT_EQ(confirmed(), first);
  world.wall += 3 * 3600;
  world.run(hours(3), Millis(1000));
  EXPECT_GT(confirmed(), first);
  kid = "b";
  world.run(minutes(11), Millis(1000));
  EXPECT_EQ(state.load(kRule.issuer, 1 << 20).keys.body, key_set("b"));
}

TEST(FetchKept, AnotherDirectoryGetsThemWithTheNextConfirmation) {
  const TemporaryDirectory first, second;
  World world({kRule}, default_policy(), first.path());
  world.client.server = [](const HttpRequest&) { return good(key_set("a")); };
  world.start();
  world.run(seconds(1));
  world.state = StateDirectory(second.path());
  ++world.environment.state_version;
  world.run(minutes(11), Millis(1000));
  EXPECT_EQ(StateDirectory(second.path()).load(kRule.issuer, 1 << 20).keys.body, key_set("a"));
}

TEST(FetchKept, ADirectoryThatTakesNothingCostsNoKeys) {
  World world({kRule}, default_policy(), "/nonexistent/simdjwt");
  world.client.server = [](const HttpRequest&) { return good(key_set("a")); };
  world.start();
  world.run(seconds(1));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_READY);
  EXPECT_EQ(world.health().last_error, SIMDJWT_FETCH_STATE_FILE);
}

}  // namespace
}  // namespace simdjwt::fetch::test
