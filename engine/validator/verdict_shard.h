// One shard of the verdict cache, as its writers see it: a ring of equal segments that entries are appended to.
//
// While the current segment fills, the one after it, which holds the oldest entries, is emptied a few entries at a
// time: an entry that has been hit since it was written is copied to the current segment, any other is taken out of the
// index. Then the epoch domain's clock takes a step, and the segment is written again when no reader can see it any
// more.
//
// Ownership: a view of the cache's memory; its domain outlives it. Thread-safety: insert() and erase() from any thread;
// one at a time gets in, any other is refused at once. Cost: a copy of the token and record, and at most kSteps entries
// emptied; no lock is waited for, nothing is allocated.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/epoch.h"
#include "validator/verdict_index.h"

namespace simdjwt {

class alignas(64) VerdictShard {
 public:
  struct Counts {
    std::uint64_t entries = 0;  // in the index
    std::uint64_t bytes = 0;    // of these
    std::uint64_t evicted = 0;  // taken out to make room, since the beginning
  };

  // `segments` times `segment_bytes` at `ring`, zeroed; at least two.
  VerdictShard(const VerdictIndex& index, std::byte* ring, std::size_t segments, std::size_t segment_bytes,
               EpochDomain& domain) noexcept;

  bool insert(std::string_view token, std::span<const std::byte> record, std::uint64_t hash) noexcept;
  bool erase(std::string_view token, std::uint64_t hash) noexcept;

  Counts counts() const noexcept;

 private:
  using Slot = VerdictIndex::Slot;

  // The first line of a segment.
  struct alignas(64) Segment {
    std::size_t used;  // where its last entry ends, since it was left; 0: it has never been written
  };
  static constexpr int kSteps = 8;

  Segment& segment(std::size_t number) const noexcept {
    return *reinterpret_cast<Segment*>(ring_ + number * segment_bytes_);
  }
  std::size_t next() const noexcept { return current_ + 1 == segments_ ? 0 : current_ + 1; }

  bool enter() noexcept;
  void leave() noexcept { busy_.store(false, std::memory_order_release); }

  bool make_room(std::size_t bytes) noexcept;
  const VerdictEntry& append(std::string_view token, std::span<const std::byte> record, std::uint64_t hash) noexcept;
  void link(const VerdictEntry& entry) noexcept;
  Slot oldest_slot(std::uint64_t hash) const noexcept;
  void forget(const VerdictEntry& entry) noexcept;
  void empty_next(std::size_t until) noexcept;
  void empty(const VerdictEntry& entry, const Slot& slot) noexcept;

  std::atomic<bool> busy_{false};

  // All below is of the thread that has set busy_.
  VerdictIndex index_;
  std::byte* const ring_;
  EpochDomain& domain_;
  const std::size_t segments_;
  const std::size_t segment_bytes_;
  std::size_t current_ = 0;
  std::size_t filled_ = sizeof(Segment);   // of the current segment
  std::size_t kept_ = 0;                   // bytes of it that were copied from older ones
  std::size_t emptied_ = sizeof(Segment);  // of the next segment
  bool next_is_empty_ = false;
  std::uint64_t step_ = 0;  // of the clock, after the next segment was emptied

  // Written by that thread alone, read by any.
  std::atomic<std::uint64_t> entries_{0}, bytes_{0}, evicted_{0};
};

}  // namespace simdjwt
