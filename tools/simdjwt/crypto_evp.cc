#include "crypto_evp.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include <array>

#include "codec/base64url.h"
#include "failure.h"
#include "json_writer.h"
#include "text.h"

namespace simdjwt::cli {
namespace {

constexpr std::array<SignatureAlgorithm, 19> kAlgorithms{{
    {"HS256", Family::hmac, "SHA256", "oct", ""},           {"HS384", Family::hmac, "SHA384", "oct", ""},
    {"HS512", Family::hmac, "SHA512", "oct", ""},           {"RS256", Family::rsa_pkcs1, "SHA256", "RSA", ""},
    {"RS384", Family::rsa_pkcs1, "SHA384", "RSA", ""},      {"RS512", Family::rsa_pkcs1, "SHA512", "RSA", ""},
    {"PS256", Family::rsa_pss, "SHA256", "RSA", ""},        {"PS384", Family::rsa_pss, "SHA384", "RSA", ""},
    {"PS512", Family::rsa_pss, "SHA512", "RSA", ""},        {"ES256", Family::ecdsa, "SHA256", "EC", "P-256"},
    {"ES384", Family::ecdsa, "SHA384", "EC", "P-384"},      {"ES512", Family::ecdsa, "SHA512", "EC", "P-521"},
    {"ES256K", Family::ecdsa, "SHA256", "EC", "secp256k1"}, {"Ed25519", Family::eddsa, nullptr, "OKP", "Ed25519"},
    {"Ed448", Family::eddsa, nullptr, "OKP", "Ed448"},      {"EdDSA", Family::eddsa, nullptr, "OKP", "Ed25519"},
    {"ML-DSA-44", Family::ml_dsa, nullptr, "AKP", ""},      {"ML-DSA-65", Family::ml_dsa, nullptr, "AKP", ""},
    {"ML-DSA-87", Family::ml_dsa, nullptr, "AKP", ""},
}};

constexpr std::array<EcCurve, 4> kCurves{
    {{"P-256", "P-256", 32}, {"P-384", "P-384", 48}, {"P-521", "P-521", 66}, {"secp256k1", "secp256k1", 32}}};

}  // namespace

const SignatureAlgorithm* find_signature_algorithm(std::string_view name) noexcept {
  for (const SignatureAlgorithm& algorithm : kAlgorithms) {
    if (algorithm.name == name) return &algorithm;
  }
  return nullptr;
}

const SignatureAlgorithm& signature_algorithm(std::string_view name) {
  const SignatureAlgorithm* found = find_signature_algorithm(name);
  if (found != nullptr) return *found;
  std::string known;
  for (const SignatureAlgorithm& algorithm : kAlgorithms) known += " " + std::string(algorithm.name);
  throw Failure("unknown algorithm " + quote(name) + "; known are:" + known);
}

std::vector<const SignatureAlgorithm*> algorithms_for(const JwkMembers& key) {
  const std::string* kty = jwk_member(key, "kty");
  const std::string* crv = jwk_member(key, "crv");
  const std::string* alg = jwk_member(key, "alg");
  std::vector<const SignatureAlgorithm*> out;
  for (const SignatureAlgorithm& algorithm : kAlgorithms) {
    if (kty == nullptr || algorithm.kty != *kty) continue;
    // An AKP key is of one algorithm, and only alg says which (RFC 9964 §3).
    if (algorithm.family == Family::ml_dsa && (alg == nullptr || algorithm.name != *alg)) continue;
    const bool any_curve = algorithm.name == "EdDSA";
    if (algorithm.crv.empty() || any_curve || (crv != nullptr && algorithm.crv == *crv)) out.push_back(&algorithm);
  }
  return out;
}

const EcCurve& ec_curve(std::string_view crv) {
  for (const EcCurve& curve : kCurves) {
    if (curve.crv == crv) return curve;
  }
  throw Failure("unknown crv " + quote(crv));
}

Failure openssl_failure(const std::string& what) {
  const unsigned long code = ERR_get_error();
  std::array<char, 256> reason{};
  ERR_error_string_n(code, reason.data(), reason.size());
  ERR_clear_error();
  return Failure(what + (code == 0 ? "" : std::string(": ") + reason.data()));
}

void unsupported(std::string_view algorithm) {
  ERR_clear_error();
  throw Failure("unsupported algorithm " + quote(algorithm) + ": " + OpenSSL_version(OPENSSL_VERSION) +
                " does not have it");
}

const std::string* jwk_member(const JwkMembers& members, std::string_view name) noexcept {
  for (const JwkMember& member : members) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

std::string to_json(const JwkMembers& members) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  for (const JwkMember& member : members) json.member(member.name, member.value);
  json.end_object();
  return out;
}

std::string decoded(const JwkMembers& key, std::string_view name) {
  const std::string* text = jwk_member(key, name);
  if (text == nullptr) throw Failure("the JWK has no " + std::string(name));
  std::string bytes(base64url_decoded_size(text->size()) + 1, '\0');
  const Base64Result result = base64url_decode(*text, reinterpret_cast<std::uint8_t*>(bytes.data()));
  if (result.error != Error::ok) {
    throw Failure("the JWK's " + std::string(name) + " is not canonical base64url (" +
                  std::string(error_name(result.error)) + ")");
  }
  bytes.resize(result.size);
  return bytes;
}

std::string encoded(std::string_view bytes) {
  return base64url_encode(as_bytes(bytes));
}

std::string encoded(const BIGNUM* number, std::size_t bytes) {
  const std::size_t size = bytes != 0 ? bytes : static_cast<std::size_t>(BN_num_bytes(number));
  std::string out(size, '\0');
  if (BN_bn2binpad(number, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(size)) < 0) {
    throw openssl_failure("a number of the key is too long");
  }
  std::string text = encoded(out);
  wipe(out);
  return text;
}

std::string random_base64url(std::size_t bytes) {
  std::string out(bytes, '\0');
  if (RAND_priv_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(bytes)) != 1) {
    throw openssl_failure("random bytes");
  }
  std::string text = encoded(out);
  wipe(out);
  return text;
}

void wipe(std::string& text) noexcept {
  OPENSSL_cleanse(text.data(), text.size());
}

void wipe(JwkMembers& members) noexcept {
  for (JwkMember& member : members) wipe(member.value);
}

}  // namespace simdjwt::cli
