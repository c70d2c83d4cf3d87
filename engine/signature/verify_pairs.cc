// Verifies neighbours that both hash by SHA-256 as pairs: HS256, RS256, PS256, ES256 and ES256K, in any mixture.
#include <openssl/crypto.h>

#include "base/wipe.h"
#include "signature/hmac.h"
#include "signature/sha256_pair.h"
#include "signature/signature_form.h"
#include "signature/verify.h"

namespace simdjwt {
namespace {

// One of a pair: where its hash begins, and what it comes to. That of an HMAC is secret.
struct Hashing {
  Hashing(Algorithm algorithm, ByteView signed_bytes) noexcept
      : message(signed_bytes), is_mac(info(algorithm).family == AlgorithmFamily::hmac) {}
  ~Hashing() {
    if (!is_mac) return;
    wipe(&inner, sizeof(inner));
    wipe(&outer, sizeof(outer));
    wipe(value, sizeof(value));
  }
  Hashing(const Hashing&) = delete;
  Hashing& operator=(const Hashing&) = delete;

  // RFC 2104 §2: an HMAC is the hash, after the outer block, of the hash after the inner block. Both blocks are
  // absorbed.
  bool start(const HmacKey* key) noexcept {
    if (key != nullptr) key->copy_chains(inner, outer);
    return key != nullptr;
  }
  Sha256Job inner_job() noexcept { return {is_mac ? &inner : nullptr, message, value}; }
  Sha256Job outer_job() noexcept { return {&outer, value, value}; }

  ByteView message;
  bool is_mac;
  Sha256Chain inner, outer;  // of an HMAC
  std::uint8_t value[kSha256Size];
};

// The tags, once the inner hashes are made.
void make_tags(const Sha256PairKernel& kernel, Hashing& one, Hashing& other) noexcept {
  if (one.is_mac && other.is_mac) return sha256_pair(kernel, one.outer_job(), other.outer_job());
  if (one.is_mac) sha256_openssl(one.outer_job());
  if (other.is_mac) sha256_openssl(other.outer_job());
}

}  // namespace

void VerifyContext::verify_alone(SignatureCheck& check) noexcept {
  check.error_ = verify(*check.key_, check.algorithm_, check.message_, check.signature_);
}

void VerifyContext::verify_pair(SignatureCheck& one, SignatureCheck& other) noexcept {
  Hashing hashing_one(one.algorithm_, one.message_), hashing_other(other.algorithm_, other.message_);
  const auto start = [this](const SignatureCheck& check, Hashing& hashing) noexcept {
    return !hashing.is_mac || hashing.start(hmac_key(*check.key_, check.algorithm_));
  };
  if (!start(one, hashing_one) || !start(other, hashing_other)) {
    verify_alone(one);
    verify_alone(other);
    return;
  }
  sha256_pair(*pair_kernel_, hashing_one.inner_job(), hashing_other.inner_job());
  make_tags(*pair_kernel_, hashing_one, hashing_other);

  const auto finish = [this](SignatureCheck& check, const Hashing& hashing) noexcept {
    if (!hashing.is_mac) {
      check.error_ = verify_hashed(*check.key_, check.algorithm_, hashing.value, check.signature_);
      return;
    }
    // check_signature_form has seen that the signature is as long. In constant time (RFC 7518 §3.2).
    const bool equal = CRYPTO_memcmp(hashing.value, check.signature_.data(), sizeof(hashing.value)) == 0;
    check.error_ = equal ? Error::ok : Error::signature_invalid;
  };
  finish(one, hashing_one);
  finish(other, hashing_other);
}

bool VerifyContext::is_for_a_pair(const SignatureCheck& check) const noexcept {
  return pair_kernel_ != nullptr && info(check.algorithm_).hash == Hash::sha256;
}

void VerifyContext::verify_all(std::span<SignatureCheck* const> checks) noexcept {
  SignatureCheck* waiting = nullptr;  // for another to be hashed with
  for (SignatureCheck* const check : checks) {
    check->error_ = Error::key_alg_mismatch;
    if (check->key_ == nullptr) continue;
    if (!is_for_a_pair(*check)) {
      verify_alone(*check);
      continue;
    }
    if (const Error error = check_signature_form(*check->key_, check->algorithm_, check->signature_);
        error != Error::ok) {
      check->error_ = error;
      continue;
    }
    if (waiting == nullptr) {
      waiting = check;
    } else {
      verify_pair(*waiting, *check);
      waiting = nullptr;
    }
  }
  if (waiting != nullptr) verify_alone(*waiting);
}

}  // namespace simdjwt
