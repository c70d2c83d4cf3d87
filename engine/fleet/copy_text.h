// Text into an array of a struct of the C API: what fits, and a zero.
//
// Thread-safety: pure. Cost: linear in the text.
#pragma once

#include <algorithm>
#include <cstring>
#include <string_view>

namespace simdjwt::fleet {

template <std::size_t N>
void copy_text(std::string_view from, char (&to)[N]) noexcept {
  const std::size_t size = std::min(from.size(), N - 1);
  if (size != 0) std::memcpy(to, from.data(), size);
  to[size] = '\0';
}

}  // namespace simdjwt::fleet
