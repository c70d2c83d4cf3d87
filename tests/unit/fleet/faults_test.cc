// A server that is not there, or hangs: the breaker opens, nothing waits, and a probe finds the server again.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <utility>

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

// Every PONG is that of the probe before: none is in time, and none may close the breaker.
TEST_F(FleetTest, ALatePongIsNoAnswerToALaterProbe) {
  std::mutex mutex;
  std::string held;
  FakeServer server([&](const Words& words) -> std::optional<std::string> {
    const std::lock_guard lock(mutex);
    if (words[0] == "SET") return "-LOADING Redis is loading the dataset in memory\r\n";
    if (words[0] == "PING") return std::exchange(held, "+PONG\r\n");
    if (held.empty()) return std::nullopt;
    held += "*1\r\n$6\r\nmaster\r\n";  // ROLE, in its place
    return "";
  });
  start(settings({&server}, kHasty));
  ASSERT_TRUE(eventually([&] { return is_in(SIMDJWT_FLEET_UP); }));
  ASSERT_TRUE(eventually([&] {
    EXPECT_EQ(check(1), SIMDJWT_STORE_UNAVAILABLE);
    return is_in(SIMDJWT_FLEET_OPEN);
  }));
  ASSERT_TRUE(eventually([&] {
    EXPECT_TRUE(is_in(SIMDJWT_FLEET_OPEN));
    return server.count("PING") >= 5;
  }));
  EXPECT_TRUE(eventually([&] { return health().next_try_ms > 50; }));  // not that of the first probe still, of 25 ms
  EXPECT_EQ(health().breaker_opened, 1u);
  EXPECT_EQ(health().reconnects, 0u);
}

// While a server is away there is a next probe, in some time that passes.
TEST_F(FleetTest, TheNextProbeIsSaid) {
  Settings gone;
  gone.nodes.push_back({"127.0.0.1", dead_port()});
  start(std::move(gone));
  ASSERT_TRUE(eventually([&] { return health().next_try_ms > 100; }));  // not only the first pause, of 25 ms
}

// An address that drops what is sent to it: the queue of those that wait to be accepted is full.
class Blackhole {
 public:
  explicit Blackhole(std::uint16_t port) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 0), 0);
    for (int& socket : queued_) {
      socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      (void)::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
  }
  ~Blackhole() {
    for (const int socket : queued_) ::close(socket);
    ::close(listener_);
  }
  Blackhole(const Blackhole&) = delete;
  Blackhole& operator=(const Blackhole&) = delete;

 private:
  int listener_;
  int queued_[4];
};

TEST_F(FleetTest, AnAddressThatDropsEverythingDoesNotHideTheNext) {
  FakeServer server;
  const Blackhole hole(server.port());
  Settings named = settings({&server}, kHasty);
  named.nodes[0].host = "redis.example";
  start(std::move(named), [](const Address& address) {
    Lookup lookup;
    for (const char* host : {"127.0.0.2", "127.0.0.1"})
      lookup.addresses.push_back(known_addresses({host, address.port})[0]);
    return lookup;
  });
  ASSERT_TRUE(eventually([&] { return is_in(SIMDJWT_FLEET_UP); }));
  EXPECT_EQ(check(1), SIMDJWT_OK);
  // In the first attempt, and without a failure.
  EXPECT_EQ(health().breaker_opened, 0u);
}

// It takes connections and says nothing: the next attempt begins with the other address.
TEST_F(FleetTest, AnAddressThatSaysNothingDoesNotHideTheNext) {
  FakeServer silent([](const Words&) -> std::optional<std::string> { return ""; });
  FakeServer server;
  Settings named = settings({&server}, kHasty);
  named.nodes[0].host = "redis.example";
  start(std::move(named), [&](const Address&) {
    Lookup lookup;
    for (const FakeServer* one : {&silent, &server}) {
      lookup.addresses.push_back(known_addresses({"127.0.0.1", one->port()})[0]);
    }
    return lookup;
  });
  ASSERT_TRUE(eventually([&] { return check(1) == SIMDJWT_OK; }));
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
