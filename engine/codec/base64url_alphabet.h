// The base64url alphabet (RFC 4648 §5) and its inverse, for the code that takes one character at a time.
//
// Immutable, no state.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace simdjwt {

inline constexpr std::string_view kBase64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

inline constexpr std::uint8_t kBase64Bad = 0xff;

// The value of each byte as a character, 0 to 63, or kBase64Bad.
inline constexpr auto kBase64Value = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kBase64Bad);
  for (std::size_t i = 0; i < kBase64Alphabet.size(); ++i) {
    values[static_cast<unsigned char>(kBase64Alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

}  // namespace simdjwt
