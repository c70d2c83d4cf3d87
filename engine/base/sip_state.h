// The state of SipHash-2-4 and its two steps (Aumasson and Bernstein 2012), for the keyed hashes of 64 and of 128 bits.
//
// Ownership: a plain value. Thread-safety: as plain memory. Cost: inlined, so that it stays in registers.
#pragma once

#include <bit>
#include <cstdint>

namespace simdjwt {

struct SipState {
  std::uint64_t a, b, c, d;

  // `tweak` tells apart what begins differently; 0 is the hash of 64 bits.
  SipState(std::uint64_t key0, std::uint64_t key1, std::uint64_t tweak) noexcept
      : a(key0 ^ 0x736f6d6570736575),
        b(key1 ^ 0x646f72616e646f6d ^ tweak),
        c(key0 ^ 0x6c7967656e657261),
        d(key1 ^ 0x7465646279746573) {}

  [[gnu::always_inline]] void round() noexcept {
    a += b;
    b = std::rotl(b, 13) ^ a;
    a = std::rotl(a, 32);
    c += d;
    d = std::rotl(d, 16) ^ c;
    a += d;
    d = std::rotl(d, 21) ^ a;
    c += b;
    b = std::rotl(b, 17) ^ c;
    c = std::rotl(c, 32);
  }

  [[gnu::always_inline]] void absorb(std::uint64_t word) noexcept {
    d ^= word;
    round();
    round();
    a ^= word;
  }

  // Four rounds, and the words folded to one.
  [[gnu::always_inline]] std::uint64_t squeeze() noexcept {
    for (int i = 0; i < 4; ++i) round();
    return a ^ b ^ c ^ d;
  }
};

}  // namespace simdjwt
