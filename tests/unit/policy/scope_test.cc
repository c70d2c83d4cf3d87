#include "policy/scope.h"

#include <gtest/gtest.h>

#include <string>

namespace simdjwt {
namespace {

// RFC 6749 §3.3: tokens are separated by spaces and compared whole and case-sensitively.
TEST(Scope, OnlyAWholeTokenMatches) {
  struct Row {
    std::string_view scopes, wanted;
    bool found;
  };
  constexpr Row kRows[] = {
      {"read", "read", true},
      {"read write", "read", true},
      {"read write", "write", true},
      {"a read b", "read", true},
      {"reader", "read", false},
      {"proofread", "read", false},
      {"read:all", "read", false},
      {"all:read", "read", false},
      {"reader read", "read", true},  // a longer one first
      {"read reader", "reader", true},
      {"proofread read", "read", true},
      {"readread", "read", false},  // twice, and neither is whole
      {"readread read", "read", true},
      {"aaa aa", "aa", true},  // an overlapping miss before the hit
      {"aaa", "aa", false},
      {"Read", "read", false},
      {"read", "Read", false},
      {"read\twrite", "read", false},  // only a space separates
      {"read,write", "read", false},
      {"", "read", false},
      {"read", "", false},
      {"", "", false},
      {" ", "", false},
      {"read  write", "write", true},  // an empty token is no token
      {" read ", "read", true},
      {"rea", "read", false},
      {"a b", "a b", true},  // a space in what is wanted is the caller's doing: see is_scope_token
  };
  for (const Row& row : kRows)
    EXPECT_EQ(has_scope(row.scopes, row.wanted), row.found) << row.scopes << " | " << row.wanted;
  EXPECT_FALSE(has_scope({}, "read"));
  EXPECT_FALSE(has_scope(std::string_view("read\0", 5), "read"));
}

// scope-token = 1*( %x21 / %x23-5B / %x5D-7E ).
TEST(Scope, TokenGrammarOverEveryByte) {
  EXPECT_FALSE(is_scope_token(""));
  for (int byte = 0; byte < 256; ++byte) {
    const bool allowed = byte == 0x21 || (byte >= 0x23 && byte <= 0x5b) || (byte >= 0x5d && byte <= 0x7e);
    const std::string alone(1, static_cast<char>(byte));
    EXPECT_EQ(is_scope_token(alone), allowed) << byte;
    EXPECT_EQ(is_scope_token("ab" + alone + "cd"), allowed) << byte;
    EXPECT_EQ(is_scope_token("ab" + alone), allowed) << byte;
  }
  EXPECT_TRUE(is_scope_token("https://api.example/orders:read"));
}

}  // namespace
}  // namespace simdjwt
