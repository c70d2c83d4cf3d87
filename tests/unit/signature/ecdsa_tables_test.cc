#include "signature/ecdsa_tables.h"

#include <gtest/gtest.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>

#include <string>
#include <vector>

#include "support/ecdsa_maker.h"
#include "support/keys.h"
#include "support/print.h"

namespace simdjwt {
namespace {

using test::EcdsaInput;
using test::EcdsaMaker;
using test::Number;
using test::Octets;
using test::Point;
using test::PublicKey;

constexpr Curve kCurves[] = {Curve::p384, Curve::p521, Curve::secp256k1};

Octets from_der(const std::uint8_t* der, std::size_t size, std::size_t coordinate_size) {
  ECDSA_SIG* const parsed = d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(size));
  const int half = static_cast<int>(coordinate_size);
  Octets out(2 * coordinate_size);
  EXPECT_EQ(BN_bn2binpad(ECDSA_SIG_get0_r(parsed), out.data(), half), half);
  EXPECT_EQ(BN_bn2binpad(ECDSA_SIG_get0_s(parsed), out.data() + half, half), half);
  ECDSA_SIG_free(parsed);
  return out;
}

// A key in both ways, which must agree.
class BothWays {
 public:
  explicit BothWays(Curve curve, PublicKey key) : key_(std::move(key)), tables_(EcTables::make(curve, key_.get())) {
    EXPECT_NE(tables_, nullptr);
  }

  Error verify(EcdsaByTables& by_tables, ByteView digest, ByteView r_and_s) const {
    EXPECT_TRUE(by_tables.prepare(*tables_));
    const Error error = by_tables.verify(*tables_, digest, r_and_s);
    const bool oracle = EcdsaMaker::openssl_verifies(key_.get(), digest, r_and_s);
    EXPECT_EQ(error, oracle ? Error::ok : Error::signature_invalid) << "OpenSSL: " << oracle;
    EXPECT_EQ(ERR_peek_error(), 0u);
    return error;
  }
  Error verify(EcdsaByTables& by_tables, const EcdsaInput& in) const {
    return verify(by_tables, in.digest, in.r_and_s);
  }

 private:
  PublicKey key_;
  std::shared_ptr<const EcTables> tables_;
};

// One after the other through one context, as in a thread that meets all three curves.
class EcdsaTables : public ::testing::TestWithParam<Curve> {
 protected:
  EcdsaTables() : maker_(GetParam()) {}

  BothWays key_of(const EC_POINT* q) const { return BothWays(GetParam(), maker_.key(q)); }

  static EcdsaByTables& by_tables() {
    static EcdsaByTables shared;
    return shared;
  }
  Error verify(const BothWays& key, const EcdsaInput& in) { return key.verify(by_tables(), in); }

