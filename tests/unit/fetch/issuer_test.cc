// One issuer of a schedule, in a time that the test moves.
#include "unit/fetch/schedule_fixture.h"

namespace simdjwt::fetch::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(FetchIssuer, FetchesAtOncePublishesAndRefreshesAheadOfMaxAge) {
  World world({kRule});
  world.client.server = [](const HttpRequest&) {
    HttpAnswer answer = good(key_set("a"), "\"1\"");
    answer.max_age = seconds(100);
    return answer;
  };
  world.start();
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_STARTING);
  EXPECT_EQ(world.health().age_ms, -1);
  EXPECT_FALSE(world.board.is_ready());
  world.run(Millis(100));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_READY);
  EXPECT_EQ(world.health().usable_keys, 1u);
  EXPECT_EQ(world.health().fetches, 1u);
  EXPECT_STREQ(world.health().issuer, "https://as.example");
  EXPECT_STREQ(world.health().jwks_uri, "https://as.example/jwks");
  EXPECT_TRUE(world.board.is_ready());
  EXPECT_EQ(world.keys.in_force.count("https://as.example"), 1u);
  world.run(minutes(10));
  ASSERT_GE(world.client.times.size(), 7u);
  for (std::size_t i = 1; i < world.client.times.size(); ++i) {
    EXPECT_GE(world.client.times[i] - world.client.times[i - 1], seconds(75));
    EXPECT_LE(world.client.times[i] - world.client.times[i - 1], seconds(96));
    EXPECT_EQ(world.client.etags[i], "\"1\"");  // RFC 9110 §13.1.2
  }
}

TEST(FetchIssuer, NotModifiedConfirmsWhatIsInForce) {
  World world({kRule});
  world.client.server = [](const HttpRequest& request) {
    return request.etag.empty() ? good(key_set("a"), "\"1\"") : not_modified();
  };
  world.start();
  world.run(hours(49), Millis(1000));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_READY);
  EXPECT_GE(world.health().not_modified, 200u);
  EXPECT_LE(world.health().age_ms, 600'000);
  EXPECT_EQ(world.health().failures, 0u);
  EXPECT_EQ(world.keys.withdrawals, 0);
}

TEST(FetchIssuer, AnEntityTagIsSentWithThePlaceItCameFrom) {
  World world({kRule});
  std::vector<std::string> places;
  world.client.server = [&](const HttpRequest& request) {
    places.push_back(request.etag_url);
    HttpAnswer answer = good(key_set(places.size() == 1 ? "a" : "b"), "\"1\"");
    answer.url = "https://as.example/moved/" + std::to_string(places.size());
    return answer;
  };
  world.start();
  while (places.size() < 4) world.run(seconds(1));
  const std::string moved = "https://as.example/moved/";
  // The last of them came with the same keys as the one before.
  EXPECT_EQ(places, (std::vector<std::string>{"", moved + "1", moved + "2", moved + "3"}));
}

// RFC 9110 §15.4.5: a 304 answers a condition.
TEST(FetchIssuer, NotModifiedWithoutAConditionIsAFailure) {
  World world({kRule});
  world.client.server = [](const HttpRequest&) { return not_modified(); };
  world.start();
  world.run(Millis(200));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_DOWN);
  EXPECT_EQ(world.health().last_error, SIMDJWT_FETCH_STATUS);
  EXPECT_EQ(world.health().last_status, 304u);
}

TEST(FetchIssuer, ABadAnswerNeverReplacesGoodKeys) {
  const std::string private_only = R"({"keys":[{"kty":"EC","crv":"P-256","kid":"a"}]})";
  const std::vector<std::pair<HttpAnswer, simdjwt_error>> answers = {
      {good("<html>"), SIMDJWT_FETCH_NO_KEYS},
      {good(""), SIMDJWT_FETCH_NO_KEYS},
      {good(R"({"keys":[]})"), SIMDJWT_FETCH_NO_KEYS},
      {good(key_set("a").substr(0, 60)), SIMDJWT_FETCH_NO_KEYS},
      {good(private_only), SIMDJWT_FETCH_NO_KEYS},
      {bad(SIMDJWT_FETCH_STATUS, 500), SIMDJWT_FETCH_STATUS},
      {bad(SIMDJWT_FETCH_BODY_TOO_LARGE, 200), SIMDJWT_FETCH_BODY_TOO_LARGE},
      {bad(SIMDJWT_FETCH_DEADLINE), SIMDJWT_FETCH_DEADLINE},
      {bad(SIMDJWT_FETCH_ADDRESS_PRIVATE), SIMDJWT_FETCH_ADDRESS_PRIVATE},
  };
  for (const auto& [answer, error] : answers) {
    World world({kRule});
    bool is_good = true;
    world.client.server = [&, &given = answer](const HttpRequest&) { return is_good ? good(key_set("a")) : given; };
    world.start();
    world.run(Millis(100));
    const simdjwt_jwks* const first = world.keys.in_force["https://as.example"];
    ASSERT_NE(first, nullptr);
    is_good = false;
    world.run(minutes(30), Millis(100));
    EXPECT_EQ(world.keys.in_force["https://as.example"], first);
    EXPECT_EQ(world.health().state, SIMDJWT_FETCH_FAILING);
    EXPECT_EQ(world.health().last_error, error);
    EXPECT_EQ(world.health().usable_keys, 1u);
    EXPECT_GE(world.health().consecutive_failures, 10u);
    EXPECT_FALSE(std::string(world.health().last_detail).empty());
    is_good = true;
    world.run(seconds(31));
    EXPECT_EQ(world.health().state, SIMDJWT_FETCH_READY);
    EXPECT_EQ(world.health().last_error, SIMDJWT_OK);
    EXPECT_EQ(world.health().consecutive_failures, 0u);
  }
}

