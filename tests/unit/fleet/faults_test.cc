// A server that is not there, or hangs: the breaker opens, nothing waits, and a probe finds the server again.
#include <future>

#include "unit/fleet/fixture.h"

namespace simdjwt::fleet {
namespace {

// A port on which nobody listens.
std::uint16_t dead_port() {
  return FakeServer().port();
}

TEST_F(FleetTest, NobodyThere) {
  Settings gone;
  gone.nodes.push_back({"127.0.0.1", dead_port()});
  gone.deadline = kPatient;
  start(std::move(gone));
  EXPECT_EQ(check(1), SIMDJWT_STORE_UNAVAILABLE);
  ASSERT_TRUE(eventually([&] { return is_in(SIMDJWT_FLEET_OPEN); }));
  EXPECT_EQ(check(1), SIMDJWT_STORE_UNAVAILABLE);
  const simdjwt_fleet_health now = health();
  EXPECT_EQ(now.last_error, SIMDJWT_FLEET_CONNECT);
  EXPECT_EQ(now.connected, 0u);
  EXPECT_EQ(now.breaker_opened, 1u);
  EXPECT_EQ(now.unavailable, 2u);
}

TEST_F(FleetTest, NobodyThereWithLocalOnly) {
  Settings gone;
  gone.nodes.push_back({"127.0.0.1", dead_port()});
  gone.deadline = kPatient;
  gone.allow_local_only = true;
  start(std::move(gone));
  EXPECT_EQ(check(1), SIMDJWT_OK);
  ASSERT_TRUE(eventually([&] { return is_in(SIMDJWT_FLEET_LOCAL_ONLY); }));
  EXPECT_EQ(check(1), SIMDJWT_OK);
  EXPECT_EQ(health().local_only, 2u);
  EXPECT_EQ(health().unavailable, 0u);
}

TEST_F(FleetTest, AServerThatHangsOpensTheBreakerAndIsFoundAgain) {
  FakeServer server;
  start(settings({&server}, kHasty));
  ASSERT_TRUE(eventually([&] { return is_in(SIMDJWT_FLEET_UP); }));
  server.pause();
  ASSERT_TRUE(eventually([&] {
    EXPECT_EQ(check(1), SIMDJWT_STORE_UNAVAILABLE);
    return is_in(SIMDJWT_FLEET_OPEN);
  }));
  EXPECT_GE(health().breaker_opened, 1u);
  server.resume();
  ASSERT_TRUE(eventually([&] { return check(2) == SIMDJWT_OK; }));
  ASSERT_TRUE(eventually([&] { return is_in(SIMDJWT_FLEET_UP); }));
  EXPECT_EQ(health().next_try_ms, -1);
}

TEST_F(FleetTest, AServerThatComesBackIsFound) {
  auto server = std::make_unique<FakeServer>([](const Words& words) -> std::optional<std::string> {
    if (words[0] == "ROLE") return std::string("\0close", 6);
    return std::nullopt;
  });
  start(settings({server.get()}));
  EXPECT_EQ(check(1), SIMDJWT_STORE_UNAVAILABLE);
  server->set_script({});
  ASSERT_TRUE(eventually([&] { return check(1) == SIMDJWT_OK; }));
}

TEST_F(FleetTest, AConnectionThatIsLostIsMadeAnew) {
  FakeServer server;
  start(settings({&server}));
  ASSERT_EQ(check(1), SIMDJWT_OK);
  server.drop_connections();
  ASSERT_TRUE(eventually([&] { return check(2) == SIMDJWT_OK; }));
  ASSERT_TRUE(eventually([&] { return health().reconnects >= 1; }));
}

TEST_F(FleetTest, NamesAreLookedUpBesides) {
  FakeServer server;
  Settings named = settings({&server});
  named.nodes[0].host = "redis.example";
  start(std::move(named), [](const Address& address) {
    Lookup lookup;
    lookup.addresses = known_addresses({"127.0.0.1", address.port});
    return lookup;
  });
  EXPECT_EQ(check(1), SIMDJWT_OK);
}

TEST_F(FleetTest, ANameThatHangsKeepsNobodyElseWaiting) {
  FakeServer server;
  Settings named = settings({&server});
  named.nodes.insert(named.nodes.begin(), {"hangs.example", 6379});
  std::promise<void> gate;
  const std::shared_future<void> open = gate.get_future().share();
  start(std::move(named), [open](const Address&) {
    open.wait();
    return Lookup{0, {}, "never"};
  });
  // The name could be another primary's, so that its failure is awaited once.
  EXPECT_TRUE(eventually([&] { return check(1) == SIMDJWT_OK; }));
  EXPECT_EQ(check(1), SIMDJWT_TOKEN_REPLAYED);
  fleet_.reset();  // does not wait for the look-up
  gate.set_value();
}

TEST_F(FleetTest, ANameWithoutAnAddressIsSaid) {
  Settings named;
  named.nodes.push_back({"nowhere.example", 6379});
  start(std::move(named), [](const Address&) { return Lookup{0, {}, "Name or service not known"}; });
  ASSERT_TRUE(eventually([&] { return is_in(SIMDJWT_FLEET_OPEN); }));
  EXPECT_EQ(health().last_error, SIMDJWT_FLEET_ADDRESS);
}

// Threads, each with tokens of its own and tokens that all of them have, while connections come and go.
TEST_F(FleetTest, ManyThreadsAndOneAcceptEach) {
  FakeServer server;
  start(settings({&server}));
  ASSERT_EQ(check(999999), SIMDJWT_OK);
  constexpr unsigned kThreads = 8, kShared = 200;
  std::vector<std::atomic<int>> accepted(kShared);
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (unsigned i = 0; i < kShared; ++i) {
        const unsigned shared = (i * 7 + t * 31) % kShared;
        if (check(shared) == SIMDJWT_OK) ++accepted[shared];
        EXPECT_EQ(check(10000 + t * 1000 + i), SIMDJWT_OK);
        if (i % 50 == t) (void)health();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (unsigned i = 0; i < kShared; ++i) EXPECT_EQ(accepted[i], 1) << i;
  EXPECT_LT(health().round_trips, health().checks);
}

}  // namespace
}  // namespace simdjwt::fleet
