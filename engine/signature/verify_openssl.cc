#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include <array>
#include <new>

#include "jwk/error_mark.h"
#include "jwk/key_material.h"
#include "jwk/plain_openssl.h"
#include "signature/ecdsa_der.h"
#include "signature/ecdsa_tables.h"
#include "signature/hmac.h"
#include "signature/sha256_pair.h"
#include "signature/signature_form.h"
#include "signature/verify.h"

namespace simdjwt {
namespace {

struct Free {
  void operator()(EVP_MD* p) const noexcept { EVP_MD_free(p); }
  void operator()(EVP_MD_CTX* p) const noexcept { EVP_MD_CTX_free(p); }
  void operator()(EVP_MAC* p) const noexcept { EVP_MAC_free(p); }
  void operator()(EVP_MAC_CTX* p) const noexcept { EVP_MAC_CTX_free(p); }
  void operator()(EVP_PKEY_CTX* p) const noexcept { EVP_PKEY_CTX_free(p); }
  void operator()(HmacKey* p) const noexcept {
    p->~HmacKey();
    OPENSSL_free(p);
  }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

const char* openssl_name(Hash hash) noexcept {
  switch (hash) {
    case Hash::sha384:
      return "SHA384";
    case Hash::sha512:
      return "SHA512";
    default:
      return "SHA256";
  }
}

struct Digest {
  Owned<EVP_MD> md;
  Owned<EVP_MD_CTX> ctx;
};

// A context prepared for one key and one algorithm; which member is set follows from the algorithm's family.
struct Prepared {
  std::shared_ptr<const KeyMaterial> material;  // identity of the key; keeps its address from being used again
  Algorithm algorithm = Algorithm::unknown;
  Owned<EVP_PKEY_CTX> pkey_ctx;  // RSA, ECDSA: over a digest ...
  const EcTables* ec_tables = nullptr;  // ... or, the material's, for ECDSA where it has them
  Owned<EVP_MD_CTX> message_ctx;  // EdDSA, ML-DSA: over the message
  Owned<EVP_MAC_CTX> mac_ctx;           // HMAC where only providers may do it ...
  Owned<HmacKey> hmac;                  // ... and where not
};

// Leaves an error on OpenSSL's queue when it is not there.
bool has_signature(const char* name) noexcept {
  EVP_SIGNATURE* signature = EVP_SIGNATURE_fetch(nullptr, name, nullptr);
  EVP_SIGNATURE_free(signature);
  return signature != nullptr;
}

}  // namespace

struct VerifyContext::Impl {
  // Two ways of 64 sets: a gateway's few keys all fit; a set of a thousand keys pays for a context now and then.
  static constexpr std::size_t kWays = 2;
  static constexpr std::size_t kSets = 64;

  std::array<Digest, 3> digests;
  Owned<EVP_MAC> hmac;
  bool plain = plain_openssl_is_allowed();  // else by way of the provider
  AlgorithmSet supported;
  std::array<Prepared, kWays * kSets> prepared;
  EcdsaByTables ecdsa_by_tables;

  Digest& digest(Hash hash) noexcept { return digests[static_cast<std::size_t>(hash) - 1]; }

