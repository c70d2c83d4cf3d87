// When to try again: after a failure, and ahead of the end of what a server said its answer is good for.
//
// Ownership: values. Thread-safety: one thread. Cost: O(1), no allocation. The source of randomness is passed in: tests
// decide what it says. RFC 9111 §4.2 (freshness), RFC 9110 §10.2.3 (Retry-After).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "simdjwt/simdjwt.h"

namespace simdjwt::fetch {

using Millis = std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

// A number in [0, 1).
using Random = std::function<double()>;

// Uniform in [low, high]; `low` when there is nothing between them.
Millis between(Millis low, Millis high, const Random& random);

// Exponential with full jitter: the n-th failure in a row waits between `min` and min(max, min * 2^n), so that many
// that failed at one moment do not come back at one moment.
class Backoff {
 public:
  Millis next(const simdjwt_fetch_policy& policy, const Random& random);
  void reset() noexcept { failures_ = 0; }

 private:
  std::uint32_t failures_ = 0;
};

// How long a host that takes no connection, and whose keys are missing, is left alone: long enough to be no load, short
// enough that keys are there within a second of its return (docs/decisions/0014-when-keys-are-fetched.md).
Millis probe_delay(const Random& random);

// Not before what the server asks for, as far as the policy's longest backoff.
Millis with_retry_after(Millis backoff, std::optional<std::chrono::seconds> retry_after,
                        const simdjwt_fetch_policy& policy);

// Until the next refresh: 75 to 95 % of the server's max-age, which counts as within [min_refresh_s, max_refresh_s];
// never sooner than min_refresh_s, and spread above it where max-age is shorter.
Millis refresh_delay(std::optional<std::chrono::seconds> max_age, const simdjwt_fetch_policy& policy,
                     const Random& random);

}  // namespace simdjwt::fetch
