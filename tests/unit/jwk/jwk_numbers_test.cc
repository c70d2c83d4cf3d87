// The numbers of a key: sizes, points, weak and damaged ones.
#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <string>

#include "jose/curve.h"
#include "jwk/jwk.h"
#include "unit/jwk/fixture.h"

namespace simdjwt {
namespace {

using test::b64;
using test::expect_good;
using test::expect_refused;
using test::import;
using test::kRsaAll;
using test::Octets;
using test::p256_key;
using test::rsa_key;
using test::set_of;
using test::SigningKey;

std::string rsa_jwk(const Octets& modulus, std::string_view exponent = "AQAB") {
  return R"({"kty":"RSA","n":")" + b64(modulus) + R"(","e":")" + std::string(exponent) + R"("})";
}

// An odd number of exactly `bits` bits, all of them fixed but random in the middle: no fingerprint of a weak generator.
Octets odd_modulus(std::size_t bits) {
  Octets out = test::random_octets((bits + 7) / 8);
  const unsigned top = static_cast<unsigned>((bits - 1) % 8);
  out[0] = static_cast<std::uint8_t>((out[0] & ((1u << top) - 1)) | (1u << top));
  out.back() |= 1;
  return out;
}

// RFC 7518 §3.3, §3.5: 2,048 bits or more; RFC 7518 §2: Base64urlUInt has no leading zero octets.
TEST(Jwk, RsaModulus) {
  for (const std::size_t bits : {2048u, 2049u, 3072u, 4096u, 8191u, 8192u}) {
    const Jwk key = import(rsa_jwk(odd_modulus(bits)));
    EXPECT_EQ(key.error, Error::ok) << bits;
    EXPECT_EQ(key.bits, bits);
    EXPECT_EQ(key.modulus_size, (bits + 7) / 8);
    EXPECT_EQ(key.algorithms, kRsaAll);
  }
  for (const std::size_t bits : {8u, 512u, 1024u, 2047u, 8193u, 16384u, 65536u}) {
    expect_refused(rsa_jwk(odd_modulus(bits)), Error::jwk_rsa_modulus, "n");
  }
  Octets even = odd_modulus(2048);
  even.back() &= 0xfe;
  expect_refused(rsa_jwk(even), Error::jwk_rsa_modulus, "n");
  Octets padded = odd_modulus(2048);
  padded.insert(padded.begin(), 0);
  expect_refused(rsa_jwk(padded), Error::jwk_rsa_modulus, "n");
  expect_refused(rsa_jwk({}), Error::jwk_rsa_modulus, "n");
  expect_refused(rsa_jwk(Octets(256, 0)), Error::jwk_rsa_modulus, "n");
}

TEST(Jwk, RsaExponent) {
  const Octets n = test::unb64(rsa_key().member("n"));
  for (const Octets& e :
       {Octets{3}, Octets{5}, Octets{0xff}, Octets{1, 1}, Octets{1, 0, 1}, Octets{0xff, 0xff, 0xff, 0xff}}) {
    EXPECT_EQ(import(rsa_jwk(n, b64(e))).error, Error::ok) << b64(e);
  }
  for (const Octets& e :
       {Octets{}, Octets{0}, Octets{1}, Octets{2}, Octets{4}, Octets{1, 0, 0}, Octets{0, 3}, Octets{0, 1, 0, 1},
        Octets{0xff, 0xff, 0xff, 0xfe}, Octets{1, 0, 0, 0, 1}, Octets{0, 0, 0, 0, 3}, Octets(256, 0xff)}) {
    expect_refused(rsa_jwk(n, b64(e)), Error::jwk_rsa_exponent, "e");
  }
}

// CVE-2017-15361. The modulus of Wycheproof's json_web_key_test.json, group jws_rsa_roca_key (C2SP/wycheproof at
// dac1dd4).
TEST(Jwk, RsaModulusOfAWeakGenerator) {
  constexpr std::string_view kModulus =
      "AanFpofbj7KjD4Lf-N2hVMKR7yewSyXhhbirIMTGpfYEhZ_lnt5UoK98DnKIgArXGTu3MaW_"
      "HhFw16HGaTDUHqPrId7fe4r11CqRw09yBFuW79V8sYIw"
      "HdzCaWflUI6auImYbVfoN9_nD5n8N8SY9DwXw7mwZM9wREPXoDPgOoIWl6q_"
      "MPsp7n0zs3Z5ZaiQWOOzl1S9OhwAfSiiOwz6efnXEaxuTEtPd7BjSx7N"
      "aFka8Dx9U7YqXy2RFj1O9PjyaDGuRh7YXsX3iMUSP_wSyHQg_c_qHRtKUsNSGCT7OZg0hzm2KphtjnayKJvC64vAbROBR4Ubg6Bxg9IQVZ-QYyE";
  expect_refused(R"({"kty":"RSA","alg":"RS256","use":"sig","e":"AQAB","n":")" + std::string(kModulus) + R"("})",
                 Error::jwk_rsa_weak, "n");
  // Any power of 65537 has the fingerprint; 65537^128 + 2 differs from one in its lowest bits and has not.
  BIGNUM *power = BN_new(), *base = BN_new(), *exponent = BN_new();
  BN_CTX* ctx = BN_CTX_new();
  BN_set_word(base, 65537);
  BN_set_word(exponent, 128);
  ASSERT_EQ(BN_exp(power, base, exponent, ctx), 1);
  Octets octets(static_cast<std::size_t>(BN_num_bytes(power)));
  BN_bn2bin(power, octets.data());
  expect_refused(rsa_jwk(octets), Error::jwk_rsa_weak, "n");
  octets.back() = static_cast<std::uint8_t>(octets.back() + 2);
  EXPECT_EQ(import(rsa_jwk(octets)).error, Error::ok);
  for (BIGNUM* number : {power, base, exponent}) BN_free(number);
  BN_CTX_free(ctx);
}

std::string ec_jwk(std::string_view crv, const Octets& x, const Octets& y) {
  return R"({"kty":"EC","crv":")" + std::string(crv) + R"(","x":")" + b64(x) + R"(","y":")" + b64(y) + R"("})";
}

TEST(Jwk, CrvIsOneThatSigns) {
  for (const char* crv : {"", "P-224", "p-256", "secp256r1", "P-256 ", "Ed25519", "X25519", "P-256\\u0000", "BP-256"}) {
    expect_refused(R"({"kty":"EC","crv":")" + std::string(crv) + R"(","x":"AA","y":"AA"})", Error::jwk_crv_unknown,
                   "crv");
  }
  for (const char* crv : {"", "X25519", "X448", "ed25519", "ED448", "P-256", "Ed25519ph"}) {
    expect_refused(R"({"kty":"OKP","crv":")" + std::string(crv) + R"(","x":"AA"})", Error::jwk_crv_unknown, "crv");
  }
}

// RFC 7518 §6.2.1.2: the length of a coordinate MUST be the full size of the curve.
TEST(Jwk, EcCoordinatesHaveTheLengthOfTheCurve) {
  for (const Curve curve : {Curve::p256, Curve::p384, Curve::p521, Curve::secp256k1}) {
    const CurveInfo& row = info(curve);
    const SigningKey key = SigningKey::ec(curve);
    const Octets x = test::unb64(key.member("x")), y = test::unb64(key.member("y"));
    ASSERT_EQ(x.size(), row.coordinate_size);
    const auto longer = [](Octets v) {
      v.insert(v.begin(), 0);
      return v;
    };
    const auto shorter = [](Octets v) {
      v.erase(v.begin());
      return v;
    };
    expect_refused(ec_jwk(row.name, longer(x), y), Error::jwk_ec_length, "x");
    expect_refused(ec_jwk(row.name, x, longer(y)), Error::jwk_ec_length, "y");
    expect_refused(ec_jwk(row.name, shorter(x), y), Error::jwk_ec_length, "x");
    expect_refused(ec_jwk(row.name, x, shorter(y)), Error::jwk_ec_length, "y");
    expect_refused(ec_jwk(row.name, {}, y), Error::jwk_ec_length, "x");
    expect_refused(ec_jwk(row.name, longer(x), longer(y)), Error::jwk_ec_length, "x");
    expect_refused(ec_jwk(row.name, {}, {}), Error::jwk_ec_length, "x");
  }
}

// A point of the curve with a small x, so that x + p still fits a coordinate.
std::pair<Octets, Octets> small_point(const CurveInfo& curve) {
  EC_GROUP* group = EC_GROUP_new_by_curve_name(OBJ_txt2nid(curve.curve == Curve::p256   ? "prime256v1"
                                                           : curve.curve == Curve::p384 ? "secp384r1"
                                                           : curve.curve == Curve::p521 ? "secp521r1"
                                                                                        : "secp256k1"));
  EC_POINT* point = EC_POINT_new(group);
  BIGNUM *x = BN_new(), *y = BN_new();
  ERR_set_mark();
  for (BN_ULONG value = 1;
       BN_set_word(x, value), EC_POINT_set_compressed_coordinates(group, point, x, 0, nullptr) != 1;)
    ++value;
  ERR_pop_to_mark();
  EC_POINT_get_affine_coordinates(group, point, x, y, nullptr);
  std::pair<Octets, Octets> out{Octets(curve.coordinate_size), Octets(curve.coordinate_size)};
  BN_bn2binpad(x, out.first.data(), curve.coordinate_size);
  BN_bn2binpad(y, out.second.data(), curve.coordinate_size);
  BN_free(x);
  BN_free(y);
  EC_POINT_free(point);
  EC_GROUP_free(group);
  return out;
}

Octets add(const Octets& a, ByteView b) {
  Octets sum(a.size());
  unsigned carry = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    carry += unsigned{a[i]} + b[i];
    sum[i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  EXPECT_EQ(carry, 0u) << "the sum must fit a coordinate";
  return sum;
}

// SEC 1 §3.2.2.1: a public key is a point of the curve with reduced coordinates, and not infinity.
TEST(Jwk, EcPointsAreOnTheCurveAndReduced) {
  for (const Curve curve : {Curve::p256, Curve::p384, Curve::p521, Curve::secp256k1}) {
    const CurveInfo& row = info(curve);
    const auto [x, y] = small_point(row);
    EXPECT_EQ(import(ec_jwk(row.name, x, y)).error, Error::ok) << row.name;
    expect_refused(ec_jwk(row.name, add(x, row.field), y), Error::jwk_ec_point, "x");  // the same point to a lax parser
    const Octets p(row.field.begin(), row.field.end()), zero(row.coordinate_size, 0), ones(row.coordinate_size, 0xff);
    expect_refused(ec_jwk(row.name, p, y), Error::jwk_ec_point, "x");
    expect_refused(ec_jwk(row.name, x, p), Error::jwk_ec_point, "y");
    expect_refused(ec_jwk(row.name, ones, y), Error::jwk_ec_point, "x");
    expect_refused(ec_jwk(row.name, x, ones), Error::jwk_ec_point, "y");
    Octets off = y;
    off.back() ^= 1;
    EXPECT_EQ(import(ec_jwk(row.name, x, off)).error, Error::jwk_ec_point) << row.name;
    EXPECT_EQ(import(ec_jwk(row.name, y, x)).error, Error::jwk_ec_point) << row.name;
    EXPECT_EQ(import(ec_jwk(row.name, zero, zero)).error, Error::jwk_ec_point) << row.name;  // infinity's stand-in
  }
  // The point of one curve of the same size is none of the other's.
  const SigningKey key = SigningKey::ec(Curve::secp256k1);
  EXPECT_EQ(import(ec_jwk("P-256", test::unb64(key.member("x")), test::unb64(key.member("y")))).error,
            Error::jwk_ec_point);
}

std::string okp_jwk(std::string_view crv, const Octets& x) {
  return R"({"kty":"OKP","crv":")" + std::string(crv) + R"(","x":")" + b64(x) + R"("})";
}

// The little-endian encoding of y, given big-endian, with the sign bit of x.
Octets encode_point(const CurveInfo& curve, ByteView y, bool sign) {
  Octets out(y.rbegin(), y.rend());
  out.resize(curve.coordinate_size);
  if (sign) out.back() |= 0x80;
  return out;
}

TEST(Jwk, OkpKeysHaveTheLengthOfTheCurve) {
  for (const std::size_t size : {0u, 31u, 33u, 57u})
    expect_refused(okp_jwk("Ed25519", Octets(size, 9)), Error::jwk_okp_length, "x");
  for (const std::size_t size : {0u, 32u, 56u, 58u})
    expect_refused(okp_jwk("Ed448", Octets(size, 9)), Error::jwk_okp_length, "x");
}

// The points whose order divides the cofactor: under them one signature verifies for every message. Both signs of x.
TEST(Jwk, OkpPointsOfSmallOrder) {
  const CurveInfo& ed25519 = info(Curve::ed25519);
  const std::string zeros(62, '0');
  for (const std::string& y : {
           zeros + "00",
           zeros + "01",
           std::string("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec"),
           std::string("05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826"),
           std::string("7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7"),
       }) {
    for (const bool sign : {false, true}) {
      expect_refused(okp_jwk("Ed25519", encode_point(ed25519, test::from_hex(y), sign)), Error::jwk_okp_small_order,
                     "x");
    }
  }
  const CurveInfo& ed448 = info(Curve::ed448);
  Octets zero(57, 0), one(57, 0), minus_one(ed448.field.begin(), ed448.field.end());
  one.back() = 1;
  minus_one.back() = static_cast<std::uint8_t>(minus_one.back() - 1);
  for (const Octets& y : {zero, one, minus_one}) {
    for (const bool sign : {false, true}) {
      expect_refused(okp_jwk("Ed448", encode_point(ed448, y, sign)), Error::jwk_okp_small_order, "x");
    }
  }
}

// RFC 8032 §5.1.3, §5.2.3: y >= p is refused, also where y - p would be a point.
TEST(Jwk, OkpEncodingsAreCanonical) {
  for (const Curve curve : {Curve::ed25519, Curve::ed448}) {
    const CurveInfo& row = info(curve);
    const Octets p(row.field.begin(), row.field.end());
    for (unsigned more = 0; more < 19; ++more) {
      Octets delta(p.size(), 0);
      delta.back() = static_cast<std::uint8_t>(more);
      for (const bool sign : {false, true}) {
        expect_refused(okp_jwk(row.name, encode_point(row, add(p, delta), sign)), Error::jwk_okp_point, "x");
      }
    }
    Octets ones(row.coordinate_size, 0xff);
    expect_refused(okp_jwk(row.name, ones), Error::jwk_okp_point, "x");
  }
  // RFC 8032 §5.2.2: the last octet of Ed448 holds nothing but the sign.
  const SigningKey key = SigningKey::okp(Curve::ed448);
  for (int bit = 0; bit < 7; ++bit) {
    Octets x = test::unb64(key.member("x"));
    x.back() |= static_cast<std::uint8_t>(1 << bit);
    expect_refused(okp_jwk("Ed448", x), Error::jwk_okp_point, "x");
  }
}

// Whether x^2 = (y^2 - 1) / (d y^2 - a) has a root, by BN_mod_sqrt: another way than the engine's.
bool has_x(const CurveInfo& curve, unsigned y) {
  BN_CTX* ctx = BN_CTX_new();
  BIGNUM *p = BN_bin2bn(curve.field.data(), curve.coordinate_size, nullptr), *u = BN_new(), *v = BN_new(),
         *d = BN_new();
  if (curve.curve == Curve::ed25519) {
    BN_set_word(v, 121666);
    BN_mod_inverse(v, v, p, ctx);
    BN_set_word(d, 121665);
    BN_mod_mul(d, d, v, p, ctx);
  } else {
    BN_set_word(d, 39081);
  }
  BN_sub(d, p, d);
  BN_set_word(u, y * y);
  BN_mod_mul(v, d, u, p, ctx);
  BN_sub_word(u, 1);
  // Ed25519: -x^2 + y^2 = 1 + d x^2 y^2; Ed448: x^2 + y^2 = 1 + d x^2 y^2.
  curve.curve == Curve::ed25519 ? BN_add_word(v, 1) : BN_sub_word(v, 1);
  BN_mod_inverse(v, v, p, ctx);
  BN_mod_mul(u, u, v, p, ctx);
  ERR_set_mark();
  BIGNUM* root = BN_mod_sqrt(nullptr, u, p, ctx);
  ERR_pop_to_mark();
  const bool found = root != nullptr;
  for (BIGNUM* number : {p, u, v, d, root}) BN_free(number);
  BN_CTX_free(ctx);
  return found;
}

TEST(Jwk, OkpPointsAreOnTheCurve) {
  for (const Curve curve : {Curve::ed25519, Curve::ed448}) {
    const CurveInfo& row = info(curve);
    int on_curve = 0;
    for (unsigned y = 2; y < 130; ++y) {
      Octets encoded(row.coordinate_size, 0);
      encoded[0] = static_cast<std::uint8_t>(y);
      const Jwk key = import(okp_jwk(row.name, encoded));
      EXPECT_EQ(key.error, has_x(row, y) ? Error::ok : Error::jwk_okp_point) << row.name << " y = " << y;
      on_curve += key.usable();
    }
    EXPECT_GT(on_curve, 30) << row.name;
    EXPECT_LT(on_curve, 100) << row.name;
  }
}

// RFC 9964 §3: alg is required and says the length; whether the linked OpenSSL has it is another matter.
TEST(Jwk, AkpKeys) {
  for (const char* alg : {"ES256", "none", "ML-DSA-45", "ml-dsa-44"}) {
    expect_refused(R"({"kty":"AKP","alg":")" + std::string(alg) + R"(","pub":"AA"})", Error::jwk_alg_mismatch, "alg");
  }
  for (const auto& [alg, size] :
       {std::pair("ML-DSA-44", 1312u), std::pair("ML-DSA-65", 1952u), std::pair("ML-DSA-87", 2592u)}) {
    const auto jwk = [&](std::size_t bytes) {
      return R"({"kty":"AKP","alg":")" + std::string(alg) + R"(","pub":")" + b64(Octets(bytes, 5)) + R"("})";
    };
    for (const std::size_t wrong : {0u, 1u, size - 1, size + 1, size == 1312u ? 1952u : 1312u}) {
      expect_refused(jwk(wrong), Error::jwk_akp_length, "pub");
    }
    if (test::openssl_has_ml_dsa()) {
      expect_good(jwk(size), set_of({alg}));
      expect_good(SigningKey::akp(find_algorithm(alg)).jwk(), set_of({alg}));
    } else {
      expect_refused(jwk(size), Error::unsupported_algorithm, "alg");
    }
  }
}

// Neither a good key nor a bad one leaves anything on the caller's OpenSSL error queue, and what stood there stays.
TEST(Jwk, TheErrorQueueIsLeftAlone) {
  const auto [x, y] = small_point(info(Curve::p256));
  Octets off = y, off_okp(32, 0);
  off.back() ^= 1;
  off_okp[0] = 2;
  const std::string documents[] = {rsa_key().jwk(),
                                   p256_key().jwk(),
                                   ec_jwk("P-256", x, off),
                                   ec_jwk("P-256", Octets(32, 0), Octets(32, 0)),
                                   okp_jwk("Ed25519", off_okp),
                                   okp_jwk("Ed25519", Octets(32, 0xff)),
                                   rsa_jwk(odd_modulus(1024)),
                                   R"({"kty":"AKP","alg":"ML-DSA-44","pub":")" + b64(Octets(1312, 5)) + R"("})"};
  for (const std::string& document : documents) {
    ERR_clear_error();
    (void)import(document);
    EXPECT_EQ(ERR_peek_error(), 0ul) << document.substr(0, 120);
    ERR_clear_error();
    ERR_raise(ERR_LIB_USER, 42);
    (void)import(document);
    EXPECT_EQ(ERR_GET_REASON(ERR_peek_last_error()), 42) << document.substr(0, 120);
    ERR_clear_error();
  }
}

}  // namespace
}  // namespace simdjwt
