#include <openssl/evp.h>

#include "base/wipe.h"
#include "jwk/jwk_import.h"
#include "jwk/key_material.h"

namespace simdjwt {

Error import_oct(const JwkSource& source, Jwk& jwk) {
  jwk.type = KeyType::oct;
  jwk.has_private = true;
  Bytes secret;
  if (const Error error = read_bytes(source, "k", jwk, secret); error != Error::ok) {
    wipe(secret.data(), secret.size());
    return error;
  }
  jwk.bits = static_cast<std::uint32_t>(secret.size() * 8);
  // RFC 7518 §3.2: a key at least as long as the hash.
  for (const AlgorithmInfo& row : algorithms()) {
    if (row.family == AlgorithmFamily::hmac && secret.size() >= hash_size(row.hash)) jwk.algorithms.add(row.algorithm);
  }
  if (jwk.algorithms.empty()) {
    wipe(secret.data(), secret.size());
    jwk.member = "k";
    return Error::jwk_oct_short;
  }
  jwk.material = std::make_shared<const KeyMaterial>(std::move(secret));
  return Error::ok;
}

Error import_akp(const JwkSource& source, Jwk& jwk) {
  jwk.type = KeyType::akp;
  const AlgorithmInfo& row = info(find_algorithm(jwk.alg));
  jwk.member = "alg";
  // RFC 9964 §3: alg is required, for it alone says what the key is.
  if (jwk.alg.empty()) return Error::jwk_member_missing;
  if (row.kty != KeyType::akp) return Error::jwk_alg_mismatch;
  Bytes encoded;
  if (const Error error = read_bytes(source, "pub", jwk, encoded); error != Error::ok) return error;
  jwk.member = "pub";
  if (encoded.size() != row.public_size) return Error::jwk_akp_length;
  jwk.bits = static_cast<std::uint32_t>(encoded.size() * 8);
  // The names of the table are OpenSSL's too; before 3.5 it has no such algorithm.
  OwnedPkey pkey(EVP_PKEY_new_raw_public_key_ex(nullptr, row.name.data(), nullptr, encoded.data(), encoded.size()));
  jwk.member = "alg";
  if (pkey == nullptr) return Error::unsupported_algorithm;
  jwk.member.clear();
  jwk.material = std::make_shared<const KeyMaterial>(std::move(pkey));
  jwk.algorithms.add(row.algorithm);
  return Error::ok;
}

}  // namespace simdjwt
