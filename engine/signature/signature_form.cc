#include "signature/signature_form.h"

#include <algorithm>
#include <array>

#include "jose/curve.h"

namespace simdjwt {
namespace {

bool is_zero(ByteView number) noexcept {
  return std::all_of(number.begin(), number.end(), [](std::uint8_t byte) { return byte == 0; });
}

// SEC 1 §4.1.4 step 1: both in [1, n - 1].
Error check_ecdsa_range(const CurveInfo& curve, ByteView signature) noexcept {
  const std::size_t n = curve.coordinate_size;
  for (const ByteView number : {signature.first(n), signature.last(n)}) {
    if (is_zero(number) || !is_less(number, curve.order)) return Error::signature_range;
  }
  return Error::ok;
}

// RFC 8032 §5.1.7 and §5.2.7: S, little-endian, is below L.
Error check_eddsa_range(const CurveInfo& curve, ByteView signature) noexcept {
  std::array<std::uint8_t, 57> s{};
  const ByteView encoded = signature.last(curve.coordinate_size);
  std::reverse_copy(encoded.begin(), encoded.end(), s.begin());
  return is_less(ByteView(s.data(), encoded.size()), curve.order) ? Error::ok : Error::signature_range;
}

std::size_t signature_size(const Jwk& key, const AlgorithmInfo& row) noexcept {
  if (row.signature_size != 0) return row.signature_size;
  if (key.type == KeyType::rsa) return key.modulus_size;
  return std::size_t{2} * info(key.curve).coordinate_size;
}

}  // namespace

Error check_signature_form(const Jwk& key, Algorithm algorithm, ByteView signature) noexcept {
  // The key decides the algorithm; the token may only agree (RFC 8725 §3.1).
  if (!key.algorithms.has(algorithm)) return Error::key_alg_mismatch;
  const AlgorithmInfo& row = info(algorithm);
  if (signature.size() != signature_size(key, row)) return Error::signature_length;
  if (row.family == AlgorithmFamily::ecdsa || row.family == AlgorithmFamily::eddsa) {
    const CurveInfo& curve = info(key.curve);
    return row.family == AlgorithmFamily::ecdsa ? check_ecdsa_range(curve, signature)
                                                : check_eddsa_range(curve, signature);
  }
  return Error::ok;
}

}  // namespace simdjwt
