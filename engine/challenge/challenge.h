// The HTTP answer to a verdict: a status and the value of WWW-Authenticate (RFC 6750 §3, RFC 9728 §5.1).
//
// Ownership: the caller's buffer. Thread-safety: stateless. Cost: O(size of the value), no allocation.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "validator/ruleset.h"

namespace simdjwt {

struct ChallengeRequest {
  Error error = Error::ok;
  const IssuerRule* rule = nullptr;                   // the rule that was applied, when one was
  std::span<const std::string_view> required_scopes;  // of the request
};

struct ChallengeResult {
  int http_status = 200;
  std::size_t size = 0;  // of the whole value, also when it did not fit; 0: no challenge
};

// Writes at most out.size() bytes. A caller that gets a size above that has a value cut short, and tries again.
ChallengeResult make_challenge(const ChallengeParameters& parameters, const ChallengeRequest& request,
                               std::span<char> out) noexcept;

}  // namespace simdjwt
