// Bytes: the two views that the engine's interfaces use, and the step between them.
//
// Ownership: none. Thread-safety: stateless. Cost: O(1), no allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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

// Where `inner` starts in `outer`, in bytes; nothing when it does not lie in it as a whole.
inline std::optional<std::size_t> offset_within(std::string_view inner, std::string_view outer) noexcept {
  // Of integers, for the pointers may belong to different objects; a view that starts before wraps to a large number.
  const std::size_t at = reinterpret_cast<std::uintptr_t>(inner.data()) - reinterpret_cast<std::uintptr_t>(outer.data());
  if (at > outer.size() || inner.size() > outer.size() - at) return std::nullopt;
  return at;
}

}  // namespace simdjwt
