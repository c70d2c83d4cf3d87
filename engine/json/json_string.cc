#include "json/json_string.h"

#include <cstdint>
#include <cstring>

namespace simdjwt {
namespace {

// Four hexadecimal digits at `at`, or a number above 0xffff.
std::uint32_t read_unit(std::string_view body, std::size_t at) noexcept {
  constexpr std::uint32_t kBad = UINT32_MAX;
  if (body.size() - at < 4) return kBad;
  std::uint32_t unit = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const char c = body[i];
    std::uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
      digit = static_cast<std::uint32_t>((c | 0x20) - 'a') + 10;
    } else {
      return kBad;
    }
    unit = unit << 4 | digit;
  }
  return unit;
}

constexpr bool is_high_surrogate(std::uint32_t unit) noexcept { return unit >= 0xd800 && unit <= 0xdbff; }
constexpr bool is_low_surrogate(std::uint32_t unit) noexcept { return unit >= 0xdc00 && unit <= 0xdfff; }

// UTF-8 (RFC 3629 §3) of a code point: at most four bytes, and an escape takes at least six.
char* write_utf8(std::uint32_t point, char* out) noexcept {
  const auto put = [&out](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | point >> 6);
    put(0x80 | (point & 63));
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12);
    put(0x80 | (point >> 6 & 63));
    put(0x80 | (point & 63));
  } else {
    put(0xf0 | point >> 18);
    put(0x80 | (point >> 12 & 63));
    put(0x80 | (point >> 6 & 63));
    put(0x80 | (point & 63));
  }
  return out;
}

// What stands behind \u at `at`: one unit, or a pair of surrogates. Moves `at` behind it; false when it is none.
bool read_point(std::string_view body, std::size_t& at, std::uint32_t& point) noexcept {
  point = read_unit(body, at);
  if (point > 0xffff || is_low_surrogate(point)) return false;
  at += 4;
  if (!is_high_surrogate(point)) return true;
  if (body.size() - at < 6 || body[at] != '\\' || body[at + 1] != 'u') return false;
  const std::uint32_t low = read_unit(body, at + 2);
  if (low > 0xffff || !is_low_surrogate(low)) return false;
  at += 6;
  point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
  return true;
}

// What a backslash and this character spell, or 0.
constexpr char simple_escape(char c) noexcept {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

}  // namespace

bool has_escape(std::string_view body) noexcept {
  return !body.empty() && std::memchr(body.data(), '\\', body.size()) != nullptr;
}

char* unescape(std::string_view body, char* out) noexcept {
  std::size_t at = 0;
  while (at < body.size()) {
    const char c = body[at++];
    if (c != '\\') {
      *out++ = c;
      continue;
    }
    if (at == body.size()) return nullptr;
    const char kind = body[at++];
    if (kind == 'u') {
      std::uint32_t point = 0;
      if (!read_point(body, at, point)) return nullptr;
      out = write_utf8(point, out);
    } else if (const char spelled = simple_escape(kind); spelled != 0) {
      *out++ = spelled;
    } else {
      return nullptr;
    }
  }
  return out;
}

}  // namespace simdjwt
