#include "jose/algorithm.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/objects.h>

#include <set>

#include "jose/curve.h"
#include "support/keys.h"

namespace simdjwt {
namespace {

TEST(AlgorithmTable, RowsAreThoseOfTheRfcs) {
  struct Row {
    std::string_view name;
    AlgorithmFamily family;
    Hash hash;
    KeyType kty;
    Curve curve;
    unsigned signature, pub;
  };
  using F = AlgorithmFamily;
  using K = KeyType;
  constexpr Row kRows[] = {
      // RFC 7518 §3.2: the tag is as long as the hash.
      {"HS256", F::hmac, Hash::sha256, K::oct, Curve::none, 32, 0},
      {"HS384", F::hmac, Hash::sha384, K::oct, Curve::none, 48, 0},
      {"HS512", F::hmac, Hash::sha512, K::oct, Curve::none, 64, 0},
      // RFC 7518 §3.3, §3.5.
      {"RS256", F::rsa_pkcs1, Hash::sha256, K::rsa, Curve::none, 0, 0},
      {"RS384", F::rsa_pkcs1, Hash::sha384, K::rsa, Curve::none, 0, 0},
      {"RS512", F::rsa_pkcs1, Hash::sha512, K::rsa, Curve::none, 0, 0},
      {"PS256", F::rsa_pss, Hash::sha256, K::rsa, Curve::none, 0, 0},
      {"PS384", F::rsa_pss, Hash::sha384, K::rsa, Curve::none, 0, 0},
      {"PS512", F::rsa_pss, Hash::sha512, K::rsa, Curve::none, 0, 0},
      // RFC 7518 §3.4: 64, 96 and 132 octets; RFC 8812 §3.2: 64.
      {"ES256", F::ecdsa, Hash::sha256, K::ec, Curve::p256, 64, 0},
      {"ES384", F::ecdsa, Hash::sha384, K::ec, Curve::p384, 96, 0},
      {"ES512", F::ecdsa, Hash::sha512, K::ec, Curve::p521, 132, 0},
      {"ES256K", F::ecdsa, Hash::sha256, K::ec, Curve::secp256k1, 64, 0},
      // RFC 8037 §3.1, RFC 9864 §2.2; RFC 8032 §5.1.6 and §5.2.6: 64 and 114 octets.
      {"EdDSA", F::eddsa, Hash::none, K::okp, Curve::none, 0, 0},
      {"Ed25519", F::eddsa, Hash::none, K::okp, Curve::ed25519, 64, 0},
      {"Ed448", F::eddsa, Hash::none, K::okp, Curve::ed448, 114, 0},
      // FIPS 204 table 2.
      {"ML-DSA-44", F::ml_dsa, Hash::none, K::akp, Curve::none, 2420, 1312},
      {"ML-DSA-65", F::ml_dsa, Hash::none, K::akp, Curve::none, 3309, 1952},
      {"ML-DSA-87", F::ml_dsa, Hash::none, K::akp, Curve::none, 4627, 2592},
  };
  ASSERT_EQ(algorithms().size(), std::size(kRows));
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    const Row& row = kRows[i];
    const Algorithm algorithm = find_algorithm(row.name);
    ASSERT_NE(algorithm, Algorithm::unknown) << row.name;
    const AlgorithmInfo& got = info(algorithm);
    EXPECT_EQ(&got, &algorithms()[i]);
    EXPECT_EQ(got.algorithm, algorithm);
    EXPECT_EQ(got.name, row.name);
    EXPECT_EQ(got.family, row.family) << row.name;
    EXPECT_EQ(got.hash, row.hash) << row.name;
    EXPECT_EQ(got.kty, row.kty) << row.name;
    EXPECT_EQ(got.curve, row.curve) << row.name;
    EXPECT_EQ(got.signature_size, row.signature) << row.name;
    EXPECT_EQ(got.public_size, row.pub) << row.name;
  }
}

// RFC 7515 §4.1.1: case-sensitive; RFC 8725 §3.1, §3.2: none is no algorithm.
TEST(AlgorithmTable, NamesAreExact) {
  for (const std::string_view name :
       {"", "none", "None", "hs256", "HS256 ", " HS256", "HS25", "HS2566", "Hs256", "RS1", "ES256k", "EDDSA", "ed25519",
        "ML-DSA", "ML_DSA_44", "RSA-OAEP", "dir", "A128KW", "ES521"}) {
    EXPECT_EQ(find_algorithm(name), Algorithm::unknown) << name;
  }
  EXPECT_EQ(find_algorithm(std::string_view("HS256\0", 6)), Algorithm::unknown);
  EXPECT_EQ(info(Algorithm::unknown).algorithm, Algorithm::unknown);
  EXPECT_EQ(info(static_cast<Algorithm>(200)).family, AlgorithmFamily::none);
}

TEST(AlgorithmTable, HashSizes) {
  EXPECT_EQ(hash_size(Hash::sha256), 32u);
  EXPECT_EQ(hash_size(Hash::sha384), 48u);
  EXPECT_EQ(hash_size(Hash::sha512), 64u);
  EXPECT_EQ(hash_size(Hash::none), 0u);
}

TEST(AlgorithmSet, HoldsWhatWasAdded) {
  AlgorithmSet all, one;
  EXPECT_TRUE(all.empty());
  all.add(Algorithm::unknown);
  EXPECT_TRUE(all.empty()) << "what is not known can never be allowed";
  EXPECT_FALSE(all.has(Algorithm::unknown));
  for (const AlgorithmInfo& row : algorithms()) {
    EXPECT_FALSE(all.has(row.algorithm)) << row.name;
    all.add(row.algorithm);
    EXPECT_TRUE(all.has(row.algorithm)) << row.name;
  }
  EXPECT_FALSE(all.has(Algorithm::unknown));
  one.add(Algorithm::ES256);
  EXPECT_EQ(all & one, one);
  EXPECT_EQ(all | one, all);
  AlgorithmSet other;
  other.add(Algorithm::RS256);
  EXPECT_TRUE((one & other).empty());
  EXPECT_TRUE((one | other).has(Algorithm::RS256));
}

struct CurveRow {
  Curve curve;
  std::string_view name;
  int nid;
  unsigned bits, size;
};
constexpr CurveRow kEcCurves[] = {
    {Curve::p256, "P-256", NID_X9_62_prime256v1, 256, 32},
    {Curve::p384, "P-384", NID_secp384r1, 384, 48},
    {Curve::p521, "P-521", NID_secp521r1, 521, 66},
    {Curve::secp256k1, "secp256k1", NID_secp256k1, 256, 32},
};

test::Octets padded(const BIGNUM* number, std::size_t size) {
  test::Octets out(size);
  EXPECT_EQ(BN_bn2binpad(number, out.data(), static_cast<int>(size)), static_cast<int>(size));
  return out;
}

TEST(CurveTable, NumbersAreThoseOfOpenSsl) {
  for (const CurveRow& row : kEcCurves) {
    const CurveInfo& curve = info(row.curve);
    EXPECT_EQ(curve.curve, row.curve);
    EXPECT_EQ(curve.name, row.name);
    EXPECT_EQ(curve.kty, KeyType::ec);
    EXPECT_EQ(curve.bits, row.bits);
    EXPECT_EQ(curve.coordinate_size, row.size);
    EXPECT_EQ(&find_curve(row.name), &curve);
    EC_GROUP* group = EC_GROUP_new_by_curve_name(row.nid);
    ASSERT_NE(group, nullptr) << row.name;
    BIGNUM* p = BN_new();
    ASSERT_EQ(EC_GROUP_get_curve(group, p, nullptr, nullptr, nullptr), 1);
    EXPECT_EQ(padded(p, row.size), test::Octets(curve.field.begin(), curve.field.end())) << row.name;
    EXPECT_EQ(padded(EC_GROUP_get0_order(group), row.size), test::Octets(curve.order.begin(), curve.order.end()))
        << row.name;
    BN_free(p);
    EC_GROUP_free(group);
  }
}

// OpenSSL has no EC_GROUP for these: RFC 8032 §5.1 and §5.2 say p and L as sums.
TEST(CurveTable, NumbersOfEdwardsCurvesAreThoseOfRfc8032) {
  const auto expect = [](Curve which, int p_power, const char* p_minus, int l_power, const char* l_plus) {
    const CurveInfo& curve = info(which);
    BIGNUM *p = BN_new(), *l = BN_new(), *term = nullptr;
    BN_set_bit(p, p_power);
    ASSERT_GT(BN_dec2bn(&term, p_minus), 0);
    BN_sub(p, p, term);
    if (which == Curve::ed448) {  // p = 2^448 - 2^224 - 1
      BIGNUM* middle = BN_new();
      BN_set_bit(middle, 224);
      BN_sub(p, p, middle);
      BN_free(middle);
    }
    BN_set_bit(l, l_power);
    ASSERT_GT(BN_dec2bn(&term, l_plus), 0);
    BN_add(l, l, term);
    EXPECT_EQ(padded(p, curve.coordinate_size), test::Octets(curve.field.begin(), curve.field.end())) << curve.name;
    EXPECT_EQ(padded(l, curve.coordinate_size), test::Octets(curve.order.begin(), curve.order.end())) << curve.name;
    EXPECT_EQ(curve.kty, KeyType::okp);
    EXPECT_EQ(&find_curve(curve.name), &curve);
    for (BIGNUM* number : {p, l, term}) BN_free(number);
  };
  expect(Curve::ed25519, 255, "19", 252, "27742317777372353535851937790883648493");
  expect(Curve::ed448, 448, "1", 446, "-13818066809895115352007386748515426880336692474882178609894547503885");
  EXPECT_EQ(info(Curve::ed25519).coordinate_size, 32);
  EXPECT_EQ(info(Curve::ed448).coordinate_size, 57);
}

TEST(CurveTable, NamesAreExact) {
  for (const std::string_view name : {"", "p-256", "P256", "P-256 ", "P-224", "X25519", "X448", "ED25519", "ed448",
                                      "secp256r1", "SECP256K1", "P-512", "BP-256"}) {
    EXPECT_EQ(find_curve(name).curve, Curve::none) << name;
    EXPECT_EQ(find_curve(name).kty, KeyType::unknown) << name;
  }
  EXPECT_EQ(info(Curve::none).coordinate_size, 0);
}

TEST(CurveTable, IsLessComparesBigEndianNumbers) {
  const auto less = [](const char* a, const char* b) { return is_less(test::from_hex(a), test::from_hex(b)); };
  EXPECT_TRUE(less("0001", "0002"));
  EXPECT_TRUE(less("00ff", "0100"));
  EXPECT_FALSE(less("0100", "00ff"));
  EXPECT_FALSE(less("0102", "0102"));
  EXPECT_TRUE(less("7fff", "8000")) << "bytes are unsigned";
  EXPECT_FALSE(less("ff00", "7fff"));
}

}  // namespace
}  // namespace simdjwt
