// Several servers: who takes writes, who has a slot, and who says that another one does.
#include "fleet/command.h"
#include "fleet/key_slot.h"
#include "unit/fleet/fixture.h"

namespace simdjwt::fleet {
namespace {

const char kReplica[] = "*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:1\r\n$9\r\nconnected\r\n:0\r\n";

std::string node_of(const FakeServer& server) {
  return "*2\r\n$9\r\n127.0.0.1\r\n:" + std::to_string(server.port()) + "\r\n";
}

std::string range_of(std::uint32_t first, std::uint32_t last, const FakeServer& server) {
  return "*3\r\n:" + std::to_string(first) + "\r\n:" + std::to_string(last) + "\r\n" + node_of(server);
}

// Answers to CLUSTER SLOTS with a text that may change, and leaves the rest to the server.
FakeServer::Script in_cluster(const std::string* slots, std::mutex* mutex) {
  return [slots, mutex](const Words& words) -> std::optional<std::string> {
    if (words[0] != "CLUSTER") return std::nullopt;
    const std::lock_guard lock(*mutex);
    return *slots;
  };
}

class RoutesTest : public FleetTest {
 protected:
  std::mutex slots_mutex_;
  std::string slots_;
};

TEST_F(RoutesTest, ThePrimaryIsFoundByItsRole) {
  FakeServer primary;
  FakeServer replica([](const Words& words) -> std::optional<std::string> {
    if (words[0] == "ROLE") return kReplica;
    if (words[0] == "SET") return "-READONLY You can't write against a read only replica.\r\n";
    return std::nullopt;
  });
  start(settings({&replica, &primary}));
  EXPECT_EQ(check(1), SIMDJWT_OK);
  EXPECT_EQ(primary.keys().size(), 1u);
  EXPECT_EQ(replica.count("SET"), 0);
  EXPECT_EQ(health().nodes, 2u);
}

TEST_F(RoutesTest, ANodeThatTakesNoWritesIsLeftForTheOneThatDoes) {
  std::atomic<bool> is_swapped{false};
  const auto role = [&](bool is_first) {
    return [&is_swapped, is_first](const Words& words) -> std::optional<std::string> {
      const bool is_replica = is_swapped == is_first;
      if (words[0] == "ROLE" && is_replica) return kReplica;
      if (words[0] == "SET" && is_replica) return "-READONLY You can't write against a read only replica.\r\n";
      return std::nullopt;
    };
  };
  FakeServer first(role(true)), second(role(false));
  start(settings({&first, &second}));
  ASSERT_EQ(check(1), SIMDJWT_OK);
  ASSERT_EQ(first.keys().size(), 1u);
  is_swapped = true;
  EXPECT_EQ(check(2), SIMDJWT_OK);
  EXPECT_EQ(second.keys().size(), 1u);
}

TEST_F(RoutesTest, TwoThatTakeWritesAreNone) {
  FakeServer one, two;
  start(settings({&one, &two}, kHasty));
  ASSERT_TRUE(eventually([&] { return health().connected == 2; }));
  EXPECT_EQ(check(1), SIMDJWT_STORE_UNAVAILABLE);
  EXPECT_TRUE(one.keys().empty());
  EXPECT_TRUE(two.keys().empty());
  ASSERT_TRUE(eventually([&] {
    (void)check(1);
    return std::string(health().last_detail).find("more than one node takes writes") != std::string::npos;
  }));
}

TEST_F(RoutesTest, AReplicaAloneIsRefused) {
  FakeServer replica([](const Words& words) -> std::optional<std::string> {
    if (words[0] == "ROLE") return kReplica;
    return std::nullopt;
  });
  start(settings({&replica}, kHasty));
  for (int i = 0; i < 6; ++i) EXPECT_EQ(check(1), SIMDJWT_STORE_UNAVAILABLE);
  EXPECT_EQ(replica.count("SET"), 0);
}

TEST_F(RoutesTest, ReplicasAreWaitedForOncePerBatch) {
  FakeServer server;
  Settings waiting = settings({&server});
  waiting.wait_replicas = 2;
  start(std::move(waiting));
  ASSERT_EQ(check(1), SIMDJWT_OK);
  const int before = server.count("WAIT");
  for (const simdjwt_error error : check_all(10, 8)) EXPECT_EQ(error, SIMDJWT_OK);
  EXPECT_EQ(server.count("WAIT"), before + 1);
  EXPECT_EQ(check(10), SIMDJWT_TOKEN_REPLAYED);
}

TEST_F(RoutesTest, TooFewReplicasRefuseAndReleaseTheKey) {
  FakeServer server([](const Words& words) -> std::optional<std::string> {
    if (words[0] == "WAIT") return ":1\r\n";
    return std::nullopt;
  });
  Settings waiting = settings({&server});
  waiting.wait_replicas = 2;
  start(std::move(waiting));
  EXPECT_EQ(check(1), SIMDJWT_STORE_UNAVAILABLE);
  EXPECT_EQ(health().last_error, SIMDJWT_FLEET_DEADLINE);
  EXPECT_NE(std::string(health().last_detail).find("1 of 2 replicas"), std::string::npos);
  ASSERT_TRUE(eventually([&] { return server.keys().empty(); }));
  server.set_script({});
  EXPECT_EQ(check(1), SIMDJWT_OK);
}

TEST_F(RoutesTest, KeysOfAClusterGoToTheNodesOfTheirSlots) {
  FakeServer low(in_cluster(&slots_, &slots_mutex_)), high(in_cluster(&slots_, &slots_mutex_));
  slots_ = "*2\r\n" + range_of(0, 8191, low) + range_of(8192, 16383, high);
  start(settings({&low}));
  for (const simdjwt_error error : check_all(0, 200)) EXPECT_EQ(error, SIMDJWT_OK);
  EXPECT_EQ(low.keys().size() + high.keys().size(), 200u);
  for (const auto& [key, value] : low.keys()) EXPECT_LT(key_slot(key), 8192u);
  for (const auto& [key, value] : high.keys()) EXPECT_GE(key_slot(key), 8192u);
  EXPECT_EQ(health().is_cluster, 1u);
}

TEST_F(RoutesTest, AMovedSlotIsFollowedAndRemembered) {
  FakeServer now_there(in_cluster(&slots_, &slots_mutex_));
  FakeServer was_there(in_cluster(&slots_, &slots_mutex_));
  slots_ = "*1\r\n" + range_of(0, 16383, was_there);
  start(settings({&was_there}));
  ASSERT_EQ(check(1), SIMDJWT_OK);
  was_there.set_script([&](const Words& words) -> std::optional<std::string> {
    if (words[0] == "SET") {
      return "-MOVED " + std::to_string(key_slot(words[1])) + " 127.0.0.1:" + std::to_string(now_there.port()) + "\r\n";
    }
    return in_cluster(&slots_, &slots_mutex_)(words);
  });
  {
    const std::lock_guard lock(slots_mutex_);
    slots_ = "*1\r\n" + range_of(0, 16383, now_there);
  }
  EXPECT_EQ(check(2), SIMDJWT_OK);
  EXPECT_EQ(check(3), SIMDJWT_OK);
  EXPECT_EQ(now_there.keys().size(), 2u);
  ASSERT_TRUE(eventually([&] { return was_there.count("CLUSTER") + now_there.count("CLUSTER") >= 3; }));
}

TEST_F(RoutesTest, AskIsFollowedOnceAndNotRemembered) {
  FakeServer importing(in_cluster(&slots_, &slots_mutex_));
  FakeServer migrating(in_cluster(&slots_, &slots_mutex_));
  slots_ = "*1\r\n" + range_of(0, 16383, migrating);
  migrating.set_script([&](const Words& words) -> std::optional<std::string> {
    if (words[0] == "SET") {
      return "-ASK " + std::to_string(key_slot(words[1])) + " 127.0.0.1:" + std::to_string(importing.port()) + "\r\n";
    }
    return in_cluster(&slots_, &slots_mutex_)(words);
  });
  start(settings({&migrating}));
  EXPECT_EQ(check(1), SIMDJWT_OK);
  EXPECT_EQ(check(2), SIMDJWT_OK);
  EXPECT_EQ(check(2), SIMDJWT_TOKEN_REPLAYED);
  EXPECT_EQ(migrating.count("SET"), 3);
  Words last;
  for (const Words& words : importing.commands()) {
    if (words[0] == "SET") {
      EXPECT_EQ(last, Words{"ASKING"});
    }
    last = words;
  }
}

// ASKING is for the node that was named; a record that goes elsewhere from there goes as any other.
TEST_F(RoutesTest, AskingIsNotCarriedOn) {
  std::atomic<int> sets{0};
  FakeServer importing(in_cluster(&slots_, &slots_mutex_)), migrating(in_cluster(&slots_, &slots_mutex_));
  slots_ = "*1\r\n" + range_of(0, 16383, migrating);
  importing.set_script([&](const Words& words) -> std::optional<std::string> {
    if (words[0] == "SET") return "-READONLY You can't write against a read only replica.\r\n";
    return in_cluster(&slots_, &slots_mutex_)(words);
  });
  migrating.set_script([&](const Words& words) -> std::optional<std::string> {
    if (words[0] == "SET" && sets++ == 0) {
      return "-ASK " + std::to_string(key_slot(words[1])) + " 127.0.0.1:" + std::to_string(importing.port()) + "\r\n";
    }
    return in_cluster(&slots_, &slots_mutex_)(words);
  });
  start(settings({&migrating}));
  EXPECT_EQ(check(1), SIMDJWT_OK);
  EXPECT_EQ(importing.count("ASKING"), 1);
  EXPECT_EQ(migrating.count("ASKING"), 0);
}

class Nobody final : public NodeUser {
  void on_set(Node&, Ticket, const SetAnswer&, const std::string&) override {}
  void on_alone(Node&, Ticket, long long) override {}
  void on_failed(Node&, Ticket, simdjwt_error, const std::string&) noexcept override {}
  void on_slots(Node&, std::vector<SlotRange>) override {}
  void on_role(Node&) override {}
  void on_lost(Node&) override {}
  void on_back(Node&) override {}
};

// A node that only ASK has named has no slots yet; the record that waits for its connection must not wait in vain.
TEST(Routes, ANodeThatIsWaitedForIsNotSweptAway) {
  Settings settings;
  settings.nodes = {{"127.0.0.1", 1}};
  Nobody nobody;
  NameLookup lookups(std::make_shared<const Wake>());
  const Random least = [] { return 0.0; };
  NodeWorld world{settings, nobody, lookups, least};
  Routes routes(world);
  routes.learn_slots({{0, kSlots - 1, {"127.0.0.1", 1}}});
  Node* const asked = routes.at({"127.0.0.1", 2});
  std::atomic<std::uint64_t> waiting{0};
  const simdjwt_replay_record record{};
  const auto call = std::make_shared<Call>(&record, 1, Clock::now(), waiting);
  asked->take({call, 0, true}, Clock::now());
  routes.sweep(false);
  EXPECT_TRUE(asked->is_wanted());
  ASSERT_EQ(routes.nodes().size(), 2u);
  asked->shut(SIMDJWT_FLEET_CLOSED, "over");
  routes.sweep(false);
  EXPECT_EQ(routes.nodes().size(), 1u);
}

TEST_F(RoutesTest, RedirectionsInACircleEnd) {
  FakeServer one(in_cluster(&slots_, &slots_mutex_)), two(in_cluster(&slots_, &slots_mutex_));
  slots_ = "*1\r\n" + range_of(0, 16383, one);
  const auto to = [&](const FakeServer& other) {
    return [&](const Words& words) -> std::optional<std::string> {
      if (words[0] == "SET") return "-MOVED 1 127.0.0.1:" + std::to_string(other.port()) + "\r\n";
      return in_cluster(&slots_, &slots_mutex_)(words);
    };
  };
  one.set_script(to(two));
  two.set_script(to(one));
  start(settings({&one}));
  EXPECT_EQ(check(1), SIMDJWT_STORE_UNAVAILABLE);
  EXPECT_EQ(health().last_error, SIMDJWT_FLEET_PROTOCOL);
  EXPECT_EQ(one.count("SET") + two.count("SET"), 6);
}

TEST_F(RoutesTest, AClusterThatIsDownRefuses) {
  FakeServer server(in_cluster(&slots_, &slots_mutex_));
  slots_ = "*1\r\n" + range_of(0, 16383, server);
  server.set_script([&](const Words& words) -> std::optional<std::string> {
    if (words[0] == "SET") return "-CLUSTERDOWN The cluster is down\r\n";
    return in_cluster(&slots_, &slots_mutex_)(words);
  });
  start(settings({&server}));
  EXPECT_EQ(check(1), SIMDJWT_STORE_UNAVAILABLE);
  EXPECT_EQ(health().last_error, SIMDJWT_FLEET_READ_ONLY);
}

TEST_F(RoutesTest, ASlotWithoutANodeRefusesItsKeysAlone) {
  FakeServer server(in_cluster(&slots_, &slots_mutex_));
  slots_ = "*1\r\n" + range_of(0, 8191, server);
  start(settings({&server}, kHasty));
  ASSERT_TRUE(eventually([&] { return health().connected == 1; }));
  for (unsigned i = 0; i < 20; ++i) {
    const bool has_node = key_slot(key_of(record_of(i))) < 8192;
    if (has_node) {
      ASSERT_TRUE(eventually([&] { return check(i) != SIMDJWT_STORE_UNAVAILABLE; }));
    } else {
      EXPECT_EQ(check(i), SIMDJWT_STORE_UNAVAILABLE);
    }
  }
}

TEST_F(RoutesTest, AMapThatIsNoneEndsTheConnection) {
  FakeServer server(in_cluster(&slots_, &slots_mutex_));
  slots_ = "*1\r\n*2\r\n:0\r\n:16384\r\n";
  start(settings({&server}));
  EXPECT_EQ(check(1), SIMDJWT_STORE_UNAVAILABLE);
  ASSERT_TRUE(eventually([&] { return health().last_error == SIMDJWT_FLEET_PROTOCOL; }));
}

}  // namespace
}  // namespace simdjwt::fleet
