// Bytes: the two views that the engine's interfaces use, and the step between them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace simdjwt {

using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(ByteView bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace simdjwt
