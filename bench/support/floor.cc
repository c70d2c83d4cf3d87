#include "support/floor.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include <cstdio>
#include <cstdlib>

namespace simdjwt::bench {
namespace {

void must(bool ok) {
  if (ok) return;
  std::fprintf(stderr, "OpenSSL failed to prepare a context\n");
  std::abort();
}

const EVP_MD* digest_of(Hash hash) {
  switch (hash) {
    case Hash::sha384:
      return EVP_sha384();
    case Hash::sha512:
      return EVP_sha512();
    default:
      return EVP_sha256();
  }
}

}  // namespace

struct Floor::Contexts {
  EVP_PKEY_CTX* pkey = nullptr;
  EVP_MD_CTX* digest = nullptr;
  EVP_MD_CTX* message = nullptr;
  EVP_MAC_CTX* mac = nullptr;
  ~Contexts() {
    EVP_PKEY_CTX_free(pkey);
    EVP_MD_CTX_free(digest);
    EVP_MD_CTX_free(message);
    EVP_MAC_CTX_free(mac);
  }
};

Floor::Floor(const test::SigningKey& key, Algorithm algorithm, ByteView signature)
    : Floor(key.pkey(), key.secret(), algorithm, signature) {}

Floor::Floor(EVP_PKEY* key, ByteView secret, Algorithm algorithm, ByteView signature)
    : family_(info(algorithm).family),
      signature_(signature.begin(), signature.end()),
      contexts_(std::make_unique<Contexts>()) {
  const AlgorithmInfo& row = info(algorithm);
  if (family_ == AlgorithmFamily::hmac) {
    EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    contexts_->mac = EVP_MAC_CTX_new(hmac);
    EVP_MAC_free(hmac);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(EVP_MD_get0_name(digest_of(row.hash))), 0),
        OSSL_PARAM_construct_end()};
    must(EVP_MAC_init(contexts_->mac, secret.data(), secret.size(), params) == 1);
  } else if (family_ == AlgorithmFamily::eddsa || family_ == AlgorithmFamily::ml_dsa) {
    contexts_->message = EVP_MD_CTX_new();
    must(EVP_DigestVerifyInit(contexts_->message, nullptr, nullptr, nullptr, key) == 1);
  } else {
    EVP_MD* md = EVP_MD_fetch(nullptr, EVP_MD_get0_name(digest_of(row.hash)), nullptr);
    contexts_->digest = EVP_MD_CTX_new();
    must(EVP_DigestInit_ex2(contexts_->digest, md, nullptr) == 1);
    contexts_->pkey = EVP_PKEY_CTX_new(key, nullptr);
    must(EVP_PKEY_verify_init(contexts_->pkey) == 1 && EVP_PKEY_CTX_set_signature_md(contexts_->pkey, md) == 1);
    if (family_ == AlgorithmFamily::rsa_pss) {
      must(EVP_PKEY_CTX_set_rsa_padding(contexts_->pkey, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(contexts_->pkey, RSA_PSS_SALTLEN_DIGEST) == 1);
    }
    if (family_ == AlgorithmFamily::ecdsa) signature_ = test::openssl_ecdsa_der(signature);
    EVP_MD_free(md);
  }
}

Floor::~Floor() = default;

bool Floor::verify(std::string_view message) noexcept {
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  if (family_ == AlgorithmFamily::hmac) {
    unsigned char tag[64];
    std::size_t size = 0;
    return EVP_MAC_init(contexts_->mac, nullptr, 0, nullptr) == 1 &&
           EVP_MAC_update(contexts_->mac, bytes, message.size()) == 1 &&
           EVP_MAC_final(contexts_->mac, tag, &size, sizeof(tag)) == 1 && size == signature_.size() &&
           CRYPTO_memcmp(tag, signature_.data(), size) == 0;
  }
  if (contexts_->message != nullptr) {
    return EVP_DigestVerifyInit(contexts_->message, nullptr, nullptr, nullptr, nullptr) == 1 &&
           EVP_DigestVerify(contexts_->message, signature_.data(), signature_.size(), bytes, message.size()) == 1;
  }
  unsigned char digest[64];
  unsigned size = 0;
  return EVP_DigestInit_ex2(contexts_->digest, nullptr, nullptr) == 1 &&
         EVP_DigestUpdate(contexts_->digest, bytes, message.size()) == 1 &&
         EVP_DigestFinal_ex(contexts_->digest, digest, &size) == 1 &&
         EVP_PKEY_verify(contexts_->pkey, signature_.data(), signature_.size(), digest, size) == 1;
}

}  // namespace simdjwt::bench
