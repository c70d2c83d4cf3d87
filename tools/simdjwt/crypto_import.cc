// Private JWKs as EVP keys.
#include <openssl/core_names.h>

#include <list>

#include "crypto_evp.h"
#include "failure.h"
#include "text.h"

namespace simdjwt::cli {
namespace {

const unsigned char* bytes_of(const std::string& text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Collects the parameters of a key. The builder keeps references: numbers and octets must outlive it.
class KeyBuilder {
 public:
  KeyBuilder() : builder_(OSSL_PARAM_BLD_new()) {
    if (builder_ == nullptr) throw openssl_failure("a key");
  }
  ~KeyBuilder() {
    for (std::string& octets : octets_) wipe(octets);
  }
  KeyBuilder(const KeyBuilder&) = delete;
  KeyBuilder& operator=(const KeyBuilder&) = delete;

  void add_number(const char* param, std::string octets) {
    octets_.push_back(std::move(octets));
    const std::string& kept = octets_.back();
    numbers_.emplace_back(BN_bin2bn(bytes_of(kept), static_cast<int>(kept.size()), nullptr));
    if (numbers_.back() == nullptr || OSSL_PARAM_BLD_push_BN(builder_.get(), param, numbers_.back().get()) != 1) {
      throw openssl_failure("a key");
    }
  }

  void add_octets(const char* param, std::string octets) {
    octets_.push_back(std::move(octets));
    if (OSSL_PARAM_BLD_push_octet_string(builder_.get(), param, octets_.back().data(), octets_.back().size()) != 1) {
      throw openssl_failure("a key");
    }
  }

  void add_text(const char* param, const char* text) {
    if (OSSL_PARAM_BLD_push_utf8_string(builder_.get(), param, text, 0) != 1) throw openssl_failure("a key");
  }

  Pkey build(const std::string& type) {
    const Params params(OSSL_PARAM_BLD_to_param(builder_.get()));
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type.c_str(), nullptr));
    if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1) unsupported(type);
    EVP_PKEY* key = nullptr;
    if (params == nullptr || EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, params.get()) != 1) {
      throw openssl_failure("the private key is not valid");
    }
    return Pkey(key);
  }

 private:
  ParamBuilder builder_;
  std::list<std::string> octets_;
  std::vector<BigNumber> numbers_;
};

Pkey import_rsa(const JwkMembers& key) {
  struct Part {
    const char* member;
    const char* param;
  };
  static constexpr Part kParts[] = {{"n", OSSL_PKEY_PARAM_RSA_N},          {"e", OSSL_PKEY_PARAM_RSA_E},
                                    {"d", OSSL_PKEY_PARAM_RSA_D},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
                                    {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
                                    {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}};
  KeyBuilder builder;
  for (const Part& part : kParts) {
    // A JWK may leave the primes out (RFC 7518 §6.3.2); then it leaves out all five.
    if (part.member != std::string_view("n") && part.member != std::string_view("e") &&
        part.member != std::string_view("d") && jwk_member(key, "p") == nullptr) {
      continue;
    }
    builder.add_number(part.param, decoded(key, part.member));
  }
  return builder.build("RSA");
}

Pkey import_ec(const JwkMembers& key) {
  const std::string* crv = jwk_member(key, "crv");
  if (crv == nullptr) throw Failure("the JWK has no crv");
  const EcCurve& curve = ec_curve(*crv);
  const std::string x = decoded(key, "x");
  const std::string y = decoded(key, "y");
  if (x.size() != curve.bytes || y.size() != curve.bytes) throw Failure("the JWK's x and y do not fit its crv");
  KeyBuilder builder;
  builder.add_text(OSSL_PKEY_PARAM_GROUP_NAME, curve.group);
  builder.add_octets(OSSL_PKEY_PARAM_PUB_KEY, "\x04" + x + y);
  builder.add_number(OSSL_PKEY_PARAM_PRIV_KEY, decoded(key, "d"));
  return builder.build("EC");
}

Pkey import_okp(const JwkMembers& key) {
  const std::string* crv = jwk_member(key, "crv");
  if (crv == nullptr || (*crv != "Ed25519" && *crv != "Ed448")) throw Failure("the JWK's crv does not sign in JOSE");
  std::string secret = decoded(key, "d");
  Pkey out(EVP_PKEY_new_raw_private_key_ex(nullptr, crv->c_str(), nullptr, bytes_of(secret), secret.size()));
  wipe(secret);
  if (out == nullptr) throw openssl_failure("the private key is not valid");
  return out;
}

Pkey import_akp(const JwkMembers& key) {
  const std::string* alg = jwk_member(key, "alg");
  if (alg == nullptr) throw Failure("an AKP key needs an alg");
  signature_algorithm(*alg);
  KeyBuilder builder;
  builder.add_octets("seed", decoded(key, "priv"));
  return builder.build(*alg);
}

}  // namespace

Pkey import_private_key(const JwkMembers& key) {
  const std::string* kty = jwk_member(key, "kty");
  if (kty == nullptr) throw Failure("the JWK has no kty");
  if (jwk_member(key, *kty == "AKP" ? "priv" : "d") == nullptr) {
    throw Failure("the JWK holds no private key: nothing can be signed with it");
  }
  if (*kty == "RSA") return import_rsa(key);
  if (*kty == "EC") return import_ec(key);
  if (*kty == "OKP") return import_okp(key);
  if (*kty == "AKP") return import_akp(key);
  throw Failure("unknown kty " + quote(*kty));
}

}  // namespace simdjwt::cli
