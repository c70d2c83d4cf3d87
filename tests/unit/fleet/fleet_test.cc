// A fleet and one server: what is set, what was set already, what comes late, and what never comes.
#include <poll.h>

#include "unit/fleet/fixture.h"

namespace simdjwt::fleet {
namespace {

TEST_F(FleetTest, TheFirstUseIsConfirmedAndTheSecondReplayed) {
  FakeServer server;
  start(settings({&server}));
  EXPECT_EQ(check(1), SIMDJWT_OK);
  EXPECT_EQ(check(1), SIMDJWT_TOKEN_REPLAYED);
  EXPECT_EQ(check(2), SIMDJWT_OK);
  const auto keys = server.keys();
  EXPECT_EQ(keys.size(), 2u);
  EXPECT_TRUE(keys.contains("sj:01000000000000000000000000000000"));
  const simdjwt_fleet_health now = health();
  EXPECT_EQ(now.checks, 3u);
  EXPECT_EQ(now.confirmed, 2u);
  EXPECT_EQ(now.replayed, 1u);
  EXPECT_EQ(now.unavailable, 0u);
  EXPECT_EQ(now.last_error, SIMDJWT_OK);
  EXPECT_EQ(now.state, SIMDJWT_FLEET_UP);
}

TEST_F(FleetTest, AKeyLivesAsLongAsItsUseIsRemembered) {
  FakeServer server;
  start(settings({&server}));
  ASSERT_EQ(check(1), SIMDJWT_OK);
  for (const Words& words : server.commands()) {
    if (words[0] != "SET") continue;
    ASSERT_EQ(words.size(), 6u);
    EXPECT_EQ(words[3], "NX");
    EXPECT_EQ(words[4], "EXAT");
    EXPECT_EQ(words[5], "4000000000");
  }
}

TEST_F(FleetTest, ABatchIsOneRoundTrip) {
  FakeServer server;
  start(settings({&server}));
  ASSERT_EQ(check(1), SIMDJWT_OK);
  const std::uint64_t before = health().round_trips;
  for (const simdjwt_error error : check_all(100, 64)) EXPECT_EQ(error, SIMDJWT_OK);
  EXPECT_EQ(health().round_trips, before + 1);
  EXPECT_EQ(server.keys().size(), 65u);
}

TEST_F(FleetTest, EveryAttemptHasAValueOfItsOwn) {
  FakeServer server;
  start(settings({&server}));
  for (const simdjwt_error error : check_all(0, 50)) ASSERT_EQ(error, SIMDJWT_OK);
  std::vector<std::string> values;
  for (const auto& [key, value] : server.keys()) values.push_back(value);
  std::sort(values.begin(), values.end());
  EXPECT_EQ(std::unique(values.begin(), values.end()), values.end());
}

// A server that answers later than the deadline: the token is refused, and can be tried again.
TEST_F(FleetTest, AKeyThatWasSetTooLateIsReleased) {
  FakeServer server;
  start(settings({&server}, kHasty));
  ASSERT_TRUE(eventually([&] { return health().state == SIMDJWT_FLEET_UP; }));
  server.pause();
  EXPECT_EQ(check(7), SIMDJWT_STORE_UNAVAILABLE);
  ASSERT_TRUE(eventually([&] { return health().last_error == SIMDJWT_FLEET_DEADLINE; }));
  EXPECT_EQ(server.keys().size(), 1u);
  server.resume();
  ASSERT_TRUE(eventually([&] { return server.keys().empty(); }));
  ASSERT_TRUE(eventually([&] { return check(7) == SIMDJWT_OK; }));
  EXPECT_EQ(server.count("EVAL"), 1);
}

// Between the late answer and the deletion a retry finds its own key: it has been used nowhere.
TEST_F(FleetTest, ARetryThatFindsItsOwnKeyIsNotToldThatItWasUsed) {
  std::atomic<bool> is_holding{true};
  FakeServer server([&](const Words& words) -> std::optional<std::string> {
    if (words[0] == "EVAL" && is_holding) return "";
    return std::nullopt;
  });
  start(settings({&server}, kHasty));
  ASSERT_TRUE(eventually([&] { return health().state == SIMDJWT_FLEET_UP; }));
  server.pause();
  ASSERT_EQ(check(7), SIMDJWT_STORE_UNAVAILABLE);
  server.resume();
  ASSERT_TRUE(eventually([&] { return server.count("EVAL") == 1; }));
  EXPECT_EQ(check(7), SIMDJWT_STORE_UNAVAILABLE);
  is_holding = false;
}

// The key of a token that was accepted on this gateway's word stays: it has been used.
TEST_F(FleetTest, WithLocalOnlyALateKeyStays) {
  FakeServer server;
  Settings local = settings({&server}, kHasty);
  local.allow_local_only = true;
  start(std::move(local));
  ASSERT_TRUE(eventually([&] { return health().state == SIMDJWT_FLEET_UP; }));
  server.pause();
  EXPECT_EQ(check(7), SIMDJWT_OK);
  server.resume();
  unsigned next = 8;
  ASSERT_TRUE(eventually([&] { return check(next++) == SIMDJWT_OK && health().confirmed != 0; }));
  EXPECT_EQ(server.count("EVAL"), 0);
  EXPECT_TRUE(server.keys().contains("sj:07000000000000000000000000000000"));
  EXPECT_GE(health().local_only, 1u);
  EXPECT_EQ(health().unavailable, 0u);
}

TEST_F(FleetTest, AConnectionThatEndsRefusesWhatIsUnderWay) {
  FakeServer server([](const Words& words) -> std::optional<std::string> {
    if (words[0] == "SET") return std::string("$\0close", 7);
    return std::nullopt;
  });
  start(settings({&server}));
  EXPECT_EQ(check(1), SIMDJWT_STORE_UNAVAILABLE);
  EXPECT_EQ(health().last_error, SIMDJWT_FLEET_CLOSED);
  server.set_script({});
  ASSERT_TRUE(eventually([&] { return check(2) == SIMDJWT_OK; }));
}

TEST_F(FleetTest, GarbageRefuses) {
  FakeServer server([](const Words& words) -> std::optional<std::string> {
    if (words[0] == "SET") return "HTTP/1.1 400 Bad Request\r\n\r\n";
    return std::nullopt;
  });
  start(settings({&server}));
  EXPECT_EQ(check(1), SIMDJWT_STORE_UNAVAILABLE);
  EXPECT_EQ(health().last_error, SIMDJWT_FLEET_PROTOCOL);
}

TEST_F(FleetTest, AnswersOfAnotherTypeAreNoConfirmation) {
  for (const char* answer :
       {":1\r\n", "+QUEUED\r\n", "$2\r\nOK\r\n", "*1\r\n+OK\r\n", "*0\r\n", "-ERR syntax error\r\n", "-\r\n"}) {
    FakeServer server([answer](const Words& words) -> std::optional<std::string> {
      if (words[0] == "SET") return answer;
      return std::nullopt;
    });
    start(settings({&server}));
    EXPECT_EQ(check(1), SIMDJWT_STORE_UNAVAILABLE) << answer;
    EXPECT_EQ(health().last_error, SIMDJWT_FLEET_PROTOCOL) << answer;
    fleet_.reset();
  }
}

// A reply of a type that no server gives to the command: what follows belongs to who knows which question.
TEST_F(FleetTest, AnswersOfAnotherTypeEndTheConnection) {
  const std::pair<const char*, const char*> cases[] = {
      {"SET", ":1\r\n"},   {"SET", "+QUEUED\r\n"}, {"SET", "*0\r\n"},
      {"WAIT", "+OK\r\n"}, {"WAIT", "$-1\r\n"},    {"INFO", ":1\r\n"},
      {"ROLE", "+OK\r\n"}, {"AUTH", ":1\r\n"},     {"AUTH", "*2\r\n$4\r\nAUTH\r\n$1\r\np\r\n"}};
  for (const auto& [command, answer] : cases) {
    FakeServer server([&, name = std::string(command)](const Words& words) -> std::optional<std::string> {
      if (words[0] == name) return answer;
      return std::nullopt;
    });
    Settings odd = settings({&server});
    odd.password = "p";
    odd.wait_replicas = 1;
    start(std::move(odd));
    EXPECT_EQ(check(1), SIMDJWT_STORE_UNAVAILABLE) << command << answer;
    simdjwt_fleet_node node = SIMDJWT_FLEET_NODE_INIT;
    ASSERT_TRUE(eventually([&] {
      return fleet().board().read_node(0, node) && node.last_error == SIMDJWT_FLEET_PROTOCOL && node.connected == 0;
    })) << command
        << answer << node.last_detail;
    fleet_.reset();
  }
}

TEST_F(FleetTest, AnAnswerOfAnotherTypeToADeletionEndsTheConnection) {
  FakeServer server([](const Words& words) -> std::optional<std::string> {
    if (words[0] == "WAIT") return ":0\r\n";
    if (words[0] == "EVAL") return "+OK\r\n";
    return std::nullopt;
  });
  Settings waiting = settings({&server});
  waiting.wait_replicas = 1;
  start(std::move(waiting));
  EXPECT_EQ(check(1), SIMDJWT_STORE_UNAVAILABLE);
  simdjwt_fleet_node node = SIMDJWT_FLEET_NODE_INIT;
  ASSERT_TRUE(
      eventually([&] { return fleet().board().read_node(0, node) && node.last_error == SIMDJWT_FLEET_PROTOCOL; }));
}

TEST_F(FleetTest, AnAnswerToNothingEndsTheConnection) {
  FakeServer server([](const Words& words) -> std::optional<std::string> {
    if (words[0] == "PING" || words[0] == "INFO") return "$0\r\n\r\n+OK\r\n";
    return std::nullopt;
  });
  start(settings({&server}));
  ASSERT_TRUE(eventually([&] { return health().last_error == SIMDJWT_FLEET_PROTOCOL; }));
  EXPECT_EQ(check(1), SIMDJWT_STORE_UNAVAILABLE);
}

TEST_F(FleetTest, AnswersInPiecesAreWhole) {
  FakeServer server;
  start(settings({&server}));
  ASSERT_EQ(check(1), SIMDJWT_OK);
  std::atomic<int> turn{0};
  server.set_script([&](const Words& words) -> std::optional<std::string> {
    if (words[0] != "SET") return std::nullopt;
    return turn++ == 0 ? "+O" : "K\r\n$-1\r\n";  // the second answer brings the rest of the first
  });
  std::thread first([&] { EXPECT_EQ(check(2), SIMDJWT_OK); });
  ASSERT_TRUE(eventually([&] { return turn == 1; }));
  EXPECT_EQ(check(3), SIMDJWT_TOKEN_REPLAYED);
  first.join();
}

TEST_F(FleetTest, ThePasswordIsSentFirst) {
  FakeServer server;
  Settings secret = settings({&server});
  secret.user = "gateway";
  secret.password = "a secret";
  start(std::move(secret));
  ASSERT_EQ(check(1), SIMDJWT_OK);
  EXPECT_EQ(server.commands()[0], (Words{"AUTH", "gateway", "a secret"}));
}

TEST_F(FleetTest, ARefusedPasswordIsSaidAndNotShown) {
  FakeServer server([](const Words& words) -> std::optional<std::string> {
    if (words[0] == "AUTH") return "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
    return std::nullopt;
  });
  Settings secret = settings({&server});
  secret.password = "a secret";
  start(std::move(secret));
  EXPECT_EQ(check(1), SIMDJWT_STORE_UNAVAILABLE);
  ASSERT_TRUE(eventually([&] { return is_in(SIMDJWT_FLEET_OPEN); }));
  EXPECT_EQ(health().last_error, SIMDJWT_FLEET_AUTH);
  EXPECT_EQ(std::string(health().last_detail).find("a secret"), std::string::npos);
}

// As servers without AUTH do: "ERR unknown command 'AUTH', with args beginning with: ...".
TEST_F(FleetTest, APasswordThatAServerRepeatsIsNotShown) {
  for (const std::string repeating : {"AUTH", "ROLE", "SET"}) {
    FakeServer server([repeating](const Words& words) -> std::optional<std::string> {
      if (words[0] == repeating) return "-ERR unknown command 'AUTH', with args beginning with: 'hunter2' \r\n";
      return std::nullopt;
    });
    Settings secret = settings({&server});
    secret.password = "hunter2";
    start(std::move(secret));
    EXPECT_EQ(check(1), SIMDJWT_STORE_UNAVAILABLE);
    ASSERT_TRUE(eventually([&] { return health().last_error != SIMDJWT_OK; })) << repeating;
    simdjwt_fleet_node node = SIMDJWT_FLEET_NODE_INIT;
    ASSERT_TRUE(fleet().board().read_node(0, node));
    for (const std::string& shown : {std::string(health().last_detail), std::string(node.last_detail)}) {
      EXPECT_EQ(shown.find("hunter2"), std::string::npos) << repeating << ": " << shown;
    }
    EXPECT_NE(std::string(health().last_detail), "") << repeating;
    fleet_.reset();
  }
}

TEST_F(FleetTest, AServerThatMayEvictIsPointedOut) {
  FakeServer server([](const Words& words) -> std::optional<std::string> {
    if (words[0] == "INFO") return bulk("# Memory\r\nmaxmemory_policy:allkeys-lru\r\n");
    return std::nullopt;
  });
  start(settings({&server}));
  ASSERT_EQ(check(1), SIMDJWT_OK);
  ASSERT_TRUE(eventually([&] { return health().last_detail[0] != '\0'; }));
  EXPECT_NE(std::string(health().last_detail).find("allkeys-lru"), std::string::npos);
}

TEST_F(FleetTest, AnEventLoopIsToldByItsDescriptor) {
  FakeServer server;
  start(settings({&server}));
  ASSERT_EQ(check(2), SIMDJWT_OK);
  const simdjwt_replay_record fresh = record_of(1), used = record_of(2);
  ASSERT_EQ(fleet().submit(fresh, 11), SIMDJWT_OK);
  ASSERT_EQ(fleet().submit(used, 12), SIMDJWT_OK);
  std::vector<simdjwt_fleet_answer> answers;
  while (answers.size() < 2) {
    pollfd waiting{fleet().fd(), POLLIN, 0};
    ASSERT_EQ(::poll(&waiting, 1, 10000), 1);
    simdjwt_fleet_answer answer{};
    ASSERT_EQ(fleet().take(&answer, 1), 1u);
    answers.push_back(answer);
  }
  EXPECT_EQ(answers[0].cookie, 11u);
  EXPECT_EQ(answers[0].error, SIMDJWT_OK);
  EXPECT_EQ(answers[1].cookie, 12u);
  EXPECT_EQ(answers[1].error, SIMDJWT_TOKEN_REPLAYED);
  pollfd waiting{fleet().fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&waiting, 1, 0), 0);
  EXPECT_TRUE(undone_.empty());
}

TEST_F(FleetTest, AnEventLoopsUseIsTakenBackWhenNoAnswerComes) {
  FakeServer server;
  start(settings({&server}, kHasty));
  ASSERT_TRUE(eventually([&] { return health().state == SIMDJWT_FLEET_UP; }));
  server.pause();
  ASSERT_EQ(fleet().submit(record_of(1), 11), SIMDJWT_OK);
  simdjwt_fleet_answer answer{};
  ASSERT_TRUE(eventually([&] { return fleet().take(&answer, 1) == 1; }));
  EXPECT_EQ(answer.error, SIMDJWT_STORE_UNAVAILABLE);
  const std::lock_guard lock(mutex_);
  ASSERT_EQ(undone_.size(), 1u);
  EXPECT_EQ(undone_[0].fingerprint[0], 1);
}

// Nothing is taken away, so that the last of them find no room.
TEST_F(FleetTest, TooManyThatWaitAreRefusedAtOnce) {
  FakeServer server;
  start(settings({&server}));
  ASSERT_EQ(check(1), SIMDJWT_OK);
  server.pause();
  std::uint32_t taken = 0;
  while (fleet().submit(record_of(10 + taken), taken) == SIMDJWT_OK) ++taken;
  EXPECT_LE(taken, Fleet::kMaxWaiting);
  EXPECT_GE(taken, Fleet::kMaxWaiting / 2);
  EXPECT_EQ(check(2), SIMDJWT_STORE_UNAVAILABLE);
  EXPECT_EQ(health().last_error, SIMDJWT_FLEET_BACKLOG);
  {
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(undone_.size(), 1u);
  }
  server.resume();
  ASSERT_TRUE(eventually([&] { return check(3) != SIMDJWT_STORE_UNAVAILABLE; }));
  EXPECT_TRUE(eventually([&] { return health().last_error == SIMDJWT_OK; }));  // as soon as one was answered
}

}  // namespace
}  // namespace simdjwt::fleet
