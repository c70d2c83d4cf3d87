#include "jwk/jwk.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/jwk/fixture.h"

namespace simdjwt {
namespace {

using test::expect_good;
using test::expect_refused;
using test::import;
using test::kRsaAll;
using test::p256_key;
using test::rsa_key;
using test::set_of;
using test::SigningKey;

TEST(Jwk, GoodKeysOfEveryKind) {
  expect_good(rsa_key().jwk(), kRsaAll);
  expect_good(p256_key().jwk(), set_of({"ES256"}));
  expect_good(SigningKey::ec(Curve::p384).jwk(), set_of({"ES384"}));
  expect_good(SigningKey::ec(Curve::p521).jwk(), set_of({"ES512"}));
  expect_good(SigningKey::ec(Curve::secp256k1).jwk(), set_of({"ES256K"}));
  expect_good(SigningKey::okp(Curve::ed25519).jwk(), set_of({"EdDSA", "Ed25519"}));
  expect_good(SigningKey::okp(Curve::ed448).jwk(), set_of({"EdDSA", "Ed448"}));
  expect_good(SigningKey::oct(32).jwk(), set_of({"HS256"}));
  expect_good(SigningKey::oct(47).jwk(), set_of({"HS256"}));
  expect_good(SigningKey::oct(48).jwk(), set_of({"HS256", "HS384"}));
  expect_good(SigningKey::oct(64).jwk(), set_of({"HS256", "HS384", "HS512"}));
  expect_good(SigningKey::oct(1000).jwk(), set_of({"HS256", "HS384", "HS512"}));
}

TEST(Jwk, ManyGeneratedPointsAreOnTheirCurves) {
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(import(SigningKey::okp(Curve::ed25519).jwk()).error, Error::ok);
    EXPECT_EQ(import(SigningKey::okp(Curve::ed448).jwk()).error, Error::ok);
    EXPECT_EQ(import(SigningKey::ec(Curve::p521).jwk()).error, Error::ok);
  }
}

TEST(Jwk, MembersAreKeptAsTheDocumentSpellsThem) {
  const Jwk key = import(p256_key().jwk(R"("kid":"k\u0031","alg":"ES256","use":"sig","key_ops":["verify"],"x5t":"x")"));
  ASSERT_EQ(key.error, Error::ok);
  EXPECT_TRUE(key.has_kid);
  EXPECT_EQ(key.kid, "k1");
  EXPECT_EQ(key.kty, "EC");
  EXPECT_EQ(key.crv, "P-256");
  EXPECT_EQ(key.alg, "ES256");
  EXPECT_EQ(key.use, "sig");
  EXPECT_EQ(key.type, KeyType::ec);
  EXPECT_EQ(key.curve, Curve::p256);
  EXPECT_EQ(key.bits, 256u);
  EXPECT_FALSE(key.has_private);
  const Jwk bare = import(rsa_key().jwk());
  EXPECT_FALSE(bare.has_kid);
  EXPECT_EQ(bare.alg, "");
  EXPECT_EQ(bare.bits, 2048u);
  EXPECT_EQ(bare.modulus_size, 256);
  EXPECT_EQ(import(SigningKey::ec(Curve::p521).jwk()).bits, 521u);
  EXPECT_EQ(import(SigningKey::oct(40).jwk()).bits, 320u);
}

TEST(Jwk, PrivateMembersAreNoticedAndNotUsed) {
  EXPECT_TRUE(import(p256_key().jwk(R"("d":"AAAA")")).has_private);
  EXPECT_TRUE(import(p256_key().jwk(R"("d":"AAAA")")).usable());
  EXPECT_TRUE(import(rsa_key().jwk(R"("qi":"x")")).has_private);
  EXPECT_TRUE(import(SigningKey::oct(32).jwk()).has_private);
}

// RFC 7638 §3.1, RFC 8037 appendix A.3.
TEST(Jwk, ThumbprintsOfTheRfcs) {
  EXPECT_EQ(
      import(R"({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1)"
             R"(L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2)"
             R"(QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4)"
             R"(lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256",)"
             R"("kid":"2011-04-29"})")
          .thumbprint,
      "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  EXPECT_EQ(import(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})").thumbprint,
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  // The key of RFC 7517 §3, over {"crv":...,"kty":...,"x":...,"y":...} (RFC 7638 §3.2), hashed by openssl dgst.
  EXPECT_EQ(import(R"({"kid":"1","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","kty":"EC",)"
                   R"("x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","crv":"P-256"})")
                .thumbprint,
            "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s");
}

TEST(Jwk, AThumbprintIsOfTheRequiredMembersOnly) {
  const std::string plain = import(p256_key().jwk()).thumbprint;
  EXPECT_EQ(import(p256_key().jwk(R"("kid":"x","alg":"ES256","use":"sig")")).thumbprint, plain);
  EXPECT_NE(import(SigningKey::ec(Curve::p256).jwk()).thumbprint, plain);
}

