// What has happened at the replay store, counted on 64 pairs of cache lines so that threads do not wait for each other.
//
// Thread-safety: everything from any thread. Cost: one addition to a line that other threads seldom write.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace simdjwt {

class ReplayCounts {
 public:
  enum Event : unsigned {
    kConsumed,       // put there
    kReplayed,       // found in its bucket, the filter was not asked
    kReplayedSpill,  // found in the spill
    kUnused,         // looked for only, and not there
    kFull,
    kQuota,
    kForgot,
    kExpired,  // had not to be remembered at all, nothing was looked at
    kFilterFalse,
    kSpilled,
    kEvents
  };

  void add(Event event, std::uint32_t stripe) noexcept {
    stripes_[stripe % kStripes].counts[event].fetch_add(1, std::memory_order_relaxed);
  }

  std::uint64_t sum(Event event) const noexcept {
    std::uint64_t sum = 0;
    for (const Stripe& stripe : stripes_) sum += stripe.counts[event].load(std::memory_order_relaxed);
    return sum;
  }

 private:
  static constexpr std::uint32_t kStripes = 64;
  struct alignas(128) Stripe {
    std::array<std::atomic<std::uint64_t>, kEvents> counts{};
  };
  std::array<Stripe, kStripes> stripes_;
};

}  // namespace simdjwt
