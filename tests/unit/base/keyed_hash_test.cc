#include "base/keyed_hash.h"

#include <gtest/gtest.h>

#include <string>

namespace simdjwt {
namespace {

// The published vectors of SipHash-2-4: key 00 01 ... 0f, text 00 01 ... of each length.
TEST(KeyedHash, IsSipHash) {
  const KeyedHash hash(0x0706050403020100, 0x0f0e0d0c0b0a0908);
  std::string text;
  const auto grow = [&text](std::size_t size) {
    while (text.size() < size) text.push_back(static_cast<char>(text.size()));
    return std::string_view(text);
  };
  EXPECT_EQ(hash(""), 0x726fdb47dd0e0e31);
  EXPECT_EQ(hash(grow(1)), 0x74f839c593dc67fd);
  EXPECT_EQ(hash(grow(8)), 0x93f5f5799a932462);
  EXPECT_EQ(hash(grow(15)), 0xa129ca6149be45e5);
  EXPECT_EQ(hash(grow(63)), 0x958a324ceb064572);
}

TEST(KeyedHash, EveryKeyIsAnother) {
  EXPECT_NE(KeyedHash::random()("kid"), KeyedHash::random()("kid"));
}

}  // namespace
}  // namespace simdjwt
