#include "policy/replay_table.h"

#include <algorithm>

namespace simdjwt {
namespace {

constexpr std::uint64_t kGenerations = 240;  // of the filter, in the time that entries are kept

std::uint64_t whole_pages(std::uint64_t bytes) noexcept {
  return bytes / HugeMemory::page_bytes() * HugeMemory::page_bytes();
}

// 2^64 / the seconds of a generation, rounded up; these are 2 at least.
std::uint64_t inverse_of(std::int64_t max_retention_s) noexcept {
  const auto retention = static_cast<std::uint64_t>(std::max<std::int64_t>(max_retention_s, 1));
  const std::uint64_t seconds = (retention + kGenerations - 1) / kGenerations;
  return UINT64_MAX / std::clamp<std::uint64_t>(seconds, 2, UINT32_MAX) + 1;
}

}  // namespace

// For 1,024 buckets 212 of the spill (0.95 / 4.6 = 0.207) and 243 lines (0.95 / 4 = 0.238); 16 of each over, for small
// numbers vary.
ReplayTable::Shape::Shape(std::uint64_t bytes) noexcept {
  constexpr std::uint64_t kOver = 16;
  constexpr std::uint64_t kBytesOver = kOver * (sizeof(ReplayBucket) + BloomFilter::kLineBytes);
  constexpr std::uint64_t kGroup = (1024 + 212) * sizeof(ReplayBucket) + 243 * BloomFilter::kLineBytes;
  const std::uint64_t groups = (bytes - kBytesOver) / kGroup, rest = (bytes - kBytesOver) % kGroup;
  homes = groups * 1024 + rest * 1024 / kGroup;
  spill = homes * 212 / 1024 + kOver;
  lines = homes * 243 / 1024 + kOver;
}

ReplayTable::ReplayTable(std::uint64_t bytes, std::int64_t max_retention_s)
    : memory_(whole_pages(bytes)),
      shape_(memory_.size()),
      buckets_(reinterpret_cast<ReplayBucket*>(memory_.data())),
      filter_(memory_.data() + (shape_.homes + shape_.spill) * sizeof(ReplayBucket), shape_.lines),
      inverse_(inverse_of(max_retention_s)) {}

std::uint64_t ReplayTable::entries(ReplayTick now) const noexcept {
  return entries_of(0, shape_.homes, now) + entries_of(shape_.homes, shape_.spill, now);
}

// From a sample of many, spread evenly: a fingerprint may be in any. Each bucket is off by two entries or so, the mean
// of 2,048 by 0.05 of the 7.2 that are the capacity.
std::uint64_t ReplayTable::entries_of(std::uint64_t from, std::uint64_t count, ReplayTick now) const noexcept {
  constexpr std::uint64_t kFew = 8192, kSample = 2048;
  const std::uint64_t looked = count <= kFew ? count : kSample;
  std::uint64_t found = 0;
  for (std::uint64_t i = 0; i < looked; ++i) found += buckets_[from + i * count / looked].count_unheld(now);
  if (looked == count) return found;
  return static_cast<std::uint64_t>(static_cast<double>(found) * static_cast<double>(count) /
                                    static_cast<double>(looked));
}

}  // namespace simdjwt
