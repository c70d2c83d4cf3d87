// Which of a Cluster's 16,384 slots a key is in (redis.io/docs/reference/cluster-spec, "Key distribution model"). Keys
// of the fleet have no hash tag, so that all of a key is hashed.
//
// Thread-safety: pure functions. Cost: a table look-up a byte.
#pragma once

#include <cstdint>
#include <string_view>

namespace simdjwt::fleet {

constexpr std::uint32_t kSlots = 16384;

// CRC-16/XMODEM: polynomial 0x1021, no reflection, nothing before and nothing after.
std::uint16_t crc16(std::string_view bytes) noexcept;

inline std::uint32_t key_slot(std::string_view key) noexcept {
  return crc16(key) % kSlots;
}

}  // namespace simdjwt::fleet
