// What answers mean: to SET, to ROLE, to CLUSTER SLOTS and to INFO; and which slot a key is in.
#include <gtest/gtest.h>

#include "fleet/key_slot.h"
#include "fleet/server_facts.h"
#include "fleet/set_answer.h"

namespace simdjwt::fleet {
namespace {

Reply read(std::string_view bytes) {
  ReplyReader reader;
  std::unique_ptr<Reply> reply;
  EXPECT_TRUE(reader.feed(bytes));
  EXPECT_EQ(reader.next(reply), ReplyReader::Result::reply) << bytes;
  return reply ? std::move(*reply) : Reply();
}

SetAnswer answer_to_set(std::string_view bytes) {
  return read_set_answer(read(bytes), "10.0.0.1");
}

// The check value of CRC-16/XMODEM, and slots that Redis' CLUSTER KEYSLOT says.
TEST(KeySlot, PublishedVectors) {
  EXPECT_EQ(crc16("123456789"), 0x31c3);
  EXPECT_EQ(crc16(""), 0);
  EXPECT_EQ(key_slot("foo"), 12182u);
  EXPECT_EQ(key_slot("bar"), 5061u);
  EXPECT_EQ(key_slot("hello"), 866u);
  EXPECT_EQ(key_slot("somekey"), 11058u);
}

TEST(SetAnswer, Kinds) {
  EXPECT_EQ(answer_to_set("+OK\r\n").kind, SetAnswer::Kind::set);
  EXPECT_EQ(answer_to_set("$-1\r\n").kind, SetAnswer::Kind::taken);
  EXPECT_EQ(answer_to_set("-READONLY no\r\n").kind, SetAnswer::Kind::elsewhere);
  for (const char* bytes : {"+ok\r\n", "+QUEUED\r\n", "$2\r\nOK\r\n", ":1\r\n", "*0\r\n"}) {
    EXPECT_EQ(answer_to_set(bytes).kind, SetAnswer::Kind::refused) << bytes;
    EXPECT_EQ(answer_to_set(bytes).error, SIMDJWT_FLEET_PROTOCOL) << bytes;
  }
}

TEST(SetAnswer, Errors) {
  const std::pair<const char*, unsigned> cases[] = {
      {"-NOAUTH Authentication required.\r\n", SIMDJWT_FLEET_AUTH},
      {"-NOPERM this user has no permissions\r\n", SIMDJWT_FLEET_AUTH},
      {"-LOADING Redis is loading the dataset in memory\r\n", SIMDJWT_FLEET_READ_ONLY},
      {"-CLUSTERDOWN The cluster is down\r\n", SIMDJWT_FLEET_READ_ONLY},
      {"-MISCONF Redis is configured to save RDB snapshots\r\n", SIMDJWT_FLEET_READ_ONLY},
      {"-NOREPLICAS Not enough good replicas to write.\r\n", SIMDJWT_FLEET_READ_ONLY},
      {"-OOM command not allowed when used memory > 'maxmemory'.\r\n", SIMDJWT_FLEET_PROTOCOL},
      {"-\r\n", SIMDJWT_FLEET_PROTOCOL}};
  for (const auto& [bytes, error] : cases) EXPECT_EQ(answer_to_set(bytes).error, error) << bytes;
}

TEST(SetAnswer, Redirections) {
  const SetAnswer moved = answer_to_set("-MOVED 3999 127.0.0.1:6381\r\n");
  EXPECT_EQ(moved.kind, SetAnswer::Kind::moved);
  EXPECT_EQ(moved.slot, 3999u);
  EXPECT_EQ(moved.target, (Address{"127.0.0.1", 6381}));
  EXPECT_EQ(answer_to_set("-ASK 1 redis-2.example:7000\r\n").target, (Address{"redis-2.example", 7000}));
  EXPECT_EQ(answer_to_set("-MOVED 1 2001:db8::1:7000\r\n").target, (Address{"2001:db8::1", 7000}));
  EXPECT_EQ(answer_to_set("-MOVED 1 :7000\r\n").target, (Address{"10.0.0.1", 7000}));
}

TEST(SetAnswer, RedirectionsThatLeadNowhere) {
  for (const char* bytes : {"-MOVED\r\n", "-MOVED \r\n", "-MOVED 1\r\n", "-MOVED 1 \r\n", "-MOVED x h:1\r\n",
                            "-MOVED 16384 h:1\r\n", "-MOVED -1 h:1\r\n", "-MOVED 1 h:0\r\n", "-MOVED 1 h:65536\r\n",
                            "-MOVED 1 h\r\n", "-MOVED 1 ?:7000\r\n", "-MOVED 1 a b:7000\r\n", "-ASK 1 h:7000x\r\n"}) {
    EXPECT_EQ(answer_to_set(bytes).kind, SetAnswer::Kind::refused) << bytes;
    EXPECT_EQ(answer_to_set(bytes).error, SIMDJWT_FLEET_PROTOCOL) << bytes;
  }
}

// Servers without AUTH, and proxies, repeat the command.
TEST(AuthRefusal, NothingOfWhatAServerRepeats) {
  EXPECT_EQ(auth_refusal(read("-WRONGPASS invalid username-password pair: secret\r\n")), "WRONGPASS");
  for (const char* bytes :
       {"-ERR unknown command 'AUTH', with args beginning with: 'secret' \r\n", "-secret\r\n", "-\r\n"}) {
    EXPECT_EQ(auth_refusal(read(bytes)), "the server refuses the password") << bytes;
  }
}

TEST(SetAnswer, WhatIsShownIsPrintableAndShort) {
  EXPECT_EQ(printable("ERR a\x1b[2J\tb\x80"), "ERR a?[2J?b?");
  EXPECT_EQ(printable(std::string(1000, 'a')).size(), 120u);
}

TEST(Role, Roles) {
  EXPECT_EQ(read_role(read("*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n")), Role::primary);
  EXPECT_EQ(read_role(read("*1\r\n$5\r\nslave\r\n")), Role::replica);
  for (const char* bytes :
       {"*1\r\n$8\r\nsentinel\r\n", "*0\r\n", "+master\r\n", "*1\r\n:1\r\n", "-ERR\r\n", "$-1\r\n"}) {
    EXPECT_EQ(read_role(read(bytes)), Role::unknown) << bytes;
  }
}

TEST(Slots, AMap) {
  const auto slots =
      read_slots(read("*2\r\n*4\r\n:0\r\n:100\r\n*3\r\n$9\r\n127.0.0.1\r\n:7000\r\n$2\r\nid\r\n*2\r\n$1\r\nh\r\n:1\r\n"
                      "*3\r\n:101\r\n:16383\r\n*2\r\n$0\r\n\r\n:7001\r\n"),
                 "10.0.0.1");
  ASSERT_TRUE(slots);
  ASSERT_EQ(slots->size(), 2u);
  EXPECT_EQ((*slots)[0].first, 0u);
  EXPECT_EQ((*slots)[0].last, 100u);
  EXPECT_EQ((*slots)[0].primary, (Address{"127.0.0.1", 7000}));
  EXPECT_EQ((*slots)[1].primary, (Address{"10.0.0.1", 7001}));
}

TEST(Slots, ANodeWithoutANameIsLeftOut) {
  for (const char* node :
       {"*2\r\n$1\r\n?\r\n:7000\r\n", "*2\r\n$1\r\nh\r\n:0\r\n", "*2\r\n$1\r\nh\r\n:70000\r\n", "*1\r\n$1\r\nh\r\n",
        "*2\r\n:1\r\n:7000\r\n", "*2\r\n$3\r\na b\r\n:7000\r\n", "$1\r\nh\r\n"}) {
    const auto slots = read_slots(read(std::string("*1\r\n*3\r\n:0\r\n:1\r\n") + node), "h");
    ASSERT_TRUE(slots) << node;
    EXPECT_TRUE(slots->empty()) << node;
  }
}

TEST(Slots, WhatIsNoMap) {
  for (const char* bytes : {"+OK\r\n", "*1\r\n:1\r\n", "*1\r\n*2\r\n:0\r\n:1\r\n", "*1\r\n*3\r\n:2\r\n:1\r\n*0\r\n",
                            "*1\r\n*3\r\n:0\r\n:16384\r\n*0\r\n", "*1\r\n*3\r\n:-1\r\n:1\r\n*0\r\n",
                            "*1\r\n*3\r\n$1\r\n0\r\n:1\r\n*0\r\n"}) {
    EXPECT_FALSE(read_slots(read(bytes), "h")) << bytes;
  }
  EXPECT_TRUE(read_slots(read("*0\r\n"), "h")->empty());
}

TEST(Info, PoliciesThatEvict) {
  const auto policy = [](std::string text) {
    return evicting_policy(read("$" + std::to_string(text.size()) + "\r\n" + text + "\r\n"));
  };
  EXPECT_EQ(policy("# Memory\r\nmaxmemory_policy:allkeys-lru\r\nx:y\r\n"), "allkeys-lru");
  EXPECT_EQ(policy("# Memory\r\nmaxmemory_policy:volatile-ttl"), "volatile-ttl");
  EXPECT_EQ(policy("# Memory\r\nmaxmemory_policy:noeviction\r\n"), "");
  EXPECT_EQ(policy("# Memory\r\n"), "");
  EXPECT_EQ(evicting_policy(read("-NOPERM\r\n")), "");
}

}  // namespace
}  // namespace simdjwt::fleet
