#include "fetch/backoff.h"

#include <algorithm>

namespace simdjwt::fetch {
namespace {

constexpr Millis kProbeLeast{550};
constexpr Millis kProbeMost{800};

}  // namespace

Millis between(Millis low, Millis high, const Random& random) {
  if (high <= low) return low;
  const double part = std::clamp(random(), 0.0, 1.0);
  return low + Millis(static_cast<std::int64_t>(part * static_cast<double>((high - low).count())));
}

Millis Backoff::next(const simdjwt_fetch_policy& policy, const Random& random) {
  const Millis most = std::chrono::seconds(policy.max_backoff_s);
  const Millis least = std::min(Millis(policy.min_backoff_ms), most);
  // 2^20 ms of any minimum is past every maximum that a policy can name sensibly; the shift stays far from overflow.
  failures_ = std::min<std::uint32_t>(failures_ + 1, 20);
  return between(least, std::min(most, least * (std::int64_t{1} << failures_)), random);
}

Millis probe_delay(const Random& random) {
  return between(kProbeLeast, kProbeMost, random);
}

Millis with_retry_after(Millis backoff, std::optional<std::chrono::seconds> retry_after,
                        const simdjwt_fetch_policy& policy) {
  if (!retry_after) return backoff;
  const std::chrono::seconds most(policy.max_backoff_s);
  return std::max(backoff, Millis(std::clamp(*retry_after, std::chrono::seconds(0), most)));
}

Millis refresh_delay(std::optional<std::chrono::seconds> max_age, const simdjwt_fetch_policy& policy,
                     const Random& random) {
  const std::chrono::seconds least(policy.min_refresh_s);
  const std::chrono::seconds most(std::max(policy.min_refresh_s, policy.max_refresh_s));
  const Millis lifetime = std::clamp(max_age.value_or(most), least, most);
  const Millis early = between(lifetime * 3 / 4, lifetime * 19 / 20, random);
  if (early >= least) return early;
  return std::min(Millis(most), between(least, Millis(least) * 5 / 4, random));
}

}  // namespace simdjwt::fetch
