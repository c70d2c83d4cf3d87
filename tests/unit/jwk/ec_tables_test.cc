// Which keys of a set get tables, and that the others verify as well.
#include "jwk/ec_tables.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "jwk/jwk_set.h"
#include "jwk/key_material.h"
#include "signature/verify.h"
#include "support/keys.h"
#include "support/print.h"

namespace simdjwt {
namespace {

using test::Octets;
using test::SigningKey;

std::shared_ptr<const JwkSet> import(const std::string& json) {
  const JwkSetResult result = JwkSet::parse(json);
  EXPECT_EQ(result.error, Error::ok);
  return result.set;
}

bool has_tables(const Jwk& key) {
  return key.material != nullptr && key.material->ec_tables() != nullptr;
}

TEST(EcTables, KeysOfTheseCurvesAlone) {
  for (const Algorithm algorithm : {Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::ES256K,
                                    Algorithm::RS256, Algorithm::HS256, Algorithm::Ed25519, Algorithm::Ed448}) {
    const auto set = import(SigningKey::for_algorithm(algorithm).jwk());
    const bool expected =
        algorithm == Algorithm::ES384 || algorithm == Algorithm::ES512 || algorithm == Algorithm::ES256K;
    EXPECT_EQ(has_tables(set->entries()[0]), expected) << info(algorithm).name;
  }
}

// A hostile set costs no more than a large honest one. Keys that are dropped, and keys that want no tables, count
// nothing.
TEST(EcTables, TheFirstKeysOfASetAndNoMore) {
  constexpr std::size_t kFirst = JwkSet::kMaxWithTables;
  std::vector<SigningKey> keys;
  std::string json = R"({"keys":[)" + SigningKey::ec(Curve::p256).jwk() + "," +
                     SigningKey::ec(Curve::p384).jwk(R"("use":"enc")") + "," + SigningKey::rsa().jwk();
  for (std::size_t i = 0; i < kFirst + 2; ++i) {
    keys.push_back(SigningKey::ec(Curve::secp256k1));
    json += "," + keys.back().jwk();
  }
  const auto set = import(json + "]}");
  VerifyContext context;
  for (std::size_t i = 0; i < 3; ++i) EXPECT_FALSE(has_tables(set->entries()[i])) << i;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Jwk& key = set->entries()[3 + i];
    EXPECT_EQ(has_tables(key), i < kFirst) << i;
    Octets signature = keys[i].sign(Algorithm::ES256K, "message");
    EXPECT_EQ(context.verify(key, Algorithm::ES256K, as_bytes(std::string_view("message")), signature), Error::ok) << i;
    signature.back() ^= 1;
    EXPECT_EQ(context.verify(key, Algorithm::ES256K, as_bytes(std::string_view("message")), signature),
              Error::signature_invalid)
        << i;
  }
}

TEST(EcTables, AKeyOutlivesItsSetWithItsTables) {
  const SigningKey signer = SigningKey::ec(Curve::p384);
  VerifyContext context;
  Jwk key = import(signer.jwk())->entries()[0];
  const Octets signature = signer.sign(Algorithm::ES384, "m");
  EXPECT_TRUE(has_tables(key));
  EXPECT_EQ(context.verify(key, Algorithm::ES384, as_bytes(std::string_view("m")), signature), Error::ok);
}

// Many small sets cost no more than a bounded number of keys either.
TEST(EcTables, TheFirstOfTheProcessAndNoMore) {
  const SigningKey key = SigningKey::ec(Curve::secp256k1);
  std::vector<std::shared_ptr<const EcTables>> all;
  do {
    all.push_back(EcTables::make(Curve::secp256k1, key.pkey()));
  } while (all.back() != nullptr && all.size() <= EcTables::kMaxInProcess);
  ASSERT_EQ(all.back(), nullptr);
  EXPECT_FALSE(has_tables(import(key.jwk())->entries()[0]));
  all.resize(all.size() - 2);
  EXPECT_TRUE(has_tables(import(key.jwk())->entries()[0]));
}

// Tables go round the providers.
TEST(EcTables, NoneWhereTheProcessAsksForFipsProviders) {
  const SigningKey key = SigningKey::ec(Curve::p384);
  EXPECT_NE(EcTables::make(Curve::p384, key.pkey()), nullptr);
  ASSERT_EQ(EVP_default_properties_enable_fips(nullptr, 1), 1);
  EXPECT_EQ(EcTables::make(Curve::p384, key.pkey()), nullptr);
  ASSERT_EQ(EVP_default_properties_enable_fips(nullptr, 0), 1);
}

TEST(EcTables, NoneForAKeyOfAnotherCurve) {
  EXPECT_EQ(EcTables::make(Curve::p384, SigningKey::ec(Curve::p521).pkey()), nullptr);
  EXPECT_EQ(EcTables::make(Curve::p256, SigningKey::ec(Curve::p256).pkey()), nullptr);
}

}  // namespace
}  // namespace simdjwt
