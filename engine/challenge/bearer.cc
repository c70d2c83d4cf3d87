#include "challenge/bearer.h"

#include <algorithm>

namespace simdjwt {
namespace {

constexpr std::string_view kScheme = "bearer";

bool is_scheme(std::string_view text) noexcept {
  return std::equal(text.begin(), text.end(), kScheme.begin(), kScheme.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; });
}

// token68 = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
bool is_token68(std::string_view text) noexcept {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~+/").find(c) != std::string_view::npos;
  });
}

}  // namespace

BearerResult bearer_token(std::string_view value) noexcept {
  const std::size_t space = value.find(' ');
  if (value.data() == nullptr || !is_scheme(value.substr(0, space))) return {Error::credentials_missing, {}};
  if (space == std::string_view::npos) return {Error::request_malformed, {}};
  const std::size_t start = value.find_first_not_of(' ', space);
  if (start == std::string_view::npos || !is_token68(value.substr(start))) return {Error::request_malformed, {}};
  return {Error::ok, value.substr(start)};
}

}  // namespace simdjwt
