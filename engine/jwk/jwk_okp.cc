#include <openssl/bn.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>

#include "jose/curve.h"
#include "jwk/jwk_import.h"
#include "jwk/key_material.h"

namespace simdjwt {
namespace {

struct Free {
  void operator()(BN_CTX* ctx) const noexcept { BN_CTX_free(ctx); }
};

// The y coordinates of the points of order 8 of Ed25519, big-endian; y and -y.
constexpr std::array<std::uint8_t, 32> kOrder8[] = {
    {0x05, 0xfc, 0x53, 0x6d, 0x88, 0x02, 0x38, 0xb1, 0x39, 0x33, 0xc6, 0xd3, 0x05, 0xac, 0xdf, 0xd5,
     0xf0, 0x98, 0xef, 0xf2, 0x89, 0xf4, 0xc3, 0x45, 0xb0, 0x27, 0xb2, 0xc2, 0x8f, 0x95, 0xe8, 0x26},
    {0x7a, 0x03, 0xac, 0x92, 0x77, 0xfd, 0xc7, 0x4e, 0xc6, 0xcc, 0x39, 0x2c, 0xfa, 0x53, 0x20, 0x2a,
     0x0f, 0x67, 0x10, 0x0d, 0x76, 0x0b, 0x3c, 0xba, 0x4f, 0xd8, 0x4d, 0x3d, 0x70, 0x6a, 0x17, 0xc7},
};

// A point of small order makes signatures that verify under every message: y is 0, 1, -1 or of order 8.
bool has_small_order(const CurveInfo& curve, const Bytes& y) {
  const Bytes zero(curve.coordinate_size, 0);
  Bytes one = zero, minus_one(curve.field.begin(), curve.field.end());
  one[curve.coordinate_size - 1u] = 1;
  --minus_one[curve.coordinate_size - 1u];  // p is odd
  if (y == zero || y == one || y == minus_one) return true;
  return curve.curve == Curve::ed25519 && std::any_of(std::begin(kOrder8), std::end(kOrder8), [&](const auto& known) {
           return std::equal(y.begin(), y.end(), known.begin());
         });
}

// Whether some x belongs to y (RFC 8032 §5.1.3, §5.2.3): x^2 = u/v is a square when u*v is.
//   Ed25519: u = y^2 - 1, v = d*y^2 + 1, d = -121665/121666
//   Ed448:   u = y^2 - 1, v = d*y^2 - 1, d = -39081
bool is_on_curve(const CurveInfo& curve, const Bytes& y_bytes) {
  const std::unique_ptr<BN_CTX, Free> ctx(BN_CTX_new());
  if (!ctx) return false;
  BN_CTX_start(ctx.get());
  BIGNUM* p = BN_CTX_get(ctx.get());
  BIGNUM* y2 = BN_CTX_get(ctx.get());
  BIGNUM* u = BN_CTX_get(ctx.get());
  BIGNUM* v = BN_CTX_get(ctx.get());
  BIGNUM* d = BN_CTX_get(ctx.get());
  bool on_curve = false;
  const auto import = [](const auto& bytes, BIGNUM* out) {
    return BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), out) != nullptr;
  };
  const auto make_d = [&] {
    if (curve.curve == Curve::ed448) return BN_set_word(d, 39081) == 1;
    return BN_set_word(v, 121666) == 1 && BN_mod_inverse(v, v, p, ctx.get()) != nullptr && BN_set_word(d, 121665) == 1 &&
           BN_mod_mul(d, d, v, p, ctx.get()) == 1;
  };
  if (d != nullptr && import(curve.field, p) && import(y_bytes, y2) && make_d() &&
      BN_mod_sqr(y2, y2, p, ctx.get()) == 1 && BN_mod_sub(u, y2, BN_value_one(), p, ctx.get()) == 1 &&
      BN_mod_mul(v, d, y2, p, ctx.get()) == 1) {
    // d holds its absolute value here: v = 1 - d*y^2 or -(1 + d*y^2).
    bool computed = false;
    if (curve.curve == Curve::ed448) {
      computed = BN_mod_add(v, v, BN_value_one(), p, ctx.get()) == 1 && BN_mod_sub(v, p, v, p, ctx.get()) == 1;
    } else {
      computed = BN_mod_sub(v, BN_value_one(), v, p, ctx.get()) == 1;
    }
    if (computed && BN_mod_mul(u, u, v, p, ctx.get()) == 1) {
      const int symbol = BN_kronecker(u, p, ctx.get());
      on_curve = symbol == 0 || symbol == 1;
    }
  }
  BN_CTX_end(ctx.get());
  return on_curve;
}

}  // namespace

Error import_okp(const JwkSource& source, Jwk& jwk) {
  jwk.type = KeyType::okp;
  const JsonNode* crv = source.find("crv");
  jwk.member = "crv";
  if (crv == nullptr) return Error::jwk_member_missing;
  if (crv->kind != JsonKind::string) return Error::jwk_member_type;
  jwk.crv.assign(crv->text);
  const CurveInfo& curve = find_curve(crv->text);
  if (curve.kty != KeyType::okp) return Error::jwk_crv_unknown;
  jwk.curve = curve.curve;
  jwk.bits = curve.bits;

  Bytes encoded;
  if (const Error error = read_bytes(source, "x", jwk, encoded); error != Error::ok) return error;
  jwk.member = "x";
  if (encoded.size() != curve.coordinate_size) return Error::jwk_okp_length;
  // RFC 8032 §5.1.2, §5.2.2: y little-endian, the highest bit of the last byte is the sign of x.
  Bytes y(encoded.rbegin(), encoded.rend());
  y[0] &= 0x7f;
  if (!is_less(y, curve.field)) return Error::jwk_okp_point;
  if (has_small_order(curve, y)) return Error::jwk_okp_small_order;
  if (!is_on_curve(curve, y)) return Error::jwk_okp_point;

  OwnedPkey pkey(EVP_PKEY_new_raw_public_key_ex(nullptr, curve.openssl, nullptr, encoded.data(), encoded.size()));
  if (pkey == nullptr) return Error::crypto_failure;
  jwk.member.clear();
  jwk.material = std::make_shared<const KeyMaterial>(std::move(pkey));
  for (const AlgorithmInfo& row : algorithms()) {
    if (row.kty == KeyType::okp && (row.curve == Curve::none || row.curve == curve.curve)) {
      jwk.algorithms.add(row.algorithm);
    }
  }
  return Error::ok;
}

}  // namespace simdjwt
