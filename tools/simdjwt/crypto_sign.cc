// Signatures in JOSE form.
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "crypto_evp.h"
#include "failure.h"
#include "text.h"

namespace simdjwt::cli {
namespace {

using EcdsaSignature = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;

const unsigned char* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string sign_hmac(const JwkMembers& key, const SignatureAlgorithm& algorithm, std::string_view message) {
  std::string secret = decoded(key, "k");
  std::string tag(EVP_MAX_MD_SIZE, '\0');
  std::size_t size = 0;
  const auto* made =
      EVP_Q_mac(nullptr, "HMAC", nullptr, algorithm.digest, nullptr, secret.data(), secret.size(), bytes_of(message),
                message.size(), reinterpret_cast<unsigned char*>(tag.data()), tag.size(), &size);
  wipe(secret);
  if (made == nullptr) throw openssl_failure("HMAC");
  tag.resize(size);
  return tag;
}

// OpenSSL gives DER; JOSE wants r and s side by side, each as long as a coordinate (RFC 7518 §3.4).
std::string side_by_side(const std::string& der, std::size_t bytes) {
  const unsigned char* at = bytes_of(der);
  const EcdsaSignature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (signature == nullptr) throw openssl_failure("the signature");
  std::string out(bytes * 2, '\0');
  auto* const r = reinterpret_cast<unsigned char*>(out.data());
  const int size = static_cast<int>(bytes);
  if (BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), r, size) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), r + bytes, size) < 0) {
    throw openssl_failure("the signature");
  }
  return out;
}

void require_allowed(const JwkMembers& key, const SignatureAlgorithm& algorithm) {
  const auto allowed = algorithms_for(key);
  if (std::find(allowed.begin(), allowed.end(), &algorithm) == allowed.end()) {
    throw Failure("this key cannot sign with " + std::string(algorithm.name));
  }
}

}  // namespace

KeyAlgorithms algorithms_of(const JwkMembers& key) {
  KeyAlgorithms out;
  for (const SignatureAlgorithm* algorithm : algorithms_for(key)) out.names.push_back(algorithm->name);
  const std::string* alg = jwk_member(key, "alg");
  const auto named = alg == nullptr ? out.names.end() : std::find(out.names.begin(), out.names.end(), *alg);
  if (named != out.names.end()) std::rotate(out.names.begin(), named, named + 1);
  // A curve leaves one choice; RSA and HMAC keys do not.
  const std::string* kty = jwk_member(key, "kty");
  out.sure = named != out.names.end() || (kty != nullptr && (*kty == "EC" || *kty == "OKP"));
  return out;
}

std::string sign(const JwkMembers& key, std::string_view alg, std::string_view message) {
  const SignatureAlgorithm& algorithm = signature_algorithm(alg);
  require_allowed(key, algorithm);
  if (algorithm.family == Family::hmac) return sign_hmac(key, algorithm, message);
  const Pkey pkey = import_private_key(key);
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;
  if (context == nullptr ||
      EVP_DigestSignInit_ex(context.get(), &settings, algorithm.digest, nullptr, nullptr, pkey.get(), nullptr) != 1) {
    throw openssl_failure("signing");
  }
  if (algorithm.family == Family::rsa_pss &&
      (EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) != 1 ||
       EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    throw openssl_failure("signing");
  }
  std::size_t size = 0;
  if (EVP_DigestSign(context.get(), nullptr, &size, bytes_of(message), message.size()) != 1) {
    throw openssl_failure("signing");
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes_of(message),
                     message.size()) != 1) {
    throw openssl_failure("signing");
  }
  signature.resize(size);
  return algorithm.family == Family::ecdsa ? side_by_side(signature, ec_curve(algorithm.crv).bytes) : signature;
}

}  // namespace simdjwt::cli
