// What a base64url kernel is, to the files that hold one and to base64url.cc, which chooses.
//
// A kernel decodes and says whether every character is in the alphabet; the length, the trailing bits and the position of
// a bad character are looked at in base64url.cc, once for all kernels. RFC 4648 §5.
// Ownership: kernels are static. Thread-safety: stateless. Cost: O(n), no allocation.
// ISA files include this: nothing in it may leave a symbol behind in them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/cpu.h"

namespace simdjwt {

struct Base64Kernel {
  // Reads n characters, writes at most the n * 3 / 4 bytes that they decode to and touches nothing else. False when a
  // character is outside the alphabet; the bytes are then unspecified. A last group of two or three characters gives its
  // one or two whole bytes, a last group of one gives none.
  using Decode = bool (*)(const char* in, std::size_t n, std::uint8_t* out) noexcept;

  const char* name;
  CpuLevel level;  // runs where cpu_supports(level)
  Decode decode;
};

extern const Base64Kernel kBase64Scalar;  // the reference
#if defined(__x86_64__)
extern const Base64Kernel kBase64Avx2;
extern const Base64Kernel kBase64Avx512;
#elif defined(__aarch64__)
extern const Base64Kernel kBase64Neon;
#endif

}  // namespace simdjwt
