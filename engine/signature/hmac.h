// HMAC with SHA-2 (RFC 2104, FIPS 180-4) by OpenSSL's plain functions, the cheapest correct way (docs/decisions/0010).
// Used where jwk/plain_openssl.h allows it.
//
// Ownership: values; a key's blocks are wiped when it goes. Thread-safety: a HmacKey is immutable once made. Cost: the
// compression function and a few nanoseconds; no allocation, no lock.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "jose/algorithm.h"
#include "signature/sha256_pair_kernel.h"

namespace simdjwt {

inline constexpr std::size_t kMaxHash = 64;

// A key of which the inner and the outer block have been absorbed already.
class HmacKey {
 public:
  HmacKey(Hash hash, ByteView secret) noexcept;
  ~HmacKey();
  HmacKey(const HmacKey&) = delete;
  HmacKey& operator=(const HmacKey&) = delete;

  // Writes hash_size(hash) bytes to `out`: the whole tag.
  void tag(ByteView message, std::uint8_t* out) const noexcept;

  // Of a key for SHA-256: the chaining values after the inner and after the outer block. The caller wipes them.
  void copy_chains(Sha256Chain& inner, Sha256Chain& outer) const noexcept;

 private:
  // Room for OpenSSL's SHA256_CTX or SHA512_CTX, which stay out of this header.
  static constexpr std::size_t kState = 216;
  Hash hash_;
  alignas(8) std::uint8_t inner_[kState];
  alignas(8) std::uint8_t outer_[kState];
};

}  // namespace simdjwt
