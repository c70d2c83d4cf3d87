// Where the verdict cache keeps what: entries in an arena, and an index of them by the hash of their token.
//
// The index is an array of buckets of one cache line. A slot of a bucket is one word: 16 bits of the hash, its tag, and
// where the entry lies; 0 is free. An entry is in the bucket that its hash chooses, its home, or in the bucket beside it.
//
// Ownership: views of memory that the cache owns. Thread-safety: reading from any thread that is pinned, or that writes
// the shard of the bucket; writing by the one that writes the shard. A word is released after the entry is whole, and an
// entry is never changed while a reader can see it, save for its mark. Cost: a hit reads one bucket and the entry's
// header and token in order, a miss two buckets that lie side by side.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace simdjwt {

// A token and its record behind one header, in whole lines: the token first, for it is read first.
class VerdictEntry {
 public:
  static constexpr std::size_t kAlign = 64;

  static constexpr std::size_t bytes(std::size_t token_size, std::size_t record_size) noexcept {
    return (record_offset(token_size) + record_size + kAlign - 1) / kAlign * kAlign;
  }

  // Writes an entry at `place`, which has bytes() of room.
  static VerdictEntry* write(std::byte* place, std::string_view token, std::span<const std::byte> record,
                             std::uint64_t hash) noexcept {
    auto* const entry = new (place) VerdictEntry(hash, token.size(), record.size());
    std::memcpy(place + sizeof(VerdictEntry), token.data(), token.size());
    std::memcpy(place + record_offset(token.size()), record.data(), record.size());
    return entry;
  }

  std::uint64_t hash() const noexcept { return hash_; }
  std::size_t bytes() const noexcept { return bytes(token_size_, record_size_); }

  bool is_of(std::string_view token) const noexcept {
    return token.size() == token_size_ && std::memcmp(base() + sizeof(VerdictEntry), token.data(), token.size()) == 0;
  }
  std::string_view token() const noexcept {
    return {reinterpret_cast<const char*>(base() + sizeof(VerdictEntry)), token_size_};
  }
  std::span<const std::byte> record() const noexcept { return {base() + record_offset(token_size_), record_size_}; }

  // Whether it has been hit since it was written. A hit writes only when the mark is not there yet.
  bool touched() const noexcept { return touched_.load(std::memory_order_relaxed); }
  void touch() const noexcept {
    if (!touched()) touched_.store(true, std::memory_order_relaxed);
  }

 private:
  VerdictEntry(std::uint64_t hash, std::size_t token_size, std::size_t record_size) noexcept
      : hash_(hash),
        token_size_(static_cast<std::uint32_t>(token_size)),
        record_size_(static_cast<std::uint32_t>(record_size)) {}

  // Records are aligned to 16.
  static constexpr std::size_t record_offset(std::size_t token_size) noexcept {
    return (sizeof(VerdictEntry) + token_size + 15) / 16 * 16;
  }
  const std::byte* base() const noexcept { return reinterpret_cast<const std::byte*>(this); }

  std::uint64_t hash_;
  std::uint32_t token_size_;
  std::uint32_t record_size_;
  mutable std::atomic<bool> touched_{false};
};

struct alignas(64) VerdictBucket {
  std::array<std::atomic<std::uint64_t>, 8> words;
};

class VerdictIndex {
 public:
  using Slot = std::atomic<std::uint64_t>;

  // The count of buckets is even. No entry lies at the start of the arena, so that no word of an entry is 0.
  VerdictIndex(VerdictBucket* buckets, std::size_t count, std::byte* arena) noexcept
      : buckets_(buckets), count_(count), arena_(arena) {}

  // The entry of this token; null when there is none.
  const VerdictEntry* find(std::string_view token, std::uint64_t hash) const noexcept {
    const std::size_t home = home_of(hash);
    const VerdictEntry* const entry = find_in(buckets_[home], token, hash);
    return entry != nullptr ? entry : find_in(buckets_[home ^ 1], token, hash);
  }

  void prefetch(std::uint64_t hash) const noexcept { __builtin_prefetch(&buckets_[home_of(hash)]); }

