#include <array>

#include "codec/base64url.h"

namespace simdjwt::base64url_scalar {
namespace {

constexpr std::uint8_t kBad = 0xff;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> table{};
  table.fill(kBad);
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}
constexpr auto kValue = make_values();

// For each place in a block of four the value already shifted there, so that four look-ups OR together to 24 bits; a bad
// character sets a bit above them.
constexpr std::uint32_t kBadBit = std::uint32_t{1} << 31;

constexpr std::array<std::array<std::uint32_t, 256>, 4> make_blocks() {
  std::array<std::array<std::uint32_t, 256>, 4> tables{};
  for (unsigned place = 0; place < 4; ++place) {
    for (std::size_t c = 0; c < 256; ++c) {
      tables[place][c] = kValue[c] == kBad ? kBadBit : std::uint32_t{kValue[c]} << (18 - 6 * place);
    }
  }
  return tables;
}
constexpr auto kBlock = make_blocks();

std::size_t first_bad(std::string_view in, std::size_t from) noexcept {
  while (from < in.size() && kValue[static_cast<unsigned char>(in[from])] != kBad) ++from;
  return from;
}

}  // namespace

Base64Result decode(std::string_view in, std::uint8_t* out) noexcept {
  const auto* p = reinterpret_cast<const unsigned char*>(in.data());
  const std::size_t n = in.size();
  const std::size_t whole = n & ~std::size_t{3};
  std::uint8_t* o = out;
  for (std::size_t i = 0; i < whole; i += 4) {
    const std::uint32_t v = kBlock[0][p[i]] | kBlock[1][p[i + 1]] | kBlock[2][p[i + 2]] | kBlock[3][p[i + 3]];
    if (v & kBadBit) return {Error::base64url_character, 0, first_bad(in, i)};
    o[0] = static_cast<std::uint8_t>(v >> 16);
    o[1] = static_cast<std::uint8_t>(v >> 8);
    o[2] = static_cast<std::uint8_t>(v);
    o += 3;
  }
  const std::size_t rest = n - whole;
  if (rest == 0) return {Error::ok, static_cast<std::size_t>(o - out), 0};
  if (const std::size_t bad = first_bad(in, whole); bad != n) return {Error::base64url_character, 0, bad};
  if (rest == 1) return {Error::base64url_length, 0, n - 1};
  const std::uint32_t a = kValue[p[whole]], b = kValue[p[whole + 1]];
  if (rest == 2) {
    // 12 bits carry 8: the low 4 must be zero (RFC 4648 §3.5).
    if (b & 0x0f) return {Error::base64url_trailing_bits, 0, n - 1};
    *o++ = static_cast<std::uint8_t>(a << 2 | b >> 4);
  } else {
    // 18 bits carry 16: the low 2 must be zero.
    const std::uint32_t c = kValue[p[whole + 2]];
    if (c & 0x03) return {Error::base64url_trailing_bits, 0, n - 1};
    *o++ = static_cast<std::uint8_t>(a << 2 | b >> 4);
    *o++ = static_cast<std::uint8_t>(b << 4 | c >> 2);
  }
  return {Error::ok, static_cast<std::size_t>(o - out), 0};
}

}  // namespace simdjwt::base64url_scalar
