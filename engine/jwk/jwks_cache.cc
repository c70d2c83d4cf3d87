#include "jwk/jwks_cache.h"

namespace simdjwt {
namespace {

// Whether `now` is less than `seconds` after `then`, or less than kSkew before it. Unsigned, so that nothing overflows:
// any other time before `then` is far more than `seconds` after it.
template <typename Time>
bool is_within(Time now, Time then, Time seconds) noexcept {
  constexpr Time kSkew = KeyDemand::kSkew;
  return static_cast<Time>(now - then + kSkew) < seconds + kSkew;
}

}  // namespace

bool KeyDemand::may_raise(Wanted reason, std::int64_t now, const DemandLimits& limits, std::int64_t& last) noexcept {
  last = this->last(reason).load(std::memory_order_relaxed);
  return last == kNever || !is_within<std::uint64_t>(now, last, limits.cooldown_s);
}

// Of all threads that saw the same last raise one makes the next.
bool KeyDemand::claim(Wanted reason, std::int64_t now, std::int64_t last) noexcept {
  return this->last(reason).compare_exchange_strong(last, now, std::memory_order_relaxed);
}

// The reason before the count: whoever sees the count move finds the reason. A reason that nobody has taken yet is
// counted again, once a cooldown: whoever missed the first time hears of it.
void KeyDemand::raise(Wanted reason) noexcept {
  pending_.fetch_or(static_cast<std::uint32_t>(reason), std::memory_order_release);
  total_.fetch_add(1, std::memory_order_release);
}

void KeyDemand::want(Wanted reason, std::int64_t now, const DemandLimits& limits) noexcept {
  std::int64_t last = kNever;
  if (may_raise(reason, now, limits, last) && claim(reason, now, last)) raise(reason);
}

template <typename MakeTag>
void KeyDemand::want_key(std::int64_t now, const DemandLimits& limits, const MakeTag& make_tag) noexcept {
  std::int64_t last = kNever;
  if (!may_raise(Wanted::unknown_kid, now, limits, last)) return;
  const auto tag = static_cast<std::uint32_t>(make_tag());
  if (is_remembered(tag, now, limits.unknown_kid_ttl_s) || !claim(Wanted::unknown_kid, now, last)) return;
  remember(tag, now);
  raise(Wanted::unknown_kid);
}

void KeyDemand::want_kid(std::string_view kid, std::int64_t now, const DemandLimits& limits) noexcept {
  want_key(now, limits, [&] { return hash_(kid); });
}

// The other half of the hash: a kid that spells an algorithm is another key.
void KeyDemand::want_algorithm(std::string_view name, std::int64_t now, const DemandLimits& limits) noexcept {
  want_key(now, limits, [&] { return hash_(name) >> 32; });
}

// The answered ones of the last kRemembered. A slot that is overwritten meanwhile holds a key that was asked for later.
bool KeyDemand::is_remembered(std::uint32_t tag, std::int64_t now, std::uint32_t ttl_s) const noexcept {
  const std::uint32_t answered = answered_.load(std::memory_order_acquire);
  const std::uint32_t asked = asked_.load(std::memory_order_acquire);
  for (std::uint32_t i = asked - answered; i < kRemembered; ++i) {
    const std::uint64_t entry = ring_[(asked - 1 - i) % kRemembered].load(std::memory_order_relaxed);
    if (entry >> 32 == tag && is_within(static_cast<std::uint32_t>(now), static_cast<std::uint32_t>(entry), ttl_s)) {
      return true;
    }
  }
  return false;
}

void KeyDemand::remember(std::uint32_t tag, std::int64_t now) noexcept {
  const std::uint32_t index = asked_.fetch_add(1, std::memory_order_acq_rel);
  ring_[index % kRemembered].store(std::uint64_t{tag} << 32 | static_cast<std::uint32_t>(now),
                                   std::memory_order_relaxed);
}

void KeyDemand::forget() noexcept {
  for (std::atomic<std::uint64_t>& entry : ring_) entry.store(0, std::memory_order_relaxed);
  for (std::atomic<std::int64_t>& time : last_) time.store(kNever, std::memory_order_relaxed);
}

}  // namespace simdjwt
