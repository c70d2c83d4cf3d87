// The floor: the same verification done by OpenSSL alone, with contexts and digests prepared once and used again.
//
// Nothing is checked and nothing is decoded: what a validation takes above this is what the engine costs.
// Thread-safety: one per thread.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "jose/algorithm.h"
#include "support/keys.h"

namespace simdjwt::bench {

class Floor {
 public:
  // `signature` is in JOSE form; ECDSA is turned into DER here, not in verify().
  Floor(const test::SigningKey& key, Algorithm algorithm, ByteView signature);
  // From a public key, which the contexts keep alive, or from the secret of an HMAC.
  Floor(EVP_PKEY* key, ByteView secret, Algorithm algorithm, ByteView signature);
  ~Floor();
  Floor(const Floor&) = delete;
  Floor& operator=(const Floor&) = delete;

  bool verify(std::string_view message) noexcept;

 private:
  struct Contexts;
  AlgorithmFamily family_;
  std::vector<std::uint8_t> signature_;
  std::unique_ptr<Contexts> contexts_;
};

}  // namespace simdjwt::bench
