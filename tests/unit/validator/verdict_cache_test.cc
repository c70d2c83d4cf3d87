// The map behind the verdict cache. A key of its own makes hashes repeatable: one run is every run.
#include "validator/verdict_cache.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "validator/pin.h"

namespace simdjwt {
namespace {

constexpr TokenHash::Key kKey = {0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb,
                                 0xd6e8feb86659fd93, 0xa0761d6478bd642f, 0xe7037ed1a0b428db,
                                 0x8ebc6af09c88c6e3, 0x589965cc75374cc3, 0x1d8e4e27c47d124f};
constexpr std::size_t kMiB = std::size_t{1} << 20;

// Base64url text that differs with every number, from its first character to its last.
std::string token(std::uint64_t number, std::size_t size = 700) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text(size, '.');
  std::uint64_t state = number * 0x9e3779b97f4a7c15 + 1;
  for (char& c : text) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    c = kAlphabet[state >> 58];
  }
  return text;
}

class VerdictCacheTest : public ::testing::Test {
 protected:
  void open(std::size_t max_bytes) { cache_.emplace(max_bytes, *domain_, TokenHash(kKey)); }

  bool insert(std::string_view token, std::string_view record) {
    return cache_->insert(token, std::as_bytes(std::span(record)));
  }

  // "" when it is not there.
  std::string find(std::string_view token) {
    const Pin pin(slot_);
    EXPECT_TRUE(pin.held());
    const auto record = cache_->find(token);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(record.data()) % 16, 0u);
    return {reinterpret_cast<const char*>(record.data()), record.size()};
  }

  std::shared_ptr<EpochDomain> domain_ = std::make_shared<EpochDomain>();
  EpochSlot slot_{domain_};
  std::optional<VerdictCache> cache_;
};

TEST_F(VerdictCacheTest, FindsWhatWasInserted) {
  open(kMiB);
  EXPECT_EQ(find(token(1)), "");
  ASSERT_TRUE(insert(token(1), "one"));
  ASSERT_TRUE(insert(token(2), "two"));
  EXPECT_EQ(find(token(1)), "one");
  EXPECT_EQ(find(token(2)), "two");
  EXPECT_EQ(find(token(3)), "");
  EXPECT_EQ(cache_->stats().entries, 2u);
  EXPECT_EQ(cache_->stats().bytes, 2 * VerdictEntry::bytes(700, 3));
}

TEST_F(VerdictCacheTest, AnInsertReplacesTheTokensRecord) {
  open(kMiB);
  ASSERT_TRUE(insert(token(1), "short"));
  ASSERT_TRUE(insert(token(1), std::string(300, 'x')));
  EXPECT_EQ(find(token(1)), std::string(300, 'x'));
  EXPECT_EQ(cache_->stats().entries, 1u);
  EXPECT_EQ(cache_->stats().bytes, VerdictEntry::bytes(700, 300));
  EXPECT_EQ(cache_->stats().evicted, 0u);
}

TEST_F(VerdictCacheTest, AnErasedTokenIsGone) {
  open(kMiB);
  EXPECT_FALSE(cache_->erase(token(1)));
  ASSERT_TRUE(insert(token(1), "one"));
  EXPECT_TRUE(cache_->erase(token(1)));
  EXPECT_EQ(find(token(1)), "");
  EXPECT_FALSE(cache_->erase(token(1)));
  EXPECT_EQ(cache_->stats().entries, 0u);
  EXPECT_EQ(cache_->stats().bytes, 0u);
}

TEST_F(VerdictCacheTest, ARecordOutlivesItsReplacementWhileItsReaderIsPinned) {
  open(VerdictCache::kMinBytes);
  ASSERT_TRUE(insert(token(1), "one"));
  const Pin pin(slot_);
  const auto record = cache_->find(token(1));
  ASSERT_TRUE(insert(token(1), "two"));
  int admitted = 0;
  for (std::uint64_t i = 2; i < 2000; ++i) admitted += insert(token(i), "other");
  EXPECT_GT(admitted, 50);
  EXPECT_LT(admitted, 1000) << "what this reader may see is not written again";
  EXPECT_EQ(std::memcmp(record.data(), "one", 3), 0);
}

// One character differs, anywhere; most of these tokens have the same hash, for it reads 64 characters.
TEST_F(VerdictCacheTest, LookAlikesAreOtherTokens) {
  open(kMiB);
  const std::string original = token(1, 300);
  ASSERT_TRUE(insert(original, "original"));
  std::size_t same_hash = 0;
  for (std::size_t i = 0; i < original.size(); ++i) {
    std::string other = original;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    same_hash += cache_->hash(other) == cache_->hash(original);
    EXPECT_EQ(find(other), "") << i;
    EXPECT_FALSE(cache_->erase(other)) << i;
  }
  EXPECT_EQ(same_hash, original.size() - 64);
  for (std::size_t size = 0; size < original.size(); ++size) {
    EXPECT_EQ(find(original.substr(0, size)), "") << size;
    EXPECT_EQ(find(original.substr(original.size() - size)), "") << size;
  }
  EXPECT_EQ(find(original + "A"), "");
  EXPECT_EQ(find(original), "original");
}

