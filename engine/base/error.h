// The error enum of the engine: a category and a reason in one number, with its name, text, HTTP status and OAuth code.
//
// Ownership: every string returned is static. Thread-safety: everything here is immutable. Cost: O(1) except from a name.
// Source: HTTP status and OAuth error codes follow RFC 6750 §3.1; the categories are explained in docs/errors.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error_list.h"

namespace simdjwt {

enum class ErrorCategory : std::uint8_t {
  none = 0,
  request = 1,
  token = 2,
  scope = 3,
  keys = 4,
  store = 5,
  caller = 6,
  policy = 7,
  jwk = 8,
  fetch = 9,
  journal = 10,
  fleet = 11,
};

// The value is (category << 8) | reason and is part of the C ABI.
enum class [[nodiscard]] Error : std::uint16_t {
  ok = 0,
#define SIMDJWT_X(name, category, reason, text) name = (static_cast<unsigned>(ErrorCategory::category) << 8) | (reason),
  SIMDJWT_ERROR_LIST(SIMDJWT_X)
#undef SIMDJWT_X
};

constexpr ErrorCategory category_of(Error error) noexcept {
  return static_cast<ErrorCategory>(static_cast<unsigned>(error) >> 8);
}

// The stable name ("token_expired"); "ok" for Error::ok, "unknown" for a number that is not in the list.
std::string_view error_name(Error error) noexcept;

// One line of printable ASCII that fits an error_description (RFC 6750 §3) unescaped.
std::string_view error_text(Error error) noexcept;

// 200 for ok; 400, 401, 403, 500 or 503.
int error_http_status(Error error) noexcept;

// "invalid_request", "invalid_token", "insufficient_scope", or empty where RFC 6750 §3 wants no error code: a request
// without credentials, and everything that is not the client's fault.
std::string_view error_oauth_code(Error error) noexcept;

// All errors but ok, in numeric order, for documentation and tests.
std::size_t error_count() noexcept;
Error error_at(std::size_t index) noexcept;

}  // namespace simdjwt
