// Many signatures in one call: each gets the error that it gets alone, whatever stands beside it.
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "jose/curve.h"
#include "jwk/jwk_set.h"
#include "signature/verify.h"
#include "support/keys.h"
#include "support/print.h"

namespace simdjwt {
namespace {

using test::Octets;
using test::SigningKey;

// What a check views.
struct Signed {
  std::shared_ptr<const JwkSet> keys;
  Algorithm algorithm;
  std::string message;
  Octets signature;

  SignatureCheck check() const { return {&keys->entries()[0], algorithm, as_bytes(message), signature}; }
};

Signed sign(const SigningKey& key, Algorithm algorithm, std::string message) {
  Octets signature = key.sign(algorithm, message);
  return {JwkSet::parse(test::jwks({key.jwk()})).set, algorithm, std::move(message), std::move(signature)};
}

// Good ones, and what can be wrong with each.
void add(std::vector<Signed>& all, const SigningKey& key, Algorithm algorithm, std::size_t size) {
  std::string message(size, 'm');
  for (std::size_t i = 0; i < size; ++i) message[i] = static_cast<char>('A' + (i * 7 + size) % 57);
  const Signed good = sign(key, algorithm, message);
  Signed forged = good, other_message = good, longer = good, empty = good, zeros = good, ones = good, mismatch = good;
  forged.signature[forged.signature.size() / 2] ^= 0x10;
  other_message.message += '.';
  longer.signature.push_back(0);
  empty.signature.clear();
  zeros.signature.assign(zeros.signature.size(), 0);
  ones.signature.assign(ones.signature.size(), 0xff);
  mismatch.algorithm = algorithm == Algorithm::ES256 ? Algorithm::HS256 : Algorithm::ES256;
  for (const Signed& one : {good, good, good, good, forged, other_message, longer, empty, zeros, ones, mismatch}) {
    all.push_back(one);
  }
}

const std::vector<Signed>& traffic() {
  static const std::vector<Signed> traffic = [] {
    std::vector<Signed> all;
    for (const AlgorithmInfo& row : algorithms()) {
      if (row.family == AlgorithmFamily::ml_dsa && !test::openssl_has_ml_dsa()) continue;
      const SigningKey key = SigningKey::for_algorithm(row.algorithm);
      for (const std::size_t size : {0u, 1u, 55u, 56u, 64u, 119u, 700u, 2000u}) add(all, key, row.algorithm, size);
    }
    return all;
  }();
  return traffic;
}

void verify_all(VerifyContext& context, std::span<SignatureCheck> checks) {
  std::vector<SignatureCheck*> pointers;
  for (SignatureCheck& check : checks) pointers.push_back(&check);
  context.verify_all(pointers);
}

std::set<Error> expect_as_alone(VerifyContext& together, VerifyContext& alone, std::span<const Signed* const> ones) {
  std::set<Error> seen;
  std::vector<SignatureCheck> checks;
  for (const Signed* const one : ones) checks.push_back(one->check());
  verify_all(together, checks);
  EXPECT_EQ(ERR_peek_error(), 0u);
  for (std::size_t i = 0; i < ones.size(); ++i) {
    const Signed& one = *ones[i];
    const Error error = alone.verify(one.keys->entries()[0], one.algorithm, as_bytes(one.message), one.signature);
    EXPECT_EQ(checks[i].error(), error) << i << " of " << ones.size() << ": " << info(one.algorithm).name << " "
                                        << one.message.size();
    seen.insert(error);
  }
  return seen;
}

TEST(VerifyAll, MixturesOfEverything) {
  VerifyContext together, alone;
  std::mt19937 random(20251127);
  std::set<Error> seen;
  for (int round = 0; round < 300; ++round) {
    std::vector<const Signed*> ones(random() % 20);
    for (const Signed*& one : ones) one = &traffic()[random() % traffic().size()];
    seen.merge(expect_as_alone(together, alone, ones));
  }
  EXPECT_EQ(seen, (std::set{Error::ok, Error::key_alg_mismatch, Error::signature_length, Error::signature_range,
                            Error::signature_invalid}));
}

// Every two of the algorithms that are hashed as pairs, good beside forged and the other way round.
TEST(VerifyAll, EveryTwoThatHashBySha256) {
  VerifyContext together, alone;
  std::vector<const Signed*> candidates;
  for (const Signed& one : traffic()) {
    if (info(one.algorithm).hash == Hash::sha256 && one.message.size() % 700 == 0) candidates.push_back(&one);
  }
  ASSERT_GT(candidates.size(), 100u);
  for (std::size_t i = 0; i < candidates.size(); i += 3) {
    for (std::size_t j = 0; j < candidates.size(); j += 4) {
      expect_as_alone(together, alone, std::array{candidates[i], candidates[j]});
    }
  }
}

// RFC 7515 appendix A.1.
TEST(VerifyAll, AnExampleOfRfc7515BesideItsChanges) {
  constexpr std::string_view kInput =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  const auto keys =
      JwkSet::parse(
          R"({"keys":[{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}]})")
          .set;
  const Signed good{keys, Algorithm::HS256, std::string(kInput),
                    test::unb64("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")};
  for (std::size_t bit = 0; bit < 256; ++bit) {
    Signed changed = good;
    changed.signature[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    SignatureCheck checks[] = {good.check(), changed.check(), changed.check(), good.check(), good.check()};
    VerifyContext context;
    verify_all(context, checks);
    for (const std::size_t i : {0u, 3u, 4u}) ASSERT_EQ(checks[i].error(), Error::ok) << i;
    for (const std::size_t i : {1u, 2u}) ASSERT_EQ(checks[i].error(), Error::signature_invalid) << i;
  }
}

// RFC 8725 §3.1.
TEST(VerifyAll, ACheckWithoutAKeyIsRefused) {
  const Signed good = sign(SigningKey::oct(32), Algorithm::HS256, "m");
  SignatureCheck checks[] = {
      good.check(), {nullptr, Algorithm::HS256, as_bytes(good.message), good.signature}, good.check()};
  for (const SignatureCheck& check : checks) EXPECT_NE(check.error(), Error::ok) << "not verified yet";
  VerifyContext context;
  verify_all(context, checks);
  EXPECT_EQ(checks[0].error(), Error::ok);
  EXPECT_EQ(checks[1].error(), Error::key_alg_mismatch);
  EXPECT_EQ(checks[2].error(), Error::ok);
  context.verify_all({});
}

// Neither pairs nor tables nor plain HMACs go round the provider that the process asks for: without it nothing verifies,
// alone or together.
TEST(VerifyAll, NothingGoesRoundAProviderThatIsAskedFor) {
  std::vector<Signed> all;
  for (const Algorithm algorithm : {Algorithm::HS256, Algorithm::ES256, Algorithm::ES256K, Algorithm::RS256}) {
    for (int i = 0; i < 2; ++i) all.push_back(sign(SigningKey::for_algorithm(algorithm), algorithm, "m"));
  }
  all.push_back(sign(SigningKey::for_algorithm(Algorithm::ES384), Algorithm::ES384, "m"));
  std::vector<const Signed*> ones;
  for (const Signed& one : all) ones.push_back(&one);
  for (const char* const wanted : {"provider=none", "fips=yes"}) {
    ASSERT_EQ(EVP_set_default_properties(nullptr, wanted), 1);
    VerifyContext together, alone;
    EXPECT_EQ(expect_as_alone(together, alone, ones), std::set{Error::crypto_failure}) << wanted;
    ASSERT_EQ(EVP_set_default_properties(nullptr, ""), 1);
  }
  VerifyContext together, alone;
  EXPECT_EQ(expect_as_alone(together, alone, ones), std::set{Error::ok});
}

// Keys that push each other out of the table of prepared contexts, between the two of a pair too.
TEST(VerifyAll, MoreKeysThanAreKeptPrepared) {
  std::vector<Signed> many;
  for (int i = 0; i < 400; ++i) {
    const SigningKey key = i % 5 == 0 ? SigningKey::ec(Curve::p256) : SigningKey::oct(32);
    many.push_back(sign(key, i % 5 == 0 ? Algorithm::ES256 : Algorithm::HS256, "message " + std::to_string(i)));
  }
  VerifyContext together, alone;
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    std::vector<Signed> batch;
    for (int i = 0; i < 64; ++i) {
      batch.push_back(many[random() % many.size()]);
      if (random() % 3 == 0) batch.back().keys = many[random() % many.size()].keys;
    }
    std::vector<const Signed*> ones;
    for (const Signed& one : batch) ones.push_back(&one);
    const std::set<Error> seen = expect_as_alone(together, alone, ones);
    EXPECT_TRUE(seen.contains(Error::ok) && seen.contains(Error::signature_invalid));
  }
}

}  // namespace
}  // namespace simdjwt
