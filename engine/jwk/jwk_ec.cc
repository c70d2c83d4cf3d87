#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <memory>

#include "jose/curve.h"
#include "jwk/jwk_import.h"
#include "jwk/key_material.h"

namespace simdjwt {
namespace {

// OpenSSL checks that the point is on the curve.
OwnedPkey make_pkey(const CurveInfo& curve, Bytes& point) {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> ctx(
      EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr), &EVP_PKEY_CTX_free);
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(curve.openssl), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end(),
  };
  EVP_PKEY* pkey = nullptr;
  if (!ctx || EVP_PKEY_fromdata_init(ctx.get()) <= 0 ||
      EVP_PKEY_fromdata(ctx.get(), &pkey, EVP_PKEY_PUBLIC_KEY, params) <= 0) {
    return nullptr;
  }
  return OwnedPkey(pkey);
}

}  // namespace

Error import_ec(const JwkSource& source, Jwk& jwk) {
  jwk.type = KeyType::ec;
  const JsonNode* crv = source.find("crv");
  jwk.member = "crv";
  if (crv == nullptr) return Error::jwk_member_missing;
  if (crv->kind != JsonKind::string) return Error::jwk_member_type;
  jwk.crv.assign(crv->text);
  const CurveInfo& curve = find_curve(crv->text);
  if (curve.kty != KeyType::ec) return Error::jwk_crv_unknown;
  jwk.curve = curve.curve;
  jwk.bits = curve.bits;

  Bytes x, y;
  if (const Error error = read_bytes(source, "x", jwk, x); error != Error::ok) return error;
  if (const Error error = read_bytes(source, "y", jwk, y); error != Error::ok) return error;
  // RFC 7518 §6.2.1.2: the full size of a coordinate, whatever its value.
  for (const auto& [name, coordinate] : {std::pair("x", &x), std::pair("y", &y)}) {
    jwk.member = name;
    if (coordinate->size() != curve.coordinate_size) return Error::jwk_ec_length;
    if (!is_less(*coordinate, curve.field)) return Error::jwk_ec_point;
  }
  Bytes point{POINT_CONVERSION_UNCOMPRESSED};  // SEC 1 §2.3.3
  point.insert(point.end(), x.begin(), x.end());
  point.insert(point.end(), y.begin(), y.end());
  OwnedPkey pkey = make_pkey(curve, point);
  if (pkey == nullptr) return Error::jwk_ec_point;
  jwk.member.clear();
  jwk.material = std::make_shared<const KeyMaterial>(std::move(pkey));
  for (const AlgorithmInfo& row : algorithms()) {
    if (row.kty == KeyType::ec && row.curve == curve.curve) jwk.algorithms.add(row.algorithm);
  }
  return Error::ok;
}

}  // namespace simdjwt
