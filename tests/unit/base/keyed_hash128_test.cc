#include "base/keyed_hash128.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>
#include <string>
#include <utility>

namespace simdjwt {
namespace {

KeyedHash128::Key counting_key() {
  KeyedHash128::Key key;
  std::iota(key.begin(), key.end(), std::uint8_t{0});
  return key;
}

std::string counting_text(std::size_t size) {
  std::string text(size, '\0');
  std::iota(text.begin(), text.end(), '\0');
  return text;
}

// The bytes as they are published: low first, each half from its lowest byte.
std::string hex(const Hash128& hash) {
  std::string text;
  for (const std::uint64_t half : {hash.low, hash.high}) {
    for (int i = 0; i < 8; ++i) {
      constexpr char kDigits[] = "0123456789abcdef";
      text += kDigits[half >> (8 * i + 4) & 15];
      text += kDigits[half >> 8 * i & 15];
    }
  }
  return text;
}

// The published vectors of SipHash-2-4-128: key 00 01 ... 0f, text 00 01 ... of each length.
TEST(KeyedHash128, IsSipHash) {
  const KeyedHash128 hash(counting_key());
  const std::pair<std::size_t, const char*> vectors[] = {
      {0, "a3817f04ba25a8e66df67214c7550293"},  {1, "da87c1d86b99af44347659119b22fc45"},
      {2, "8177228da4a45dc7fca38bdef60affe4"},  {3, "9c70b60c5267a94e5f33b6b02985ed51"},
      {7, "a1f1ebbed8dbc153c0b84aa61ff08239"},  {8, "3b62a9ba6258f5610f83e264f31497b4"},
      {9, "264499060ad9baabc47f8b02bb6d71ed"},  {15, "5493e99933b0a8117e08ec0f97cfc3d9"},
      {16, "6ee2a4ca67b054bbfd3315bf85230577"}, {31, "2939b0183223fafc1723de4f52c43d35"},
      {44, "89237d9ded9c5e78d8b1c9b166cc7342"}, {63, "5150d1772f50834a503e069a973fbd7c"}};
  for (const auto& [size, expected] : vectors) EXPECT_EQ(hex(hash(counting_text(size))), expected) << size;
}

// Two texts are fed as one, however they are cut: eight bytes of the size of the first, the first, the second. But no
// one text is hashed as they are, that one neither.
TEST(KeyedHash128, TwoTextsAreFramedAndNoOneTextIsHashedAsTheyAre) {
  const KeyedHash128 hash(counting_key());
  for (std::size_t first = 0; first < 20; ++first) {
    for (std::size_t second = 0; second < 20; ++second) {
      const std::string text = counting_text(first + second);
      const std::string framed = std::string(1, static_cast<char>(first)) + std::string(7, '\0') + text;
      EXPECT_NE(hash(std::string_view(text).substr(0, first), std::string_view(text).substr(first)), hash(framed));
      EXPECT_EQ(hash(std::string_view(text).substr(0, first), std::string_view(text).substr(first)),
                hash(std::string(text, 0, first), std::string(text, first)));
    }
  }
}

TEST(KeyedHash128, TellsTwoTextsApart) {
  const KeyedHash128 hash(counting_key());
  EXPECT_NE(hash("ab", "c"), hash("a", "bc"));
  EXPECT_NE(hash("", "a"), hash("a"));
  EXPECT_NE(hash("a", ""), hash("a"));
  EXPECT_NE(hash("", "a"), hash("a", ""));
  EXPECT_NE(hash("", ""), hash(""));
}

// SipHash with 0x1ee and 0x2ee in place of 0xee at its beginning, as another implementation computes it: journals and
// fleets keep fingerprints.
TEST(KeyedHash128, PairsAndKeysStayWhatTheyAre) {
  const KeyedHash128 hash(counting_key());
  EXPECT_EQ(hex(hash("ab", "c")), "196668fcb0f3fa0e365ec95be1a78137");
  EXPECT_EQ(hex(hash("", "")), "4cf9791139b089769c2090ac759ee487");
  EXPECT_EQ(hex(hash.derive("https://issuer.example")("", "jti")), "22d526c2ef919ee8464b9a616fae1585");
}

TEST(KeyedHash128, DerivesAKeyFromAName) {
  const KeyedHash128 hash(counting_key());
  EXPECT_EQ(hash.key(), counting_key());
  const KeyedHash128 derived = hash.derive("https://issuer.example");
  EXPECT_EQ(derived.key(), hash.derive("https://issuer.example").key());
  EXPECT_NE(derived.key(), hash.derive("https://issuer.example/").key());
  EXPECT_NE(derived("jti"), hash("jti"));
  // Who sees the hash of a text that he chose does not see a key.
  const Hash128 name = hash("https://issuer.example");
  std::string key;
  for (const std::uint8_t byte : derived.key()) key += hex({byte, 0}).substr(0, 2);
  EXPECT_NE(key, hex(name));
  EXPECT_EQ(KeyedHash128(derived.key())("jti"), derived("jti"));
}

TEST(KeyedHash128, EveryRandomKeyIsAnother) {
  EXPECT_NE(KeyedHash128::random().key(), KeyedHash128::random().key());
}

}  // namespace
}  // namespace simdjwt