  Prepared* lookup(const Jwk& key, Algorithm algorithm) noexcept;
  bool prepare(const Jwk& key, const AlgorithmInfo& row, Prepared& out) noexcept;
  bool prepare_digest(const Jwk& key, const AlgorithmInfo& row, Prepared& out) noexcept;
  bool prepare_mac(const Jwk& key, const AlgorithmInfo& row, Prepared& out) noexcept;
  Error verify_digest(const AlgorithmInfo& row, Prepared& prepared_key, ByteView value, ByteView signature) noexcept;
  Error verify_message(Prepared& prepared_key, ByteView message, ByteView signature) noexcept;
  bool hash(Hash hash, ByteView message, std::uint8_t* out) noexcept;
  static bool tag(Prepared& prepared_key, ByteView message, std::uint8_t* out) noexcept;
  static Error verify_mac(const AlgorithmInfo& row, Prepared& prepared_key, ByteView message, ByteView signature) noexcept;
};

VerifyContext::VerifyContext()
    : impl_(std::make_unique<Impl>()), pair_kernel_(impl_->plain ? sha256_pair_kernel() : nullptr) {
  const ErrorMark mark;
  for (const Hash hash : {Hash::sha256, Hash::sha384, Hash::sha512}) {
    Digest& digest = impl_->digest(hash);
    digest.md.reset(EVP_MD_fetch(nullptr, openssl_name(hash), nullptr));
    digest.ctx.reset(EVP_MD_CTX_new());
    if (!digest.ctx || (digest.md && EVP_DigestInit_ex2(digest.ctx.get(), digest.md.get(), nullptr) != 1)) {
      throw std::bad_alloc();
    }
  }
  impl_->hmac.reset(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  for (const AlgorithmInfo& row : algorithms()) {
    if (row.family != AlgorithmFamily::ml_dsa || has_signature(row.name.data())) impl_->supported.add(row.algorithm);
  }
}

bool VerifyContext::supports(Algorithm algorithm) const noexcept { return impl_->supported.has(algorithm); }

VerifyContext::~VerifyContext() = default;

bool VerifyContext::Impl::prepare_mac(const Jwk& key, const AlgorithmInfo& row, Prepared& out) noexcept {
  if (plain) {
    // In OpenSSL's memory, like every other context that is prepared here.
    void* const room = OPENSSL_malloc(sizeof(HmacKey));
    if (room == nullptr) return false;
    out.hmac.reset(new (room) HmacKey(row.hash, key.material->secret()));
    return true;
  }
  if (!hmac) return false;
  out.mac_ctx.reset(EVP_MAC_CTX_new(hmac.get()));
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(openssl_name(row.hash)), 0),
      OSSL_PARAM_construct_end(),
  };
  const ByteView secret = key.material->secret();
  return out.mac_ctx && EVP_MAC_init(out.mac_ctx.get(), secret.data(), secret.size(), params) == 1;
}

bool VerifyContext::Impl::prepare_digest(const Jwk& key, const AlgorithmInfo& row, Prepared& out) noexcept {
  const Digest& hash = digest(row.hash);
  out.pkey_ctx.reset(EVP_PKEY_CTX_new_from_pkey(nullptr, key.material->pkey(), nullptr));
  EVP_PKEY_CTX* ctx = out.pkey_ctx.get();
  if (!hash.md || ctx == nullptr || EVP_PKEY_verify_init(ctx) != 1 ||
      EVP_PKEY_CTX_set_signature_md(ctx, hash.md.get()) != 1) {
    return false;
  }
  if (row.family == AlgorithmFamily::ecdsa) return true;
  if (row.family == AlgorithmFamily::rsa_pkcs1) return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1;
  // RFC 7518 §3.5: MGF1 with the same hash, a salt as long as the hash.
  return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, hash.md.get()) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, static_cast<int>(hash_size(row.hash))) == 1;
}

bool VerifyContext::Impl::prepare(const Jwk& key, const AlgorithmInfo& row, Prepared& out) noexcept {
  const ErrorMark mark;
  out = Prepared{};
  bool done = false;
  switch (row.family) {
    case AlgorithmFamily::hmac:
      done = prepare_mac(key, row, out);
      break;
    case AlgorithmFamily::ecdsa:
      out.ec_tables = plain ? key.material->ec_tables() : nullptr;
      done = out.ec_tables != nullptr ? ecdsa_by_tables.prepare(*out.ec_tables) : prepare_digest(key, row, out);
      break;
    case AlgorithmFamily::rsa_pkcs1:
    case AlgorithmFamily::rsa_pss:
      done = prepare_digest(key, row, out);
      break;
    case AlgorithmFamily::eddsa:
    case AlgorithmFamily::ml_dsa:
      out.message_ctx.reset(EVP_MD_CTX_new());
      done = out.message_ctx && EVP_DigestVerifyInit_ex(out.message_ctx.get(), nullptr, nullptr, nullptr, nullptr,
                                                        key.material->pkey(), nullptr) == 1;
      break;
    case AlgorithmFamily::none:
      break;
  }
  if (!done) {
    out = Prepared{};
    return false;
  }
  out.material = key.material;
  out.algorithm = row.algorithm;
  return true;
}

Prepared* VerifyContext::Impl::lookup(const Jwk& key, Algorithm algorithm) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(key.material.get()) >> 4;
  const std::size_t set = static_cast<std::size_t>((address ^ address >> 7 ^ address >> 14) % kSets) * kWays;
  for (std::size_t way = 0; way < kWays; ++way) {
    Prepared& slot = prepared[set + way];
    if (slot.material == key.material && slot.algorithm == algorithm) return &slot;
  }
  // The one prepared last stands first; the one before it gives way next time.
  std::swap(prepared[set], prepared[set + 1]);
  return prepare(key, info(algorithm), prepared[set]) ? &prepared[set] : nullptr;
}

