// Numbers in the byte order of the journal's files: the same on every machine.
//
// The caller vouches for the room. Thread-safety: stateless. Cost: a load or store.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace simdjwt::journal {

template <typename T>
T load_little(const std::uint8_t* from) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
  } else {
    T value = 0;
    for (std::size_t i = sizeof value; i-- != 0;) value = static_cast<T>(value << 8 | from[i]);
    return value;
  }
}

template <typename T>
void store_little(std::uint8_t* to, T value) noexcept {
  for (std::size_t i = 0; i < sizeof value; ++i) to[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

inline std::uint32_t load32(const std::uint8_t* from) noexcept {
  return load_little<std::uint32_t>(from);
}
inline std::uint64_t load64(const std::uint8_t* from) noexcept {
  return load_little<std::uint64_t>(from);
}

}  // namespace simdjwt::journal
