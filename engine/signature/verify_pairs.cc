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
  explicit Hashing(const SignatureCheck& check) noexcept
      : message(check.message), is_mac(info(check.algorithm).family == AlgorithmFamily::hmac) {}
  ~Hashing() {
    if (!is_mac) return;
    wipe(&inner, sizeof(inner));
    wipe(&outer, sizeof(outer));
    wipe(value, sizeof(value));
  }
  Hashing(const Hashing&) = delete;
  Hashing& operator=(const Hashing&) = delete;

  // RFC 2104 §2: an HMAC is the hash, after the outer block, of the hash after the inner block. Both blocks are absorbed.
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

void VerifyContext::verify_pair(SignatureCheck& one, SignatureCheck& other) noexcept {
  Hashing hashing_one(one), hashing_other(other);
  const auto start = [this](const SignatureCheck& check, Hashing& hashing) noexcept {
    return !hashing.is_mac || hashing.start(hmac_key(*check.key, check.algorithm));
  };
  if (!start(one, hashing_one) || !start(other, hashing_other)) {
    for (SignatureCheck* const check : {&one, &other}) {
      check->error = verify(*check->key, check->algorithm, check->message, check->signature);
    }
    return;
  }
  sha256_pair(*pair_kernel_, hashing_one.inner_job(), hashing_other.inner_job());
  make_tags(*pair_kernel_, hashing_one, hashing_other);

  const auto finish = [this](SignatureCheck& check, const Hashing& hashing) noexcept {
    if (!hashing.is_mac) {
      check.error = verify_hashed(*check.key, check.algorithm, hashing.value, check.signature);
      return;
    }
    // check_signature_form has seen that the signature is as long. In constant time (RFC 7518 §3.2).
    const bool equal = CRYPTO_memcmp(hashing.value, check.signature.data(), sizeof(hashing.value)) == 0;
    check.error = equal ? Error::ok : Error::signature_invalid;
  };
  finish(one, hashing_one);
  finish(other, hashing_other);
}

bool VerifyContext::is_for_a_pair(const SignatureCheck& check) const noexcept {
  return pair_kernel_ != nullptr && info(check.algorithm).hash == Hash::sha256;
}

void VerifyContext::verify_all(std::span<SignatureCheck> checks) noexcept {
  SignatureCheck* waiting = nullptr;  // for another to be hashed with
  for (SignatureCheck& check : checks) {
    check.error = Error::key_alg_mismatch;
    if (check.key == nullptr) continue;
    if (!is_for_a_pair(check)) {
      check.error = verify(*check.key, check.algorithm, check.message, check.signature);
      continue;
    }
    check.error = check_signature_form(*check.key, check.algorithm, check.signature);
    if (check.error != Error::ok) continue;
    if (waiting == nullptr) {
      waiting = &check;
    } else {
      verify_pair(*waiting, check);
      waiting = nullptr;
    }
  }
  if (waiting != nullptr) {
    waiting->error = verify(*waiting->key, waiting->algorithm, waiting->message, waiting->signature);
  }
}

}  // namespace simdjwt
