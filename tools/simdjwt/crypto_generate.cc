// New private keys as JWKs.
#include <openssl/core_names.h>

#include "crypto_evp.h"
#include "failure.h"
#include "text.h"

namespace simdjwt::cli {
namespace {

// Not in the headers of OpenSSL before 3.5.
constexpr const char* kMlDsaSeed = "seed";

std::size_t secret_bytes(std::string_view digest) {
  return digest == "SHA256" ? 32 : digest == "SHA384" ? 48 : 64;
}

std::string private_octets(EVP_PKEY* key, const char* param) {
  std::size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(key, param, nullptr, 0, &size) != 1) throw openssl_failure("reading the key");
  std::string bytes(size, '\0');
  if (EVP_PKEY_get_octet_string_param(key, param, reinterpret_cast<unsigned char*>(bytes.data()), size, &size) != 1) {
    throw openssl_failure("reading the key");
  }
  bytes.resize(size);
  std::string text = encoded(bytes);
  wipe(bytes);
  return text;
}

std::string private_number(EVP_PKEY* key, const char* param, std::size_t bytes = 0) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, param, &number) != 1) throw openssl_failure("reading the key");
  return encoded(BigNumber(number).get(), bytes);
}

void add_private_members(EVP_PKEY* key, const SignatureAlgorithm& algorithm, JwkMembers& members) {
  switch (algorithm.family) {
    case Family::rsa_pkcs1:
    case Family::rsa_pss:
      members.push_back({"d", private_number(key, OSSL_PKEY_PARAM_RSA_D)});
      members.push_back({"p", private_number(key, OSSL_PKEY_PARAM_RSA_FACTOR1)});
      members.push_back({"q", private_number(key, OSSL_PKEY_PARAM_RSA_FACTOR2)});
      members.push_back({"dp", private_number(key, OSSL_PKEY_PARAM_RSA_EXPONENT1)});
      members.push_back({"dq", private_number(key, OSSL_PKEY_PARAM_RSA_EXPONENT2)});
      members.push_back({"qi", private_number(key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1)});
      return;
    case Family::ecdsa:
      members.push_back({"d", private_number(key, OSSL_PKEY_PARAM_PRIV_KEY, ec_curve(algorithm.crv).bytes)});
      return;
    case Family::eddsa:
      members.push_back({"d", private_octets(key, OSSL_PKEY_PARAM_PRIV_KEY)});
      return;
    case Family::ml_dsa:
      members.push_back({"priv", private_octets(key, kMlDsaSeed)});
      return;
    case Family::hmac:
      return;
  }
}

std::string evp_type(const SignatureAlgorithm& algorithm) {
  switch (algorithm.family) {
    case Family::rsa_pkcs1:
    case Family::rsa_pss:
      return "RSA";
    case Family::ecdsa:
      return "EC";
    case Family::eddsa:
      return std::string(algorithm.crv);
    default:
      return std::string(algorithm.name);
  }
}

}  // namespace

JwkMembers generate_key(std::string_view alg, unsigned rsa_bits) {
  const SignatureAlgorithm& algorithm = signature_algorithm(alg);
  if (algorithm.family == Family::hmac) {
    return {{"kty", "oct"}, {"k", random_base64url(secret_bytes(algorithm.digest))}};
  }
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, evp_type(algorithm).c_str(), nullptr));
  if (context == nullptr || EVP_PKEY_keygen_init(context.get()) != 1) unsupported(alg);
  std::string group;
  if (algorithm.family == Family::ecdsa) group = ec_curve(algorithm.crv).group;
  const OSSL_PARAM params[] = {
      algorithm.family == Family::ecdsa
          ? OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size())
          : OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_BITS, &rsa_bits),
      OSSL_PARAM_construct_end()};
  const bool has_params = algorithm.family != Family::eddsa && algorithm.family != Family::ml_dsa;
  if (has_params && EVP_PKEY_CTX_set_params(context.get(), params) != 1) unsupported(alg);
  EVP_PKEY* generated = nullptr;
  if (EVP_PKEY_generate(context.get(), &generated) != 1) throw openssl_failure("generating a key");
  const Pkey key(generated);
  JwkMembers members = public_members(key.get());
  add_private_members(key.get(), algorithm, members);
  return members;
}

}  // namespace simdjwt::cli
