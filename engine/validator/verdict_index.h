// Where the verdict cache keeps what: entries in an arena, and an index of them by the hash of their token.
//
// The index is an array of buckets of one cache line, of seven slots each. A slot is one word: 16 bits of the hash and
// where the entry lies; 0 is free. One more word has a byte for each slot, 7 other bits of the hash, so that one
// comparison finds the slot. An entry is in the bucket that its hash chooses, its home, or in the bucket beside it.
//
// Ownership: views of memory that the cache owns. Thread-safety: reading from any thread that is pinned, or that writes
// the shard of the bucket; writing by the one that writes the shard. A word is released after the entry is whole, and
// an entry is never changed while a reader can see it, save for its mark. Cost: a hit reads one bucket and the entry's
// header and token in order, a miss two buckets that lie side by side.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
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
    if (!token.empty()) std::memcpy(place + sizeof(VerdictEntry), token.data(), token.size());
    std::memcpy(place + record_offset(token.size()), record.data(), record.size());
    return entry;
  }

  std::uint64_t hash() const noexcept { return hash_; }
  std::size_t bytes() const noexcept { return bytes(token_size_, record_size_); }

  bool is_of(std::string_view token) const noexcept {
    // An empty token may have no address to compare at.
    if (token.size() != token_size_ || token.empty()) return token.size() == token_size_;
    return std::memcmp(base() + sizeof(VerdictEntry), token.data(), token.size()) == 0;
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
  static constexpr unsigned kSlots = 7;
  std::atomic<std::uint64_t> marks;  // byte i is of slot i: 0 is free; of a used one the top bit is set. The last is 0
  std::array<std::atomic<std::uint64_t>, kSlots> words;
};
static_assert(sizeof(VerdictBucket) == 64);

class VerdictIndex {
 public:
  // For the writer of the shard: a slot, or none.
  struct Slot {
    VerdictBucket* bucket = nullptr;
    unsigned number = 0;

    explicit operator bool() const noexcept { return bucket != nullptr; }
    std::uint64_t word() const noexcept { return bucket->words[number].load(std::memory_order_relaxed); }
  };

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
    const std::uint64_t found = matches(home, hash);
    if (found == 0) return;
    fetch<16>(arena_ + offset_of(home.words[first_of(found)].load(std::memory_order_relaxed)), token_size);
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

  // The first slot, of the fourteen where an entry of this hash may be, whose word satisfies `wanted`.
  template <typename Wanted>
  Slot find_slot(std::uint64_t hash, const Wanted& wanted) const noexcept {
    const std::size_t home = home_of(hash);
    for (VerdictBucket* bucket : {&buckets_[home], &buckets_[home ^ 1]}) {
      for (unsigned i = 0; i < VerdictBucket::kSlots; ++i) {
        if (const Slot slot{bucket, i}; wanted(slot.word())) return slot;
      }
    }
    return {};
  }

  // The slot with the entry of this token.
  Slot slot_of(std::string_view token, std::uint64_t hash) const noexcept {
    return find_slot(
        hash, [&](std::uint64_t word) { return word != 0 && has_tag(word, hash) && entry_of(word).is_of(token); });
  }

  // A reader may see the word and not yet the mark, or the other way round: then it does not find the entry.
  void set(const Slot& slot, const VerdictEntry& entry) noexcept {
    slot.bucket->words[slot.number].store(word_of(entry), std::memory_order_release);
    set_mark(slot, mark_of(entry.hash()));
  }
  void clear(const Slot& slot) noexcept {
    slot.bucket->words[slot.number].store(0, std::memory_order_release);
    set_mark(slot, 0);
  }

 private:
  static constexpr unsigned kTagShift = 48;
  static constexpr std::uint64_t kTagMask = 0xffff;
  static constexpr std::uint64_t kPlaceMask = (std::uint64_t{1} << kTagShift) - 1;

  // The high bits, of which the cache takes the shard too: buckets next to each other are of one shard. The low bits
  // are the tag.
  std::size_t home_of(std::uint64_t hash) const noexcept {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::size_t>((static_cast<Wide>(hash) * count_) >> 64);
  }

  static bool has_tag(std::uint64_t word, std::uint64_t hash) noexcept {
    return word >> kTagShift == (hash & kTagMask);
  }

  static std::uint64_t mark_of(std::uint64_t hash) noexcept { return (hash >> 16 & 0x7f) | 0x80; }

  static void set_mark(const Slot& slot, std::uint64_t mark) noexcept {
    const unsigned shift = 8 * slot.number;
    const std::uint64_t marks = slot.bucket->marks.load(std::memory_order_relaxed);
    slot.bucket->marks.store((marks & ~(std::uint64_t{0xff} << shift)) | mark << shift, std::memory_order_release);
  }

  // The top bit of each byte whose slot has the mark of this hash; those above the first may be wrong, for the
  // subtraction borrows.
  static std::uint64_t matches(const VerdictBucket& bucket, std::uint64_t hash) noexcept {
    constexpr std::uint64_t kOnes = 0x0101010101010101, kTops = 0x0080808080808080;
    const std::uint64_t zero = bucket.marks.load(std::memory_order_relaxed) ^ mark_of(hash) * kOnes;
    return (zero - kOnes) & ~zero & kTops;
  }
  static unsigned first_of(std::uint64_t found) noexcept { return static_cast<unsigned>(std::countr_zero(found)) / 8; }

  const VerdictEntry* find_in(const VerdictBucket& bucket, std::string_view token, std::uint64_t hash) const noexcept {
    for (std::uint64_t found = matches(bucket, hash); found != 0; found &= found - 1) {
      const std::uint64_t word = bucket.words[first_of(found)].load(std::memory_order_acquire);
      if (word == 0 || !has_tag(word, hash)) continue;
      const VerdictEntry& entry = entry_of(word);
      fetch<10>(arena_ + offset_of(word), token.size());
      if (entry.is_of(token)) return &entry;
    }
    return nullptr;
  }

  // The first lines of an entry all at once, so that their latencies overlap; the processor's own prefetcher follows.
  template <std::size_t kLines>
  static void fetch(const std::byte* entry, std::size_t token_size) noexcept {
    const std::size_t end = token_size < kLines * 64 ? token_size : kLines * 64;
    for (std::size_t offset = 0; offset < end; offset += 64) __builtin_prefetch(entry + offset);
  }

  VerdictBucket* buckets_;
  std::size_t count_;
  std::byte* arena_;
};

}  // namespace simdjwt
