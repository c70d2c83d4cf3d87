// The key itself, in the form OpenSSL takes it. Internal to jwk/ and signature/.
//
// Ownership: owns the EVP_PKEY, with the tables that speed it up, or the secret, which is wiped. Thread-safety:
// immutable once built; OpenSSL counts the references of contexts made from it.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/wipe.h"

namespace simdjwt {

class EcTables;

class KeyMaterial {
 public:
  explicit KeyMaterial(EVP_PKEY* pkey, std::shared_ptr<const EcTables> tables = nullptr) noexcept
      : pkey_(pkey), ec_tables_(std::move(tables)) {}
  explicit KeyMaterial(std::vector<std::uint8_t> secret) noexcept : secret_(std::move(secret)) {}
  ~KeyMaterial() {
    EVP_PKEY_free(pkey_);
    wipe(secret_.data(), secret_.size());
  }
  KeyMaterial(const KeyMaterial&) = delete;
  KeyMaterial& operator=(const KeyMaterial&) = delete;

  EVP_PKEY* pkey() const noexcept { return pkey_; }                        // null for a symmetric key
  const EcTables* ec_tables() const noexcept { return ec_tables_.get(); }  // null for a key that has none
  ByteView secret() const noexcept { return secret_; }                     // empty for a public key

 private:
  EVP_PKEY* pkey_ = nullptr;
  std::shared_ptr<const EcTables> ec_tables_;
  std::vector<std::uint8_t> secret_;
};

}  // namespace simdjwt
