#include "jose/compact.h"

namespace simdjwt {

SplitResult split_compact(std::string_view token, CompactJws& out) noexcept {
  const auto at = [](std::size_t position) { return static_cast<std::uint32_t>(position); };
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return {Error::token_segments, at(token.size())};
  const std::size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos) return {Error::token_segments, at(token.size())};
  const std::size_t third = token.find('.', second + 1);
  if (third != std::string_view::npos) return {Error::token_segments, at(third)};
  if (first == 0) return {Error::token_empty_segment, 0};
  if (second + 1 == token.size()) return {Error::token_empty_segment, at(token.size())};
  out = {token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1),
         token.substr(0, second)};
  return {};
}

}  // namespace simdjwt
