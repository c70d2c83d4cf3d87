// Multiples of the two points that an ECDSA verification multiplies, the curve's generator and the public key, made
// once for a key that stays for hours: with them u1 G + u2 Q takes additions and hardly a doubling
// (docs/decisions/0021).
//
// For P-384, P-521 and secp256k1. All three have cofactor 1, so every point but infinity has the order n. Internal to
// jwk/ and signature/; no OpenSSL provider takes part.
//
// Ownership: a key's tables share those of its curve, of which the process has one set. Thread-safety: immutable once
// built, and OpenSSL's point arithmetic only reads them; make() may be called from any thread. Cost of a table,
// which has 384 points: 0.7 (secp256k1), 1 (P-384) or 2 ms (P-521) and 110 to 140 KB; the first key of a curve pays
// twice.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <array>
#include <memory>

#include "jose/curve.h"

namespace simdjwt {

struct FreeEc {
  void operator()(EC_GROUP* p) const noexcept { EC_GROUP_free(p); }
  void operator()(EC_POINT* p) const noexcept { EC_POINT_free(p); }
  void operator()(BIGNUM* p) const noexcept { BN_free(p); }
  void operator()(BN_CTX* p) const noexcept { BN_CTX_free(p); }
};
template <typename T>
using OwnedEc = std::unique_ptr<T, FreeEc>;

// A curve and its numbers.
class EcCurve {
 public:
  explicit EcCurve(const CurveInfo& curve);  // throws std::bad_alloc, also when OpenSSL lacks the curve

  const CurveInfo& info() const noexcept { return info_; }
  const EC_GROUP* group() const noexcept { return group_.get(); }
  const BIGNUM* order() const noexcept { return order_.get(); }
  const BIGNUM* field() const noexcept { return field_.get(); }

 private:
  const CurveInfo& info_;
  OwnedEc<EC_GROUP> group_;
  OwnedEc<BIGNUM> order_, field_;
};

// d * 2^(stride * block) * P for odd d below 32: a scalar, written in digits 0 and +-d of which no two stand closer
// than six places, is the sum over the blocks of its digits at block * stride + j, doubled j times.
class EcTable {
 public:
  static constexpr unsigned kWidth = 5;                 // bits of d
  static constexpr unsigned kOdd = 1u << (kWidth - 1);  // how many there are
  static constexpr unsigned kBlocks = 24;

  // By the bits of the order, of which there are the bits of the curve: a scalar has one digit more, the last carry.
  static constexpr unsigned stride(unsigned bits) noexcept { return (bits + kBlocks) / kBlocks; }

  EcTable(const EcCurve& curve, const EC_POINT* point);  // not infinity; throws std::bad_alloc when OpenSSL fails

  // In affine form, which is the cheapest to add. d is odd.
  const EC_POINT* multiple(unsigned block, unsigned d) const noexcept { return points_[block * kOdd + d / 2].get(); }

 private:
  std::array<OwnedEc<EC_POINT>, std::size_t{kBlocks} * kOdd> points_;
};

class EcTables {
 public:
  // Whether verification with a key of this curve is faster with tables.
  static bool are_worth_it(Curve curve) noexcept;

  // Of the whole process: about 70 MB. A set counts beside the one that it replaces, until that is gone. As many more as
  // threads make tables at the same time.
  static constexpr unsigned kMaxInProcess = 512;

  // Null when they are not worth it, when the process has kMaxInProcess, where plain_openssl.h does not allow them, or
  // when OpenSSL fails: the key then verifies without. `pkey` is a public key that was checked to be on this curve.
  static std::shared_ptr<const EcTables> make(Curve curve, EVP_PKEY* pkey) noexcept;

  struct Shared {
    explicit Shared(Curve name);
    EcCurve curve;
    EcTable generator;
  };

  EcTables(std::shared_ptr<const Shared> shared, const EC_POINT* key);
  ~EcTables();
  EcTables(const EcTables&) = delete;
  EcTables& operator=(const EcTables&) = delete;

  const EcCurve& curve() const noexcept { return shared_->curve; }
  const EcTable& generator() const noexcept { return shared_->generator; }
  const EcTable& key() const noexcept { return key_; }

 private:
  std::shared_ptr<const Shared> shared_;
  EcTable key_;
};

}  // namespace simdjwt
