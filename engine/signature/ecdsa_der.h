// The DER form that OpenSSL wants of an ECDSA signature (RFC 3279 §2.2.3), made from JOSE's R || S (RFC 7518 §3.4).
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace simdjwt {

// P-521: two integers of at most 67 bytes with two bytes of head each, and a head of three bytes.
inline constexpr std::size_t kMaxEcdsaDer = 3 + 2 * (2 + 67);

// Writes SEQUENCE { INTEGER r, INTEGER s } and returns its size. `r_and_s` is 2n bytes, n at most 66, neither zero.
std::size_t ecdsa_to_der(ByteView r_and_s, std::uint8_t* out) noexcept;

}  // namespace simdjwt