bool VerifyContext::Impl::hash(Hash hash, ByteView message, std::uint8_t* out) noexcept {
  EVP_MD_CTX* const ctx = digest(hash).ctx.get();
  return EVP_DigestInit_ex2(ctx, nullptr, nullptr) == 1 && EVP_DigestUpdate(ctx, message.data(), message.size()) == 1 &&
         EVP_DigestFinal_ex(ctx, out, nullptr) == 1;
}

Error VerifyContext::Impl::verify_digest(const AlgorithmInfo& row, Prepared& prepared_key, ByteView value,
                                         ByteView signature) noexcept {
  if (prepared_key.ec_tables != nullptr) return ecdsa_by_tables.verify(*prepared_key.ec_tables, value, signature);
  std::uint8_t der[kMaxEcdsaDer];
  if (row.family == AlgorithmFamily::ecdsa) signature = ByteView(der, ecdsa_to_der(signature, der));
  const int verified = EVP_PKEY_verify(prepared_key.pkey_ctx.get(), signature.data(), signature.size(), value.data(),
                                       value.size());
  return verified == 1 ? Error::ok : Error::signature_invalid;
}

Error VerifyContext::Impl::verify_message(Prepared& prepared_key, ByteView message, ByteView signature) noexcept {
  EVP_MD_CTX* ctx = prepared_key.message_ctx.get();
  // Newer OpenSSL marks a context as finished by a one-shot verification; arming it again keeps key and provider.
  if (EVP_DigestVerifyInit_ex(ctx, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr) != 1) {
    return Error::crypto_failure;
  }
  const int verified = EVP_DigestVerify(ctx, signature.data(), signature.size(), message.data(), message.size());
  return verified == 1 ? Error::ok : Error::signature_invalid;
}

bool VerifyContext::Impl::tag(Prepared& prepared_key, ByteView message, std::uint8_t* out) noexcept {
  if (prepared_key.hmac) {
    prepared_key.hmac->tag(message, out);
    return true;
  }
  EVP_MAC_CTX* const ctx = prepared_key.mac_ctx.get();
  std::size_t size = 0;
  // Without a key the context is armed again with the one it has.
  return EVP_MAC_init(ctx, nullptr, 0, nullptr) == 1 && EVP_MAC_update(ctx, message.data(), message.size()) == 1 &&
         EVP_MAC_final(ctx, out, &size, kMaxHash) == 1;
}

Error VerifyContext::Impl::verify_mac(const AlgorithmInfo& row, Prepared& prepared_key, ByteView message,
                                      ByteView signature) noexcept {
  std::uint8_t expected[kMaxHash];
  if (!tag(prepared_key, message, expected)) return Error::crypto_failure;
  const std::size_t size = hash_size(row.hash);
  const bool equal = size == signature.size() && CRYPTO_memcmp(expected, signature.data(), size) == 0;
  OPENSSL_cleanse(expected, size);
  return equal ? Error::ok : Error::signature_invalid;
}

const HmacKey* VerifyContext::hmac_key(const Jwk& key, Algorithm algorithm) noexcept {
  const Prepared* const prepared = impl_->lookup(key, algorithm);
  return prepared != nullptr ? prepared->hmac.get() : nullptr;
}

Error VerifyContext::verify_hashed(const Jwk& key, Algorithm algorithm, ByteView hash, ByteView signature) noexcept {
  Prepared* const prepared = impl_->lookup(key, algorithm);
  if (prepared == nullptr) return Error::crypto_failure;
  const ErrorMark mark;
  return impl_->verify_digest(info(algorithm), *prepared, hash, signature);
}

Error VerifyContext::verify(const Jwk& key, Algorithm algorithm, ByteView message, ByteView signature) noexcept {
  if (const Error error = check_signature_form(key, algorithm, signature); error != Error::ok) return error;
  const AlgorithmInfo& row = info(algorithm);
  Prepared* prepared = impl_->lookup(key, algorithm);
  if (prepared == nullptr) return Error::crypto_failure;
  // A tag that differs is no error to OpenSSL: there is nothing to take off the queue.
  if (row.family == AlgorithmFamily::hmac) return Impl::verify_mac(row, *prepared, message, signature);
  const ErrorMark mark;
  switch (row.family) {
    case AlgorithmFamily::eddsa:
    case AlgorithmFamily::ml_dsa:
      return impl_->verify_message(*prepared, message, signature);
    default:
      break;
  }
  std::uint8_t value[kMaxHash];
  if (!impl_->hash(row.hash, message, value)) return Error::crypto_failure;
  return impl_->verify_digest(row, *prepared, ByteView(value, hash_size(row.hash)), signature);
}

}  // namespace simdjwt
