// What a kernel that hashes two messages side by side does: the blocks, and nothing else. Where a hash begins, its
// padding and messages of different lengths are looked at in sha256_pair.cc, once. FIPS 180-4 §6.2.2.
//
// Ownership: kernels are static. Thread-safety: stateless. Cost: O(n), no allocation.
// ISA files include this: nothing in it may leave a symbol behind in them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace simdjwt {

// A chaining value: H0 to H7.
struct Sha256Chain {
  std::uint32_t h[8];
};

struct Sha256PairKernel {
  // Takes both chaining values on by as many blocks of 64 bytes, each from its own message, aligned or not.
  using Absorb = void (*)(Sha256Chain& chain_a, Sha256Chain& chain_b, const std::uint8_t* a, const std::uint8_t* b,
                          std::size_t blocks) noexcept;

  const char* name;
  Absorb absorb;
};

#if defined(__x86_64__)
extern const Sha256PairKernel kSha256PairShani;  // runs where cpu_supports_sha()
#endif

}  // namespace simdjwt
