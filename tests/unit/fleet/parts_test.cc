// The small parts: addresses, the breaker in a time of its own, calls, the queue of answers, and files with secrets.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <future>
#include <thread>

#include "fleet/board.h"
#include "fleet/breaker.h"
#include "fleet/call.h"
#include "fleet/command.h"
#include "fleet/deferred.h"
#include "fleet/name_lookup.h"
#include "fleet/settings.h"

namespace simdjwt::fleet {
namespace {

TEST(Address, Forms) {
  EXPECT_EQ(parse_address("redis.example:6379"), (Address{"redis.example", 6379}));
  EXPECT_EQ(parse_address("10.0.0.1:1"), (Address{"10.0.0.1", 1}));
  EXPECT_EQ(parse_address("[2001:db8::1]:65535"), (Address{"2001:db8::1", 65535}));
  EXPECT_EQ(parse_address("[2001:db8::1]:65535")->text(), "[2001:db8::1]:65535");
  for (const char* text : {"", ":", "h", "h:", ":1", "h:0", "h:65536", "h:+1", "h:1x", "h: 1", "a b:1", "::1:6379",
                           "[::1]", "[::1]6379", "[x]:1", "redis://h:1", "u@h:1", "h\n:1"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
  std::string too_long(254, 'a');
  too_long += ":1";
  EXPECT_FALSE(parse_address(too_long));
}

TEST(Address, WhatNoNameServerIsAskedFor) {
  EXPECT_EQ(known_addresses({"127.0.0.1", 1}).size(), 1u);
  EXPECT_EQ(known_addresses({"::1", 1}).size(), 1u);
  EXPECT_EQ(known_addresses({"LocalHost", 1}).size(), 2u);
  EXPECT_EQ(known_addresses({"redis.localhost", 1}).size(), 2u);
  EXPECT_TRUE(known_addresses({"redis.example", 1}).empty());
  EXPECT_TRUE(known_addresses({"notlocalhost", 1}).empty());
}

TEST(Command, WhatIsSent) {
  simdjwt_replay_record record{};
  record.fingerprint[0] = 0xab;
  record.fingerprint[15] = 0x01;
  record.forget_at = 1000;
  std::string out;
  append_set(out, record, 42);
  EXPECT_EQ(out,
            "*6\r\n$3\r\nSET\r\n$35\r\nsj:ab000000000000000000000000000001\r\n$2\r\n42\r\n$2\r\nNX\r\n$4\r\nEXAT\r\n$"
            "4\r\n1000\r\n");
  record.forget_at = INT64_MAX;
  out.clear();
  append_set(out, record, 1);
  EXPECT_NE(out.find("9223372036854775\r\n"), std::string::npos);  // in milliseconds it still fits 63 bits
}

class BreakerTest : public ::testing::Test {
 protected:
  Time at(int milliseconds) const { return start_ + Millis(milliseconds); }
  void fail(int first, int count) {
    for (int i = 0; i < count; ++i) breaker_.failure(at(first + 10 * i), least_);
  }
  int pause(int now) const {
    return static_cast<int>(std::chrono::duration_cast<Millis>(*breaker_.due() - at(now)).count());
  }

  const Time start_ = Time() + std::chrono::hours(1);
  const Random least_ = [] { return 0.0; };
  const Random most_ = [] { return 1.0; };
  Breaker breaker_;
};

TEST_F(BreakerTest, OpensAfterFailuresInARow) {
  fail(0, 4);
  EXPECT_TRUE(breaker_.is_closed());
  EXPECT_TRUE(breaker_.is_failing());
  breaker_.success();
  EXPECT_FALSE(breaker_.is_failing());
  fail(100, 4);
  EXPECT_TRUE(breaker_.is_closed());
  EXPECT_TRUE(breaker_.failure(at(200), least_));
  EXPECT_FALSE(breaker_.is_closed());
  EXPECT_EQ(pause(200), 25);
}

TEST_F(BreakerTest, WhatFailsTogetherIsOneFailure) {
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(breaker_.failure(at(i % 5), least_));
  EXPECT_TRUE(breaker_.is_closed());
}

TEST_F(BreakerTest, PausesDoubleWithJitterUpToTheLongest) {
  breaker_.trip(at(0), most_);
  EXPECT_EQ(pause(0), 50);
  for (const int expected : {100, 200, 400, 800, 1000, 1000}) {
    breaker_.begin_probe();
    EXPECT_FALSE(breaker_.due());
    breaker_.probe_failed(at(0), most_);
    EXPECT_EQ(pause(0), expected);
  }
  breaker_.begin_probe();
  breaker_.probe_failed(at(0), least_);
  EXPECT_EQ(pause(0), 500);
}

TEST_F(BreakerTest, OneProbeClosesIt) {
  breaker_.trip(at(0), most_);
  breaker_.begin_probe();
  EXPECT_FALSE(breaker_.is_closed());
  breaker_.probe_ok(at(0));
  EXPECT_TRUE(breaker_.is_closed());
  EXPECT_FALSE(breaker_.is_failing());
  breaker_.trip(at(1000), most_);
  EXPECT_EQ(pause(1000), 50);
}

// Such as a server that greets and closes the connection.
TEST_F(BreakerTest, WhatFailsAgainAtOnceIsAskedLessAndLess) {
  breaker_.trip(at(0), most_);
  for (const int expected : {100, 200, 400, 800, 1000}) {
    breaker_.begin_probe();
    breaker_.probe_ok(at(0));
    breaker_.probe_ok(at(900));  // was closed already
    breaker_.trip(at(999), most_);
    EXPECT_EQ(pause(999), expected);
  }
}

TEST_F(BreakerTest, AnswersWhileItIsOpenDoNotCloseIt) {
  EXPECT_TRUE(breaker_.trip(at(0), most_));
  EXPECT_FALSE(breaker_.trip(at(0), most_));
  breaker_.success();
  EXPECT_FALSE(breaker_.is_closed());
  EXPECT_FALSE(breaker_.failure(at(100), most_));
}

TEST(Call, TheFirstResultStands) {
  std::atomic<std::uint64_t> waiting{0};
  const simdjwt_replay_record records[2] = {};
  {
    Call call(records, 2, Clock::now() - Millis(1), waiting);
    EXPECT_EQ(waiting, 2u);
    EXPECT_TRUE(call.settle(0, SIMDJWT_OK));
    EXPECT_FALSE(call.settle(0, SIMDJWT_TOKEN_REPLAYED));
    simdjwt_error results[2];
    EXPECT_EQ(call.wait(results), 1u);
    EXPECT_EQ(results[0], SIMDJWT_OK);
    EXPECT_EQ(results[1], SIMDJWT_STORE_UNAVAILABLE);
    EXPECT_FALSE(call.settle(1, SIMDJWT_OK));
    EXPECT_TRUE(call.is_settled(1));
  }
  EXPECT_EQ(waiting, 0u);
}

// Memory may run out between the queue and the answer: the use would stay recorded, and the answer owed.
TEST(Call, ARecordOfAnEventLoopThatIsLostIsReported) {
  struct : AbandonedUser {
    void on_abandoned(const simdjwt_replay_record& record, std::uint64_t cookie) noexcept override {
      told.emplace_back(record.fingerprint[0], cookie);
    }
    std::vector<std::pair<int, std::uint64_t>> told;
  } user;
  std::atomic<std::uint64_t> waiting{0};
  simdjwt_replay_record record{};
  record.fingerprint[0] = 7;
  for (const bool is_answered : {true, false}) {
    Call call(&record, 1, Clock::now(), waiting);
    call.is_deferred = true;
    call.abandoned = &user;
    call.cookie = 9;
    if (is_answered) {
      EXPECT_TRUE(call.settle(0, SIMDJWT_OK));
    }
  }
  ASSERT_EQ(user.told.size(), 1u);
  EXPECT_EQ(user.told[0], (std::pair<int, std::uint64_t>(7, 9)));
}

TEST(Settings, WhatWasMovedFromKeepsNoSecret) {
  Settings from;
  from.password = "short";
  from.key.fill(1);
  const char* const bytes = from.password.data();  // stands in the string itself
  const Settings to(std::move(from));
  EXPECT_EQ(to.password, "short");
  EXPECT_EQ(to.key[15], 1);
  EXPECT_EQ(from.key[15], 0);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(bytes[i], '\0') << i;
}

// A look-up that hangs is not begun again and again: each would hold a thread.
TEST(NameLookup, OneAtATimeForANode) {
  std::promise<void> gate;
  const std::shared_future<void> open = gate.get_future().share();
  std::atomic<int> calls{0};
  const auto wake = std::make_shared<const Wake>();
  const auto lookups = std::make_shared<NameLookup>(wake, [open, &calls](const Address&) {
    ++calls;
    open.wait();
    return Lookup{0, {}, "nothing"};
  });
  EXPECT_TRUE(lookups->begin(1, {"hangs.example", 1}));
  EXPECT_TRUE(lookups->begin(1, {"hangs.example", 1}));
  EXPECT_TRUE(lookups->begin(2, {"hangs.example", 1}));
  gate.set_value();
  std::vector<std::uint64_t> ids;
  while (ids.size() < 2) {
    for (const Lookup& lookup : lookups->take()) ids.push_back(lookup.id);
  }
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(ids, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(calls, 2);
  EXPECT_TRUE(lookups->begin(1, {"hangs.example", 1}));
  while (lookups->take().empty()) std::this_thread::yield();
}

TEST(Board, WhatCallersNoteIsGoneWithTheNextReport) {
  Board board;
  board.show(SIMDJWT_FLEET_BACKLOG, "too many");
  EXPECT_TRUE(board.has_note());  // so that the next answer makes a report
  simdjwt_fleet_health health = SIMDJWT_FLEET_HEALTH_INIT;
  board.read(Clock::now(), health);
  EXPECT_EQ(health.last_error, SIMDJWT_FLEET_BACKLOG);
  board.publish({});
  EXPECT_FALSE(board.has_note());
  board.read(Clock::now(), health);
  EXPECT_EQ(health.last_error, SIMDJWT_OK);
}

TEST(Deferred, RoomIsMadeBeforehandAndGivenBack) {
  Deferred deferred;
  for (std::size_t i = 0; i < Deferred::kMost; ++i) ASSERT_TRUE(deferred.reserve());
  EXPECT_FALSE(deferred.reserve());
  deferred.cancel();
  EXPECT_TRUE(deferred.reserve());
  for (std::uint64_t i = 0; i < 10; ++i) deferred.give(i, SIMDJWT_OK);
  simdjwt_fleet_answer answers[4];
  std::uint64_t next = 0;
  while (const std::uint32_t taken = deferred.take(answers, 4)) {
    for (std::uint32_t i = 0; i < taken; ++i) EXPECT_EQ(answers[i].cookie, next++);
    pollfd waiting{deferred.fd(), POLLIN, 0};
    EXPECT_EQ(::poll(&waiting, 1, 0), next < 10 ? 1 : 0);
  }
  EXPECT_EQ(next, 10u);
  EXPECT_TRUE(deferred.reserve());
}

class SecretTest : public ::testing::Test {
 protected:
  SecretTest() {
    char name[] = "/tmp/simdjwt-secret-XXXXXX";
    EXPECT_NE(::mkdtemp(name), nullptr);
    folder_ = name;
  }
  ~SecretTest() override {
    ::unlink(path().c_str());
    ::rmdir(folder_.c_str());
  }
  std::string path() const { return folder_ + "/secret"; }
  bool read(const std::string& content, mode_t mode) {
    ::unlink(path().c_str());
    std::ofstream(path(), std::ios::binary) << content;
    ::chmod(path().c_str(), mode);
    return read_secret(path(), secret_, why_);
  }

  std::string folder_, secret_, why_;
};

TEST_F(SecretTest, OneLineOfItsOwner) {
  EXPECT_TRUE(read("a secret\n", 0600)) << why_;
  EXPECT_EQ(secret_, "a secret");
  EXPECT_TRUE(read("a secret", 0640)) << why_;
  EXPECT_TRUE(read("a secret\r\n", 0400)) << why_;
  EXPECT_EQ(secret_, "a secret");
}

TEST_F(SecretTest, ReadableByOthersIsNoSecret) {
  for (const mode_t mode : {0604, 0644, 0602, 0601, 0620, 0660, 0666}) {
    EXPECT_FALSE(read("a secret\n", mode)) << std::oct << mode;
  }
}

TEST_F(SecretTest, OtherFiles) {
  EXPECT_FALSE(read("", 0600));
  EXPECT_FALSE(read("\n", 0600));
  EXPECT_FALSE(read("two\nlines\n", 0600));
  EXPECT_FALSE(read(std::string("a\0b", 3), 0600));
  EXPECT_FALSE(read(std::string(513, 'a'), 0600));
  EXPECT_FALSE(read_secret(folder_, secret_, why_));
  EXPECT_FALSE(read_secret(folder_ + "/missing", secret_, why_));
  ::unlink(path().c_str());
  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  EXPECT_FALSE(read_secret(path(), secret_, why_));
}

TEST(Key, ThirtyTwoDigits) {
  std::array<std::uint8_t, 16> key{};
  ASSERT_TRUE(parse_key("000102030405060708090a0b0c0D0E0F", key));
  for (unsigned i = 0; i < 16; ++i) EXPECT_EQ(key[i], i);
  EXPECT_FALSE(parse_key("", key));
  EXPECT_FALSE(parse_key("000102030405060708090a0b0c0d0e0", key));
  EXPECT_FALSE(parse_key("000102030405060708090a0b0c0d0e0f0", key));
  EXPECT_FALSE(parse_key("000102030405060708090a0b0c0d0e0g", key));
}

}  // namespace
}  // namespace simdjwt::fleet
