// OpenSSL runs out of memory in the middle of a verification: a forged signature stays refused, a good one is never
// called forged where the engine can tell, and the next call is right. A program of its own, for OpenSSL is given
// allocators before its first use.
#include <gtest/gtest.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include <array>
#include <cstdlib>
#include <string>

#include "jwk/jwk_set.h"
#include "jwk/key_material.h"
#include "signature/verify.h"
#include "support/keys.h"
#include "support/print.h"

namespace simdjwt {
namespace {

using test::Octets;
using test::SigningKey;

// Of the allocations to come the one that fails, counted from 0; negative: none.
long until_failure = -1;
bool goes_on = false;  // all that follow fail as well
bool has_failed = false;

bool fails() {
  if (until_failure < 0) return false;
  if (until_failure > 0) {
    --until_failure;
    return false;
  }
  has_failed = true;
  if (!goes_on) until_failure = -1;
  return true;
}

const bool is_installed =
    CRYPTO_set_mem_functions(
        [](std::size_t size, const char*, int) { return fails() ? nullptr : std::malloc(size); },
        [](void* block, std::size_t size, const char*, int) { return fails() ? nullptr : std::realloc(block, size); },
        [](void* block, const char*, int) { std::free(block); }) == 1;

template <typename Work>
bool run_out(long after, bool for_good, Work&& work) {
  has_failed = false;
  goes_on = for_good;
  until_failure = after;
  work();
  until_failure = -1;
  return has_failed;
}

struct Subject {
  explicit Subject(Algorithm a)
      : algorithm(a), key(SigningKey::for_algorithm(a)), set(JwkSet::parse(test::jwks({key.jwk()})).set) {
    good = key.sign(a, message);
    forged = good;
    forged[3] ^= 1;
  }
  Error verify(VerifyContext& context, const Octets& signature) const {
    return context.verify(set->entries()[0], algorithm, as_bytes(message), signature);
  }
  SignatureCheck check(const Octets& signature) const {
    return {&set->entries()[0], algorithm, as_bytes(message), signature};
  }

  std::string message = std::string(300, 'm');
  Algorithm algorithm;
  SigningKey key;
  std::shared_ptr<const JwkSet> set;
  Octets good, forged;
};

// EVP_PKEY_verify says of a lack of memory what it says of a forged signature; the engine's own ways do not.
bool is_told_apart(Algorithm algorithm) {
  return algorithm == Algorithm::HS256 || algorithm == Algorithm::ES384 || algorithm == Algorithm::ES512 ||
         algorithm == Algorithm::ES256K;
}

class OutOfMemory : public testing::TestWithParam<Algorithm> {};

// One way to verify `signature`, with the n-th allocation failing, for each n that there is.
template <typename Verify>
void fail_each(const Subject& subject, bool is_good, const Verify& verify) {
  for (const bool for_good : {false, true}) {
    bool failed = true;
    for (long after = 0; failed; ++after) {
      VerifyContext context;
      ERR_clear_error();
      ERR_raise(ERR_LIB_USER, 7);  // of the embedding program
      Error error = Error::ok;
      failed = run_out(after, for_good, [&] { error = verify(context); });
      if (!is_good) {
        ASSERT_TRUE(error == Error::signature_invalid || error == Error::crypto_failure) << after;
      } else if (failed && is_told_apart(subject.algorithm)) {
        ASSERT_TRUE(error == Error::ok || error == Error::crypto_failure) << after;
      } else if (!failed) {
        ASSERT_EQ(error, Error::ok);
      }
      ASSERT_EQ(ERR_GET_REASON(ERR_get_error()), 7) << after;
      ASSERT_EQ(ERR_peek_error(), 0u) << after;
      ASSERT_EQ(subject.verify(context, subject.good), Error::ok) << after;
      ASSERT_EQ(subject.verify(context, subject.forged), Error::signature_invalid) << after;
    }
  }
}

TEST_P(OutOfMemory, Alone) {
  ASSERT_TRUE(is_installed);
  const Subject subject(GetParam());
  for (const bool is_good : {true, false}) {
    const Octets& signature = is_good ? subject.good : subject.forged;
    fail_each(subject, is_good, [&](VerifyContext& context) { return subject.verify(context, signature); });
  }
}

TEST_P(OutOfMemory, BesideAnother) {
  ASSERT_TRUE(is_installed);
  const Subject subject(GetParam());
  for (const bool is_good : {true, false}) {
    SignatureCheck one = subject.check(is_good ? subject.good : subject.forged), other = subject.check(subject.good);
    const std::array<SignatureCheck*, 2> both = {&one, &other};
    fail_each(subject, is_good, [&](VerifyContext& context) {
      context.verify_all(both);
      return one.error();
    });
  }
}

INSTANTIATE_TEST_SUITE_P(Signature, OutOfMemory,
                         testing::Values(Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::ES384,
                                         Algorithm::ES512, Algorithm::ES256K),
                         [](const auto& p) { return std::string(simdjwt::info(p.param).name); });

// A key whose tables could not be made verifies without; a key that could not be made is refused.
TEST(OutOfMemoryAtImport, AKeyIsRefusedOrRight) {
  ASSERT_TRUE(is_installed);
  const Subject subject(Algorithm::ES256K);
  const std::string json = test::jwks({subject.key.jwk()});
  int refused = 0, without_tables = 0;
  bool failed = true;
  for (long after = 0; failed; after += after < 150 ? 1 : 97) {
    JwkSetResult result;
    failed = run_out(after, false, [&] { result = JwkSet::parse(json); });
    ASSERT_NE(result.set, nullptr);
    const Jwk& key = result.set->entries()[0];
    if (!key.usable()) {
      ++refused;
      continue;
    }
    without_tables += key.material->ec_tables() == nullptr;
    VerifyContext context;
    ASSERT_EQ(context.verify(key, Algorithm::ES256K, as_bytes(subject.message), subject.good), Error::ok) << after;
    ASSERT_EQ(context.verify(key, Algorithm::ES256K, as_bytes(subject.message), subject.forged),
              Error::signature_invalid)
        << after;
  }
  EXPECT_GT(refused, 0);
  EXPECT_GT(without_tables, 0);
}

}  // namespace
}  // namespace simdjwt
