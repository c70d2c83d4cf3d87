// EVP keys as JWK members, and the public half of a JWK.
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <array>

#include "crypto_evp.h"
#include "failure.h"
#include "text.h"

namespace simdjwt::cli {
namespace {

using Bio = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;

BigNumber number_of(EVP_PKEY* key, const char* param) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, param, &number) != 1) throw openssl_failure("reading the key");
  return BigNumber(number);
}

std::string octets_of(EVP_PKEY* key, const char* param) {
  std::size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(key, param, nullptr, 0, &size) != 1) throw openssl_failure("reading the key");
  std::string bytes(size, '\0');
  if (EVP_PKEY_get_octet_string_param(key, param, reinterpret_cast<unsigned char*>(bytes.data()), size, &size) != 1) {
    throw openssl_failure("reading the key");
  }
  bytes.resize(size);
  return bytes;
}

JwkMembers ec_members(EVP_PKEY* key) {
  std::array<char, 80> group{};
  std::size_t size = 0;
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(), &size) != 1) {
    throw openssl_failure("reading the curve");
  }
  // A key read from PEM says the SEC or X9.62 name of its curve, one that was generated may say NIST's.
  std::string_view crv(group.data(), size);
  if (crv == "prime256v1") crv = "P-256";
  if (crv == "secp384r1") crv = "P-384";
  if (crv == "secp521r1") crv = "P-521";
  const EcCurve& curve = ec_curve(crv);
  const BigNumber x = number_of(key, OSSL_PKEY_PARAM_EC_PUB_X);
  const BigNumber y = number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y);
  return {{"kty", "EC"},
          {"crv", std::string(crv)},
          {"x", encoded(x.get(), curve.bytes)},
          {"y", encoded(y.get(), curve.bytes)}};
}

}  // namespace

JwkMembers public_members(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    return {{"kty", "RSA"},
            {"n", encoded(number_of(key, OSSL_PKEY_PARAM_RSA_N).get())},
            {"e", encoded(number_of(key, OSSL_PKEY_PARAM_RSA_E).get())}};
  }
  if (EVP_PKEY_is_a(key, "EC") == 1) return ec_members(key);
  for (const char* crv : {"Ed25519", "Ed448"}) {
    if (EVP_PKEY_is_a(key, crv) != 1) continue;
    return {{"kty", "OKP"}, {"crv", crv}, {"x", encoded(octets_of(key, OSSL_PKEY_PARAM_PUB_KEY))}};
  }
  for (const char* alg : {"ML-DSA-44", "ML-DSA-65", "ML-DSA-87"}) {
    if (EVP_PKEY_is_a(key, alg) != 1) continue;
    return {{"kty", "AKP"}, {"alg", alg}, {"pub", encoded(octets_of(key, OSSL_PKEY_PARAM_PUB_KEY))}};
  }
  const char* type = EVP_PKEY_get0_type_name(key);
  throw Failure("a key of type " + quote(type == nullptr ? "?" : type) + " does not sign in JOSE");
}

JwkMembers public_part(const JwkMembers& members) {
  const std::string* kty = jwk_member(members, "kty");
  if (kty == nullptr || *kty == "oct") return {};
  JwkMembers out;
  for (const JwkMember& member : members) {
    bool is_private = false;
    for (const char* name : {"d", "p", "q", "dp", "dq", "qi", "priv", "k"}) is_private |= member.name == name;
    if (!is_private) out.push_back(member);
  }
  return out;
}

JwkMembers public_jwk_from_pem(const std::string& pem, const std::string& name) {
  if (pem.find("PRIVATE KEY-----") != std::string::npos) {
    throw Failure(printable(name) + ": a private key; give the public one (openssl pkey -pubout)");
  }
  if (pem.find("-----BEGIN CERTIFICATE-----") != std::string::npos) {
    throw Failure(printable(name) + ": a certificate; give its public key (openssl x509 -pubkey -noout)");
  }
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (bio == nullptr) throw openssl_failure("a buffer");
  const Pkey key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  if (key == nullptr) throw openssl_failure(printable(name) + ": no public key in PEM");
  return public_members(key.get());
}

}  // namespace simdjwt::cli
