// What a validation found.
//
// Ownership: views into the token, the scratch and the ruleset; valid until the scratch is used again.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "policy/replay_store.h"
#include "validator/check.h"

namespace simdjwt {

inline constexpr std::int64_t kNoTime = INT64_MIN;
inline constexpr std::uint32_t kNoOffset = UINT32_MAX;

struct Verdict {
  Error error = Error::ok;
  Check check = Check::none;         // the check that failed
  std::uint32_t offset = kNoOffset;  // bytes into the token
  std::string_view member;           // the header member or claim at fault
  std::string_view missing_scope;
  std::uint32_t issuer_index = UINT32_MAX;

  // Filled when the signature has been verified.
  bool verified = false;
  std::string_view alg, kid;
  std::string_view header, claims;  // decoded
  std::string_view issuer, subject, jti, client_id, scope;
  std::int64_t exp = kNoTime, nbf = kNoTime, iat = kNoTime;  // Unix seconds; exp and nbf rounded up, iat down
  ReplayRecord replay_record;  // of a use that was recorded and stands, confirmed or not; else zero
};

}  // namespace simdjwt
