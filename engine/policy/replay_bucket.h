// One bucket of the replay store: nine entries, the bit that guards them, and the latest time of all it has forgotten.
//
// A time here is a tick: Unix seconds in 32 bits, written in one piece, for a count without the bit reads it. An entry
// whose tick is not after now is forgotten: its place is free. Of a fingerprint 72 bits are kept; the place of the
// bucket says others.
//
// Ownership: plain memory; a zeroed bucket is empty. Thread-safety: everything but the bit is of the thread that holds
// it, and count_unheld() is anybody's. Cost: two cache lines that lie together; all ticks are in the second.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "base/keyed_hash128.h"
#include "policy/spin.h"

namespace simdjwt {

using ReplayTick = std::uint32_t;

class alignas(128) ReplayBucket {
 public:
  static constexpr unsigned kPlaces = 9;
  static constexpr unsigned kNone = kPlaces;

  // Holds the bit.
  class Hold {
   public:
    explicit Hold(ReplayBucket& bucket) noexcept : bucket_(bucket) {
      Spin spin;
      while (bucket.held_.exchange(1, std::memory_order_acquire) != 0) {
        while (bucket.held_.load(std::memory_order_relaxed) != 0) spin.pause();
      }
    }
    ~Hold() { bucket_.held_.store(0, std::memory_order_release); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    ReplayBucket& bucket_;
  };

  // For reading: before the signature is verified nobody may take the lines away from another core.
  void prefetch() const noexcept {
    __builtin_prefetch(low_);
    __builtin_prefetch(ticks_);
  }

  // The place of this fingerprint whose tick is the latest; forgotten ones too. kNone when there is none.
  unsigned find(const Hash128& fingerprint) const noexcept {
    bool any = false;
    for (const std::uint64_t low : low_) any |= low == fingerprint.low;
    return any ? latest_of(fingerprint) : kNone;
  }

  // The place that has been free for the longest time. Without a branch: which it is cannot be predicted.
  unsigned oldest() const noexcept {
    std::uint64_t least = UINT64_MAX;
    for (unsigned i = 0; i < kPlaces; ++i) least = std::min(least, std::uint64_t{ticks_[i]} << 8 | i);
    return static_cast<unsigned>(least & 0xff);
  }

  unsigned entries(ReplayTick now) const noexcept {
    unsigned count = 0;
    for (const ReplayTick tick : ticks_) count += tick > now;
    return count;
  }

  // entries() while others may hold it.
  unsigned count_unheld(ReplayTick now) noexcept {
    unsigned count = 0;
    for (ReplayTick& tick : ticks_) count += std::atomic_ref(tick).load(std::memory_order_relaxed) > now;
    return count;
  }

  ReplayTick tick(unsigned place) const noexcept { return ticks_[place]; }
  void set_tick(unsigned place, ReplayTick tick) noexcept {
    std::atomic_ref(ticks_[place]).store(tick, std::memory_order_relaxed);
  }

  // The latest tick of all entries that another one was written over.
  ReplayTick forgotten() const noexcept { return forgotten_; }

  void write(unsigned place, const Hash128& fingerprint, ReplayTick tick) noexcept {
    forgotten_ = std::max(forgotten_, ticks_[place]);
    low_[place] = fingerprint.low;
    high_[place] = static_cast<std::uint8_t>(fingerprint.high);
    set_tick(place, tick);
  }

  // As if an entry of this tick had been here and written over.
  void note_forgotten(ReplayTick tick) noexcept { forgotten_ = std::max(forgotten_, tick); }

  // As if it had never been there.
  void erase(unsigned place) noexcept { set_tick(place, 0); }

 private:
  unsigned latest_of(const Hash128& fingerprint) const noexcept {
    unsigned found = kNone;
    for (unsigned i = 0; i < kPlaces; ++i) {
      const bool same = low_[i] == fingerprint.low && high_[i] == static_cast<std::uint8_t>(fingerprint.high);
      if (same && ticks_[i] != 0 && (found == kNone || ticks_[i] > ticks_[found])) found = i;
    }
    return found;
  }

  std::uint64_t low_[kPlaces];
  ReplayTick ticks_[kPlaces];
  std::atomic<std::uint32_t> held_;
  ReplayTick forgotten_;
  std::uint8_t high_[kPlaces];
};
static_assert(sizeof(ReplayBucket) == 128);

}  // namespace simdjwt
