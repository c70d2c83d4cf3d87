// A keyed hash of short texts that attackers choose (SipHash-2-4, Aumasson and Bernstein 2012): without the key nobody
// can make two texts that agree in it.
//
// Thread-safety: immutable. Cost: about 1 ns a byte, and 20 ns; no allocation.
#pragma once

#include <cstdint>
#include <string_view>

namespace simdjwt {

class KeyedHash {
 public:
  KeyedHash(std::uint64_t key0, std::uint64_t key1) noexcept : key0_(key0), key1_(key1) {}

  // A new secret from the system. Throws std::bad_alloc when it has none to give.
  static KeyedHash random();

  std::uint64_t operator()(std::string_view text) const noexcept;

 private:
  std::uint64_t key0_, key1_;
};

}  // namespace simdjwt
