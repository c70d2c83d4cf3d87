// Where everything of a replay store stands in its memory: buckets, the spill's buckets and the filter's lines.
//
// A store filled to its capacity has 7.2 entries for each bucket of nine places. When it has been that full for a
// while, as many expiring as coming, 13.2 percent of them find their bucket full (Erlang's formula B for 9 places
// and 7.2 entries, whatever their lifetimes are; 6 percent when it is filled from empty). These 0.95 for each bucket
// have two places to choose from in the spill, whose buckets are filled to 4.6 of nine on average, and four of them
// share a line of the filter. That makes 23.6 bytes an entry.
//
// Ownership: owns the memory. Thread-safety: immutable; what the buckets hold is guarded by them. Cost: arithmetic.
#pragma once

#include <cstdint>
#include <utility>

#include "base/huge_memory.h"
#include "policy/bloom_filter.h"
#include "policy/replay_bucket.h"

namespace simdjwt {

class ReplayTable {
 public:
  // Takes `bytes`, rounded down to whole pages.
  explicit ReplayTable(std::uint64_t bytes)
      : memory_(bytes / HugeMemory::page_bytes() * HugeMemory::page_bytes()),
        shape_(memory_.size()),
        buckets_(reinterpret_cast<ReplayBucket*>(memory_.data())),
        filter_(memory_.data() + (shape_.buckets + shape_.spill) * sizeof(ReplayBucket), shape_.lines) {}

  std::uint64_t capacity() const noexcept { return shape_.buckets * 72 / 10; }
  std::uint64_t bytes() const noexcept { return memory_.size(); }
  std::uint64_t buckets() const noexcept { return shape_.buckets + shape_.spill; }  // the spill's are the last
  std::uint64_t spill_buckets() const noexcept { return shape_.spill; }

  ReplayBucket& bucket(std::uint64_t number) const noexcept { return buckets_[number]; }
  BloomFilter& filter() noexcept { return filter_; }
  const BloomFilter& filter() const noexcept { return filter_; }

  // The place says high bits of one half; bits kept are all of the other half and the lowest 8 of this one. No table
  // has 2^56 buckets, so that none is said twice.
  ReplayBucket& home_of(const Hash128& fingerprint) const noexcept {
    __extension__ using Wide = unsigned __int128;
    return buckets_[static_cast<std::uint64_t>((static_cast<Wide>(fingerprint.high) * shape_.buckets) >> 64)];
  }

  // Two of the spill, or one twice; the lower address first. From the other half: those that share a bucket part here.
  std::pair<ReplayBucket*, ReplayBucket*> spill_of(const Hash128& fingerprint) const noexcept {
    const auto place = [this](std::uint64_t bits) { return &buckets_[shape_.buckets + ((bits * shape_.spill) >> 32)]; };
    ReplayBucket* const one = place(fingerprint.low >> 32);
    ReplayBucket* const other = place(fingerprint.low & 0xffff'ffff);
    return one < other ? std::pair(one, other) : std::pair(other, one);
  }

 private:
  struct Shape {
    std::uint64_t buckets, spill, lines;

    // For 1,024 buckets 212 of the spill (0.95 / 4.6 = 0.207) and 243 lines (0.95 / 4 = 0.238); 16 of each over, for
    // small numbers vary.
    explicit Shape(std::uint64_t bytes) noexcept {
      constexpr std::uint64_t kOver = 16;
      const std::uint64_t over = kOver * (sizeof(ReplayBucket) + BloomFilter::kLineBytes);
      constexpr std::uint64_t kGroup = (1024 + 212) * sizeof(ReplayBucket) + 243 * BloomFilter::kLineBytes;
      const std::uint64_t groups = (bytes - over) / kGroup, rest = (bytes - over) % kGroup;
      buckets = groups * 1024 + rest * 1024 / kGroup;
      spill = buckets * 212 / 1024 + kOver;
      lines = buckets * 243 / 1024 + kOver;
    }
  };

  HugeMemory memory_;
  Shape shape_;
  ReplayBucket* buckets_;
  BloomFilter filter_;
};

}  // namespace simdjwt
