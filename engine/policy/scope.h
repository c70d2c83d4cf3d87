// OAuth scopes (RFC 6749 §3.3): a string of case-sensitive tokens separated by single spaces.
#pragma once

#include <string_view>

namespace simdjwt {

// Whether `wanted` is one of the tokens of `scopes`. O(n), no allocation.
bool has_scope(std::string_view scopes, std::string_view wanted) noexcept;

// scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
bool is_scope_token(std::string_view text) noexcept;

}  // namespace simdjwt
