#include "policy/scope.h"

#include <algorithm>

namespace simdjwt {

bool has_scope(std::string_view scopes, std::string_view wanted) noexcept {
  if (wanted.empty()) return false;
  for (std::size_t at = 0; (at = scopes.find(wanted, at)) != std::string_view::npos; ++at) {
    const std::size_t end = at + wanted.size();
    const bool starts = at == 0 || scopes[at - 1] == ' ';
    const bool ends = end == scopes.size() || scopes[end] == ' ';
    if (starts && ends) return true;
  }
  return false;
}

bool is_scope_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c == 0x21 || (c >= 0x23 && c <= 0x5b) || (c >= 0x5d && c <= 0x7e);
  });
}

}  // namespace simdjwt
