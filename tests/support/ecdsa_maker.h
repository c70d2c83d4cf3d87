// ECDSA keys and signatures that no signer would make: with chosen u1 and u2, or with a chosen R. By OpenSSL alone,
// like all that tests are made with; header only, for fuzzers too.
//
// Thread-safety: one per thread. A failure of OpenSSL here aborts.
#pragma once

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "jose/curve.h"
#include "jwk/error_mark.h"
#include "signature/ecdsa_der.h"

namespace simdjwt::test {

struct FreeMade {
  void operator()(BIGNUM* p) const { BN_free(p); }
  void operator()(EC_POINT* p) const { EC_POINT_free(p); }
  void operator()(EC_GROUP* p) const { EC_GROUP_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(BN_CTX* p) const { BN_CTX_free(p); }
};
template <typename T>
using Made = std::unique_ptr<T, FreeMade>;
using Number = Made<BIGNUM>;
using Point = Made<EC_POINT>;
using PublicKey = Made<EVP_PKEY>;

struct EcdsaInput {
  std::vector<std::uint8_t> digest, r_and_s;
};

class EcdsaMaker {
 public:
  explicit EcdsaMaker(Curve curve) : row_(info(curve)), group_(make_group(curve)), ctx_(BN_CTX_new()) {
    n_ = number(row_.order);
    p_ = number(row_.field);
  }

  const CurveInfo& row() const { return row_; }
  const EC_GROUP* group() const { return group_.get(); }
  const BIGNUM* n() const { return n_.get(); }
  const BIGNUM* p() const { return p_.get(); }

  Number number(ByteView bytes) const {
    return Number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  }
  // value mod n, or n + value for a negative one.
  Number number(long value) const {
    Number out(BN_new());
    must(BN_set_word(out.get(), static_cast<BN_ULONG>(value < 0 ? -value : value)) == 1);
    if (value < 0) must(BN_sub(out.get(), n_.get(), out.get()) == 1);
    return out;
  }
  Number random() const {
    Number out(BN_new());
    do {
      must(BN_rand_range(out.get(), n_.get()) == 1);
    } while (BN_is_zero(out.get()));
    return out;
  }
  Number times(const BIGNUM* a, const BIGNUM* b) const {
    Number out(BN_new());
    must(BN_mod_mul(out.get(), a, b, n(), ctx_.get()) == 1);
    return out;
  }
  Number over(const BIGNUM* a, const BIGNUM* b) const {
    const Number inverse(BN_mod_inverse(nullptr, b, n(), ctx_.get()));
    return times(a, inverse.get());
  }
  Number negative(const BIGNUM* a) const {
    Number out(BN_new());
    must(BN_sub(out.get(), n(), a) == 1 && BN_nnmod(out.get(), out.get(), n(), ctx_.get()) == 1);
    return out;
  }

  // a G + b P
  Point sum(const BIGNUM* a, const EC_POINT* point, const BIGNUM* b) const {
    Point out(EC_POINT_new(group()));
    must(EC_POINT_mul(group(), out.get(), a, point, b, ctx_.get()) == 1);
    return out;
  }
  Point times_g(const BIGNUM* a) const { return sum(a, nullptr, nullptr); }
  // With this x; null when the curve has no such point.
  Point with_x(const BIGNUM* x) const {
    const ErrorMark mark;
    Point out(EC_POINT_new(group()));
    return EC_POINT_set_compressed_coordinates(group(), out.get(), x, 0, ctx_.get()) == 1 ? std::move(out) : nullptr;
  }
  bool is_infinity(const EC_POINT* point) const { return EC_POINT_is_at_infinity(group(), point) == 1; }

  PublicKey key(const EC_POINT* q) const {
    std::uint8_t encoded[1 + 2 * 66];
    const std::size_t size =
        EC_POINT_point2oct(group(), q, POINT_CONVERSION_UNCOMPRESSED, encoded, sizeof(encoded), ctx_.get());
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(row_.openssl), 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, encoded, size), OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX* const ctx = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
    EVP_PKEY* out = nullptr;
    must(EVP_PKEY_fromdata_init(ctx) == 1 && EVP_PKEY_fromdata(ctx, &out, EVP_PKEY_PUBLIC_KEY, params) == 1);
    EVP_PKEY_CTX_free(ctx);
    return PublicKey(out);
  }

  // e as a hash whose leftmost bits are e.
  EcdsaInput input(const BIGNUM* e, const BIGNUM* r, const BIGNUM* s) const {
    const int size = row_.coordinate_size;
    EcdsaInput out{std::vector<std::uint8_t>(row_.coordinate_size),
                   std::vector<std::uint8_t>(2 * row_.coordinate_size)};
    const Number shifted(BN_new());
    must(BN_lshift(shifted.get(), e, 8 * size - row_.bits) == 1 &&
         BN_bn2binpad(shifted.get(), out.digest.data(), size) > 0);
    must(BN_bn2binpad(r, out.r_and_s.data(), size) > 0 && BN_bn2binpad(s, out.r_and_s.data() + size, size) > 0);
    return out;
  }

  // A good signature of the key q with these u1 and u2 (which is not 0): r = x of R, s = r / u2, e = u1 s. When R is
  // infinity or r is 0 it has r = 1, and is not good.
  EcdsaInput with_scalars(const EC_POINT* q, const BIGNUM* u1, const BIGNUM* u2) const {
    const Point point = sum(u1, q, u2);
    Number r(BN_new());
    if (is_infinity(point.get())) {
      r = number(1);
    } else {
      must(EC_POINT_get_affine_coordinates(group(), point.get(), r.get(), nullptr, ctx_.get()) == 1 &&
           BN_nnmod(r.get(), r.get(), n(), ctx_.get()) == 1);
      if (BN_is_zero(r.get())) r = number(1);
    }
    const Number s = over(r.get(), u2);
    return input(times(u1, s.get()).get(), r.get(), s.get());
  }

  // The key for which e, r and s lead to this R: Q = (s / r) (R - (e / s) G).
  Point key_for(const EC_POINT* point, const BIGNUM* e, const BIGNUM* r, const BIGNUM* s) const {
    const Number factor = over(s, r);
    return sum(negative(over(e, r).get()).get(), point, factor.get());
  }

  // What OpenSSL says: the oracle. For r and s in [1, n - 1].
  static bool openssl_verifies(EVP_PKEY* pkey, ByteView digest, ByteView r_and_s) {
    const ErrorMark mark;
    std::uint8_t der[kMaxEcdsaDer];
    const std::size_t size = ecdsa_to_der(r_and_s, der);
    EVP_PKEY_CTX* const ctx = EVP_PKEY_CTX_new(pkey, nullptr);
    must(EVP_PKEY_verify_init(ctx) == 1);
    const bool verified = EVP_PKEY_verify(ctx, der, size, digest.data(), digest.size()) == 1;
    EVP_PKEY_CTX_free(ctx);
    return verified;
  }

 private:
  static void must(bool done) {
    if (done) return;
    std::fprintf(stderr, "ecdsa_maker.h: OpenSSL failed\n");
    std::abort();
  }
  static EC_GROUP* make_group(Curve curve) {
    return EC_GROUP_new_by_curve_name(curve == Curve::p384   ? NID_secp384r1
                                      : curve == Curve::p521 ? NID_secp521r1
                                                             : NID_secp256k1);
  }

  const CurveInfo& row_;
  Made<EC_GROUP> group_;
  Made<BN_CTX> ctx_;
  Number n_, p_;
};

}  // namespace simdjwt::test
