#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <array>
#include <bitset>
#include <memory>

#include "jwk/jwk_import.h"
#include "jwk/key_material.h"

namespace simdjwt {
namespace {

struct Free {
  void operator()(BIGNUM* bn) const noexcept { BN_free(bn); }
  void operator()(OSSL_PARAM_BLD* bld) const noexcept { OSSL_PARAM_BLD_free(bld); }
  void operator()(OSSL_PARAM* params) const noexcept { OSSL_PARAM_free(params); }
  void operator()(EVP_PKEY_CTX* ctx) const noexcept { EVP_PKEY_CTX_free(ctx); }
};
using Bignum = std::unique_ptr<BIGNUM, Free>;

constexpr int kMinModulusBits = 2048;  // RFC 7518 §3.3, §3.5
constexpr int kMaxModulusBits = 8192;  // bounds the cost of a verification

// Keys of a flawed generator (CVE-2017-15361) have moduli that are powers of 65537 modulo each small prime, which a
// random modulus is for all of these primes with a probability below 2^-27.
bool has_roca_fingerprint(const BIGNUM* modulus) {
  constexpr std::array<unsigned, 37> kPrimes = {3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,  43,
                                                47,  53,  59,  61,  67,  71,  73,  79,  83,  89,  97,  101, 103,
                                                107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163};
  for (const unsigned prime : kPrimes) {
    std::bitset<164> powers;
    for (unsigned power = 1; !powers[power]; power = power * (65537 % prime) % prime) powers.set(power);
    if (!powers[static_cast<std::size_t>(BN_mod_word(modulus, prime))]) return false;
  }
  return true;
}

OwnedPkey make_pkey(const BIGNUM* n, const BIGNUM* e) {
  const std::unique_ptr<OSSL_PARAM_BLD, Free> builder(OSSL_PARAM_BLD_new());
  if (!builder || !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n) ||
      !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e)) {
    return nullptr;
  }
  const std::unique_ptr<OSSL_PARAM, Free> params(OSSL_PARAM_BLD_to_param(builder.get()));
  const std::unique_ptr<EVP_PKEY_CTX, Free> ctx(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* pkey = nullptr;
  if (!params || !ctx || EVP_PKEY_fromdata_init(ctx.get()) <= 0 ||
      EVP_PKEY_fromdata(ctx.get(), &pkey, EVP_PKEY_PUBLIC_KEY, params.get()) <= 0) {
    return nullptr;
  }
  return OwnedPkey(pkey);
}

}  // namespace

Error import_rsa(const JwkSource& source, Jwk& jwk) {
  jwk.type = KeyType::rsa;
  Bytes modulus, exponent;
  if (const Error error = read_bytes(source, "n", jwk, modulus); error != Error::ok) return error;
  if (const Error error = read_bytes(source, "e", jwk, exponent); error != Error::ok) return error;

  // Base64urlUInt has no leading zero octets (RFC 7518 §2).
  const Bignum n(BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr));
  if (!n) return Error::out_of_memory;
  jwk.bits = static_cast<std::uint32_t>(BN_num_bits(n.get()));
  jwk.member = "n";
  if (modulus.empty() || modulus[0] == 0 || BN_num_bits(n.get()) < kMinModulusBits ||
      BN_num_bits(n.get()) > kMaxModulusBits || !BN_is_odd(n.get())) {
    return Error::jwk_rsa_modulus;
  }
  if (has_roca_fingerprint(n.get())) return Error::jwk_rsa_weak;

  jwk.member = "e";
  if (exponent.empty() || exponent[0] == 0 || exponent.size() > 4 || exponent.back() % 2 == 0 ||
      (exponent.size() == 1 && exponent[0] < 3)) {
    return Error::jwk_rsa_exponent;
  }
  const Bignum e(BN_bin2bn(exponent.data(), static_cast<int>(exponent.size()), nullptr));
  if (!e) return Error::out_of_memory;
  jwk.member.clear();

  OwnedPkey pkey = make_pkey(n.get(), e.get());
  if (pkey == nullptr) return Error::crypto_failure;
  jwk.material = std::make_shared<const KeyMaterial>(std::move(pkey));
  jwk.modulus_size = static_cast<std::uint16_t>(modulus.size());
  for (const AlgorithmInfo& row : algorithms()) {
    if (row.kty == KeyType::rsa) jwk.algorithms.add(row.algorithm);
  }
  return Error::ok;
}

}  // namespace simdjwt
