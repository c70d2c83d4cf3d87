// Verifies signatures (RFC 7515 §5.2), each with a key that fits the algorithm: one, or many at a time.
//
// A VerifyContext belongs to one thread. It holds a digest context per hash and, per key that it has met, what is
// prepared of it, mostly an OpenSSL context, in a bounded table: a hit costs a probe, a miss prepares (OpenSSL
// allocates, the engine does not). Keys with tables (jwk/ec_tables.h) are verified by them.
//
// Ownership: the context keeps the material of cached keys alive; inputs are read during the call only. Thread-safety:
// none; one per thread. Cost: the signature, plus about 20 ns; of many less, where they are hashed as pairs. Public-key
// verification handles public data and is not constant-time; HMAC tags are compared in constant time (RFC 7518 §3.2).
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/error.h"
#include "jwk/jwk.h"

namespace simdjwt {

class HmacKey;
struct Sha256PairKernel;

// What one verification is made of, and what came of it. Views; the key stays the caller's.
class SignatureCheck {
 public:
  SignatureCheck() = default;
  SignatureCheck(const Jwk* key, Algorithm algorithm, ByteView message, ByteView signature) noexcept
      : key_(key), algorithm_(algorithm), message_(message), signature_(signature) {}

  const Jwk* key() const noexcept { return key_; }
  // Whether it is about these very bytes, wherever equal ones may stand.
  bool is_of(ByteView message, ByteView signature) const noexcept {
    return message_.data() == message.data() && message_.size() == message.size() &&
           signature_.data() == signature.data() && signature_.size() == signature.size();
  }
  // Refused until VerifyContext::verify_all says otherwise, which nobody else can; without a key it stays so.
  [[nodiscard]] Error error() const noexcept { return error_; }

 private:
  friend class VerifyContext;
  const Jwk* key_ = nullptr;
  Algorithm algorithm_ = Algorithm::unknown;
  ByteView message_, signature_;
  Error error_ = Error::key_alg_mismatch;
};

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

  // Gives each check the error that verify() answers alone. Those of one kind are best next to each other: what can be
  // done side by side is done for neighbours.
  void verify_all(std::span<SignatureCheck* const> checks) noexcept;

 private:
  struct Impl;

  // verify() in pieces, for those that are hashed as a pair (verify_pairs.cc): the prepared key of an HMAC, which stays
  // only until another key is asked for (null: crypto_failure), and what is left to do with a public key once the
  // message is hashed.
  const HmacKey* hmac_key(const Jwk& key, Algorithm algorithm) noexcept;
  Error verify_hashed(const Jwk& key, Algorithm algorithm, ByteView hash, ByteView signature) noexcept;
  void verify_alone(SignatureCheck& check) noexcept;
  bool is_for_a_pair(const SignatureCheck& check) const noexcept;
  void verify_pair(SignatureCheck& one, SignatureCheck& other) noexcept;

  std::unique_ptr<Impl> impl_;
  const Sha256PairKernel* const pair_kernel_;  // null: hashed one after the other
};

}  // namespace simdjwt
