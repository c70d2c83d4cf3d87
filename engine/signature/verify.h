// Verifies one signature (RFC 7515 §5.2) with a key that fits the algorithm.
//
// A VerifyContext belongs to one thread. It holds a digest context per hash and one prepared OpenSSL context per key it
// has met, in a bounded table: a hit costs a probe, a miss prepares a context (OpenSSL allocates, the engine does not).
//
// Ownership: the context keeps the material of cached keys alive; inputs are read during the call only.
// Thread-safety: none; one per thread. Cost: the signature, plus about 20 ns. Public-key verification handles public
// data and is not constant-time; HMAC tags are compared in constant time (RFC 7518 §3.2).
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/error.h"
#include "jwk/jwk.h"

namespace simdjwt {

class VerifyContext {
 public:
  // Throws std::bad_alloc; also when OpenSSL lacks a hash, which then fails each use with crypto_failure.
  VerifyContext();
  ~VerifyContext();
  VerifyContext(const VerifyContext&) = delete;
  VerifyContext& operator=(const VerifyContext&) = delete;

  // Whether the linked OpenSSL has the algorithm.
  bool supports(Algorithm algorithm) const noexcept;

  // Ok, or signature_length, signature_range, signature_invalid; key_alg_mismatch when the key may not verify this
  // algorithm; crypto_failure when OpenSSL failed for another reason. `signature` is in JOSE form: R || S for ECDSA.
  Error verify(const Jwk& key, Algorithm algorithm, ByteView message, ByteView signature) noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace simdjwt
