// One JSON Web Key (RFC 7517 §4), checked and imported for verification.
//
// Everything is settled here, once: which algorithms the key may verify (from kty, crv, size, alg, use and key_ops
// together), and that its numbers are sound. A key that fails is kept as an entry with its error and no material.
//
// Ownership: owns all it holds. Thread-safety: immutable once built. Cost: 20 to 200 us to import, and for
// the first keys of a set that ec_tables.h is for, the time of their tables; allocates.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "jose/algorithm.h"
#include "json/json_reader.h"

namespace simdjwt {

class KeyMaterial;

struct Jwk {
  Error error = Error::ok;  // why the key is not usable: jwk_*, or unsupported_algorithm
  std::string member;       // the member at fault

  bool has_kid = false;
  std::string kid;
  std::string kty, crv, alg, use;  // as the document spells them; empty when missing
  KeyType type = KeyType::unknown;
  Curve curve = Curve::none;
  AlgorithmSet algorithms;           // what the key may verify
  std::uint32_t bits = 0;            // of the modulus, field or secret
  std::uint16_t modulus_size = 0;    // bytes of an RSA signature
  bool has_private = false;          // the document holds private members
  std::string thumbprint;            // RFC 7638, SHA-256, base64url
  std::shared_ptr<const KeyMaterial> material;

  bool usable() const noexcept { return error == Error::ok; }
};

inline constexpr std::size_t kMaxKidBytes = 4096;

// Imports the JWK at `index` of a document read with DuplicateMembers::mark. Never throws anything but std::bad_alloc.
Jwk import_jwk(std::span<const JsonNode> nodes, std::uint32_t index);

}  // namespace simdjwt
