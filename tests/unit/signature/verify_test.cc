#include "signature/verify.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <algorithm>
#include <string>
#include <vector>

#include "jose/curve.h"
#include "jwk/jwk_set.h"
#include "support/keys.h"
#include "support/print.h"

namespace simdjwt {
namespace {

using test::Octets;
using test::SigningKey;

constexpr std::string_view kMessage = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UifQ";

Jwk import(const std::string& json) {
  const JwkSetResult result = JwkSet::parse(json);
  EXPECT_EQ(result.error, Error::ok);
  EXPECT_EQ(result.set->entries()[0].error, Error::ok) << json.substr(0, 200);
  return result.set->entries()[0];
}

// An algorithm with a key to sign and the same key to verify.
struct Pair {
  explicit Pair(Algorithm a, SigningKey k) : algorithm(a), key(std::move(k)), jwk(import(key.jwk())) {}
  explicit Pair(Algorithm a) : Pair(a, SigningKey::for_algorithm(a)) {}
  Algorithm algorithm;
  SigningKey key;
  Jwk jwk;
};

bool is_supported(Algorithm algorithm) {
  return info(algorithm).family != AlgorithmFamily::ml_dsa || test::openssl_has_ml_dsa();
}

// A pair for every algorithm of the linked OpenSSL, EdDSA with both of its curves.
const std::vector<Pair>& pairs() {
  static const std::vector<Pair> all = [] {
    std::vector<Pair> out;
    for (const AlgorithmInfo& row : algorithms()) {
      if (is_supported(row.algorithm)) out.emplace_back(row.algorithm);
    }
    out.emplace_back(Algorithm::EdDSA, SigningKey::okp(Curve::ed448));
    return out;
  }();
  return all;
}

class VerifyTest : public ::testing::Test {
 protected:
  Error verify(const Pair& pair, std::string_view message, ByteView signature) {
    return context_.verify(pair.jwk, pair.algorithm, as_bytes(message), signature);
  }
  VerifyContext context_;
};

TEST_F(VerifyTest, SupportsWhatOpenSslHas) {
  for (const AlgorithmInfo& row : algorithms()) {
    EXPECT_EQ(context_.supports(row.algorithm), is_supported(row.algorithm)) << row.name;
  }
  EXPECT_FALSE(context_.supports(Algorithm::unknown));
}

TEST_F(VerifyTest, RoundTripsOfEveryAlgorithm) {
  for (int round = 0; round < 3; ++round) {  // the prepared context is used again
    for (const Pair& pair : pairs()) {
      for (const std::string& message :
           {std::string(), std::string("a"), std::string(kMessage), std::string(5000, 'x')}) {
        const Octets signature = pair.key.sign(pair.algorithm, message);
        EXPECT_EQ(verify(pair, message, signature), Error::ok) << info(pair.algorithm).name << " " << message.size();
      }
    }
  }
}

TEST_F(VerifyTest, AnotherMessageDoesNotVerify) {
  for (const Pair& pair : pairs()) {
    const Octets signature = pair.key.sign(pair.algorithm, kMessage);
    std::string changed(kMessage);
    changed.back() ^= 1;
    EXPECT_EQ(verify(pair, changed, signature), Error::signature_invalid) << info(pair.algorithm).name;
    EXPECT_EQ(verify(pair, kMessage.substr(1), signature), Error::signature_invalid) << info(pair.algorithm).name;
    EXPECT_EQ(verify(pair, "", signature), Error::signature_invalid) << info(pair.algorithm).name;
    EXPECT_EQ(verify(pair, kMessage, signature), Error::ok) << "a failure must not spoil the context";
  }
}

TEST_F(VerifyTest, EveryFlippedBitOfASignatureFails) {
  for (const Pair& pair : pairs()) {
    const Octets signature = pair.key.sign(pair.algorithm, kMessage);
    // Every bit of a short signature; the long ones of ML-DSA and RSA at every 37th.
    const std::size_t step = signature.size() > 200 ? 37 : 1;
    for (std::size_t bit = 0; bit < 8 * signature.size(); bit += step) {
      Octets changed = signature;
      changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
      const Error error = verify(pair, kMessage, changed);
      ASSERT_TRUE(error == Error::signature_invalid || error == Error::signature_range)
          << info(pair.algorithm).name << " bit " << bit << " " << error_name(error);
    }
  }
}

TEST_F(VerifyTest, LengthIsExact) {
  for (const Pair& pair : pairs()) {
    const Octets good = pair.key.sign(pair.algorithm, kMessage);
    Octets longer = good, front = good, doubled = good;
    longer.push_back(0);
    front.insert(front.begin(), 0);
    doubled.insert(doubled.end(), good.begin(), good.end());
    for (const Octets& wrong :
         {Octets{}, Octets{1}, Octets(good.begin(), good.end() - 1), Octets(good.begin() + 1, good.end()), longer,
          front, doubled, Octets(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(good.size() / 2))}) {
      EXPECT_EQ(verify(pair, kMessage, wrong), Error::signature_length)
          << info(pair.algorithm).name << " " << wrong.size();
    }
    for (const std::size_t size : {8u, 16u, 31u, 32u, 48u, 64u, 96u, 114u, 132u, 256u, 512u}) {
      if (size == good.size()) continue;
      EXPECT_EQ(verify(pair, kMessage, Octets(size, 1)), Error::signature_length)
          << info(pair.algorithm).name << " " << size;
    }
  }
}

TEST_F(VerifyTest, AnotherKeyOfTheSameKindDoesNotVerify) {
  for (const Pair& pair : pairs()) {
    const bool is_rsa = info(pair.algorithm).kty == KeyType::rsa;
    const SigningKey other = is_rsa                           ? SigningKey::rsa(1)
                             : pair.jwk.curve == Curve::ed448 ? SigningKey::okp(Curve::ed448)
                                                              : SigningKey::for_algorithm(pair.algorithm);
    EXPECT_EQ(verify(pair, kMessage, other.sign(pair.algorithm, kMessage)), Error::signature_invalid)
        << info(pair.algorithm).name;
  }
}

// RFC 8725 §3.1: the key says which algorithms it may verify; no signature, however good, changes that.
TEST_F(VerifyTest, AKeyVerifiesItsOwnAlgorithmsOnly) {
  for (const Pair& pair : pairs()) {
    for (const AlgorithmInfo& row : algorithms()) {
      if (pair.jwk.algorithms.has(row.algorithm)) continue;
      EXPECT_EQ(context_.verify(pair.jwk, row.algorithm, as_bytes(kMessage), pair.key.sign(pair.algorithm, kMessage)),
                Error::key_alg_mismatch)
          << row.name << " with a key of " << info(pair.algorithm).name;
    }
    EXPECT_EQ(context_.verify(pair.jwk, Algorithm::unknown, as_bytes(kMessage), {}), Error::key_alg_mismatch);
  }
  const Jwk narrowed = import(SigningKey::rsa().jwk(R"("alg":"RS256")"));
  EXPECT_EQ(context_.verify(narrowed, Algorithm::RS384, as_bytes(kMessage),
                            SigningKey::rsa().sign(Algorithm::RS384, kMessage)),
            Error::key_alg_mismatch);
  // HS256 with the bytes of a public key as the secret: the old confusion (RFC 8725 §2.1).
  const SigningKey secret = SigningKey::oct_of(test::unb64(SigningKey::rsa().member("n")));
  EXPECT_EQ(context_.verify(import(SigningKey::rsa().jwk()), Algorithm::HS256, as_bytes(kMessage),
                            secret.sign(Algorithm::HS256, kMessage)),
            Error::key_alg_mismatch);
}

TEST_F(VerifyTest, OneRsaKeyTellsItsSixAlgorithmsApart) {
  const SigningKey key = SigningKey::rsa();
  const Jwk jwk = import(key.jwk());
  for (const AlgorithmInfo& signed_as : algorithms()) {
    if (signed_as.kty != KeyType::rsa) continue;
    const Octets signature = key.sign(signed_as.algorithm, kMessage);
    for (const AlgorithmInfo& verified_as : algorithms()) {
      if (verified_as.kty != KeyType::rsa) continue;
      EXPECT_EQ(context_.verify(jwk, verified_as.algorithm, as_bytes(kMessage), signature),
                signed_as.algorithm == verified_as.algorithm ? Error::ok : Error::signature_invalid)
          << signed_as.name << " as " << verified_as.name;
    }
  }
}

// EdDSA and Ed25519 name one signature (RFC 9864 §2.2).
TEST_F(VerifyTest, EdDsaAndItsFullySpecifiedNamesAgree) {
  for (const auto& [curve, name] :
       {std::pair(Curve::ed25519, Algorithm::Ed25519), std::pair(Curve::ed448, Algorithm::Ed448)}) {
    const SigningKey key = SigningKey::okp(curve);
    const Jwk jwk = import(key.jwk());
    const Octets signature = key.sign(name, kMessage);
    EXPECT_EQ(context_.verify(jwk, Algorithm::EdDSA, as_bytes(kMessage), signature), Error::ok);
    EXPECT_EQ(context_.verify(jwk, name, as_bytes(kMessage), signature), Error::ok);
  }
}

// RFC 7518 §3.5: a salt as long as the hash, MGF1 with the same hash.
TEST_F(VerifyTest, OtherPssParametersAreRefused) {
  const Pair pair(Algorithm::PS256);
  EXPECT_EQ(verify(pair, kMessage, pair.key.sign_pss(Hash::sha256, Hash::sha256, 32, kMessage)), Error::ok);
  for (const int salt : {0, 20, 31, 33, 64, 222}) {
    EXPECT_EQ(verify(pair, kMessage, pair.key.sign_pss(Hash::sha256, Hash::sha256, salt, kMessage)),
              Error::signature_invalid)
        << salt;
  }
  EXPECT_EQ(verify(pair, kMessage, pair.key.sign_pss(Hash::sha256, Hash::sha384, 32, kMessage)),
            Error::signature_invalid);
  EXPECT_EQ(verify(pair, kMessage, pair.key.sign_pss(Hash::sha384, Hash::sha256, 32, kMessage)),
            Error::signature_invalid);
}

TEST_F(VerifyTest, AnRsaSignatureAboveTheModulusFails) {
  for (const Algorithm algorithm : {Algorithm::RS256, Algorithm::PS512}) {
    const Pair pair(algorithm);
    EXPECT_EQ(verify(pair, kMessage, Octets(256, 0xff)), Error::signature_invalid);
    EXPECT_EQ(verify(pair, kMessage, Octets(256, 0x00)), Error::signature_invalid);
    EXPECT_EQ(verify(pair, kMessage, test::unb64(pair.key.member("n"))), Error::signature_invalid);
  }
}

Octets minus_one(ByteView number) {
  Octets out(number.begin(), number.end());
  --out.back();  // n and L are odd
  return out;
}

Octets plus_one(ByteView number) {
  Octets out(number.begin(), number.end());
  for (std::size_t i = out.size(); i-- > 0 && ++out[i] == 0;) {
  }
  return out;
}

// SEC 1 §4.1.4 step 1, FIPS 186-5 §6.4.2: r and s in [1, n - 1]. CVE-2022-21449 was r = s = 0.
TEST_F(VerifyTest, EcdsaNumbersOutOfRange) {
  for (const Algorithm algorithm : {Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::ES256K}) {
    const Pair pair(algorithm);
    const CurveInfo& curve = info(pair.jwk.curve);
    const std::size_t size = curve.coordinate_size;
    const Octets good = pair.key.sign(algorithm, kMessage);
    const Octets r(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)),
        s(good.begin() + static_cast<std::ptrdiff_t>(size), good.end());
    const Octets zero(size, 0), n(curve.order.begin(), curve.order.end()), over = plus_one(curve.order),
                                                                           ones(size, 0xff);
    for (const Octets& bad : {zero, n, over, ones}) {
      EXPECT_EQ(verify(pair, kMessage, test::ecdsa_signature(bad, s, size)), Error::signature_range) << curve.name;
      EXPECT_EQ(verify(pair, kMessage, test::ecdsa_signature(r, bad, size)), Error::signature_range) << curve.name;
      EXPECT_EQ(verify(pair, kMessage, test::ecdsa_signature(bad, bad, size)), Error::signature_range) << curve.name;
    }
    Octets one(size, 0);
    one.back() = 1;
    for (const Octets& edge : {one, minus_one(curve.order)}) {
      EXPECT_EQ(verify(pair, kMessage, test::ecdsa_signature(edge, s, size)), Error::signature_invalid) << curve.name;
      EXPECT_EQ(verify(pair, kMessage, test::ecdsa_signature(r, edge, size)), Error::signature_invalid) << curve.name;
      EXPECT_EQ(verify(pair, kMessage, test::ecdsa_signature(edge, edge, size)), Error::signature_invalid)
          << curve.name;
    }
    EXPECT_EQ(verify(pair, kMessage, good), Error::ok);
  }
}

// RFC 7518 §3.4: R || S, not the DER that OpenSSL speaks.
TEST_F(VerifyTest, EcdsaInDerIsRefused) {
  for (const Algorithm algorithm : {Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::ES256K}) {
    const Pair pair(algorithm);
    const Octets der = test::openssl_ecdsa_der(pair.key.sign(algorithm, kMessage));
    ASSERT_NE(der.size(), info(algorithm).signature_size);
    EXPECT_EQ(verify(pair, kMessage, der), Error::signature_length);
  }
}

// Signatures whose r or s starts with zeros are as long as any other.
TEST_F(VerifyTest, EcdsaNumbersWithLeadingZerosVerify) {
  const Pair pair(Algorithm::ES256);
  int with_zero = 0;
  for (int i = 0; i < 4000 && with_zero < 3; ++i) {
    const std::string message = "message " + std::to_string(i);
    const Octets signature = pair.key.sign(Algorithm::ES256, message);
    if (signature[0] != 0 && signature[32] != 0) continue;
    ++with_zero;
    EXPECT_EQ(verify(pair, message, signature), Error::ok);
  }
  EXPECT_EQ(with_zero, 3);
}

// S + L in place of S, both little-endian.
Octets plus_order(const Octets& signature, const CurveInfo& curve, unsigned times) {
  Octets out = signature;
  const std::size_t half = curve.coordinate_size;
  for (; times > 0; --times) {
    unsigned carry = 0;
    for (std::size_t i = 0; i < half; ++i) {
      carry += unsigned{out[half + i]} + curve.order[half - 1 - i];
      out[half + i] = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
  }
  return out;
}

// RFC 8032 §5.1.7, §5.2.7: S in [0, L), so that a signature cannot be changed into another.
TEST_F(VerifyTest, EdDsaWithSAtOrAboveTheOrder) {
  for (const Curve curve : {Curve::ed25519, Curve::ed448}) {
    const Pair pair(Algorithm::EdDSA, SigningKey::okp(curve));
    const CurveInfo& row = info(curve);
    const std::size_t half = row.coordinate_size;
    const Octets good = pair.key.sign(Algorithm::EdDSA, kMessage);
    ASSERT_EQ(good.size(), 2 * half);
    EXPECT_EQ(verify(pair, kMessage, plus_order(good, row, 1)), Error::signature_range) << row.name;
    EXPECT_EQ(verify(pair, kMessage, plus_order(good, row, 2)), Error::signature_range) << row.name;
    const auto with_s = [&](const Octets& big_endian) {
      Octets out = good;
      std::reverse_copy(big_endian.begin(), big_endian.end(), out.begin() + static_cast<std::ptrdiff_t>(half));
      return out;
    };
    EXPECT_EQ(verify(pair, kMessage, with_s(Octets(row.order.begin(), row.order.end()))), Error::signature_range)
        << row.name;
    EXPECT_EQ(verify(pair, kMessage, with_s(plus_one(row.order))), Error::signature_range) << row.name;
    EXPECT_EQ(verify(pair, kMessage, with_s(Octets(half, 0xff))), Error::signature_range) << row.name;
    EXPECT_EQ(verify(pair, kMessage, with_s(minus_one(row.order))), Error::signature_invalid) << row.name;
    EXPECT_EQ(verify(pair, kMessage, with_s(Octets(half, 0))), Error::signature_invalid) << row.name;
    Octets noncanonical_r = good;
    std::fill_n(noncanonical_r.begin(), half, std::uint8_t{0xff});
    EXPECT_EQ(verify(pair, kMessage, noncanonical_r), Error::signature_invalid) << row.name;
    EXPECT_EQ(verify(pair, kMessage, good), Error::ok) << row.name;
  }
}

// RFC 7515 appendix A.1 (HS256), A.3 (ES256); RFC 8037 appendix A.4 and A.5 (EdDSA).
TEST_F(VerifyTest, ExamplesOfTheRfcs) {
  struct Row {
    std::string_view jwk, input, signature;
    Algorithm algorithm;
  };
  constexpr Row kRows[] = {
      {R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})",
       "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
       "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
       "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", Algorithm::HS256},
      {R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
       R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})",
       "eyJhbGciOiJFUzI1NiJ9."
       "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
       "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q", Algorithm::ES256},
      {R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
       "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
       "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg", Algorithm::EdDSA},
  };
  for (const Row& row : kRows) {
    const Jwk jwk = import(std::string(row.jwk));
    EXPECT_EQ(context_.verify(jwk, row.algorithm, as_bytes(row.input), test::unb64(row.signature)), Error::ok)
        << info(row.algorithm).name;
  }
}