// RFC 7517 §4.1 to §4.9.
TEST(Jwk, MembersOfTheWrongTypeAreRefused) {
  for (const char* name : {"kid", "alg", "use", "x5u", "x5t", "x5t#S256", "d", "p", "q", "dp", "dq", "qi", "priv"}) {
    for (const char* value : {"null", "1", "true", "[]", "{}"}) {
      expect_refused(p256_key().jwk('"' + std::string(name) + "\":" + value), Error::jwk_member_type, name);
    }
  }
  for (const char* value : {"null", "1", R"("verify")", "{}", "[1]", R"(["verify",1])"}) {
    expect_refused(p256_key().jwk(std::string(R"("key_ops":)") + value), Error::jwk_member_type, "key_ops");
  }
  for (const char* value : {"null", "1", R"("x")", "{}"}) {
    expect_refused(p256_key().jwk(std::string(R"("x5c":)") + value), Error::jwk_member_type, "x5c");
  }
  for (const char* value : {"null", "1", "[]"}) {
    expect_refused(std::string(R"({"kty":)") + value + "}", Error::jwk_member_type, "kty");
    expect_refused(std::string(R"({"kty":"RSA","e":"AQAB","n":)") + value + "}", Error::jwk_member_type, "n");
    expect_refused(std::string(R"({"kty":"RSA","n":")") + rsa_key().member("n") + R"(","e":)" + value + "}",
                   Error::jwk_member_type, "e");
    expect_refused(std::string(R"({"kty":"EC","crv":)") + value + "}", Error::jwk_member_type, "crv");
    expect_refused(std::string(R"({"kty":"EC","crv":"P-256","x":)") + value + "}", Error::jwk_member_type, "x");
    expect_refused(R"({"kty":"EC","crv":"P-256","x":")" + p256_key().member("x") + R"(","y":)" + value + "}",
                   Error::jwk_member_type, "y");
    expect_refused(std::string(R"({"kty":"OKP","crv":)") + value + "}", Error::jwk_member_type, "crv");
    expect_refused(std::string(R"({"kty":"OKP","crv":"Ed25519","x":)") + value + "}", Error::jwk_member_type, "x");
    expect_refused(std::string(R"({"kty":"oct","k":)") + value + "}", Error::jwk_member_type, "k");
    expect_refused(std::string(R"({"kty":"AKP","alg":"ML-DSA-44","pub":)") + value + "}", Error::jwk_member_type,
                   "pub");
  }
}

TEST(Jwk, MissingMembersAreNamed) {
  expect_refused("{}", Error::jwk_member_missing, "kty");
  expect_refused(R"({"n":"AQ"})", Error::jwk_member_missing, "kty");
  expect_refused(R"({"kty":"RSA","e":"AQAB"})", Error::jwk_member_missing, "n");
  expect_refused(R"({"kty":"RSA","n":")" + rsa_key().member("n") + R"("})", Error::jwk_member_missing, "e");
  expect_refused(R"({"kty":"EC","x":"AA","y":"AA"})", Error::jwk_member_missing, "crv");
  expect_refused(R"({"kty":"EC","crv":"P-256","y":"AA"})", Error::jwk_member_missing, "x");
  expect_refused(R"({"kty":"EC","crv":"P-256","x":"AA"})", Error::jwk_member_missing, "y");
  expect_refused(R"({"kty":"OKP","x":"AA"})", Error::jwk_member_missing, "crv");
  expect_refused(R"({"kty":"OKP","crv":"Ed25519"})", Error::jwk_member_missing, "x");
  expect_refused(R"({"kty":"oct"})", Error::jwk_member_missing, "k");
  expect_refused(R"({"kty":"AKP","pub":"AA"})", Error::jwk_member_missing, "alg");
  expect_refused(R"({"kty":"AKP","alg":"ML-DSA-44"})", Error::jwk_member_missing, "pub");
}

// RFC 7518 §2, RFC 7515 §2: base64url without padding, canonical.
TEST(Jwk, EncodingsAreCanonical) {
  for (const char* value : {"A", "AA==", "AA+A", "AB", "A A", "AAB", "\\u0000AAA"}) {
    const std::string v(value);
    expect_refused(R"({"kty":"oct","k":")" + v + R"("})", Error::jwk_member_encoding, "k");
    expect_refused(R"({"kty":"RSA","e":"AQAB","n":")" + v + R"("})", Error::jwk_member_encoding, "n");
    expect_refused(R"({"kty":"RSA","e":")" + v + R"(","n":")" + rsa_key().member("n") + R"("})",
                   Error::jwk_member_encoding, "e");
    expect_refused(R"({"kty":"EC","crv":"P-256","x":")" + v + R"(","y":"AA"})", Error::jwk_member_encoding, "x");
    expect_refused(R"({"kty":"EC","crv":"P-256","x":"AA","y":")" + v + R"("})", Error::jwk_member_encoding, "y");
    expect_refused(R"({"kty":"OKP","crv":"Ed448","x":")" + v + R"("})", Error::jwk_member_encoding, "x");
    expect_refused(R"({"kty":"AKP","alg":"ML-DSA-65","pub":")" + v + R"("})", Error::jwk_member_encoding, "pub");
  }
}

TEST(Jwk, DuplicateMembersAreRefused) {
  expect_refused(p256_key().jwk(R"("x":"AA")"), Error::jwk_duplicate_member, "");
  expect_refused(p256_key().jwk(R"("kid":"a","\u006bid":"b")"), Error::jwk_duplicate_member, "");
}

TEST(Jwk, KtyIsExact) {
  for (const char* kty : {"", "rsa", "ec", "EC ", "Oct", "OCT", "okp", "DSA", "akp", "EC\\u0000"}) {
    expect_refused(R"({"kty":")" + std::string(kty) + R"("})", Error::jwk_kty_unknown, "kty");
  }
}

// RFC 7517 §4.2.
TEST(Jwk, UseIsSig) {
  for (const char* use : {"enc", "", "SIG", "sig ", "sign"}) {
    expect_refused(p256_key().jwk(R"("use":")" + std::string(use) + '"'), Error::jwk_use, "use");
  }
}

// RFC 7517 §4.3: no duplicates, and consistent with use.
TEST(Jwk, KeyOpsLetTheKeyVerify) {
  for (const char* ops : {"[]", R"(["sign"])", R"(["Verify"])", R"(["verify","verify"])", R"(["verify","sign","sign"])",
                          R"(["encrypt"])"}) {
    expect_refused(p256_key().jwk(std::string(R"("key_ops":)") + ops), Error::jwk_key_ops, "key_ops");
  }
  expect_refused(p256_key().jwk(R"("use":"sig","key_ops":["verify","encrypt"])"), Error::jwk_key_ops, "key_ops");
  expect_good(p256_key().jwk(R"("key_ops":["verify","encrypt"])"), set_of({"ES256"}));
  expect_good(p256_key().jwk(R"("use":"sig","key_ops":["sign","verify"])"), set_of({"ES256"}));
}

TEST(Jwk, KidAtTheLimitAndOver) {
  const auto kid = [](std::size_t size) { return R"("kid":")" + std::string(size, 'k') + '"'; };
  EXPECT_EQ(import(p256_key().jwk(kid(kMaxKidBytes))).error, Error::ok);
  expect_refused(p256_key().jwk(kid(kMaxKidBytes + 1)), Error::jwk_kid_too_long, "kid");
  EXPECT_EQ(import(p256_key().jwk(R"("kid":"a\u0000b")")).kid, std::string("a\0b", 3));
}

// RFC 7517 §4.4, RFC 8725 §3.1: alg narrows what the key may verify and may not contradict it.
TEST(Jwk, AlgNarrowsAndAgrees) {
  expect_good(rsa_key().jwk(R"("alg":"PS384")"), set_of({"PS384"}));
  expect_good(SigningKey::okp(Curve::ed25519).jwk(R"("alg":"EdDSA")"), set_of({"EdDSA"}));
  expect_good(SigningKey::okp(Curve::ed25519).jwk(R"("alg":"Ed25519")"), set_of({"Ed25519"}));
  expect_good(SigningKey::oct(64).jwk(R"("alg":"HS384")"), set_of({"HS384"}));
  for (const char* alg : {"", "none", "RS256", "HS256", "ES384", "ES256K", "es256", "ECDH-ES", "ES256 "}) {
    expect_refused(p256_key().jwk(R"("alg":")" + std::string(alg) + '"'), Error::jwk_alg_mismatch, "alg");
  }
  expect_refused(rsa_key().jwk(R"("alg":"ES256")"), Error::jwk_alg_mismatch, "alg");
  expect_refused(rsa_key().jwk(R"("alg":"HS256")"), Error::jwk_alg_mismatch, "alg");
  expect_refused(rsa_key().jwk(R"("alg":"RSA-OAEP")"), Error::jwk_alg_mismatch, "alg");
  expect_refused(SigningKey::okp(Curve::ed25519).jwk(R"("alg":"Ed448")"), Error::jwk_alg_mismatch, "alg");
  expect_refused(SigningKey::oct(32).jwk(R"("alg":"RS256")"), Error::jwk_alg_mismatch, "alg");
}

// RFC 7518 §3.2: a key of the same size as the hash output or larger MUST be used.
TEST(Jwk, HmacKeysAreNoShorterThanTheHash) {
  for (const std::size_t bytes : {0u, 1u, 16u, 31u})
    expect_refused(SigningKey::oct(bytes).jwk(), Error::jwk_oct_short, "k");
  expect_refused(SigningKey::oct(32).jwk(R"("alg":"HS384")"), Error::jwk_oct_short, "alg");
  expect_refused(SigningKey::oct(47).jwk(R"("alg":"HS384")"), Error::jwk_oct_short, "alg");
  expect_refused(SigningKey::oct(63).jwk(R"("alg":"HS512")"), Error::jwk_oct_short, "alg");
}

TEST(Jwk, SomethingElseThanAnObjectIsNoKey) {
  const test::Document document(R"({"keys":[1,"x",null,[],true]})", {.duplicates = DuplicateMembers::mark});
  for (std::uint32_t i = 2; i < document.nodes().size(); ++i) {
    EXPECT_EQ(import_jwk(document.nodes(), i).error, Error::jwk_member_type);
  }
}

}  // namespace
}  // namespace simdjwt
