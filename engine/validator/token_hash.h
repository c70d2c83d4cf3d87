// A keyed hash of a token, for a table that compares whole tokens: it chooses a place and decides nothing.
//
// It reads the length, the last 48 characters and 16 in the middle. That is enough, because the table holds accepted
// tokens only: these end in a signature, whose last 36 bytes are as good as random, and nobody without an issuer's key
// makes two tokens that agree in them. An issuer that could would lose its own entries to each other, and no more: all
// with one hash share twenty slots. The key hides which tokens share a bucket.
//
// A comparison that stops at the first difference takes a time that tells how far a guess agrees with an entry. A guess
// is compared at all only when it has the sampled characters right, or by chance the 64 bits of their hash, which an
// entry keeps; and characters that are sampled are not found one by one, for each changes the whole hash. So the end of
// a signature, without which a token is worth nothing, cannot be found piece by piece.
//
// Thread-safety: immutable. Cost: about 5 ns; no byte outside the token is read.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace simdjwt {

class TokenHash {
 public:
  using Key = std::array<std::uint64_t, 9>;

  explicit TokenHash(const Key& key) noexcept : key_(key) {}

  // A new secret from the system. Throws std::bad_alloc when it has none to give.
  static TokenHash random();

  std::uint64_t operator()(std::string_view token) const noexcept {
    if (token.size() >= kTail) {
      return mix(token.data() + token.size() - kTail, token.data() + (token.size() - kMiddle) / 2, token.size());
    }
    char padded[kTail] = {};
    if (!token.empty()) std::memcpy(padded, token.data(), token.size());
    return mix(padded, padded, token.size());
  }

 private:
  static constexpr std::size_t kTail = 48;
  static constexpr std::size_t kMiddle = 16;

  static std::uint64_t load(const char* from) noexcept {
    std::uint64_t value;
    std::memcpy(&value, from, sizeof value);
    return value;
  }

  // Both halves of the product: each bit of it depends on all the bits below it in both factors, and half are above.
  static std::uint64_t multiply(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }

  std::uint64_t mix(const char* tail, const char* middle, std::size_t size) const noexcept {
    const std::uint64_t sum = multiply(load(tail) ^ key_[0], load(tail + 8) ^ key_[1]) ^
                              multiply(load(tail + 16) ^ key_[2], load(tail + 24) ^ key_[3]) ^
                              multiply(load(tail + 32) ^ key_[4], load(tail + 40) ^ key_[5]) ^
                              multiply(load(middle) ^ key_[6], load(middle + 8) ^ key_[7]);
    return multiply(sum ^ key_[8], size ^ key_[0]);
  }

  Key key_;
};

}  // namespace simdjwt
