// JSON numbers against a twin that knows nothing but strings of decimal digits.
#include <algorithm>
#include <optional>
#include <string>

#include "check.h"
#include "json/json_number.h"

namespace {

using namespace simdjwt;

// The digits of a number and where its point stands: 0.d1d2d3... x 10^point, without leading zeros; empty for zero.
struct Decimal {
  bool negative = false;
  std::string digits;
  long point = 0;
};

constexpr long kFar = 1000000;  // further than any input has digits

bool take_digits(std::string_view& in, std::string& out) {
  const std::size_t before = out.size();
  while (!in.empty() && in[0] >= '0' && in[0] <= '9') {
    out += in[0];
    in.remove_prefix(1);
  }
  return out.size() > before;
}

bool take(std::string_view& in, std::string_view any_of) {
  if (in.empty() || any_of.find(in[0]) == std::string_view::npos) return false;
  in.remove_prefix(1);
  return true;
}

std::optional<Decimal> read(std::string_view in) {
  Decimal d;
  d.negative = take(in, "-");
  if (!in.empty() && in[0] == '0') {
    in.remove_prefix(1);
    d.digits = "0";
  } else if (!take_digits(in, d.digits)) {
    return std::nullopt;
  }
  d.point = static_cast<long>(d.digits.size());
  if (take(in, ".") && !take_digits(in, d.digits)) return std::nullopt;
  if (take(in, "eE")) {
    std::string exponent;
    const bool is_negative = !in.empty() && in[0] == '-';
    take(in, "+-");
    if (!take_digits(in, exponent)) return std::nullopt;
    exponent.erase(0, std::min(exponent.find_first_not_of('0'), exponent.size()));
    const long value = exponent.size() > 6 ? kFar : exponent.empty() ? 0 : std::stol(exponent);
    d.point += is_negative ? -value : value;
  }
  if (!in.empty()) return std::nullopt;
  const std::size_t zeros = std::min(d.digits.find_first_not_of('0'), d.digits.size());
  d.digits.erase(0, zeros);
  d.point -= static_cast<long>(zeros);
  while (!d.digits.empty() && d.digits.back() == '0') d.digits.pop_back();
  return d;
}

JsonNumber reduce(const Decimal& d) {
  const std::string limit = "9223372036854775808";  // 2^63: fits as a whole negative number and no other
  std::string whole = d.digits.substr(0, d.point > 0 ? static_cast<std::size_t>(d.point) : 0);
  const bool has_fraction = d.digits.size() > whole.size();
  if (!d.digits.empty() && d.point > static_cast<long>(limit.size())) {
    return {d.negative ? INT64_MIN : INT64_MAX, false, false};
  }
  if (!d.digits.empty() && d.point > 0) whole.resize(static_cast<std::size_t>(d.point), '0');
  if (d.negative && whole == limit && !has_fraction) return {INT64_MIN, false, true};
  if (whole.size() == limit.size() && whole >= limit) return {d.negative ? INT64_MIN : INT64_MAX, false, false};
  const std::int64_t magnitude = whole.empty() ? 0 : std::stoll(whole);
  return {d.negative ? -magnitude - (has_fraction ? 1 : 0) : magnitude, has_fraction, true};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  const std::string_view in = fuzz::text(data, size);
  const std::optional<JsonNumber> number = parse_json_number(in);
  const std::optional<Decimal> twin = read(in);
  FUZZ_CHECK(number.has_value() == twin.has_value());
  if (!number) return 0;
  FUZZ_CHECK(*number == reduce(*twin));
  if (!number->fits) return 0;
  // What the comparisons say of the neighbours.
  FUZZ_CHECK(is_after(*number, number->floor) == number->fraction);
  FUZZ_CHECK(number->floor == INT64_MIN || is_after(*number, number->floor - 1));
  FUZZ_CHECK(!is_after(*number, ceil(*number)) || number->floor == INT64_MAX);  // which cannot be rounded up
  return 0;
}
