// SHA-2 (FIPS 180-4) and HMAC over it (RFC 2104), by the cheapest correct calls OpenSSL has (docs/decisions/0009).
//
// Ownership: values. Thread-safety: a HmacKey is immutable once made. Cost: the compression function and a few
// nanoseconds; no allocation, no lock.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "jose/algorithm.h"

namespace simdjwt {

inline constexpr std::size_t kMaxHash = 64;

// Whether these functions may be used: not when the process asks OpenSSL for FIPS providers, whom they would go round.
bool sha2_is_allowed() noexcept;

// Writes hash_size(hash) bytes to `out`.
void sha2(Hash hash, ByteView message, std::uint8_t* out) noexcept;

// A key of which the inner and the outer block have been absorbed already.
class HmacKey {
 public:
  HmacKey(Hash hash, ByteView secret) noexcept;
  ~HmacKey();
  HmacKey(const HmacKey&) = delete;
  HmacKey& operator=(const HmacKey&) = delete;

  // Writes hash_size(hash) bytes to `out`: the whole tag.
  void tag(ByteView message, std::uint8_t* out) const noexcept;

 private:
  // Room for OpenSSL's SHA256_CTX or SHA512_CTX, which stay out of this header.
  static constexpr std::size_t kState = 216;
  Hash hash_;
  alignas(8) std::uint8_t inner_[kState];
  alignas(8) std::uint8_t outer_[kState];
};

}  // namespace simdjwt