TEST_F(VerdictCacheTest, TokensOfOneHashShareTwentySlotsAndTheOldestGoes) {
  open(kMiB);
  std::vector<std::string> same;
  for (char c = 'A'; c < 'A' + 30; ++c) same.push_back(c + token(1));
  for (const std::string& text : same) {
    ASSERT_EQ(cache_->hash(text), cache_->hash(same[0]));
    ASSERT_TRUE(insert(text, text.substr(0, 1)));
  }
  for (std::size_t i = 0; i < same.size(); ++i) EXPECT_EQ(find(same[i]), i < 10 ? "" : same[i].substr(0, 1)) << i;
  EXPECT_EQ(cache_->stats().entries, 20u);
  EXPECT_EQ(cache_->stats().evicted, 10u);
  EXPECT_EQ(cache_->stats().bytes, 20 * VerdictEntry::bytes(701, 1));
}

TEST_F(VerdictCacheTest, TokensOfEverySize) {
  open(kMiB);
  for (std::size_t size = 0; size < 200; ++size) ASSERT_TRUE(insert(token(size, size), std::to_string(size))) << size;
  for (std::size_t size = 0; size < 200; ++size) EXPECT_EQ(find(token(size, size)), std::to_string(size));
  EXPECT_EQ(find(std::string_view()), "0") << "an empty token is a token";
}

TEST_F(VerdictCacheTest, WhatIsTooLargeIsNotAdmitted) {
  open(VerdictCache::kMinBytes);
  const std::size_t most = cache_->max_entry_bytes();
  EXPECT_FALSE(insert(token(1, most + 1), "x"));
  EXPECT_FALSE(insert(token(1), std::string(most, 'x')));
  EXPECT_FALSE(insert(token(1), "")) << "an empty record means that there is none";
  EXPECT_EQ(cache_->stats().entries, 0u);
  EXPECT_TRUE(insert(token(1, most / 2), std::string(most / 2 - 112, 'x')));
  EXPECT_EQ(find(token(1, most / 2)), std::string(most / 2 - 112, 'x'));
  for (std::uint64_t i = 0; i < 20; ++i) {
    const std::string text = token(i, most - 112);
    while (!insert(text, "x")) EXPECT_EQ(find(text), "");
    EXPECT_EQ(find(text), "x");
  }
}

// A segment is emptied well before it is needed, and is quiescent at the latest when this thread has pinned anew.
TEST_F(VerdictCacheTest, OneThreadThatPinsForEachInsertIsNeverRefused) {
  open(VerdictCache::kMinBytes);
  for (std::uint64_t i = 0; i < 20000; ++i) {
    const Pin pin(slot_);
    ASSERT_TRUE(insert(token(i), "record")) << i;
  }
  const VerdictCache::Stats stats = cache_->stats();
  EXPECT_EQ(stats.entries + stats.evicted, 20000u);
  EXPECT_LE(stats.bytes, stats.capacity);
  EXPECT_GT(stats.bytes, stats.capacity * 6 / 10) << "of seven segments one fills and one is emptied";
  std::uint64_t found = 0;
  for (std::uint64_t i = 0; i < 20000; ++i) found += find(token(i)) == "record";
  EXPECT_EQ(found, stats.entries);
  for (std::uint64_t i = 20000 - stats.entries * 9 / 10; i < 20000; ++i)
    EXPECT_EQ(find(token(i)), "record") << "new ones";
}

// Many small entries in the oldest segment, few large ones in the newest: a call does a bounded part of the emptying,
// so some are refused, and every refused one brings the next nearer.
TEST_F(VerdictCacheTest, RefusedInsertsMakeProgress) {
  open(VerdictCache::kMinBytes);
  for (std::uint64_t i = 0; i < 5000; ++i) ASSERT_TRUE(insert(token(i, 50), "x"));
  int refused = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const std::string text = token(i, 7000);
    int tries = 1;
    while (!insert(text, "y")) ASSERT_LT(++tries, 40);
    refused += tries - 1;
    EXPECT_EQ(find(text), "y");
  }
  EXPECT_GT(refused, 0);
}

// A token that was lost is validated and inserted again. A plain ring would lose each of the 100 once in every lap of
// about 1,200 inserts: 2,500 times.
TEST_F(VerdictCacheTest, WhatIsHitStaysWhileOthersPass) {
  open(kMiB);
  int lost = 0;
  for (std::uint64_t i = 0; i < 30000; ++i) {
    if (find(token(i % 100)) != "hot") {
      ++lost;
      ASSERT_TRUE(insert(token(i % 100), "hot"));
    }
    ASSERT_TRUE(insert(token(100 + i), "passing"));
  }
  EXPECT_LT(lost, 400) << "100 at first, and some where the hot ones lay side by side";
  EXPECT_GT(cache_->stats().evicted, 20000u);
}

