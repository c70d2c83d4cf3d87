#include "base/error.h"

namespace simdjwt {
namespace {

struct Row {
  Error error;
  std::string_view name;
  std::string_view text;
};

constexpr Row kRows[] = {
#define SIMDJWT_X(name, category, reason, text) {Error::name, #name, text},
    SIMDJWT_ERROR_LIST(SIMDJWT_X)
#undef SIMDJWT_X
};

constexpr bool rows_ascend() {
  for (std::size_t i = 1; i < std::size(kRows); ++i) {
    if (kRows[i - 1].error >= kRows[i].error) return false;
  }
  return true;
}
static_assert(rows_ascend(), "error numbers must be unique and listed in order");

constexpr const Row* find(Error error) {
  for (const Row& row : kRows) {
    if (row.error == error) return &row;
  }
  return nullptr;
}

}  // namespace

std::string_view error_name(Error error) noexcept {
  if (error == Error::ok) return "ok";
  const Row* row = find(error);
  return row ? row->name : "unknown";
}

std::string_view error_text(Error error) noexcept {
  if (error == Error::ok) return "the token is valid";
  const Row* row = find(error);
  return row ? row->text : "unknown error";
}

int error_http_status(Error error) noexcept {
  if (error == Error::ok) return 200;
  switch (category_of(error)) {
    case ErrorCategory::request:
      return error == Error::credentials_missing ? 401 : 400;
    case ErrorCategory::token:
      return 401;
    case ErrorCategory::scope:
      return 403;
    case ErrorCategory::keys:
    case ErrorCategory::store:
      return 503;
    case ErrorCategory::caller:
    case ErrorCategory::policy:
    case ErrorCategory::jwk:
    case ErrorCategory::fetch:
    case ErrorCategory::journal:
    case ErrorCategory::fleet:
    case ErrorCategory::none:
      return 500;
  }
  return 500;
}

std::string_view error_oauth_code(Error error) noexcept {
  switch (category_of(error)) {
    case ErrorCategory::request:
      return error == Error::credentials_missing ? "" : "invalid_request";
    case ErrorCategory::token:
      return "invalid_token";
    case ErrorCategory::scope:
      return "insufficient_scope";
    default:
      return "";
  }
}

std::size_t error_count() noexcept { return std::size(kRows); }

Error error_at(std::size_t index) noexcept { return index < std::size(kRows) ? kRows[index].error : Error::ok; }

}  // namespace simdjwt