// The table of prepared contexts holds 128: a thousand keys push each other out, and each still verifies its own only.
TEST_F(VerifyTest, AThousandKeysThroughOneContext) {
  std::vector<Pair> many;
  for (int i = 0; i < 1000; ++i) {
    many.emplace_back(i % 4 == 0 ? Algorithm::Ed25519 : Algorithm::HS256);
  }
  std::vector<Octets> signatures;
  for (const Pair& pair : many) signatures.push_back(pair.key.sign(pair.algorithm, kMessage));
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < many.size(); ++i) {
      ASSERT_EQ(verify(many[i], kMessage, signatures[i]), Error::ok) << i;
      const std::size_t other = (i + 4) % many.size();  // of the same kind
      ASSERT_EQ(verify(many[i], kMessage, signatures[other]), Error::signature_invalid) << i;
    }
  }
}

// A key that is gone and another at its address are not the same key.
TEST_F(VerifyTest, KeysThatComeAndGo) {
  for (int i = 0; i < 500; ++i) {
    const Pair pair(Algorithm::HS256);
    const Octets signature = pair.key.sign(Algorithm::HS256, kMessage);
    ASSERT_EQ(verify(pair, kMessage, signature), Error::ok);
    const Pair next(Algorithm::HS256);
    ASSERT_EQ(verify(next, kMessage, signature), Error::signature_invalid);
  }
}