// All are hit all the time: at most half of a segment is for copies, so new entries still come in.
TEST_F(VerdictCacheTest, ACacheFullOfHotEntriesAdmitsNewOnes) {
  open(VerdictCache::kMinBytes);
  for (std::uint64_t i = 0; i < 3000; ++i) {
    ASSERT_TRUE(insert(token(i), "hot"));
    ASSERT_EQ(find(token(i)), "hot");
  }
  EXPECT_GT(cache_->stats().evicted, 2800u);
  EXPECT_LE(cache_->stats().bytes, cache_->stats().capacity);
}

TEST_F(VerdictCacheTest, AgreesWithAModel) {
  open(VerdictCache::kMinBytes);
  std::map<std::string, std::string> model;
  std::uint64_t state = 1, hits = 0;
  for (int i = 0; i < 20000; ++i) {
    state = state * 6364136223846793005 + 1442695040888963407;
    const std::uint64_t number = (state >> 33) % 400;
    const std::string text = token(number, 60 + number * 5);
    if (state >> 62 == 0) {
      const std::string record = std::to_string(i) + std::string(number, 'r');
      if (insert(text, record)) model[text] = record;
    } else if (state >> 56 == 0xff) {
      cache_->erase(text);
      model.erase(text);
    } else if (const std::string record = find(text); !record.empty()) {
      ASSERT_EQ(record, model[text]);
      ++hits;
    }
  }
  EXPECT_GT(hits, 1000u);
}

// Small entries run out of slots before the arena is full.
TEST_F(VerdictCacheTest, TheArenaFillsWithEntriesOfAnySize) {
  for (const auto& [size, percent] : std::map<std::size_t, std::uint64_t>{{400, 80}, {900, 93}, {1900, 93}}) {
    open(8 * kMiB);
    for (std::uint64_t i = 0; i < 12 * kMiB / size; ++i) ASSERT_TRUE(insert(token(i, size), "x"));
    EXPECT_GT(cache_->stats().bytes, cache_->stats().capacity * percent / 100) << size;
  }
}

// Pages of this process's address space; 0 where that cannot be read.
std::size_t mapped_bytes() {
  std::size_t pages = 0;
  if (std::FILE* const statm = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(statm, "%zu", &pages) != 1) pages = 0;
    std::fclose(statm);
  }
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

TEST_F(VerdictCacheTest, TakesNoMoreThanItWasGiven) {
  for (std::size_t max :
       {VerdictCache::kMinBytes, VerdictCache::kMinBytes + 1, 300 * 1000 + kMiB, 4 * kMiB - 1, 4 * kMiB,
        8 * kMiB + 4095, 33 * kMiB + 7, 64 * kMiB, 200 * kMiB + 12345, 1000 * kMiB, 5000 * kMiB}) {
    const std::size_t before = mapped_bytes();
    const VerdictCache cache(max, *domain_);
    EXPECT_LE(mapped_bytes() - before + sizeof(VerdictCache), max);
    EXPECT_LE(cache.stats().reserved, max);
    EXPECT_GT(cache.stats().capacity, max * 8 / 10) << max;
    EXPECT_LT(cache.stats().capacity, cache.stats().reserved);
  }
  EXPECT_THROW(VerdictCache(VerdictCache::kMinBytes - 1, *domain_), std::bad_alloc);
  EXPECT_THROW(VerdictCache(0, *domain_), std::bad_alloc);
  EXPECT_THROW(VerdictCache(VerdictCache::kMaxBytes + 1, *domain_), std::bad_alloc);
  EXPECT_THROW(VerdictCache(SIZE_MAX, *domain_), std::bad_alloc);
}

TEST_F(VerdictCacheTest, PrefetchingIsHarmless) {
  open(kMiB);
  ASSERT_TRUE(insert(token(1), "one"));
  for (std::uint64_t i = 0; i < 100; ++i) {
    const std::uint64_t hash = cache_->hash(token(i));
    cache_->prefetch(hash);
    cache_->prefetch_entry(hash, 700);
  }
  EXPECT_EQ(find(token(1)), "one");
}

TEST(TokenHash, SpreadsTokensThatDifferInWhatItReads) {
  const TokenHash hash(kKey);
  std::map<std::uint64_t, int> seen;
  std::array<int, 256> tags{}, homes{};
  const std::string original = token(1, 500);
  for (int i = 0; i < 48; ++i) {
    for (int c = 0; c < 256; ++c) {
      std::string other = original;
      other[452 + i] = static_cast<char>(c);
      const std::uint64_t h = hash(other);
      seen[h]++;
      tags[h & 255]++;
      homes[h >> 56]++;
    }
  }
  EXPECT_EQ(seen.size(), 48u * 255 + 1);
  for (int i = 0; i < 256; ++i) {
    EXPECT_NEAR(tags[i], 48, 48) << i;
    EXPECT_NEAR(homes[i], 48, 48) << i;
  }
}

TEST(TokenHash, IsAnotherForEachCache) {
  EXPECT_NE(TokenHash::random()(token(1)), TokenHash::random()(token(1)));
  EXPECT_NE(TokenHash(kKey)("a"), TokenHash(kKey)(std::string_view("a\0", 2))) << "padding is not part of a token";
}

}  // namespace
}  // namespace simdjwt
