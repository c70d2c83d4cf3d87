// Where everything of a replay store stands in its memory: buckets, the spill's buckets and the filter's lines.
//
// A store filled to its capacity has 7.2 entries for each bucket of nine places. When it has been that full for a
// while, as many expiring as coming, 13.2 percent of them find their bucket full (Erlang's formula B for 9 places
// and 7.2 entries, whatever their lifetimes are; 6 percent when it is filled from empty). These 0.95 for each bucket
// have two places to choose from in the spill, whose buckets are filled to 4.6 of nine on average, and four of them
// share a line of the filter. That makes 23.6 bytes an entry.
//
// Ownership: owns the memory. Thread-safety: immutable; what the buckets hold is guarded by them. Cost: arithmetic;
// entries() reads memory.
#pragma once

#include <cstdint>
#include <utility>

#include "base/huge_memory.h"
#include "policy/bloom_filter.h"
#include "policy/replay_bucket.h"

namespace simdjwt {

class ReplayTable {
 public:
  // Takes `bytes`, rounded down to whole pages, and uses nearly all of them. Throws std::bad_alloc.
  ReplayTable(std::uint64_t bytes, std::int64_t max_retention_s);

  std::uint64_t capacity() const noexcept { return shape_.homes * 72 / 10; }
  std::uint64_t bytes() const noexcept { return memory_.size(); }

  BloomFilter& filter() noexcept { return filter_; }
  const BloomFilter& filter() const noexcept { return filter_; }

  // The place says high bits of one half; bits kept are all of the other half and the lowest 8 of this one. No table
  // has 2^56 buckets, so that none is said twice.
  ReplayBucket& home_of(const Hash128& fingerprint) const noexcept {
    __extension__ using Wide = unsigned __int128;
    return buckets_[static_cast<std::uint64_t>((static_cast<Wide>(fingerprint.high) * shape_.homes) >> 64)];
  }

  // Two of the spill, or one twice; the lower address first. From the other half: those that share a bucket part here.
  std::pair<ReplayBucket*, ReplayBucket*> spill_of(const Hash128& fingerprint) const noexcept {
    const auto place = [this](std::uint64_t bits) { return &buckets_[shape_.homes + ((bits * shape_.spill) >> 32)]; };
    ReplayBucket* const one = place(fingerprint.low >> 32);
    ReplayBucket* const other = place(fingerprint.low & 0xffff'ffff);
    return one < other ? std::pair(one, other) : std::pair(other, one);
  }

  // The filter's generation that a time is in. The inverse is too large by less than one in 2^32 of it, and a tick is
  // below 2^32: the quotient is exact.
  BloomFilter::Generation generation(ReplayTick tick) const noexcept {
    __extension__ using Wide = unsigned __int128;
    return static_cast<BloomFilter::Generation>((static_cast<Wide>(inverse_) * tick) >> 64);
  }

  // How many must be remembered; takes no bit, and writes nothing. Reads one line of each home and of each bucket of
  // the spill; of 2,048 when there are more than 8,192.
  std::uint64_t entries(ReplayTick now) const noexcept;

 private:
  struct Shape {
    std::uint64_t homes, spill, lines;
    explicit Shape(std::uint64_t bytes) noexcept;
  };

  std::uint64_t entries_of(std::uint64_t from, std::uint64_t count, ReplayTick now) const noexcept;

  HugeMemory memory_;
  Shape shape_;
  ReplayBucket* buckets_;  // the spill's after the homes
  BloomFilter filter_;
  std::uint64_t inverse_;
};

}  // namespace simdjwt
