#include "json/json_name.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace simdjwt {
namespace {

// A name as a reader gives it: more can be read behind it, and is noise.
class Padded {
 public:
  Padded(std::string_view name, char noise) : text_(std::string(name) + std::string(64, noise)), size_(name.size()) {}
  std::string_view name() const { return std::string_view(text_).substr(0, size_); }

 private:
  std::string text_;
  std::size_t size_;
};

TEST(JsonName, TheHashIsOfTheNameAlone) {
  std::mt19937 random(1);
  for (std::size_t size = 0; size <= 40; ++size) {
    std::string name(size, '\0');
    for (char& c : name) c = static_cast<char>(random());
    const Padded a(name, 'x'), b(name, '\xff');
    EXPECT_EQ(hash_name(a.name()), hash_name(b.name())) << size;
    EXPECT_EQ(hash_name(a.name()), hash_known_name(name)) << size;
  }
}

TEST(JsonName, AKnownNameIsItselfAndNothingElse) {
  for (const std::string name :
       {"", "i", "iss", "scope", "12345678", "client_id", "123456789012345", "1234567890123456"}) {
    const KnownName known(name);
    for (const char noise : {'\0', 'x', '\xff'}) {
      EXPECT_TRUE(known.is(Padded(name, noise).name())) << name;
      EXPECT_FALSE(known.is(Padded(name + 'x', noise).name())) << name;
      for (std::size_t i = 0; i < name.size(); ++i) {
        std::string other = name;
        other[i] = static_cast<char>(other[i] ^ 1);
        EXPECT_FALSE(known.is(Padded(other, noise).name())) << other;
        EXPECT_FALSE(known.is(Padded(name.substr(0, i), noise).name())) << name << ' ' << i;
      }
    }
  }
}

}  // namespace
}  // namespace simdjwt
