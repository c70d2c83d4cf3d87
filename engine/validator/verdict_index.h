// Where the verdict cache keeps what: entries in an arena, and an index of them by the hash of their token.
//
// The index is an array of buckets of one cache line, of ten slots each, so that it is small beside the arena and has a
// chance to stay in the processor's cache. A slot is a place, where the entry lies, and a mark, 15 bits of its hash; a
// place of 0 is free. The marks stand side by side, so that a few operations on three words find the slot. An entry is
// in the bucket that its hash chooses, its home, or in the bucket beside it.
//
// Ownership: views of memory that the cache owns. Thread-safety: reading from any thread that is pinned, or that writes
// the shard of the bucket; writing by the one that writes the shard. A place is released after the entry is whole, and
// an entry is never changed while a reader can see it, save for whether it was touched. A reader that sees the mark of
// one entry and the place of another compares the other, which is whole too. Cost: a hit reads one bucket and the
// entry, a miss two buckets that lie side by side; one slot in 32,768 that is not the token's makes it read the first
// line of that entry too.
#pragma once

#include <algorithm>
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

  // The hash only saves comparisons of tokens that are not the same.
  bool is_of(std::string_view token, std::uint64_t hash) const noexcept {
    if (hash != hash_ || token.size() != token_size_) return false;
    if (token.empty()) return true;  // it may have no address to compare at
    return std::memcmp(base() + sizeof(VerdictEntry), token.data(), token.size()) == 0;
  }
  std::string_view token() const noexcept {
    return {reinterpret_cast<const char*>(base() + sizeof(VerdictEntry)), token_size_};
  }
  std::span<const std::byte> record() const noexcept { return record_behind(token_size_); }
  // For a caller who knows the size of the token, by is_of(): where the record lies need not wait for the header to be
  // read.
  std::span<const std::byte> record_behind(std::size_t token_size) const noexcept {
    return {base() + record_offset(token_size), record_size_};
  }

  // Asks for the entry's first line and the record's. What is to be done with the record can then begin while the rest
  // of the token is on its way, which a comparison asks for fast enough by itself.
  static void prefetch_ends(const std::byte* place, std::size_t token_size) noexcept {
    __builtin_prefetch(place);
    __builtin_prefetch(place + record_offset(token_size));
  }

  // Asks for all lines of an entry; of a large one for the first, and the processor's own prefetcher follows.
  static void prefetch_all(const std::byte* place, std::size_t token_size) noexcept {
    const std::size_t end = std::min(record_offset(token_size) + kUsualRecordBytes, kPrefetchedBytes);
    for (std::size_t offset = 0; offset < end; offset += kAlign) __builtin_prefetch(place + offset);
  }

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

  static constexpr std::size_t kUsualRecordBytes = 120;  // a CachedVerdict
  static constexpr std::size_t kPrefetchedBytes = 2048;

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
  static constexpr unsigned kSlots = 10;
  static constexpr unsigned kMarkWords = 3;
  // Slot i has 16 bits of word i % 3, from bit 16 * (i / 3) on: 0 is free; of a used one the top bit is set. What is
  // left over is 0.
  std::array<std::atomic<std::uint64_t>, kMarkWords> marks;
  std::array<std::atomic<std::uint32_t>, kSlots> places;  // in the arena, in units of VerdictEntry::kAlign
};
static_assert(sizeof(VerdictBucket) == 64);

class VerdictIndex {
 public:
  // What a place can say.
  static constexpr std::size_t kMaxArenaBytes = VerdictEntry::kAlign << 32;

  // For the writer of the shard: a slot, or none.
  struct Slot {
    VerdictBucket* bucket = nullptr;
    unsigned number = 0;

    explicit operator bool() const noexcept { return bucket != nullptr; }
    std::uint32_t place() const noexcept { return bucket->places[number].load(std::memory_order_relaxed); }
  };

