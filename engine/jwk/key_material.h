// The key itself, in the form OpenSSL takes it. Internal to jwk/ and signature/.
//
// Ownership: owns the EVP_PKEY or the secret, which is wiped. Thread-safety: immutable once built; OpenSSL counts the
// references of contexts made from it.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/wipe.h"

namespace simdjwt {

class KeyMaterial {
 public:
  explicit KeyMaterial(EVP_PKEY* pkey) noexcept : pkey_(pkey) {}
  explicit KeyMaterial(std::vector<std::uint8_t> secret) noexcept : secret_(std::move(secret)) {}
  ~KeyMaterial() {
    EVP_PKEY_free(pkey_);
    wipe(secret_.data(), secret_.size());
  }
  KeyMaterial(const KeyMaterial&) = delete;
  KeyMaterial& operator=(const KeyMaterial&) = delete;

  EVP_PKEY* pkey() const noexcept { return pkey_; }    // null for a symmetric key
  ByteView secret() const noexcept { return secret_; }  // empty for a public key

 private:
  EVP_PKEY* pkey_ = nullptr;
  std::vector<std::uint8_t> secret_;
};

}  // namespace simdjwt
