// ECDSA verification (SEC 1 §4.1.4) with a key that has tables (jwk/ec_tables.h), by OpenSSL's arithmetic of points and
// numbers. Its twin and oracle is EVP_PKEY_verify, to which keys without tables go.
//
// Ownership: owns what a verification writes to. Thread-safety: none; one per thread. Cost: a quarter (P-384, secp256k1;
// half at P-384 with OpenSSL 3.5) or three quarters (P-521) of EVP_PKEY_verify's; once warm it allocates nothing,
// OpenSSL included. Not constant-time: signatures, keys and what is signed are public.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/error.h"
#include "jwk/ec_tables.h"

namespace simdjwt {

class EcdsaByTables {
 public:
  EcdsaByTables();  // throws std::bad_alloc

  // Before the first verify() with a key of its curve. False when OpenSSL has no memory.
  bool prepare(const EcTables& tables) noexcept;

  // Ok, signature_invalid, or crypto_failure when OpenSSL failed. `r_and_s` is in JOSE form, and both are in [1, n -
  // 1]: step 1 is the caller's. Leaves nothing on OpenSSL's error queue unless OpenSSL failed.
  Error verify(const EcTables& tables, ByteView digest, ByteView r_and_s) noexcept;

 private:
  // A scalar in digits (ec_tables.h), of which P-521 has the most.
  using Digits = std::array<std::int8_t, std::size_t{EcTable::kBlocks} * EcTable::stride(521)>;

  bool read(const EcCurve& curve, ByteView digest, ByteView r_and_s) noexcept;
  static bool recode(const EcCurve& curve, const BIGNUM* scalar, Digits& digits) noexcept;
  bool sum(const EcTables& tables) noexcept;
  bool add(const EC_GROUP* group, const EcTable& table, unsigned block, int digit) noexcept;
  Error compare_x(const EcCurve& curve) noexcept;

  OwnedEc<BN_CTX> ctx_;
  OwnedEc<BIGNUM> e_, r_, s_, w_, u1_, u2_, x_, y_, z_;
  std::array<OwnedEc<EC_POINT>, static_cast<std::size_t>(Curve::ed448) + 1>
      points_;  // one a curve: OpenSSL makes a point for its group
  Digits digits1_, digits2_;

  EC_POINT* point_ = nullptr;  // during verify(): R, or -R where is_negated_
  bool is_negated_ = false;
};

}  // namespace simdjwt
