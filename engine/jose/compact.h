// Splits a JWS compact serialization (RFC 7515 §3.1, §7.1) into its three segments.
//
// Ownership: views into the caller's token. Thread-safety: stateless. Cost: O(n), no allocation; nothing is decoded.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace simdjwt {

struct CompactJws {
  std::string_view header;         // base64url, not empty
  std::string_view payload;        // base64url; may be empty: a JWS may sign nothing
  std::string_view signature;      // base64url, not empty
  std::string_view signing_input;  // header '.' payload (RFC 7515 §5.2)
};

struct SplitResult {
  Error error = Error::ok;   // token_segments, token_empty_segment
  std::uint32_t offset = 0;  // on error: the third dot, the end, or the empty segment
};

SplitResult split_compact(std::string_view token, CompactJws& out) noexcept;

}  // namespace simdjwt
