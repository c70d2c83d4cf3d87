// The checks of a validation, in order, and the trace that records them.
//
// Ownership: a trace holds views into token, scratch and ruleset. Cost: without a trace one predictable branch a check.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace simdjwt {

// The numbers are those of SIMDJWT_CHECK_* and part of the C ABI.
#define SIMDJWT_CHECK_LIST(X)                                                              \
  X(size, "the token is no longer than the limit")                                         \
  X(structure, "two dots, no empty header or signature (RFC 7515 section 3.1)")            \
  X(header_encoding, "the header is canonical base64url (RFC 7515 section 2)")             \
  X(header_json, "the header is strict JSON (RFC 7515 section 4)")                         \
  X(header_members, "header members have their types, no crit, no b64 (RFC 7515 section 4.1)") \
  X(algorithm, "some issuer allows the alg (RFC 8725 section 3.1)")                        \
  X(payload_encoding, "the payload is canonical base64url (RFC 7515 section 2)")           \
  X(payload_json, "the payload is strict JSON (RFC 7519 section 7.2)")                     \
  X(claim_types, "registered claims have their types (RFC 7519 section 4.1)")              \
  X(issuer, "the policy has a rule for the iss (RFC 8725 section 3.8)")                    \
  X(issuer_algorithm, "this issuer may use the alg (RFC 8725 section 3.1)")                \
  X(typ, "the typ is one the policy expects (RFC 8725 section 3.11)")                      \
  X(key, "the issuer has a key for the kid and the alg (RFC 7515 section 4.1.4)")          \
  X(expiry, "now is before exp plus leeway (RFC 7519 section 4.1.4)")                      \
  X(not_before, "now plus leeway is not before nbf (RFC 7519 section 4.1.5)")              \
  X(issued_at, "iat is not in the future and not too long ago (RFC 7519 section 4.1.6)")   \
  X(audience, "the aud names this resource (RFC 7519 section 4.1.3)")                      \
  X(required_claims, "every required claim is there")                                      \
  X(expected_claims, "every expected claim has its value")                                 \
  X(other_claims, "no claim that the policy neither expects nor ignores")                  \
  X(authorized_party, "the azp is this client (OpenID Connect Core section 3.1.3.7)")      \
  X(nonce, "the nonce is the one that was sent (OpenID Connect Core section 3.1.3.7)")     \
  X(signature_encoding, "the signature is canonical base64url (RFC 7515 section 2)")       \
  X(signature, "the key verifies the signature (RFC 7515 section 5.2)")                    \
  X(binding, "a token bound by cnf comes with its proof (RFC 7800 section 3.1)")           \
  X(scope, "the token has every scope that is needed (RFC 6750 section 3.1)")              \
  X(replay, "a token that may be used once has not been used (RFC 7519 section 4.1.7)")

enum class Check : std::uint8_t {
  none = 0,
#define SIMDJWT_X(name, text) name,
  SIMDJWT_CHECK_LIST(SIMDJWT_X)
#undef SIMDJWT_X
};

inline constexpr std::size_t kCheckCount = 0
#define SIMDJWT_X(name, text) +1
    SIMDJWT_CHECK_LIST(SIMDJWT_X)
#undef SIMDJWT_X
    ;

// "expiry", and what the check asks. Static and NUL-terminated; "none" and "" for Check::none.
std::string_view check_name(Check check) noexcept;
std::string_view check_text(Check check) noexcept;

struct TraceEntry {
  Check check = Check::none;
  Error error = Error::ok;
  std::string_view member;
};

struct Trace {
  std::array<TraceEntry, kCheckCount> entries;
  std::uint32_t count = 0;
};

}  // namespace simdjwt