  EcdsaMaker maker_;
};

TEST_P(EcdsaTables, RandomKeysAndSignaturesGoodAndForgedInEveryPart) {
  for (int i = 0; i < 10; ++i) {
    const Number d = maker_.random();
    const Point q = maker_.times_g(d.get());
    const BothWays key = key_of(q.get()), other = key_of(maker_.times_g(maker_.random().get()).get());
    for (int k = 0; k < 4; ++k) {
      const EcdsaInput good = maker_.with_scalars(q.get(), maker_.random().get(), maker_.random().get());
      EXPECT_EQ(verify(key, good), Error::ok);
      EXPECT_EQ(verify(other, good), Error::signature_invalid);
      const std::size_t size = good.digest.size();
      for (const std::size_t at : {size - 1, size / 2, size + size / 2, 2 * size - 1}) {
        EcdsaInput forged = good;
        forged.r_and_s[at] ^= static_cast<std::uint8_t>(1 << k);
        EXPECT_EQ(verify(key, forged), Error::signature_invalid) << at;
      }
      for (const std::size_t at : {std::size_t{0}, size / 2, size - 1}) {
        EcdsaInput forged = good;
        forged.digest[at] ^= 0x80;
        EXPECT_EQ(verify(key, forged), Error::signature_invalid) << at;
      }
      EXPECT_EQ(verify(key, good), Error::ok) << "a failure must not spoil the context";
    }
  }
}

TEST_P(EcdsaTables, WhatOpenSslSignedOverEverySizeOfHash) {
  const test::SigningKey signer = test::SigningKey::ec(GetParam());
  EVP_PKEY_up_ref(signer.pkey());
  const BothWays key(GetParam(), PublicKey(signer.pkey()));
  for (const std::size_t size : {1u, 20u, 31u, 32u, 33u, 47u, 48u, 49u, 64u, 65u, 66u, 67u, 100u}) {
    const Octets digest = test::random_octets(size);
    EVP_PKEY_CTX* const ctx = EVP_PKEY_CTX_new(signer.pkey(), nullptr);
    Octets der(kMaxEcdsaDer);
    std::size_t der_size = der.size();
    ASSERT_EQ(EVP_PKEY_sign_init(ctx), 1);
    ASSERT_EQ(EVP_PKEY_sign(ctx, der.data(), &der_size, digest.data(), size), 1);
    EVP_PKEY_CTX_free(ctx);
    const Octets signature = from_der(der.data(), der_size, maker_.row().coordinate_size);
    EXPECT_EQ(key.verify(by_tables(), digest, signature), Error::ok) << size;
    Octets longer = digest, changed = digest;
    changed[0] ^= 0x80;
    EXPECT_EQ(key.verify(by_tables(), changed, signature), Error::signature_invalid) << size;
    // SEC 1 §4.1.4 step 3: what stands behind the leftmost bits does not count.
    longer.push_back(0x5a);
    const bool is_full = 8 * size >= maker_.row().bits;
    EXPECT_EQ(key.verify(by_tables(), longer, signature), is_full ? Error::ok : Error::signature_invalid) << size;
  }
}

// u1 = 0, and an e of n and more.
TEST_P(EcdsaTables, HashesOfZerosAndOfOnes) {
  const Point q = maker_.times_g(maker_.random().get());
  const BothWays key = key_of(q.get());
  const EcdsaInput zero = maker_.with_scalars(q.get(), maker_.number(0).get(), maker_.random().get());
  EXPECT_EQ(zero.digest, Octets(zero.digest.size()));
  EXPECT_EQ(verify(key, zero), Error::ok);
  EXPECT_EQ(key.verify(by_tables(), {}, zero.r_and_s), Error::ok) << "no hash at all is an e of 0 too";

  const Number ones(BN_new()), s = maker_.random();
  BN_set_bit(ones.get(), maker_.row().bits);
  BN_sub_word(ones.get(), 1);
  for (const BIGNUM* const e : {static_cast<const BIGNUM*>(ones.get()), maker_.n()}) {
    const Point point = maker_.times_g(maker_.random().get());
    const Number r(BN_new());
    ASSERT_EQ(EC_POINT_get_affine_coordinates(maker_.group(), point.get(), r.get(), nullptr, nullptr), 1);
    const BothWays made = key_of(maker_.key_for(point.get(), e, r.get(), s.get()).get());
    EXPECT_EQ(verify(made, maker_.input(e, r.get(), s.get())), Error::ok);
  }
}

TEST_P(EcdsaTables, NumbersAtTheEndsOfTheirRange) {
  const Point q = maker_.times_g(maker_.random().get());
  const BothWays key = key_of(q.get());
  const Number e = maker_.random(), any = maker_.random();
  for (const long r : {1, 2, 3, -1, -2}) {
    for (const long s : {1, 2, 3, -1, -2}) {
      EXPECT_EQ(verify(key, maker_.input(e.get(), maker_.number(r).get(), maker_.number(s).get())),
                Error::signature_invalid);
    }
    EXPECT_EQ(verify(key, maker_.input(e.get(), maker_.number(r).get(), any.get())), Error::signature_invalid);
    EXPECT_EQ(verify(key, maker_.input(e.get(), any.get(), maker_.number(r).get())), Error::signature_invalid);
    // A good signature with such an s, and with such an r where the curve has its point.
    const Number s = maker_.number(r);
    const Point point = maker_.with_x(s.get());
    if (point) {
      const BothWays made = key_of(maker_.key_for(point.get(), e.get(), s.get(), s.get()).get());
      EXPECT_EQ(verify(made, maker_.input(e.get(), s.get(), s.get())), Error::ok) << r;
    }
    EXPECT_EQ(verify(key, maker_.with_scalars(q.get(), any.get(), s.get())), Error::ok) << r;
  }
}

// Scalars that fill, empty and carry over every digit, with keys at small multiples of the generator: sums meet
// infinity, double and cancel on their way.
TEST_P(EcdsaTables, ScalarsAndKeysThatMakeSumsMeet) {
  std::vector<Number> scalars;
  for (const long value : {1, 2, 3, 31, 32, 33, 62, 63, 64, 65, -1, -2, -31, -32, -33}) {
    scalars.push_back(maker_.number(value));
  }
  const int stride = static_cast<int>(EcTable::stride(maker_.row().bits));
  for (const int bit : {stride - 1, stride, 6 * stride, maker_.row().bits - 2}) {
    for (const int change : {-1, 0, 1}) {
      Number power(BN_new());
      BN_set_bit(power.get(), bit);
      if (change < 0) BN_sub_word(power.get(), 1);
      if (change > 0) BN_add_word(power.get(), 1);
      scalars.push_back(std::move(power));
    }
  }
  for (const long d : {1, -1, 2, -2, 3, -31}) {
    const Point q = maker_.times_g(maker_.number(d).get());
    const BothWays key = key_of(q.get());
    for (std::size_t i = 0; i < scalars.size(); ++i) {
      for (const std::size_t j : {i, (i + 1) % scalars.size(), std::size_t{0}, (i * 7 + 3) % scalars.size()}) {
        const EcdsaInput in = maker_.with_scalars(q.get(), scalars[i].get(), scalars[j].get());
        const bool is_infinity = maker_.is_infinity(maker_.sum(scalars[i].get(), q.get(), scalars[j].get()).get());
        EXPECT_EQ(verify(key, in), is_infinity ? Error::signature_invalid : Error::ok) << d << " " << i << " " << j;
      }
    }
  }
}

// SEC 1 §4.1.4 step 5: u1 G = u2 Q is doubled, and u1 G = -u2 Q is infinity, which verifies nothing.
TEST_P(EcdsaTables, EqualAndOppositeSummands) {
  for (int i = 0; i < 5; ++i) {
    const Number d = maker_.random(), u2 = maker_.random(), same = maker_.times(u2.get(), d.get()),
                 opposite = maker_.negative(same.get());
    const Point q = maker_.times_g(d.get());
    const BothWays key = key_of(q.get());
    EXPECT_EQ(verify(key, maker_.with_scalars(q.get(), same.get(), u2.get())), Error::ok);
    const EcdsaInput nothing = maker_.with_scalars(q.get(), opposite.get(), u2.get());
    EXPECT_EQ(verify(key, nothing), Error::signature_invalid);
    const Number r = maker_.random(), s = maker_.random();
    EXPECT_EQ(verify(key, maker_.input(maker_.negative(maker_.times(r.get(), d.get()).get()).get(), r.get(), s.get())),
              Error::signature_invalid);
  }
}

// SEC 1 §4.1.4 steps 6 to 8: x of R may be n or more, and is then r + n; but r + n is never p or more.
TEST_P(EcdsaTables, AnXOfTheOrderAndMore) {
  const Number beyond(BN_new()), e = maker_.random(), s = maker_.random();
  BN_sub(beyond.get(), maker_.p(), maker_.n());
  int found = 0;
  for (BN_ULONG t = 1; found < 4; ++t) {
    const Number r(BN_new()), x(BN_new()), wrapped(BN_new());
    BN_set_word(r.get(), t);
    BN_add(x.get(), maker_.n(), r.get());
    BN_add(wrapped.get(), beyond.get(), r.get());
    if (const Point point = maker_.with_x(x.get()); point) {
      ++found;
      const BothWays key = key_of(maker_.key_for(point.get(), e.get(), r.get(), s.get()).get());
      EXPECT_EQ(verify(key, maker_.input(e.get(), r.get(), s.get())), Error::ok) << t;
      BN_add_word(r.get(), 1);
      EXPECT_EQ(verify(key, maker_.input(e.get(), r.get(), s.get())), Error::signature_invalid) << t;
      BN_sub_word(r.get(), 1);
    }
    // x = t, and r = t + p - n, for which r + n = x + p.
    if (const Point point = maker_.with_x(r.get()); point) {
      const BothWays key = key_of(maker_.key_for(point.get(), e.get(), wrapped.get(), s.get()).get());
      EXPECT_EQ(verify(key, maker_.input(e.get(), wrapped.get(), s.get())), Error::signature_invalid) << t;
    }
  }
}

TEST_P(EcdsaTables, EveryMultipleIsTheOneItsPlaceSays) {
  const EcCurve curve(maker_.row());
  EXPECT_TRUE(BN_is_one(EC_GROUP_get0_cofactor(curve.group())));
  EXPECT_EQ(BN_cmp(EC_GROUP_get0_order(curve.group()), curve.order()), 0);
  EXPECT_EQ(EC_GROUP_order_bits(curve.group()), curve.info().bits);
  const Point point = maker_.times_g(maker_.random().get());
  const EcTable table(curve, point.get());
  for (unsigned block = 0; block < EcTable::kBlocks; ++block) {
    for (const unsigned d : {1u, 3u, 17u, 31u}) {
      const Number factor(BN_new());
      BN_set_word(factor.get(), d);
      BN_lshift(factor.get(), factor.get(), static_cast<int>(block * EcTable::stride(curve.info().bits)));
      const Point expected = maker_.sum(nullptr, point.get(), factor.get());
      EXPECT_EQ(EC_POINT_cmp(curve.group(), expected.get(), table.multiple(block, d), nullptr), 0) << block << " " << d;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Curves, EcdsaTables, ::testing::ValuesIn(kCurves), [](const auto& one) {
  return one.param == Curve::p384 ? "P384" : one.param == Curve::p521 ? "P521" : "secp256k1";
});

}  // namespace
}  // namespace simdjwt
