// EC_POINT_get_Jprojective_coordinates_GFp, which OpenSSL 3 calls deprecated: without it a verification ends in an
// inversion of the field, a seventh of it all.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "signature/ecdsa_tables.h"

#include <new>

namespace simdjwt {

EcdsaByTables::EcdsaByTables() : ctx_(BN_CTX_new()) {
  bool done = ctx_ != nullptr;
  for (OwnedEc<BIGNUM>* number : {&e_, &r_, &s_, &w_, &u1_, &u2_, &x_, &y_, &z_}) {
    number->reset(BN_new());
    done = done && *number;
  }
  if (!done) throw std::bad_alloc();
}

bool EcdsaByTables::prepare(const EcTables& tables) noexcept {
  OwnedEc<EC_POINT>& point = points_[static_cast<std::size_t>(tables.curve().info().curve)];
  if (!point) point.reset(EC_POINT_new(tables.curve().group()));
  return point != nullptr;
}

// SEC 1 §4.1.4 steps 3 and 4: e = the leftmost bits of the hash, u1 = e / s, u2 = r / s. An e of n or more is as good
// as e - n.
bool EcdsaByTables::read(const EcCurve& curve, ByteView digest, ByteView r_and_s) noexcept {
  const int size = curve.info().coordinate_size, e_size = static_cast<int>(digest.size());
  const int beyond = 8 * e_size - curve.info().bits;
  if (BN_bin2bn(digest.data(), e_size, e_.get()) == nullptr || BN_bin2bn(r_and_s.data(), size, r_.get()) == nullptr ||
      BN_bin2bn(r_and_s.data() + size, size, s_.get()) == nullptr) {
    return false;
  }
  if (beyond > 0 && BN_rshift(e_.get(), e_.get(), beyond) != 1) return false;
  const BIGNUM* const n = curve.order();
  return BN_mod_inverse(w_.get(), s_.get(), n, ctx_.get()) != nullptr &&
         BN_mod_mul(u1_.get(), e_.get(), w_.get(), n, ctx_.get()) == 1 &&
         BN_mod_mul(u2_.get(), r_.get(), w_.get(), n, ctx_.get()) == 1;
}

// From the lowest bit: where bit and carry make 1, the next six bits and the carry are an odd digit, taken as negative
// from 32 on, with a carry into the bit that follows. The sixth bit of such a digit is set, so it stands below the top,
// and the carry at the top or below.
bool EcdsaByTables::recode(const EcCurve& curve, const BIGNUM* scalar, Digits& digits) noexcept {
  std::uint8_t bytes[80];  // little-endian, and zeros for what is read beyond the top
  if (BN_bn2lebinpad(scalar, bytes, sizeof(bytes)) < 0) return false;
  constexpr unsigned kTaken = EcTable::kWidth + 1, kHalf = 1u << EcTable::kWidth;
  const auto six_bits = [&](unsigned at) {
    const unsigned two = bytes[at / 8] | static_cast<unsigned>(bytes[at / 8 + 1]) << 8;
    return (two >> at % 8) & ((1u << kTaken) - 1);
  };
  digits.fill(0);
  unsigned carry = 0;
  for (unsigned i = 0; i <= curve.info().bits;) {
    const unsigned value = six_bits(i) + carry;
    if (value % 2 == 0) {
      ++i;  // 0 and no carry, or 1 and one that goes on
      continue;
    }
    carry = value > kHalf;
    digits[i] = static_cast<std::int8_t>(static_cast<int>(value) - (carry ? 1 << kTaken : 0));
    i += kTaken;
  }
  return true;
}

bool EcdsaByTables::add(const EC_GROUP* group, const EcTable& table, unsigned block, int digit) noexcept {
  if (digit == 0) return true;
  // Turning the sum round is cheaper than another table of the opposite points.
  if (is_negated_ != (digit < 0)) {
    if (EC_POINT_invert(group, point_, ctx_.get()) != 1) return false;
    is_negated_ = !is_negated_;
  }
  const EC_POINT* const multiple = table.multiple(block, static_cast<unsigned>(digit < 0 ? -digit : digit));
  return EC_POINT_add(group, point_, point_, multiple, ctx_.get()) == 1;
}

// SEC 1 §4.1.4 step 5: R = u1 G + u2 Q. EC_POINT_add is complete: it doubles equal points, and knows infinity.
bool EcdsaByTables::sum(const EcTables& tables) noexcept {
  const EcCurve& curve = tables.curve();
  const unsigned stride = EcTable::stride(curve.info().bits);
  if (!recode(curve, u1_.get(), digits1_) || !recode(curve, u2_.get(), digits2_) ||
      EC_POINT_set_to_infinity(curve.group(), point_) != 1) {
    return false;
  }
  is_negated_ = false;
  for (unsigned j = stride; j-- > 0;) {
    if (EC_POINT_dbl(curve.group(), point_, point_, ctx_.get()) != 1) return false;
    for (unsigned block = 0; block < EcTable::kBlocks; ++block) {
      if (!add(curve.group(), tables.generator(), block, digits1_[block * stride + j]) ||
          !add(curve.group(), tables.key(), block, digits2_[block * stride + j])) {
        return false;
      }
    }
  }
  return true;
}

// SEC 1 §4.1.4 steps 5 to 8: R is not infinity, and x mod n == r. R is (x : y : z) with x / z^2 as its affine x, of
// which only r and r + n can be: on these curves p < 2 n. So r z^2 == x, or (r + n) z^2 == x where r + n is below p.
Error EcdsaByTables::compare_x(const EcCurve& curve) noexcept {
  const BIGNUM* const p = curve.field();
  BN_CTX* const ctx = ctx_.get();
  if (EC_POINT_is_at_infinity(curve.group(), point_) == 1) return Error::signature_invalid;
  if (EC_POINT_get_Jprojective_coordinates_GFp(curve.group(), point_, x_.get(), y_.get(), z_.get(), ctx) != 1 ||
      BN_mod_sqr(z_.get(), z_.get(), p, ctx) != 1 || BN_mod_mul(y_.get(), r_.get(), z_.get(), p, ctx) != 1) {
    return Error::crypto_failure;
  }
  if (BN_cmp(x_.get(), y_.get()) == 0) return Error::ok;
  if (BN_add(r_.get(), r_.get(), curve.order()) != 1) return Error::crypto_failure;
  if (BN_cmp(r_.get(), p) >= 0) return Error::signature_invalid;
  if (BN_mod_mul(y_.get(), r_.get(), z_.get(), p, ctx) != 1) return Error::crypto_failure;
  return BN_cmp(x_.get(), y_.get()) == 0 ? Error::ok : Error::signature_invalid;
}

Error EcdsaByTables::verify(const EcTables& tables, ByteView digest, ByteView r_and_s) noexcept {
  const EcCurve& curve = tables.curve();
  point_ = points_[static_cast<std::size_t>(curve.info().curve)].get();
  if (!read(curve, digest, r_and_s) || !sum(tables)) return Error::crypto_failure;
  return compare_x(curve);
}

}  // namespace simdjwt