  // The count of buckets is even. No entry lies at the start of the arena, so that no place of an entry is 0, nor beyond
  // kMaxArenaBytes, which a place cannot say.
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
    const std::uint32_t place = home.places[first_of(found)].load(std::memory_order_relaxed);
    VerdictEntry::prefetch_all(arena_ + offset_of(place), token_size);
  }

  // For the writer of the shard.
  std::uint32_t place_of(const VerdictEntry& entry) const noexcept {
    const auto offset = static_cast<std::size_t>(reinterpret_cast<const std::byte*>(&entry) - arena_);
    return static_cast<std::uint32_t>(offset / VerdictEntry::kAlign);
  }
  const VerdictEntry& entry_of(std::uint32_t place) const noexcept {
    return *reinterpret_cast<const VerdictEntry*>(arena_ + offset_of(place));
  }

  // The first slot, of the twenty where an entry of this hash may be, that satisfies `wanted`.
  template <typename Wanted>
  Slot find_slot(std::uint64_t hash, const Wanted& wanted) const noexcept {
    const std::size_t home = home_of(hash);
    for (VerdictBucket* bucket : {&buckets_[home], &buckets_[home ^ 1]}) {
      for (unsigned i = 0; i < VerdictBucket::kSlots; ++i) {
        if (const Slot slot{bucket, i}; wanted(slot)) return slot;
      }
    }
    return {};
  }

  // The slot with the entry of this token.
  Slot slot_of(std::string_view token, std::uint64_t hash) const noexcept {
    return find_slot(hash, [&](const Slot& slot) {
      return marked(slot) == mark_of(hash) && entry_of(slot.place()).is_of(token, hash);
    });
  }

  // A reader may see the place and not yet the mark, or the other way round: then it does not find the entry.
  void set(const Slot& slot, const VerdictEntry& entry) noexcept {
    slot.bucket->places[slot.number].store(place_of(entry), std::memory_order_release);
    set_mark(slot, mark_of(entry.hash()));
  }
  void clear(const Slot& slot) noexcept {
    slot.bucket->places[slot.number].store(0, std::memory_order_release);
    set_mark(slot, 0);
  }

 private:
  static constexpr unsigned kMarkBits = 16;
  static constexpr std::uint64_t kMarkMask = 0xffff, kUsed = 0x8000;

  static std::size_t offset_of(std::uint32_t place) noexcept { return place * VerdictEntry::kAlign; }

  // The high bits, of which the cache takes the shard too: buckets next to each other are of one shard. The low bits
  // are the mark.
  std::size_t home_of(std::uint64_t hash) const noexcept {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::size_t>((static_cast<Wide>(hash) * count_) >> 64);
  }

  static std::uint64_t mark_of(std::uint64_t hash) noexcept { return (hash & kMarkMask) | kUsed; }

  static std::atomic<std::uint64_t>& marks_with(const Slot& slot) noexcept {
    return slot.bucket->marks[slot.number % VerdictBucket::kMarkWords];
  }
  static unsigned shift_of(const Slot& slot) noexcept { return kMarkBits * (slot.number / VerdictBucket::kMarkWords); }

  static std::uint64_t marked(const Slot& slot) noexcept {
    return marks_with(slot).load(std::memory_order_relaxed) >> shift_of(slot) & kMarkMask;
  }
  static void set_mark(const Slot& slot, std::uint64_t mark) noexcept {
    std::atomic<std::uint64_t>& marks = marks_with(slot);
    const std::uint64_t others = marks.load(std::memory_order_relaxed) & ~(kMarkMask << shift_of(slot));
    marks.store(others | mark << shift_of(slot), std::memory_order_release);
  }

  // A bit for each slot with the mark of this hash: bit 16 * (i / 3) + i % 3 is of slot i. In each word those above the
  // first may be wrong, for the subtraction borrows; a free slot is never among them.
  static std::uint64_t matches(const VerdictBucket& bucket, std::uint64_t hash) noexcept {
    constexpr std::uint64_t kOnes = 0x0001000100010001;
    const std::uint64_t wanted = mark_of(hash) * kOnes;
    const auto in = [&](unsigned word) {
      const std::uint64_t zero = bucket.marks[word].load(std::memory_order_relaxed) ^ wanted;
      return ((zero - kOnes) & ~zero) >> (kMarkBits - 1) & kOnes;
    };
    return in(0) | in(1) << 1 | in(2) << 2;
  }
  static unsigned first_of(std::uint64_t found) noexcept {
    const auto bit = static_cast<unsigned>(std::countr_zero(found));
    return bit / kMarkBits * VerdictBucket::kMarkWords + bit % kMarkBits;
  }

  const VerdictEntry* find_in(const VerdictBucket& bucket, std::string_view token, std::uint64_t hash) const noexcept {
    for (std::uint64_t found = matches(bucket, hash); found != 0; found &= found - 1) {
      const std::uint32_t place = bucket.places[first_of(found)].load(std::memory_order_acquire);
      if (place == 0) continue;
      VerdictEntry::prefetch_ends(arena_ + offset_of(place), token.size());
      const VerdictEntry& entry = entry_of(place);
      if (entry.is_of(token, hash)) return &entry;
    }
    return nullptr;
  }

  VerdictBucket* buckets_;
  std::size_t count_;
  std::byte* arena_;
};

}  // namespace simdjwt
