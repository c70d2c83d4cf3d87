// The index of the verdict cache with hashes of the test's own making: two buckets side by side, one arena.
#include "validator/verdict_index.h"

#include <gtest/gtest.h>

#include <array>
#include <span>
#include <string>
#include <vector>

namespace simdjwt {
namespace {

constexpr unsigned kSlots = VerdictBucket::kSlots;

class VerdictIndexTest : public ::testing::Test {
 protected:
  struct alignas(64) Line {
    std::array<std::byte, 64> bytes;
  };

  // Of the first bucket, for its high bits are 0.
  static std::uint64_t hash_of(std::uint64_t mark) { return 0x123456780000 | mark; }

  const VerdictEntry& write(const std::string& token, std::uint64_t hash) {
    std::byte* const place = reinterpret_cast<std::byte*>(&arena_[filled_]);
    const VerdictEntry& entry = *VerdictEntry::write(place, token, std::as_bytes(std::span("record")), hash);
    filled_ += entry.bytes() / VerdictEntry::kAlign;
    return entry;
  }

  // In the first free slot.
  const VerdictEntry& insert(const std::string& token, std::uint64_t hash) {
    const VerdictEntry& entry = write(token, hash);
    const VerdictIndex::Slot slot = index_.find_slot(hash, [](const auto& s) { return s.place() == 0; });
    EXPECT_TRUE(slot);
    index_.set(slot, entry);
    return entry;
  }

  std::array<VerdictBucket, 2> buckets_{};
  std::vector<Line> arena_ = std::vector<Line>(100);
  std::size_t filled_ = 1;  // no entry lies at the start
  VerdictIndex index_{buckets_.data(), buckets_.size(), reinterpret_cast<std::byte*>(arena_.data())};
};

TEST_F(VerdictIndexTest, AnEntryIsFoundInEverySlot) {
  std::vector<const VerdictEntry*> entries;
  for (unsigned i = 0; i < 2 * kSlots; ++i) entries.push_back(&insert("token " + std::to_string(i), hash_of(i * 1000)));
  EXPECT_FALSE(index_.find_slot(hash_of(0), [](const auto& slot) { return slot.place() == 0; }));
  for (unsigned i = 0; i < 2 * kSlots; ++i) {
    const std::string token = "token " + std::to_string(i);
    EXPECT_EQ(index_.find(token, hash_of(i * 1000)), entries[i]) << i;
    const VerdictIndex::Slot slot = index_.slot_of(token, hash_of(i * 1000));
    ASSERT_TRUE(slot) << i;
    EXPECT_EQ(slot.bucket, &buckets_[i / kSlots]) << i;
    EXPECT_EQ(slot.number, i % kSlots) << i;
    EXPECT_EQ(&index_.entry_of(slot.place()), entries[i]) << i;
  }
}

TEST_F(VerdictIndexTest, AClearedSlotIsFreeAndTheOthersStay) {
  std::vector<const VerdictEntry*> entries;
  for (unsigned i = 0; i < kSlots; ++i) entries.push_back(&insert("token " + std::to_string(i), hash_of(i)));
  for (unsigned i = 0; i < kSlots; ++i) {
    index_.clear({&buckets_[0], i});
    for (unsigned k = 0; k < kSlots; ++k) {
      EXPECT_EQ(index_.find("token " + std::to_string(k), hash_of(k)), k <= i ? nullptr : entries[k]) << i << ' ' << k;
    }
  }
  for (const auto& marks : buckets_[0].marks) EXPECT_EQ(marks.load(), 0u);
  for (const auto& place : buckets_[0].places) EXPECT_EQ(place.load(), 0u);
}

// A mark is 15 bits: others of the same hash, or of another with the same mark, stand in slots before the token's.
TEST_F(VerdictIndexTest, TheMarkDecidesNothing) {
  const std::uint64_t hash = hash_of(0x7abc);
  insert("another", hash);
  insert("a token", hash ^ 0x8000);
  insert("a token", hash ^ 0x10000);
  EXPECT_EQ(index_.find("a token", hash), nullptr);
  const VerdictEntry& entry = insert("a token", hash);
  EXPECT_EQ(index_.find("a token", hash), &entry);
  EXPECT_EQ(index_.find("a tokem", hash), nullptr);
  EXPECT_EQ(index_.find("a toke", hash), nullptr);
  EXPECT_EQ(index_.find("a token", hash ^ 0x20000), nullptr);
}

// Within a word a match makes the subtraction borrow from the mark above it, which looks like a match when it differs
// in the lowest bit. That entry is not the token's.
TEST_F(VerdictIndexTest, AMarkBesideAMatchIsNotOne) {
  for (unsigned i = 0; i < kSlots; ++i) insert("token " + std::to_string(i), hash_of(i < 3 ? 6 : 7));
  for (unsigned i = 0; i < kSlots; ++i) {
    EXPECT_NE(index_.find("token " + std::to_string(i), hash_of(i < 3 ? 6 : 7)), nullptr) << i;
    EXPECT_EQ(index_.find("token " + std::to_string(i), hash_of(i < 3 ? 7 : 6)), nullptr) << i;
  }
}

// What a reader may see while a slot goes from one entry to another.
TEST_F(VerdictIndexTest, AMarkAndAPlaceOfDifferentEntriesFindNeither) {
  insert("before", hash_of(1));
  const VerdictEntry& after = write("after", hash_of(2));
  buckets_[0].places[0] = index_.place_of(after);
  EXPECT_EQ(index_.find("before", hash_of(1)), nullptr);
  EXPECT_EQ(index_.find("after", hash_of(2)), nullptr);
  // Nor is what lies at the start of the arena, where no entry does, taken for one, whatever it looks like.
  VerdictEntry::write(reinterpret_cast<std::byte*>(&arena_[0]), "before", std::as_bytes(std::span("no")), hash_of(1));
  buckets_[0].places[0] = 0;
  EXPECT_EQ(index_.find("before", hash_of(1)), nullptr);
  index_.prefetch_entry(hash_of(1), 6);
  index_.set({&buckets_[0], 0}, after);
  EXPECT_EQ(index_.find("after", hash_of(2)), &after);
}

}  // namespace
}  // namespace simdjwt
