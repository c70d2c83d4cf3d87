// The one table of every signature algorithm of JOSE that the engine knows.
//
// Sources: RFC 7518 §3.1 (HS, RS, PS, ES), RFC 8812 §3.2 (ES256K), RFC 8037 §3.1 (EdDSA), RFC 9864 §2.2 (Ed25519,
// Ed448), RFC 9964 (ML-DSA). Thread-safety: constant. Cost: a look-up by name is a scan of 19 short strings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace simdjwt {

enum class Algorithm : std::uint8_t {
  unknown,
  HS256, HS384, HS512,
  RS256, RS384, RS512,
  PS256, PS384, PS512,
  ES256, ES384, ES512, ES256K,
  EdDSA, Ed25519, Ed448,
  ML_DSA_44, ML_DSA_65, ML_DSA_87,
};

inline constexpr std::size_t kAlgorithmCount = 19;

enum class AlgorithmFamily : std::uint8_t { none, hmac, rsa_pkcs1, rsa_pss, ecdsa, eddsa, ml_dsa };
enum class Hash : std::uint8_t { none, sha256, sha384, sha512 };
enum class KeyType : std::uint8_t { unknown, rsa, ec, okp, oct, akp };
enum class Curve : std::uint8_t { none, p256, p384, p521, secp256k1, ed25519, ed448 };

struct AlgorithmInfo {
  std::string_view name;
  Algorithm algorithm = Algorithm::unknown;
  AlgorithmFamily family = AlgorithmFamily::none;
  Hash hash = Hash::none;
  KeyType kty = KeyType::unknown;
  Curve curve = Curve::none;         // none: any (EdDSA), or the kty has no curves
  std::uint16_t signature_size = 0;  // bytes; 0: the size of the key (RSA, EdDSA)
  std::uint16_t public_size = 0;     // bytes of an AKP public key
};

// Every known algorithm, in the order of the enum.
std::span<const AlgorithmInfo> algorithms() noexcept;

const AlgorithmInfo& info(Algorithm algorithm) noexcept;

// Exact and case-sensitive (RFC 7515 §4.1.1); unknown when there is none, "none" included.
Algorithm find_algorithm(std::string_view name) noexcept;

constexpr std::size_t hash_size(Hash hash) noexcept {
  switch (hash) {
    case Hash::sha256:
      return 32;
    case Hash::sha384:
      return 48;
    case Hash::sha512:
      return 64;
    default:
      return 0;
  }
}

// A set of algorithms.
class AlgorithmSet {
 public:
  constexpr AlgorithmSet() = default;
  constexpr void add(Algorithm a) noexcept { bits_ |= bit(a); }
  constexpr bool has(Algorithm a) const noexcept { return (bits_ & bit(a)) != 0; }
  constexpr bool empty() const noexcept { return bits_ == 0; }
  constexpr AlgorithmSet operator&(AlgorithmSet other) const noexcept { return AlgorithmSet(bits_ & other.bits_); }
  constexpr AlgorithmSet operator|(AlgorithmSet other) const noexcept { return AlgorithmSet(bits_ | other.bits_); }
  friend constexpr bool operator==(AlgorithmSet, AlgorithmSet) = default;

 private:
  constexpr explicit AlgorithmSet(std::uint32_t bits) : bits_(bits) {}
  static constexpr std::uint32_t bit(Algorithm a) noexcept {
    return a == Algorithm::unknown ? 0 : std::uint32_t{1} << static_cast<unsigned>(a);
  }
  std::uint32_t bits_ = 0;
};

}  // namespace simdjwt
