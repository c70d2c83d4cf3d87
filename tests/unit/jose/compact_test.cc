#include "jose/compact.h"

#include <gtest/gtest.h>

#include <string>

#include "support/print.h"

namespace simdjwt {
namespace {

TEST(Compact, SplitsIntoViewsOfTheToken) {
  const std::string token = "aGVhZA.cGF5.c2ln";
  CompactJws jws;
  ASSERT_EQ(split_compact(token, jws).error, Error::ok);
  EXPECT_EQ(jws.header, "aGVhZA");
  EXPECT_EQ(jws.payload, "cGF5");
  EXPECT_EQ(jws.signature, "c2ln");
  EXPECT_EQ(jws.signing_input, "aGVhZA.cGF5");
  EXPECT_EQ(jws.header.data(), token.data());
  EXPECT_EQ(jws.signing_input.data(), token.data());
  EXPECT_EQ(jws.signature.data() + jws.signature.size(), token.data() + token.size());
}

// RFC 7515 §3.1 allows an empty payload; whether it may be one is for the validator to say.
TEST(Compact, AnEmptyPayloadIsLeftToTheCaller) {
  CompactJws jws;
  ASSERT_EQ(split_compact("a..c", jws).error, Error::ok);
  EXPECT_EQ(jws.payload, "");
  EXPECT_EQ(jws.signing_input, "a.");
}

// RFC 7515 §7.1: exactly two dots. A JWE (RFC 7516 §7.1) has four.
TEST(Compact, RefusesEveryOtherShape) {
  struct Row {
    std::string token;
    Error error;
    std::uint32_t offset;
  };
  const Row rows[] = {
      {"", Error::token_segments, 0},
      {"a", Error::token_segments, 1},
      {"abc", Error::token_segments, 3},
      {"a.b", Error::token_segments, 3},
      {".", Error::token_segments, 1},
      {"a.", Error::token_segments, 2},
      {"a.b.c.", Error::token_segments, 5},
      {"a.b.c.d", Error::token_segments, 5},
      {"a.b.c.d.e", Error::token_segments, 5},
      {"...", Error::token_segments, 2},
      {"....", Error::token_segments, 2},
      {std::string(10000, '.'), Error::token_segments, 2},
      {"..", Error::token_empty_segment, 0},
      {".b.c", Error::token_empty_segment, 0},
      {"..c", Error::token_empty_segment, 0},
      {"a.b.", Error::token_empty_segment, 4},  // an unsecured JWS (RFC 7518 §3.6)
      {"a..", Error::token_empty_segment, 3},
      {R"({"payload":"e30","signatures":[]})", Error::token_segments, 33},  // JSON serialization (RFC 7515 §7.2)
  };
  for (const Row& row : rows) {
    CompactJws jws;
    const SplitResult got = split_compact(row.token, jws);
    EXPECT_EQ(got.error, row.error) << row.token.substr(0, 40);
    EXPECT_EQ(got.offset, row.offset) << row.token.substr(0, 40);
  }
}

}  // namespace
}  // namespace simdjwt
