#include "json/json_number.h"

#include <bit>
#include <cstring>

namespace simdjwt {
namespace {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// Exponents beyond this bound are clamped: a token has fewer digits than that, so the comparison is the same.
constexpr std::int64_t kMaxExponent = std::int64_t{1} << 40;

// Eight digits at once, or -1. Each byte of `v` is a digit when its high nibble is 3 and stays so with 6 added.
std::int64_t parse_eight(const char* at) noexcept {
  std::uint64_t v;
  std::memcpy(&v, at, sizeof(v));
  if constexpr (std::endian::native == std::endian::big) v = __builtin_bswap64(v);
  constexpr std::uint64_t kHigh = 0xf0f0f0f0f0f0f0f0, kThree = 0x3030303030303030;
  if ((v & kHigh) != kThree || ((v + 0x0606060606060606) & kHigh) != kThree) return -1;
  // Pairs, then fours, then all eight: each step multiplies the earlier digits up and adds the later ones.
  v = (v & 0x0f0f0f0f0f0f0f0f) * ((10 << 8) + 1) >> 8;
  v = (v & 0x00ff00ff00ff00ff) * ((100 << 16) + 1) >> 16;
  v = (v & 0x0000ffff0000ffff) * ((std::uint64_t{10000} << 32) + 1) >> 32;
  return static_cast<std::int64_t>(v);
}

struct Spelling {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  std::int64_t exponent = 0;
};

// number = [ "-" ] int [ frac ] [ exp ], int = "0" / ( digit1-9 *DIGIT )
std::optional<Spelling> spell(std::string_view text) noexcept {
  Spelling s;
  std::size_t i = 0;
  auto digits = [&] {
    const std::size_t from = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return text.substr(from, i - from);
  };
  if (i < text.size() && text[i] == '-') {
    s.negative = true;
    ++i;
  }
  s.whole = digits();
  if (s.whole.empty() || (s.whole.size() > 1 && s.whole[0] == '0')) return std::nullopt;
  if (i < text.size() && text[i] == '.') {
    ++i;
    s.fraction = digits();
    if (s.fraction.empty()) return std::nullopt;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    bool negative = false;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) negative = text[i++] == '-';
    const std::string_view exponent = digits();
    if (exponent.empty()) return std::nullopt;
    for (char c : exponent) {
      if (s.exponent < kMaxExponent) s.exponent = s.exponent * 10 + (c - '0');
    }
    if (negative) s.exponent = -s.exponent;
  }
  if (i != text.size()) return std::nullopt;
  return s;
}

}  // namespace

std::int64_t parse_short_number(std::string_view text) noexcept {
  if (text.empty() || text.size() > 18 || (text[0] == '0' && text.size() > 1)) return -1;
  std::int64_t value = 0;
  std::size_t at = 0;
  for (; text.size() - at >= 8; at += 8) {
    const std::int64_t eight = parse_eight(text.data() + at);
    if (eight < 0) return -1;
    value = value * 100000000 + eight;
  }
  for (; at < text.size(); ++at) {
    if (!is_digit(text[at])) return -1;
    value = value * 10 + (text[at] - '0');
  }
  return value;
}

bool is_json_number(std::string_view text) noexcept { return spell(text).has_value(); }

std::optional<JsonNumber> parse_json_number(std::string_view text) noexcept {
  if (const std::int64_t number = parse_short_number(text); number >= 0) return JsonNumber{number, false, true};
  const std::optional<Spelling> spelling = spell(text);
  if (!spelling) return std::nullopt;
  const bool negative = spelling->negative;
  const std::string_view whole = spelling->whole, fraction = spelling->fraction;

  // The digits before `point` make the whole part of the value, the rest its fraction.
  const std::int64_t point = static_cast<std::int64_t>(whole.size()) + spelling->exponent;
  const std::int64_t count = static_cast<std::int64_t>(whole.size() + fraction.size());
  auto digit = [&, w = static_cast<std::int64_t>(whole.size())](std::int64_t at) noexcept {
    return static_cast<unsigned>((at < w ? whole[static_cast<std::size_t>(at)] : fraction[static_cast<std::size_t>(at - w)]) - '0');
  };

  // 2^63 itself is the whole part of one number that fits: the least of 64 bits. Below, the loop keeps magnitude <= 2^63;
  // a leading digit that is not zero ends it within 20 rounds.
  constexpr std::uint64_t kTwo63 = std::uint64_t{1} << 63;
  std::uint64_t magnitude = 0;
  bool fits = true;
  bool significant = false;
  for (std::int64_t at = 0; at < point && fits; ++at) {
    if (at >= count && !significant) break;
    const unsigned d = at < count ? digit(at) : 0;
    significant |= d != 0;
    fits = magnitude <= kTwo63 / 10;
    if (fits) magnitude = magnitude * 10 + d;
    fits = fits && magnitude <= kTwo63;
  }
  bool has_fraction = false;
  for (std::int64_t at = point < 0 ? 0 : point; at < count && !has_fraction; ++at) has_fraction = digit(at) != 0;
  fits = fits && (magnitude < kTwo63 || (negative && !has_fraction));
  if (!fits) {
    constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
    constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
    return JsonNumber{negative ? kMin : kMax, false, false};
  }

  // -m - 1 for a negative number with a fraction; unsigned arithmetic takes 2^63 to the least of 64 bits.
  const std::uint64_t floor = negative ? std::uint64_t{0} - magnitude - (has_fraction ? 1 : 0) : magnitude;
  return JsonNumber{static_cast<std::int64_t>(floor), has_fraction, true};
}

}  // namespace simdjwt
