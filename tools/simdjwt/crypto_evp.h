// What the crypto_*.cc files share: owners of OpenSSL's objects, the table of algorithms, and errors as Failures.
//
// Sources: RFC 7518 §3.1, RFC 8812 §3.2, RFC 8037 §3.1, RFC 9864 §2.2, RFC 9964. Thread-safety: constant.
#pragma once

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>
#include <string>
#include <string_view>

#include "crypto.h"
#include "failure.h"
#include "handles.h"

namespace simdjwt::cli {

using Pkey = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using BigNumber = std::unique_ptr<BIGNUM, FreeWith<BN_clear_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;

enum class Family { hmac, rsa_pkcs1, rsa_pss, ecdsa, eddsa, ml_dsa };

struct SignatureAlgorithm {
  std::string_view name;
  Family family;
  const char* digest;  // nullptr where the algorithm hashes by itself
  std::string_view kty;
  std::string_view crv;  // empty where the kty has none; EdDSA makes Ed25519 keys and signs with either curve
};

// nullptr when the name is unknown; exact and case-sensitive.
const SignatureAlgorithm* find_signature_algorithm(std::string_view name) noexcept;

// Throws Failure for a name that is unknown, `none` included.
const SignatureAlgorithm& signature_algorithm(std::string_view name);

// The algorithms that the key's kty and crv allow, in the table's order.
std::vector<const SignatureAlgorithm*> algorithms_for(const JwkMembers& key);

struct EcCurve {
  std::string_view crv;
  const char* group;
  std::size_t bytes;  // of a coordinate, and of the private number
};

// Throws Failure for a crv that is unknown.
const EcCurve& ec_curve(std::string_view crv);

// Failure with OpenSSL's own reason; empties its queue.
Failure openssl_failure(const std::string& what);
[[noreturn]] void unsupported(std::string_view algorithm);

// Throws Failure when a member is missing or is not canonical base64url.
std::string decoded(const JwkMembers& key, std::string_view name);
std::string encoded(std::string_view bytes);
// A number in base64url, at least `bytes` long (RFC 7518 §6.2.1.2) or as long as needed (§2 Base64urlUInt).
std::string encoded(const BIGNUM* number, std::size_t bytes = 0);

// The key that a private JWK describes.
Pkey import_private_key(const JwkMembers& key);

// The public members of an EVP key: kty, crv and the rest.
JwkMembers public_members(EVP_PKEY* key);

}  // namespace simdjwt::cli
