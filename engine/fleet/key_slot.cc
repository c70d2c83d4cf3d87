#include "fleet/key_slot.h"

#include <array>

namespace simdjwt::fleet {
namespace {

constexpr std::array<std::uint16_t, 256> kTable = [] {
  std::array<std::uint16_t, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    unsigned value = byte << 8;
    for (int bit = 0; bit < 8; ++bit) value = (value << 1) ^ ((value & 0x8000) != 0 ? 0x1021 : 0);
    table[byte] = static_cast<std::uint16_t>(value);
  }
  return table;
}();

}  // namespace

std::uint16_t crc16(std::string_view bytes) noexcept {
  unsigned value = 0;
  for (const char byte : bytes) {
    value = (value << 8) ^ kTable[((value >> 8) ^ static_cast<unsigned char>(byte)) & 0xff];
  }
  return static_cast<std::uint16_t>(value);
}

}  // namespace simdjwt::fleet
