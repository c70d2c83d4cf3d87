// Threads that import keys, the first of a curve among them, while others verify with the same tables.
#include "jwk/ec_tables.h"

#include <gtest/gtest.h>

#include <barrier>
#include <string>
#include <thread>
#include <vector>

#include "concurrency/storm.h"
#include "jwk/jwk_set.h"
#include "jwk/key_material.h"
#include "signature/verify.h"
#include "support/keys.h"
#include "support/print.h"

namespace simdjwt {
namespace {

constexpr std::string_view kMessage = "message";

struct Signed {
  explicit Signed(Algorithm a) : algorithm(a), key(test::SigningKey::for_algorithm(a)), jwk(key.jwk()) {
    good = key.sign(a, kMessage);
    forged = good;
    forged.back() ^= 1;
  }

  std::shared_ptr<const JwkSet> import() const { return JwkSet::parse(jwk).set; }
  void expect_verified(VerifyContext& context, const JwkSet& set) const {
    const Jwk& imported = set.entries()[0];
    EXPECT_NE(imported.material->ec_tables(), nullptr);
    EXPECT_EQ(context.verify(imported, algorithm, as_bytes(kMessage), good), Error::ok);
    EXPECT_EQ(context.verify(imported, algorithm, as_bytes(kMessage), forged), Error::signature_invalid);
  }

  Algorithm algorithm;
  test::SigningKey key;
  std::string jwk;
  test::Octets good, forged;
};

// Runs first in a process of its own: the tables of the generators are made here, by the threads.
TEST(EcTablesAcrossThreads, ImportAndVerify) {
  std::vector<Signed> all;
  for (const Algorithm algorithm : {Algorithm::ES384, Algorithm::ES512, Algorithm::ES256K}) all.emplace_back(algorithm);
  constexpr int kThreads = 4;
  std::barrier together(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      VerifyContext context;
      for (const Signed& one : all) {
        together.arrive_and_wait();
        one.expect_verified(context, *one.import());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  std::vector<std::shared_ptr<const JwkSet>> sets;
  for (const Signed& one : all) sets.push_back(one.import());
  VerifyContext contexts[2];
  const auto verifier = [&](VerifyContext& context) {
    for (std::size_t i = 0; i < all.size(); ++i) all[i].expect_verified(context, *sets[i]);
  };
  const auto importer = [&] {
    for (const Signed& one : all) EXPECT_TRUE(one.import()->has_usable());
  };
  test::storm({[&] { verifier(contexts[0]); }, [&] { verifier(contexts[1]); }, importer});
}

}  // namespace
}  // namespace simdjwt
