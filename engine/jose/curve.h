// The elliptic curves of JOSE and their numbers.
//
// Sources: FIPS 186-4 appendix D (P-256, P-384, P-521), SEC 2 §2.4.1 (secp256k1), RFC 8032 §5.1 and §5.2 (Ed25519,
// Ed448). Thread-safety: constant. All numbers are big-endian and as long as a coordinate of the curve.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "jose/algorithm.h"

namespace simdjwt {

struct CurveInfo {
  std::string_view name;          // the JWK crv
  const char* openssl = nullptr;  // the name OpenSSL has for it
  Curve curve = Curve::none;
  KeyType kty = KeyType::unknown;
  std::uint16_t bits = 0;
  std::uint16_t coordinate_size = 0;  // bytes of a coordinate and of r and s; for OKP of the encoded point
  ByteView field;                     // p
  ByteView order;                     // n; for OKP the L of RFC 8032
};

// Exact and case-sensitive; curve none when the name is not one that signs in JOSE.
const CurveInfo& find_curve(std::string_view name) noexcept;
const CurveInfo& info(Curve curve) noexcept;

// a < b for big-endian numbers of one length.
bool is_less(ByteView a, ByteView b) noexcept;

}  // namespace simdjwt
