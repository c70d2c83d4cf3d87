// ECDSA by tables against EVP_PKEY_verify: keys, hashes and signatures as the input says, and made so that they verify,
// that sums meet, or that x of R is beyond the order.
#include <algorithm>

#include "check.h"
#include "signature/ecdsa_tables.h"
#include "support/ecdsa_maker.h"

namespace {

using namespace simdjwt;
using test::EcdsaInput;
using test::EcdsaMaker;
using test::Number;
using test::Point;

class Input {
 public:
  explicit Input(ByteView bytes) : bytes_(bytes) {}

  unsigned byte() {
    if (bytes_.empty()) return 0;
    const unsigned out = bytes_[0];
    bytes_ = bytes_.subspan(1);
    return out;
  }

  // In [least, n - 1]: near 0 or n, near a power of two, or as the bytes say.
  Number number(const EcdsaMaker& maker, unsigned least) {
    const unsigned kind = byte();
    Number out(BN_new());
    if (kind % 4 == 0) {
      out = maker.number(static_cast<long>(byte()) - 128);
    } else if (kind % 4 == 1) {
      BN_set_bit(out.get(), static_cast<int>(byte() * 2 + kind / 4 % 2));
      const unsigned less = byte();
      if (less % 2 != 0)
        BN_sub_word(out.get(), less / 2 % 4);
      else
        BN_add_word(out.get(), less / 2 % 4);
    } else {
      const std::size_t size = std::min<std::size_t>(bytes_.size(), maker.row().coordinate_size);
      out = maker.number(bytes_.first(size));
      bytes_ = bytes_.subspan(size);
    }
    const Number one = maker.number(1);
    out = maker.times(out.get(), one.get());
    return BN_is_zero(out.get()) ? maker.number(static_cast<long>(least)) : std::move(out);
  }

  // Flips a bit for each two bytes that are left.
  void spoil(EcdsaInput& in) {
    while (bytes_.size() >= 2) {
      const unsigned where = byte(), at = byte();
      auto& bytes = where % 2 != 0 ? in.digest : in.r_and_s;
      if (!bytes.empty()) bytes[at % bytes.size()] ^= static_cast<std::uint8_t>(1u << where / 2 % 8);
    }
  }

 private:
  ByteView bytes_;
};

struct Case {
  Point q;
  EcdsaInput in;
};

// R with a small x, n or p further on than r.
Case beyond_the_order(const EcdsaMaker& maker, Input& input) {
  const bool wraps = input.byte() % 2 != 0;
  const Number x(BN_new()), r(BN_new());
  Point point;
  BN_set_word(r.get(), input.byte());
  while (!point) {
    BN_add_word(r.get(), 1);
    if (wraps)
      BN_copy(x.get(), r.get());
    else
      BN_add(x.get(), r.get(), maker.n());
    point = maker.with_x(x.get());
  }
  if (wraps) {
    BN_add(r.get(), r.get(), maker.p());
    BN_sub(r.get(), r.get(), maker.n());
  }
  const Number e = input.number(maker, 0), s = input.number(maker, 1);
  return {maker.key_for(point.get(), e.get(), r.get(), s.get()), maker.input(e.get(), r.get(), s.get())};
}

Case make(const EcdsaMaker& maker, unsigned kind, Input& input) {
  if (kind == 0) return beyond_the_order(maker, input);
  const Number d = input.number(maker, 1);
  Case out{maker.times_g(d.get()), {}};
  if (kind == 1) {
    const Number e = input.number(maker, 0), r = input.number(maker, 1), s = input.number(maker, 1);
    out.in = maker.input(e.get(), r.get(), s.get());
  } else if (kind == 2) {
    const Number u1 = input.number(maker, 0), u2 = input.number(maker, 1);
    out.in = maker.with_scalars(out.q.get(), u1.get(), u2.get());
  } else {
    const bool opposite = input.byte() % 2 != 0;
    const Number u2 = input.number(maker, 1), same = maker.times(u2.get(), d.get());
    const Number u1 = opposite ? maker.negative(same.get()) : maker.times(same.get(), maker.number(1).get());
    out.in = maker.with_scalars(out.q.get(), u1.get(), u2.get());
  }
  return out;
}

bool is_in_range(const EcdsaMaker& maker, ByteView number) {
  const Number value = maker.number(number);
  return !BN_is_zero(value.get()) && BN_cmp(value.get(), maker.n()) < 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const EcdsaMaker makers[] = {EcdsaMaker(Curve::p384), EcdsaMaker(Curve::p521), EcdsaMaker(Curve::secp256k1)};
  if (size > 512) return 0;
  Input input({data, size});
  const unsigned head = input.byte();
  const EcdsaMaker& maker = makers[head % 3];
  Case made = make(maker, head / 3 % 4, input);
  if (maker.is_infinity(made.q.get())) return 0;
  // A hash that is shorter or longer than the order.
  if (const unsigned change = head / 12; change != 0) made.in.digest.resize(made.in.digest.size() / 2 + 5 * change);
  input.spoil(made.in);
  const std::size_t half = made.in.r_and_s.size() / 2;
  const ByteView signature = made.in.r_and_s;
  if (!is_in_range(maker, signature.first(half)) || !is_in_range(maker, signature.last(half))) return 0;

  const test::PublicKey key = maker.key(made.q.get());
  const auto tables = EcTables::make(maker.row().curve, key.get());
  FUZZ_CHECK(tables != nullptr);
  EcdsaByTables by_tables;
  FUZZ_CHECK(by_tables.prepare(*tables));
  const bool twin = EcdsaMaker::openssl_verifies(key.get(), made.in.digest, signature);
  const Error expected = twin ? Error::ok : Error::signature_invalid;
  for (int again = 0; again < 2; ++again) FUZZ_CHECK(by_tables.verify(*tables, made.in.digest, signature) == expected);
  FUZZ_CHECK(ERR_peek_error() == 0);
  return 0;
}