TEST(FetchIssuer, OnlyTheBadKeyOfASetIsDroppedAndCounted) {
  World world({kRule});
  const std::string good_key = SigningKey::ec(Curve::p256).jwk(R"("kid":"a")");
  world.client.server = [&](const HttpRequest&) {
    return good(R"({"keys":[)" + good_key + R"(,{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},{"kty":"none"}]})");
  };
  world.start();
  world.run(Millis(100));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_READY);
  EXPECT_EQ(world.health().usable_keys, 1u);
  EXPECT_EQ(world.health().dropped_keys, 2u);
}

TEST(FetchIssuer, KeysThatNothingConfirmsAreWithdrawnByTheMonotonicClock) {
  World world({kRule});
  bool is_up = true;
  world.client.server = [&](const HttpRequest&) {
    return is_up ? good(key_set("a"), "\"1\"") : bad(SIMDJWT_FETCH_TLS);
  };
  world.start();
  world.run(Millis(100));
  is_up = false;
  world.wall += 365 * 86'400;  // a step of the wall clock withdraws nothing
  world.run(hours(24) - minutes(1), Millis(1000));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_FAILING);
  EXPECT_EQ(world.keys.withdrawals, 0);
  world.run(minutes(2), Millis(1000));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_DOWN);
  EXPECT_EQ(world.keys.withdrawals, 1);
  EXPECT_EQ(world.health().age_ms, -1);
  EXPECT_EQ(world.health().usable_keys, 0u);
  EXPECT_FALSE(world.board.is_ready());
  is_up = true;
  world.run(seconds(31));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_READY);
  EXPECT_EQ(world.client.etags.back(), "");  // what was withdrawn is not what a 304 could confirm
}

// Nobody may be there to withdraw them; the clocks of requests are the wall clock.
TEST(FetchIssuer, KeysEndByTheWallClockWhenNobodyRunsTheLoop) {
  World world({kRule});
  world.client.server = [](const HttpRequest& request) {
    return request.etag.empty() ? good(key_set("a"), "\"1\"") : not_modified();
  };
  world.start();
  world.run(seconds(1));
  const std::int64_t first = world.keys.until[kRule.issuer];
  EXPECT_EQ(first, world.wall + 2 * 86'400 + 3600);
  world.wall += 600;
  world.run(seconds(600));
  EXPECT_EQ(world.keys.until[kRule.issuer], first + 600);  // each confirmation puts the end off
}

TEST(FetchIssuer, KeysThatTheValidatorLostAreThereAgainWhileTheServerFails) {
  World world({kRule});
  bool is_up = true;
  world.client.server = [&](const HttpRequest&) { return is_up ? good(key_set("a")) : bad(SIMDJWT_FETCH_CONNECT); };
  world.start();
  world.run(seconds(1));
  is_up = false;
  world.run(minutes(11), Millis(100));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_FAILING);
  world.keys.in_force.clear();
  const std::size_t before = world.client.sent.size();
  const Time at = world.now;
  world.keys.want(kRule.issuer, SIMDJWT_WANTED_MISSING);
  world.schedule.tick();
  EXPECT_EQ(world.keys.in_force.count(kRule.issuer), 1u);
  EXPECT_EQ(world.client.sent.size(), before);  // no want breaks a backoff
  EXPECT_EQ(world.now, at);
}

