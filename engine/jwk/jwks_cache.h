// What is held of the keys of one issuer: the set in force, its terms, and what validations ask for besides. It fetches
// nothing: it says that keys are wanted, and why.
//
// IssuerKeys is a part of a snapshot, and as immutable. Its KeyDemand is shared by all snapshots in which the issuer
// stands, across publishing and swapped rulesets, so that what a validation under an old snapshot asks for is not lost.
//
// Asking is bounded twice. Each reason is raised at most once per cooldown. And a key that was asked for, and that the
// set published since still lacks, is not asked for again for a time: the last KeyDemand::kRemembered such keys are
// remembered, by a keyed hash, so that nobody can make a kid that hides another. Publishing another set leaves this
// memory alone: the fetch that brought it looked for these keys too.
//
// Times are requests' `now`, of which two threads may hold slightly different ones: a time up to kSkew before the last
// raise counts as that of the raise. One further back is a clock that was set back, and stops nothing.
//
// Ownership: shares sets and demand. Thread-safety: KeyDemand from any thread. Cost: asking takes one load when the
// reason was raised within the cooldown; no lock, allocation or exception.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>

#include "base/keyed_hash.h"
#include "jwk/jwk_set.h"

namespace simdjwt {

// The numbers are those of SIMDJWT_WANTED_* and part of the C ABI.
enum class Wanted : std::uint32_t { missing = 1, stale = 2, unknown_kid = 4 };

// How often keys may be asked for: fetch.cooldown_s and fetch.unknown_kid_ttl_s of the policy.
struct DemandLimits {
  std::uint32_t cooldown_s = 31;  // so that no minute holds three
  std::uint32_t unknown_kid_ttl_s = 300;
};

class KeyDemand {
 public:
  static constexpr std::uint32_t kRemembered = 32;
  static constexpr std::uint64_t kSkew = 5;  // seconds

  // `total` counts the raises of all demands of a validator, and outlives the last raise.
  KeyDemand(const KeyedHash& hash, std::atomic<std::uint64_t>& total) noexcept : hash_(hash), total_(total) {}
  KeyDemand(const KeyDemand&) = delete;
  KeyDemand& operator=(const KeyDemand&) = delete;

  // No set, or none that is usable any longer; or one that is not fresh.
  void want_missing(std::int64_t now, const DemandLimits& limits) noexcept { want(Wanted::missing, now, limits); }
  void want_stale(std::int64_t now, const DemandLimits& limits) noexcept { want(Wanted::stale, now, limits); }

  // The set lacks the kid of a token; or, for a token without one, a key that fits its algorithm.
  void want_kid(std::string_view kid, std::int64_t now, const DemandLimits& limits) noexcept;
  void want_algorithm(std::string_view name, std::int64_t now, const DemandLimits& limits) noexcept;

  // The reasons raised since the last call, added up. Of several callers at once one gets them, the others 0.
  std::uint32_t take() noexcept { return pending_.exchange(0, std::memory_order_acq_rel); }

  // After a set was published: keys asked for before that it lacks are remembered from now on.
  void answered() noexcept { answered_.store(asked_.load(std::memory_order_acquire), std::memory_order_release); }

  // The keys are looked for in another place from now on: all may be asked for again, at once.
  void forget() noexcept;

 private:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();

  std::atomic<std::int64_t>& last(Wanted reason) noexcept {
    return last_[reason == Wanted::missing ? 0 : reason == Wanted::stale ? 1 : 2];
  }
  // Whether the reason may be raised now; `last` is then the time that claim() expects.
  bool may_raise(Wanted reason, std::int64_t now, const DemandLimits& limits, std::int64_t& last) noexcept;
  bool claim(Wanted reason, std::int64_t now, std::int64_t last) noexcept;
  void raise(Wanted reason) noexcept;
  void want(Wanted reason, std::int64_t now, const DemandLimits& limits) noexcept;
  template <typename MakeTag>
  void want_key(std::int64_t now, const DemandLimits& limits, const MakeTag& make_tag) noexcept;
  bool is_remembered(std::uint32_t tag, std::int64_t now, std::uint32_t ttl_s) const noexcept;
  void remember(std::uint32_t tag, std::int64_t now) noexcept;

  const KeyedHash hash_;
  std::atomic<std::uint64_t>& total_;
  std::atomic<std::uint32_t> pending_{0};
  std::atomic<std::int64_t> last_[3] = {kNever, kNever, kNever};  // when each reason was raised

  // A ring: the key asked for as the n-th stands at n % kRemembered, as its tag and the low half of the time. Times
  // that differ by 2^32 seconds are taken for the same.
  std::atomic<std::uint32_t> asked_{0};     // how many were asked for
  std::atomic<std::uint32_t> answered_{0};  // how many of them before the last set came
  std::array<std::atomic<std::uint64_t>, kRemembered> ring_{};
};

// Until when the keys of an issuer hold, by requests' `now`.
struct KeyTerms {
  static constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();
  std::int64_t fresh_until = kForever;   // from then on they are wanted anew, and still used
  std::int64_t usable_until = kForever;  // from then on they verify nothing

  friend bool operator==(const KeyTerms&, const KeyTerms&) = default;
};

struct IssuerKeys {
  std::shared_ptr<const JwkSet> set;  // null: none were published, or they were withdrawn
  KeyTerms terms;
  std::uint64_t generation = 0;       // moves on with every other set and every withdrawal, not with terms
  std::shared_ptr<KeyDemand> demand;  // null: the keys are the policy's own, and nobody can bring others

  // kForever has no end: the last second is within it.
  bool is_usable(std::int64_t now) const noexcept {
    return set != nullptr && (now < terms.usable_until || terms.usable_until == KeyTerms::kForever);
  }
  bool is_fresh(std::int64_t now) const noexcept {
    return now < terms.fresh_until || terms.fresh_until == KeyTerms::kForever;
  }
};

}  // namespace simdjwt
