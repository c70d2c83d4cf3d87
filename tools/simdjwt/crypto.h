// Keys and signatures for trying things out: the engine never holds a private key, so these are the command line's own.
//
// A JWK is its members, all of which are strings here (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2, RFC 9964).
// Every function throws Failure; "unsupported algorithm" when the OpenSSL that is linked lacks one.
// Ownership: results are owned. Thread-safety: stateless. OpenSSL is used in crypto_*.cc only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace simdjwt::cli {

struct JwkMember {
  std::string name;
  std::string value;
};

using JwkMembers = std::vector<JwkMember>;

// The value, or nullptr.
const std::string* jwk_member(const JwkMembers& members, std::string_view name) noexcept;

// The JWK as JSON, members in order.
std::string to_json(const JwkMembers& members);

// The same key without its private members. Empty for a symmetric key, which has no public half.
JwkMembers public_part(const JwkMembers& members);

// A new private key: kty, crv and the key members, but neither kid nor alg. `rsa_bits` matters to RSA only.
JwkMembers generate_key(std::string_view alg, unsigned rsa_bits);

// The algs the key may sign with; the first is what is meant when nobody says, if `sure`.
struct KeyAlgorithms {
  std::vector<std::string_view> names;
  bool sure = false;
};
KeyAlgorithms algorithms_of(const JwkMembers& key);

// The signature in JOSE form (RFC 7518 §3): r and s side by side for ECDSA.
std::string sign(const JwkMembers& key, std::string_view alg, std::string_view message);

// A public key in PEM; `name` is for the message.
JwkMembers public_jwk_from_pem(const std::string& pem, const std::string& name);

// `bytes` random bytes in base64url.
std::string random_base64url(std::size_t bytes);

// Overwrites secrets, in a way that no compiler drops.
void wipe(std::string& text) noexcept;
void wipe(JwkMembers& members) noexcept;

}  // namespace simdjwt::cli
