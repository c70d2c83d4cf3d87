// Text into an array of a struct of the C API: what fits of it, and zeros to the end.
//
// Thread-safety: pure. Cost: linear in the array; no allocation.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace simdjwt {

template <std::size_t N>
void copy_text(std::string_view from, char (&to)[N]) noexcept {
  const std::size_t size = std::min(from.size(), N - 1);
  if (size != 0) std::memcpy(to, from.data(), size);
  std::memset(to + size, 0, N - size);
}

}  // namespace simdjwt
