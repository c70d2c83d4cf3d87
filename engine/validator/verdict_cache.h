// The memory behind cached verdicts: a bounded concurrent map from a whole token to a record, an opaque run of bytes.
//
// A lookup compares the whole token, never only a hash of it. What a record means, and whether it still holds, is for
// the caller to say. A cache may forget anything at any time, and refuse anything: it answers "not here" and is right.
//
// Ownership: owns copies of tokens and records, which are bearer credentials: they are kept out of core dumps and go
// back to the system with the cache. The epoch domain outlives it, and is not owned by it: a retired snapshot waits in
// the domain with its cache. Thread-safety: everything from any thread; find() under a pin of a slot of the domain.
// Cost: everything is allocated in the constructor; find() reads one line of the index and the entry, takes no lock and
// writes nothing but an entry's first mark; insert() copies, and waits for nobody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/epoch.h"
#include "base/huge_memory.h"
#include "validator/token_hash.h"
#include "validator/verdict_index.h"
#include "validator/verdict_shard.h"

namespace simdjwt {

class VerdictCache {
 public:
  static constexpr std::size_t kMinBytes = 128 << 10;
  static constexpr std::size_t kMaxBytes = VerdictIndex::kMaxArenaBytes;

  struct Stats {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;     // of the entries, headers and rounding included
    std::uint64_t capacity = 0;  // what entries may take, of which a part is always being emptied
    std::uint64_t reserved = 0;  // all memory of the cache, this object included: at most max_bytes
    std::uint64_t evicted = 0;   // entries that went to make room, since the beginning
  };

  // Takes at most `max_bytes` in all. Throws std::bad_alloc, also for fewer than kMinBytes or more than
  // kMaxBytes.
  VerdictCache(std::size_t max_bytes, EpochDomain& domain, const TokenHash& hash = TokenHash::random());
  ~VerdictCache();
  VerdictCache(const VerdictCache&) = delete;
  VerdictCache& operator=(const VerdictCache&) = delete;

  // Of this token; the functions that take a hash want this one.
  std::uint64_t hash(std::string_view token) const noexcept { return hash_(token); }

  // For many tokens at once: fetch all the places where they may be, then all the entries, then find() each. They need
  // no pin.
  void prefetch(std::uint64_t hash) const noexcept { index_.prefetch(hash); }
  void prefetch_entry(std::uint64_t hash, std::size_t token_size) const noexcept {
    index_.prefetch_entry(hash, token_size);
  }

  // The record of exactly this token, aligned to 16; empty when it is not here. The caller has pinned a slot of the
  // domain, and may read the record until it unpins that.
  std::span<const std::byte> find(std::string_view token) const noexcept { return find(token, hash(token)); }
  std::span<const std::byte> find(std::string_view token, std::uint64_t hash) const noexcept {
    const VerdictEntry* const entry = index_.find(token, hash);
    if (entry == nullptr) return {};
    entry->touch();
    return entry->record_behind(token.size());
  }

  // Copies both, in place of the token's record if there is one. False when it was not admitted: the record is empty,
  // both together are larger than max_entry_bytes(), another thread is writing to the same shard, or the oldest entries
  // are still in readers' sight; the token's record from before may then still be found. It needs no pin, but one that
  // the caller holds counts: a thread that inserts more than a few segments under one pin is refused until it pins
  // anew.
  bool insert(std::string_view token, std::span<const std::byte> record) noexcept {
    return insert(token, record, hash(token));
  }
  bool insert(std::string_view token, std::span<const std::byte> record, std::uint64_t hash) noexcept {
    return shard_of(hash).insert(token, record, hash);
  }

  // Whether the token was here and is no longer found. False too when another thread is writing to the same shard.
  bool erase(std::string_view token) noexcept {
    const std::uint64_t h = hash(token);
    return shard_of(h).erase(token, h);
  }

  // A token and record that take no more than this, header and rounding (at most 112 bytes) included, fit a segment.
  std::size_t max_entry_bytes() const noexcept { return layout_.segment_bytes - VerdictEntry::kAlign; }

  Stats stats() const noexcept;

 private:
  // How the memory is divided: the index, the shards, and a ring of segments for each shard, one after the other.
  struct Layout {
    std::size_t shards;         // a power of two
    std::size_t segments;       // of a shard
    std::size_t segment_bytes;  // a power of two
    std::size_t buckets() const noexcept { return shards * (segments * segment_bytes / kBytesPerBucket / 2 * 2); }
    std::size_t arena_bytes() const noexcept { return shards * segments * segment_bytes; }
    std::size_t total_bytes() const noexcept {
      return buckets() * sizeof(VerdictBucket) + shards * sizeof(VerdictShard) + arena_bytes();
    }
  };
  // Ten slots for so much of the arena. At the 1 to 1.5 KiB of a usual entry a bucket holds 3 to 5 on average, and with
  // the bucket beside it nearly every entry finds a slot; with entries of less than 512 bytes the slots are full before
  // the arena is. A shard has an even number of buckets, so that a bucket and the one beside it are of one shard.
  static constexpr std::size_t kBytesPerBucket = 5120;

  static Layout divide(std::size_t max_bytes);

  VerdictShard& shard_of(std::uint64_t hash) const noexcept { return shards_[(hash >> 32) * layout_.shards >> 32]; }

  TokenHash hash_;
  Layout layout_;
  HugeMemory memory_;
  VerdictIndex index_;
  VerdictShard* shards_;
};

}  // namespace simdjwt
