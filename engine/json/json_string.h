// The text that a JSON string spells (RFC 8259 §7).
//
// Thread-safety: stateless. Cost: O(n), no allocation.
#pragma once

#include <string_view>

namespace simdjwt {

// Whether a string's body spells something else than itself.
bool has_escape(std::string_view body) noexcept;

// Writes what `body`, the part between the quotes, spells to `out` and returns its end: never more bytes than the body
// has. nullptr for an escape that is not one of RFC 8259 §7, or a lone surrogate (RFC 7493 §2.1). Control characters
// and UTF-8 are not looked at.
char* unescape(std::string_view body, char* out) noexcept;

}  // namespace simdjwt
