#include "jose/algorithm.h"

namespace simdjwt {
namespace {

using A = Algorithm;
using F = AlgorithmFamily;
using H = Hash;
using K = KeyType;
using C = Curve;

constexpr AlgorithmInfo kTable[] = {
    {"HS256", A::HS256, F::hmac, H::sha256, K::oct, C::none, 32, 0},
    {"HS384", A::HS384, F::hmac, H::sha384, K::oct, C::none, 48, 0},
    {"HS512", A::HS512, F::hmac, H::sha512, K::oct, C::none, 64, 0},
    {"RS256", A::RS256, F::rsa_pkcs1, H::sha256, K::rsa, C::none, 0, 0},
    {"RS384", A::RS384, F::rsa_pkcs1, H::sha384, K::rsa, C::none, 0, 0},
    {"RS512", A::RS512, F::rsa_pkcs1, H::sha512, K::rsa, C::none, 0, 0},
    {"PS256", A::PS256, F::rsa_pss, H::sha256, K::rsa, C::none, 0, 0},
    {"PS384", A::PS384, F::rsa_pss, H::sha384, K::rsa, C::none, 0, 0},
    {"PS512", A::PS512, F::rsa_pss, H::sha512, K::rsa, C::none, 0, 0},
    {"ES256", A::ES256, F::ecdsa, H::sha256, K::ec, C::p256, 64, 0},
    {"ES384", A::ES384, F::ecdsa, H::sha384, K::ec, C::p384, 96, 0},
    {"ES512", A::ES512, F::ecdsa, H::sha512, K::ec, C::p521, 132, 0},
    {"ES256K", A::ES256K, F::ecdsa, H::sha256, K::ec, C::secp256k1, 64, 0},
    {"EdDSA", A::EdDSA, F::eddsa, H::none, K::okp, C::none, 0, 0},
    {"Ed25519", A::Ed25519, F::eddsa, H::none, K::okp, C::ed25519, 64, 0},
    {"Ed448", A::Ed448, F::eddsa, H::none, K::okp, C::ed448, 114, 0},
    // FIPS 204 table 2.
    {"ML-DSA-44", A::ML_DSA_44, F::ml_dsa, H::none, K::akp, C::none, 2420, 1312},
    {"ML-DSA-65", A::ML_DSA_65, F::ml_dsa, H::none, K::akp, C::none, 3309, 1952},
    {"ML-DSA-87", A::ML_DSA_87, F::ml_dsa, H::none, K::akp, C::none, 4627, 2592},
};

static_assert(std::size(kTable) == kAlgorithmCount);

constexpr bool rows_follow_enum() {
  for (std::size_t i = 0; i < std::size(kTable); ++i) {
    if (static_cast<std::size_t>(kTable[i].algorithm) != i + 1) return false;
  }
  return true;
}
static_assert(rows_follow_enum());

constexpr AlgorithmInfo kUnknown{};

}  // namespace

std::span<const AlgorithmInfo> algorithms() noexcept { return kTable; }

const AlgorithmInfo& info(Algorithm algorithm) noexcept {
  const auto index = static_cast<std::size_t>(algorithm);
  return index == 0 || index > std::size(kTable) ? kUnknown : kTable[index - 1];
}

Algorithm find_algorithm(std::string_view name) noexcept {
  for (const AlgorithmInfo& row : kTable) {
    if (row.name == name) return row.algorithm;
  }
  return Algorithm::unknown;
}

}  // namespace simdjwt
