// The key itself, in the form OpenSSL takes it. Internal to jwk/ and signature/.
//
// Ownership: owns the EVP_PKEY, with the tables that speed it up, or the secret, which is wiped. Thread-safety:
// immutable once built; OpenSSL counts the references of contexts made from it.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/wipe.h"

namespace simdjwt {

class EcTables;

struct FreePkey {
  void operator()(EVP_PKEY* p) const noexcept { EVP_PKEY_free(p); }
};
using OwnedPkey = std::unique_ptr<EVP_PKEY, FreePkey>;

class KeyMaterial {
 public:
  explicit KeyMaterial(OwnedPkey pkey, std::shared_ptr<const EcTables> tables = nullptr) noexcept
      : pkey_(std::move(pkey)), ec_tables_(std::move(tables)) {}
  explicit KeyMaterial(std::vector<std::uint8_t> secret) noexcept : secret_(std::move(secret)) {}
  ~KeyMaterial() { wipe(secret_.data(), secret_.size()); }
  KeyMaterial(const KeyMaterial&) = delete;
  KeyMaterial& operator=(const KeyMaterial&) = delete;

  EVP_PKEY* pkey() const noexcept { return pkey_.get(); }                        // null for a symmetric key
  const EcTables* ec_tables() const noexcept { return ec_tables_.get(); }  // null for a key that has none
  ByteView secret() const noexcept { return secret_; }                     // empty for a public key

 private:
  OwnedPkey pkey_;
  std::shared_ptr<const EcTables> ec_tables_;
  std::vector<std::uint8_t> secret_;
};

}  // namespace simdjwt
