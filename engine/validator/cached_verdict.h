// What the verdict cache remembers of an accepted token: everything that the next validation of the same bytes would
// find again, and what must be looked at again before it may be believed.
//
// A record holds no claims: the payload is decoded again from the caller's token, which is the same to the last byte. It
// is believed under the ruleset and the key set of its issuer that it was made under, and within the time in which the
// token's own times accept it; what the request asks for (scopes) is checked on every hit.
//
// Ownership: a plain value of fixed size. Thread-safety: immutable once stored. Cost: 120 bytes an entry.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "claims/claims_check.h"
#include "validator/lane.h"
#include "validator/verdict.h"

namespace simdjwt {

struct CachedVerdict {
  // Part of the decoded payload; kMissing for a text that is not there.
  struct Slice {
    static constexpr std::uint32_t kMissing = UINT32_MAX;
    std::uint32_t offset = kMissing;
    std::uint32_t size = 0;
  };

  // Of the validator: any other ruleset or key set has other numbers.
  std::uint64_t ruleset_generation = 0;
  std::uint64_t keys_generation = 0;
  ValidTimes times;
  std::int64_t exp = kNoTime, nbf = kNoTime, iat = kNoTime;
  std::uint32_t issuer_index = 0;
  std::uint32_t header_size = 0;   // characters before the first dot
  std::uint32_t payload_size = 0;  // characters between the dots
  Slice claims, issuer, subject, jti, client_id, scope;

  // Of a token that was accepted just now; nothing when a text does not stand in the payload as it is, but was spelled
  // with escapes. Generations and times are the caller's to fill in.
  static std::optional<CachedVerdict> make(const Lane& lane, const Verdict& verdict) noexcept;

  // The verdict once more, for the same token, whose payload stands decoded at `payload`. Header fields are left out.
  void restore(const char* payload, Verdict& verdict) const noexcept;
};
static_assert(sizeof(CachedVerdict) == 120);

}  // namespace simdjwt