TEST_F(VerifyTest, OneKeyUnderManyAlgorithmsInTurn) {
  const SigningKey key = SigningKey::oct(64);
  const Jwk jwk = import(key.jwk());
  for (int i = 0; i < 20; ++i) {
    for (const Algorithm algorithm : {Algorithm::HS512, Algorithm::HS256, Algorithm::HS384}) {
      ASSERT_EQ(context_.verify(jwk, algorithm, as_bytes(kMessage), key.sign(algorithm, kMessage)), Error::ok);
    }
  }
}

// A forged signature is not an error of the process: the queue stays empty, and what a caller left there stays his.
TEST_F(VerifyTest, TheErrorQueueIsLeftAlone) {
  for (const Pair& pair : pairs()) {
    const Octets good = pair.key.sign(pair.algorithm, kMessage);
    Octets forged = good;
    forged[forged.size() / 2] ^= 0x10;
    for (const Octets& signature : {good, forged, Octets(good.size(), 1), Octets(good.size(), 0), Octets{}}) {
      ERR_clear_error();
      (void)verify(pair, kMessage, signature);
      EXPECT_EQ(ERR_peek_error(), 0ul) << info(pair.algorithm).name;
      ERR_clear_error();
      ERR_raise(ERR_LIB_USER, 17);
      (void)verify(pair, kMessage, signature);
      EXPECT_EQ(ERR_GET_LIB(ERR_peek_last_error()), ERR_LIB_USER) << info(pair.algorithm).name;
      EXPECT_EQ(ERR_GET_REASON(ERR_peek_last_error()), 17) << info(pair.algorithm).name;
      EXPECT_EQ(ERR_peek_error(), ERR_peek_last_error()) << "one error, the caller's";
    }
  }
  ERR_clear_error();
  const VerifyContext made_here;
  EXPECT_EQ(ERR_peek_error(), 0ul) << "asking for ML-DSA leaves nothing behind";
}

}  // namespace
}  // namespace simdjwt