  // Of the entry, if its bucket is in the processor's cache. Reads no entry: needs no pin.
  void prefetch_entry(std::uint64_t hash, std::size_t token_size) const noexcept {
    const VerdictBucket& home = buckets_[home_of(hash)];
    const unsigned found = matches(home, hash);
    if (found == 0) return;
    fetch(arena_ + offset_of(home.words[std::countr_zero(found)].load(std::memory_order_relaxed)), token_size);
  }

  // For the writer of the shard.
  std::uint64_t word_of(const VerdictEntry& entry) const noexcept {
    const auto offset = static_cast<std::size_t>(reinterpret_cast<const std::byte*>(&entry) - arena_);
    return entry.hash() << kTagShift | offset / VerdictEntry::kAlign;
  }
  const VerdictEntry& entry_of(std::uint64_t word) const noexcept {
    return *reinterpret_cast<const VerdictEntry*>(arena_ + offset_of(word));
  }
  static std::size_t offset_of(std::uint64_t word) noexcept {
    return static_cast<std::size_t>(word & kPlaceMask) * VerdictEntry::kAlign;
  }

  // The first slot, of the sixteen where an entry of this hash may be, whose word satisfies `wanted`; null if none does.
  template <typename Wanted>
  Slot* find_slot(std::uint64_t hash, const Wanted& wanted) const noexcept {
    const std::size_t home = home_of(hash);
    for (VerdictBucket* bucket : {&buckets_[home], &buckets_[home ^ 1]}) {
      for (Slot& slot : bucket->words) {
        if (wanted(slot.load(std::memory_order_relaxed))) return &slot;
      }
    }
    return nullptr;
  }

  // The slot with the entry of this token; null when there is none.
  Slot* slot_of(std::string_view token, std::uint64_t hash) const noexcept {
    return find_slot(hash, [&](std::uint64_t word) {
      return word != 0 && word >> kTagShift == (hash & kTagMask) && entry_of(word).is_of(token);
    });
  }

 private:
  static constexpr unsigned kTagShift = 48;
  static constexpr std::uint64_t kTagMask = 0xffff;
  static constexpr std::uint64_t kPlaceMask = (std::uint64_t{1} << kTagShift) - 1;

  // The high bits, of which the cache takes the shard too: buckets next to each other are of one shard. The low bits are
  // the tag.
  std::size_t home_of(std::uint64_t hash) const noexcept {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::size_t>((static_cast<Wide>(hash) * count_) >> 64);
  }

  // A bit for each slot with this tag. Without branches: where the entry is cannot be predicted.
  static unsigned matches(const VerdictBucket& bucket, std::uint64_t hash) noexcept {
    const std::uint64_t tag = hash & kTagMask;
    unsigned found = 0;
    for (unsigned i = 0; i < bucket.words.size(); ++i) {
      found |= static_cast<unsigned>(bucket.words[i].load(std::memory_order_relaxed) >> kTagShift == tag) << i;
    }
    return found;
  }

  const VerdictEntry* find_in(const VerdictBucket& bucket, std::string_view token, std::uint64_t hash) const noexcept {
    for (unsigned found = matches(bucket, hash); found != 0; found &= found - 1) {
      // It may have changed since: then this is another entry, perhaps of another tag, and the token decides.
      const std::uint64_t word = bucket.words[std::countr_zero(found)].load(std::memory_order_acquire);
      if (word == 0) continue;
      const VerdictEntry& entry = entry_of(word);
      fetch(arena_ + offset_of(word), token.size());
      if (entry.is_of(token)) return &entry;
    }
    return nullptr;
  }

  // The first lines of an entry all at once, so that their latencies overlap; the processor's own prefetcher follows.
  static void fetch(const std::byte* entry, std::size_t token_size) noexcept {
    constexpr std::size_t kMost = 16 * 64;
    const std::size_t end = token_size < kMost ? token_size : kMost;
    for (std::size_t offset = 0; offset < end; offset += 64) __builtin_prefetch(entry + offset);
  }

  VerdictBucket* buckets_;
  std::size_t count_;
  std::byte* arena_;
};

}  // namespace simdjwt
