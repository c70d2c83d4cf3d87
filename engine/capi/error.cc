#include "base/error.h"

#include "capi/handles.h"
#include "simdjwt/fetch.h"
#include "simdjwt/fleet.h"
#include "simdjwt/journal.h"
#include "validator/check.h"

namespace {

// Every number of the headers is the engine's, under the same name.
#define SIMDJWT_SAME(upper, lower) \
  static_assert(static_cast<unsigned>(SIMDJWT_##upper) == static_cast<unsigned>(simdjwt::Error::lower))
#include "capi/error_numbers.inc"
#undef SIMDJWT_SAME

static_assert(SIMDJWT_CHECK_COUNT == simdjwt::kCheckCount);
static_assert(SIMDJWT_CHECK_SIZE == static_cast<unsigned>(simdjwt::Check::size));
static_assert(SIMDJWT_CHECK_KEY == static_cast<unsigned>(simdjwt::Check::key));
static_assert(SIMDJWT_CHECK_NONCE == static_cast<unsigned>(simdjwt::Check::nonce));
static_assert(SIMDJWT_CHECK_SIGNATURE == static_cast<unsigned>(simdjwt::Check::signature));
static_assert(SIMDJWT_CHECK_SCOPE == static_cast<unsigned>(simdjwt::Check::scope));
static_assert(SIMDJWT_CHECK_REPLAY == static_cast<unsigned>(simdjwt::Check::replay));

simdjwt::Error error_of(simdjwt_error number) noexcept {
  return number <= UINT16_MAX ? static_cast<simdjwt::Error>(number) : static_cast<simdjwt::Error>(UINT16_MAX);
}

simdjwt::Check check_of(simdjwt_check number) noexcept {
  return number <= SIMDJWT_CHECK_COUNT ? static_cast<simdjwt::Check>(number) : simdjwt::Check::none;
}

}  // namespace

// Every string_view below views a literal, which ends in NUL.

const char* simdjwt_error_name(simdjwt_error error) noexcept { return simdjwt::error_name(error_of(error)).data(); }

const char* simdjwt_error_text(simdjwt_error error) noexcept { return simdjwt::error_text(error_of(error)).data(); }

uint32_t simdjwt_error_http_status(simdjwt_error error) noexcept {
  return static_cast<uint32_t>(simdjwt::error_http_status(error_of(error)));
}

const char* simdjwt_error_oauth_code(simdjwt_error error) noexcept {
  return simdjwt::error_oauth_code(error_of(error)).data();
}

simdjwt_error simdjwt_error_at(uint32_t index) noexcept { return simdjwt::capi::code(simdjwt::error_at(index)); }

const char* simdjwt_check_name(simdjwt_check check) noexcept { return simdjwt::check_name(check_of(check)).data(); }

const char* simdjwt_check_text(simdjwt_check check) noexcept { return simdjwt::check_text(check_of(check)).data(); }

const char* simdjwt_version(void) noexcept { return SIMDJWT_VERSION_STRING; }
