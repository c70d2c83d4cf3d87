// EC_POINTs_make_affine, which OpenSSL 3 calls deprecated: it takes one inversion for all points.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "jwk/ec_tables.h"

#include <openssl/core_names.h>
#include <openssl/obj_mac.h>

#include <algorithm>
#include <atomic>
#include <new>

#include "jwk/error_mark.h"
#include "jwk/plain_openssl.h"

namespace simdjwt {
namespace {

std::atomic<unsigned> in_process{0};

int openssl_curve(Curve curve) noexcept {
  switch (curve) {
    case Curve::p384:
      return NID_secp384r1;
    case Curve::p521:
      return NID_secp521r1;
    case Curve::secp256k1:
      return NID_secp256k1;
    default:
      return NID_undef;
  }
}

void must(bool done) {
  if (!done) throw std::bad_alloc();
}

OwnedEc<BIGNUM> number(ByteView bytes) {
  OwnedEc<BIGNUM> out(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  must(out != nullptr);
  return out;
}

// Made when the first key of the curve asks, by one thread while others wait; when that failed, the next asks again.
template <Curve name>
const std::shared_ptr<const EcTables::Shared>& shared_of() {
  static const auto shared = std::make_shared<const EcTables::Shared>(name);
  return shared;
}

const std::shared_ptr<const EcTables::Shared>& shared(Curve curve) {
  switch (curve) {
    case Curve::p384:
      return shared_of<Curve::p384>();
    case Curve::p521:
      return shared_of<Curve::p521>();
    default:
      return shared_of<Curve::secp256k1>();
  }
}

}  // namespace

EcCurve::EcCurve(const CurveInfo& curve)
    : info_(curve),
      group_(EC_GROUP_new_by_curve_name(openssl_curve(curve.curve))),
      order_(number(curve.order)),
      field_(number(curve.field)) {
  must(group_ != nullptr);
}

EcTable::EcTable(const EcCurve& curve, const EC_POINT* point) {
  const EC_GROUP* const group = curve.group();
  const OwnedEc<BN_CTX> ctx(BN_CTX_new());
  const OwnedEc<EC_POINT> base(EC_POINT_dup(point, group)), twice(EC_POINT_new(group));
  must(ctx && base && twice);
  auto next = points_.begin();
  for (unsigned block = 0; block < kBlocks; ++block) {
    must(EC_POINT_dbl(group, twice.get(), base.get(), ctx.get()) == 1);
    next->reset(EC_POINT_dup(base.get(), group));
    must(*next != nullptr);
    for (unsigned odd = 1; odd < kOdd; ++odd, ++next) {
      next[1].reset(EC_POINT_new(group));
      must(next[1] && EC_POINT_add(group, next[1].get(), next[0].get(), twice.get(), ctx.get()) == 1);
    }
    ++next;
    for (unsigned i = 0; i < stride(curve.info().bits); ++i) {
      must(EC_POINT_dbl(group, base.get(), base.get(), ctx.get()) == 1);
    }
  }
  std::array<EC_POINT*, std::size_t{kBlocks} * kOdd> all;
  std::transform(points_.begin(), points_.end(), all.begin(), [](const OwnedEc<EC_POINT>& p) { return p.get(); });
  must(EC_POINTs_make_affine(group, all.size(), all.data(), ctx.get()) == 1);
  // A copy takes no more memory than its numbers are long; what they were computed in may be twice that.
  for (OwnedEc<EC_POINT>& one : points_) {
    one.reset(EC_POINT_dup(one.get(), group));
    must(one != nullptr);
  }
}

EcTables::Shared::Shared(Curve name)
    : curve(simdjwt::info(name)), generator(curve, EC_GROUP_get0_generator(curve.group())) {}

EcTables::EcTables(std::shared_ptr<const Shared> shared, const EC_POINT* key)
    : shared_(std::move(shared)), key_(curve(), key) {
  in_process.fetch_add(1, std::memory_order_relaxed);
}

EcTables::~EcTables() {
  in_process.fetch_sub(1, std::memory_order_relaxed);
}

bool EcTables::are_worth_it(Curve curve) noexcept {
  return openssl_curve(curve) != NID_undef;
}

std::shared_ptr<const EcTables> EcTables::make(Curve curve, EVP_PKEY* pkey) noexcept {
  if (!are_worth_it(curve) || in_process.load(std::memory_order_relaxed) >= kMaxInProcess) return nullptr;
  if (!plain_openssl_is_allowed()) return nullptr;
  const ErrorMark mark;
  // SEC 1 §2.3.3, in whichever form OpenSSL exports the point.
  std::array<std::uint8_t, 1 + 2 * 66> encoded;
  std::size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, encoded.data(), encoded.size(), &size) != 1) {
    return nullptr;
  }
  try {
    const auto& of_curve = shared(curve);
    const EC_GROUP* const group = of_curve->curve.group();
    const OwnedEc<EC_POINT> point(EC_POINT_new(group));
    // It is checked once more to be on the curve; infinity is no key (SEC 1 §3.2.2.1).
    if (!point || EC_POINT_oct2point(group, point.get(), encoded.data(), size, nullptr) != 1 ||
        EC_POINT_is_at_infinity(group, point.get()) == 1) {
      return nullptr;
    }
    return std::make_shared<const EcTables>(of_curve, point.get());
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace simdjwt
