#include <array>

#include "codec/base64url_alphabet.h"
#include "codec/base64url_kernel.h"

namespace simdjwt {
namespace {

// For each place in a block of four the value already shifted there, so that four look-ups OR together to 24 bits; a bad
// character sets a bit above them.
constexpr std::uint32_t kBadBit = std::uint32_t{1} << 31;

constexpr auto kBlock = [] {
  std::array<std::array<std::uint32_t, 256>, 4> tables{};
  for (unsigned place = 0; place < 4; ++place) {
    for (std::size_t c = 0; c < 256; ++c) {
      tables[place][c] = kBase64Value[c] == kBase64Bad ? kBadBit : std::uint32_t{kBase64Value[c]} << (18 - 6 * place);
    }
  }
  return tables;
}();

bool decode(const char* in, std::size_t n, std::uint8_t* out) noexcept {
  const auto* p = reinterpret_cast<const unsigned char*>(in);
  for (; n >= 4; n -= 4, p += 4, out += 3) {
    const std::uint32_t v = kBlock[0][p[0]] | kBlock[1][p[1]] | kBlock[2][p[2]] | kBlock[3][p[3]];
    if (v & kBadBit) return false;
    out[0] = static_cast<std::uint8_t>(v >> 16);
    out[1] = static_cast<std::uint8_t>(v >> 8);
    out[2] = static_cast<std::uint8_t>(v);
  }
  if (n == 0) return true;
  const std::uint32_t v = kBlock[0][p[0]] | (n >= 2 ? kBlock[1][p[1]] : 0) | (n == 3 ? kBlock[2][p[2]] : 0);
  if (v & kBadBit) return false;
  if (n >= 2) out[0] = static_cast<std::uint8_t>(v >> 16);
  if (n == 3) out[1] = static_cast<std::uint8_t>(v >> 8);
  return true;
}

}  // namespace

constinit const Base64Kernel kBase64Scalar = {"scalar", CpuLevel::scalar, &decode};

}  // namespace simdjwt
