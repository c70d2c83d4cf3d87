// JSON numbers, exactly (RFC 8259 §6, RFC 7519 §2 NumericDate): no float is ever involved.
//
// Thread-safety: stateless. Cost: O(digits), no allocation.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace simdjwt {

// A decimal number of any precision, reduced to what comparisons with whole numbers need.
struct JsonNumber {
  std::int64_t floor = 0;  // the greatest integer not above the value
  bool fraction = false;   // the value is above floor
  bool fits = true;        // false: floor does not fit 64 bits, and floor says only the sign

  friend bool operator==(const JsonNumber&, const JsonNumber&) = default;
};

// The number that `text` spells, or nothing when it breaks the grammar of RFC 8259 §6.
std::optional<JsonNumber> parse_json_number(std::string_view text) noexcept;

// Whether `text` keeps to that grammar.
bool is_json_number(std::string_view text) noexcept;

// The value of a whole number of up to 18 digits without a sign, every NumericDate in practice; -1 for any other text.
std::int64_t parse_short_number(std::string_view text) noexcept;

constexpr std::int64_t saturating_add(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
}

// value > t, and value <= t.
constexpr bool is_after(const JsonNumber& value, std::int64_t t) noexcept {
  return value.floor > t || (value.floor == t && value.fraction);
}

// The value rounded up to a whole number.
constexpr std::int64_t ceil(const JsonNumber& value) noexcept {
  return value.fraction ? saturating_add(value.floor, 1) : value.floor;
}

}  // namespace simdjwt
