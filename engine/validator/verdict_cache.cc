#include "validator/verdict_cache.h"

#include <algorithm>
#include <bit>
#include <new>
#include <utility>

namespace simdjwt {
namespace {

constexpr std::size_t kMostShards = 64;
constexpr std::size_t kBytesPerShard = 4 << 20;
constexpr std::size_t kLeastSegmentBytes = 16 << 10;
constexpr std::size_t kMostSegmentBytes = 1 << 20;
constexpr std::size_t kSegmentsPerShard = 32;  // or more: one or two of them are always being emptied

}  // namespace

// What is wanted is a whole number of segments, each with its share of the index; the rest of max_bytes is left.
VerdictCache::Layout VerdictCache::divide(std::size_t max_bytes) {
  if (max_bytes < kMinBytes || max_bytes > kMaxBytes) throw std::bad_alloc();
  const std::size_t page = HugeMemory::page_bytes();
  const std::size_t room = (max_bytes - sizeof(VerdictCache)) / page * page;
  Layout layout;
  layout.shards = std::bit_floor(std::clamp(room / kBytesPerShard, std::size_t{1}, kMostShards));
  const std::size_t shard_room = room / layout.shards - sizeof(VerdictShard);
  layout.segment_bytes =
      std::bit_floor(std::clamp(shard_room / kSegmentsPerShard, kLeastSegmentBytes, kMostSegmentBytes));
  const std::size_t index_bytes = layout.segment_bytes * sizeof(VerdictBucket) / kBytesPerBucket + 1;  // at most
  layout.segments = shard_room / (layout.segment_bytes + index_bytes);
  if (layout.segments < 2) throw std::bad_alloc();
  return layout;
}

VerdictCache::VerdictCache(std::size_t max_bytes, EpochDomain& domain, const TokenHash& hash)
    : hash_(hash),
      layout_(divide(max_bytes)),
      memory_(layout_.total_bytes()),
      index_(new (memory_.data()) VerdictBucket[layout_.buckets()](), layout_.buckets(),
             memory_.data() + layout_.total_bytes() - layout_.arena_bytes()),
      shards_(reinterpret_cast<VerdictShard*>(memory_.data() + layout_.buckets() * sizeof(VerdictBucket))) {
  std::byte* ring = memory_.data() + layout_.total_bytes() - layout_.arena_bytes();
  for (std::size_t i = 0; i < layout_.shards; ++i) {
    new (&shards_[i]) VerdictShard(index_, ring, layout_.segments, layout_.segment_bytes, domain);
    ring += layout_.segments * layout_.segment_bytes;
  }
}

// What lies in memory_ needs no destructor.
VerdictCache::~VerdictCache() = default;

VerdictCache::Stats VerdictCache::stats() const noexcept {
  Stats stats;
  for (std::size_t i = 0; i < layout_.shards; ++i) {
    const VerdictShard::Counts counts = shards_[i].counts();
    stats.entries += counts.entries;
    stats.bytes += counts.bytes;
    stats.evicted += counts.evicted;
  }
  stats.capacity = layout_.arena_bytes() - layout_.shards * layout_.segments * VerdictEntry::kAlign;
  stats.reserved = memory_.size() + sizeof(VerdictCache);
  return stats;
}

}  // namespace simdjwt
