// Replies are read whole, however they are cut, and within bounds.
#include "fleet/reply.h"

#include <gtest/gtest.h>

namespace simdjwt::fleet {
namespace {

using Result = ReplyReader::Result;

std::unique_ptr<Reply> read_one(std::string_view bytes) {
  ReplyReader reader;
  std::unique_ptr<Reply> reply;
  if (!reader.feed(bytes) || reader.next(reply) != Result::reply) return nullptr;
  return reply;
}

bool is_broken(std::string_view bytes) {
  ReplyReader reader;
  std::unique_ptr<Reply> reply;
  return !reader.feed(bytes) || reader.next(reply) == Result::broken;
}

TEST(Reply, Kinds) {
  EXPECT_TRUE(read_one("+OK\r\n")->is(Reply::Kind::status));
  EXPECT_EQ(read_one("+OK\r\n")->text, "OK");
  EXPECT_TRUE(read_one("-ERR no\r\n")->is(Reply::Kind::error));
  EXPECT_EQ(read_one(":-12\r\n")->integer, -12);
  EXPECT_TRUE(read_one("$-1\r\n")->is(Reply::Kind::nil));
  EXPECT_TRUE(read_one("*-1\r\n")->is(Reply::Kind::nil));
  EXPECT_EQ(read_one("$4\r\na\r\nb\r\n")->text, "a\r\nb");
  EXPECT_TRUE(read_one("*0\r\n")->is(Reply::Kind::array));
}

TEST(Reply, CutAnywhere) {
  const std::string_view bytes = "*3\r\n$3\r\nabc\r\n*2\r\n:1\r\n$-1\r\n+x\r\n";
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    ReplyReader reader;
    std::unique_ptr<Reply> reply;
    ASSERT_TRUE(reader.feed(bytes.substr(0, cut)));
    ASSERT_EQ(reader.next(reply), Result::more) << cut;
    ASSERT_TRUE(reader.feed(bytes.substr(cut)));
    ASSERT_EQ(reader.next(reply), Result::reply) << cut;
    ASSERT_EQ(reply->parts.size(), 3u);
    EXPECT_EQ(reply->parts[0]->text, "abc");
    EXPECT_EQ(reply->parts[1]->parts[0]->integer, 1);
    EXPECT_TRUE(reply->parts[1]->parts[1]->is(Reply::Kind::nil));
    EXPECT_EQ(reply->parts[2]->text, "x");
    EXPECT_EQ(reader.next(reply), Result::more);
  }
}

TEST(Reply, GarbageIsBrokenForGood) {
  ReplyReader reader;
  std::unique_ptr<Reply> reply;
  ASSERT_TRUE(reader.feed("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(reader.next(reply), Result::broken);
  EXPECT_FALSE(reader.feed("+OK\r\n"));
  EXPECT_EQ(reader.next(reply), Result::broken);
  for (const char* bytes : {"\r\n", "$x\r\n", "$-2\r\n", ":1x\r\n", "*-2\r\n", "$99999999999999999999\r\n"}) {
    EXPECT_TRUE(is_broken(bytes)) << bytes;
  }
}

TEST(Reply, DepthIsBounded) {
  std::string deep;
  for (int i = 0; i < ReplyReader::kMaxDepth; ++i) deep += "*1\r\n";
  EXPECT_NE(read_one(deep + ":1\r\n"), nullptr);
  EXPECT_TRUE(is_broken(deep + "*1\r\n:1\r\n"));
}

// What an array announces is not reserved; what a text announces is not buffered beyond the bound.
TEST(Reply, AnnouncementsCostNothing) {
  ReplyReader reader;
  std::unique_ptr<Reply> reply;
  ASSERT_TRUE(reader.feed("*2147483647\r\n:1\r\n"));
  EXPECT_EQ(reader.next(reply), Result::more);
  ReplyReader other;
  ASSERT_TRUE(other.feed("$9000000000\r\n"));
  const std::string some(1 << 20, 'x');
  int fed = 0;
  while (other.feed(some)) {
    ASSERT_EQ(other.next(reply), Result::more);
    ASSERT_LT(++fed, 16);
  }
  EXPECT_EQ(other.next(reply), Result::broken);
}

TEST(Reply, PartsAreBounded) {
  ReplyReader reader;
  std::unique_ptr<Reply> reply;
  ASSERT_TRUE(reader.feed("*1000000\r\n"));
  std::string many;
  for (int i = 0; i < 10000; ++i) many += ":1\r\n";
  Result result = Result::more;
  for (int i = 0; i < 100 && result == Result::more; ++i) {
    ASSERT_TRUE(reader.feed(many));
    result = reader.next(reply);
  }
  EXPECT_EQ(result, Result::broken);
}

// RESP3, which a server may speak only after HELLO 3.
TEST(Reply, OtherProtocolsAreBroken) {
  for (const char* bytes : {"#t\r\n", ",1.5\r\n", "(1\r\n", "!3\r\nERR\r\n"}) EXPECT_TRUE(is_broken(bytes)) << bytes;
}

}  // namespace
}  // namespace simdjwt::fleet