// The place that they are of is one that the policy does not name any longer: who has taken them away meant it.
TEST(FetchIssuer, KeysOfAnotherRuleAreNotPutBack) {
  World world({kRule});
  world.client.server = [](const HttpRequest& request) {
    return request.url == kRule.jwks_uri ? good(key_set("a")) : bad(SIMDJWT_FETCH_STATUS, 500);
  };
  world.start();
  world.run(seconds(1));
  world.rules = {{kRule.issuer, "https://as.example/moved"}};
  world.schedule.adopt(world.board.replace(world.rules), world.client);
  world.run(seconds(1));
  world.keys.in_force.clear();
  world.keys.want(kRule.issuer, SIMDJWT_WANTED_MISSING);
  world.run(seconds(1));
  EXPECT_EQ(world.keys.in_force.count(kRule.issuer), 0u);
}

// The server may have made its answer before it had the key.
TEST(FetchIssuer, AnUnknownKidDuringARefreshIsFetchedForInHalfACooldown) {
  World world({kRule});
  std::string kid = "a";
  world.client.server = [&](const HttpRequest&) { return good(key_set(kid)); };
  world.start();
  world.run(seconds(1));
  world.client.latency = Millis(200);
  while (world.client.sent.size() < 2) world.run(Millis(10));
  world.keys.want(kRule.issuer, SIMDJWT_WANTED_UNKNOWN_KID);
  world.run(Millis(14'500));
  EXPECT_EQ(world.client.sent.size(), 2u);
  kid = "b";
  world.run(seconds(1));
  ASSERT_EQ(world.client.sent.size(), 3u);
  EXPECT_GE(world.client.times[2] - world.client.times[1], seconds(15));
}

TEST(FetchIssuer, AnUnknownKidIsFetchedAtOnceAndOnce) {
  World world({kRule});
  std::string kid = "a";
  world.client.server = [&](const HttpRequest&) { return good(key_set(kid)); };
  world.client.latency = Millis(200);
  world.start();
  world.run(seconds(60));
  const std::size_t before = world.client.sent.size();
  kid = "b";
  world.keys.want("https://as.example", SIMDJWT_WANTED_UNKNOWN_KID);
  world.run(Millis(10));
  EXPECT_EQ(world.client.sent.size(), before + 1);
  EXPECT_EQ(world.health().next_try_ms, 0);
  for (int i = 0; i < 15; ++i) {
    world.keys.want("https://as.example", SIMDJWT_WANTED_UNKNOWN_KID);  // single flight
    world.run(Millis(10));
  }
  world.run(seconds(10));
  EXPECT_EQ(world.client.sent.size(), before + 1);
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_READY);
}

TEST(FetchIssuer, MissingKeysTakeNothingFromTheNextUnknownKid) {
  World world({kRule});
  world.client.server = [](const HttpRequest&) { return good(key_set("a")); };
  world.keys.want(kRule.issuer, SIMDJWT_WANTED_MISSING);
  world.start();
  world.run(seconds(1));
  EXPECT_EQ(world.client.sent.size(), 1u);
  world.keys.want(kRule.issuer, SIMDJWT_WANTED_UNKNOWN_KID);
  world.run(Millis(10));
  EXPECT_EQ(world.client.sent.size(), 2u);
}

TEST(FetchIssuer, AStormOfWantsIsABoundedNumberOfRequests) {
  World world({kRule});
  world.client.server = [](const HttpRequest&) { return good(key_set("a")); };
  world.start();
  world.run(seconds(1));
  for (int i = 0; i < 6000; ++i) {
    world.keys.want("https://as.example", SIMDJWT_WANTED_UNKNOWN_KID | SIMDJWT_WANTED_STALE);
    world.run(Millis(10));
  }
  // A minute: the first fetch of all, one at once, and one each cooldown, whatever the validator says.
  ASSERT_GE(world.client.times.size(), 3u);
  EXPECT_LE(world.client.times.size(), 4u);
  for (std::size_t i = 2; i < world.client.times.size(); ++i) {
    EXPECT_GE(world.client.times[i] - world.client.times[i - 1], seconds(30));
  }
}

// The validator's cooldown is of whole seconds: what it asks for up to one early is not lost, but comes in time.
TEST(FetchIssuer, AWantThatIsALittleEarlyWaits) {
  World world({kRule});
  world.client.server = [](const HttpRequest&) { return good(key_set("a")); };
  world.start();
  world.run(seconds(1));
  world.keys.want(kRule.issuer, SIMDJWT_WANTED_UNKNOWN_KID);
  world.run(Millis(29'200));
  ASSERT_EQ(world.client.times.size(), 2u);
  world.keys.want(kRule.issuer, SIMDJWT_WANTED_UNKNOWN_KID);
  world.run(Millis(700));
  EXPECT_EQ(world.client.times.size(), 2u);
  world.run(Millis(200));
  ASSERT_EQ(world.client.times.size(), 3u);
  EXPECT_GE(world.client.times[2] - world.client.times[1], seconds(30));
}

TEST(FetchIssuer, NoWantBreaksABackoff) {
  World world({kRule});
  world.client.server = [](const HttpRequest&) { return bad(SIMDJWT_FETCH_STATUS, 503); };
  world.start();
  for (int i = 0; i < 12'000; ++i) {
    world.keys.want("https://as.example", SIMDJWT_WANTED_MISSING | SIMDJWT_WANTED_UNKNOWN_KID | SIMDJWT_WANTED_STALE);
    world.run(Millis(10));
  }
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_DOWN);
  EXPECT_LE(world.client.sent.size(), 25u);  // two minutes
  for (std::size_t i = 1; i < world.client.times.size(); ++i) {
    EXPECT_GE(world.client.times[i] - world.client.times[i - 1], Millis(500));
    EXPECT_LE(world.client.times[i] - world.client.times[i - 1], seconds(31));
  }
}

// RFC 9110 §10.2.3.
TEST(FetchIssuer, RetryAfterIsWaitedFor) {
  World world({kRule});
  world.client.server = [](const HttpRequest&) {
    HttpAnswer answer = bad(SIMDJWT_FETCH_STATUS, 429);
    answer.retry_after = seconds(20);
    return answer;
  };
  world.start();
  world.run(minutes(2));
  EXPECT_LE(world.client.sent.size(), 7u);
  for (std::size_t i = 1; i < world.client.times.size(); ++i) {
    EXPECT_GE(world.client.times[i] - world.client.times[i - 1], seconds(20));
    EXPECT_LE(world.client.times[i] - world.client.times[i - 1], seconds(31));
  }
}

TEST(FetchIssuer, ReadyWithinASecondOfTheReturnOfAHostThatRefused) {
  for (const std::int64_t away : {0, 7, 60, 3600}) {
    World world({kRule});
    bool is_up = false;
    world.client.server = [&](const HttpRequest&) { return is_up ? good(key_set("a")) : bad(SIMDJWT_FETCH_CONNECT); };
    world.client.latency = Millis(50);
    world.start();
    world.run(seconds(away) + Millis(60));
    EXPECT_EQ(world.health().state, SIMDJWT_FETCH_DOWN);
    // No more than two connects a second all the while.
    EXPECT_LE(world.client.sent.size(), 2u + 2u * static_cast<std::size_t>(away));
    is_up = true;
    world.run(Millis(1000));
    EXPECT_EQ(world.health().state, SIMDJWT_FETCH_READY) << away;
  }
}

TEST(FetchIssuer, WithKeysInForceARefusedConnectionBacksOffLikeAnyFailure) {
  World world({kRule});
  bool is_up = true;
  world.client.server = [&](const HttpRequest&) { return is_up ? good(key_set("a")) : bad(SIMDJWT_FETCH_CONNECT); };
  world.start();
  world.run(seconds(1));
  is_up = false;
  world.run(minutes(20), Millis(100));
  const std::size_t before = world.client.sent.size();
  world.run(minutes(10), Millis(100));
  EXPECT_LE(world.client.sent.size() - before, 80u);
  EXPECT_GE(world.client.sent.size() - before, 20u);
}

TEST(FetchIssuer, KeysThatTheValidatorRefusesAreAFailure) {
  World world({kRule});
  world.client.server = [](const HttpRequest&) { return good(key_set("a")); };
  world.keys.refusal = SIMDJWT_NOT_FOUND;
  world.start();
  world.run(Millis(100));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_DOWN);
  EXPECT_EQ(world.health().last_error, SIMDJWT_NOT_FOUND);
  world.keys.refusal = SIMDJWT_OK;
  world.run(seconds(2));
  EXPECT_EQ(world.health().state, SIMDJWT_FETCH_READY);
}

TEST(FetchIssuer, SameBytesWithoutAnEtagArePublishedAsTheSameSet) {
  World world({kRule});
  world.client.server = [](const HttpRequest&) { return good(key_set("a")); };
  world.start();
  world.run(Millis(100));
  const simdjwt_jwks* const first = world.keys.in_force["https://as.example"];
  world.run(minutes(20), Millis(100));
  EXPECT_GE(world.keys.publications, 2);
  EXPECT_EQ(world.keys.in_force["https://as.example"], first);
}

}  // namespace
}  // namespace simdjwt::fetch::test
