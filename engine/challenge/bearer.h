// The bearer token of an Authorization header field (RFC 6750 §2.1, RFC 9110 §11.4).
#pragma once

#include <string_view>

#include "base/error.h"

namespace simdjwt {

struct BearerResult {
  Error error = Error::ok;  // credentials_missing, request_malformed
  std::string_view token;   // a view into the value
};

// `value` with data() == nullptr: the request has no such field. O(n), no allocation.
BearerResult bearer_token(std::string_view value) noexcept;

}  // namespace simdjwt
