#include "policy/bloom_filter.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/huge_memory.h"

namespace simdjwt {
namespace {

Hash128 key(std::uint64_t number) {
  const KeyedHash128 hash(KeyedHash128::Key{7});
  return hash({reinterpret_cast<const char*>(&number), sizeof number});
}

struct Filter {
  HugeMemory memory;
  BloomFilter filter;
  explicit Filter(std::uint64_t lines) : memory(lines * BloomFilter::kLineBytes), filter(memory.data(), lines) {}
  BloomFilter* operator->() { return &filter; }
};

// How many of `queries` keys that were never put in may be there.
double false_rate(Filter& filter, BloomFilter::Generation generation, std::uint64_t queries = 400'000) {
  std::uint64_t passed = 0;
  for (std::uint64_t i = 0; i < queries; ++i) passed += filter->maybe(key((std::uint64_t{1} << 40) + i), generation);
  return static_cast<double>(passed) / static_cast<double>(queries);
}

TEST(BloomFilter, IsEmptyAtFirst) {
  Filter filter(64);
  EXPECT_EQ(false_rate(filter, 0, 1000), 0);
  EXPECT_EQ(filter->keys(0), 0);
  EXPECT_EQ(filter->false_rate(0), 0);
}

TEST(BloomFilter, FindsAKeyUntilItsGenerationIsPast) {
  Filter filter(64);
  filter->put(key(1), 100);
  EXPECT_TRUE(filter->maybe(key(1), 0));
  EXPECT_TRUE(filter->maybe(key(1), 99));
  EXPECT_TRUE(filter->maybe(key(1), 100));
  EXPECT_FALSE(filter->maybe(key(1), 101));
  EXPECT_FALSE(filter->maybe(key(2), 50));
}

TEST(BloomFilter, ALaterGenerationStaysWhenAnEarlierOneComes) {
  Filter filter(1);
  filter->put(key(1), 100);
  filter->put(key(1), 50);
  EXPECT_TRUE(filter->maybe(key(1), 100));
  filter->put(key(1), 120);
  EXPECT_TRUE(filter->maybe(key(1), 120));
  EXPECT_FALSE(filter->maybe(key(1), 121));
}

// Generations never mean others 256 later, from the first to the last one there is.
TEST(BloomFilter, GenerationsDoNotWrap) {
  Filter filter(1);
  filter->put(key(1), 10);
  for (BloomFilter::Generation ahead : {1u, 245u, 246u, 255u, 256u, 266u, 512u, 1u << 31, 4294967285u}) {
    EXPECT_FALSE(filter->maybe(key(1), 10 + ahead)) << ahead;
  }
  filter->put(key(1), 4294967295u);
  EXPECT_TRUE(filter->maybe(key(1), 4294967295u));
  filter->put(key(1), 3);
  EXPECT_TRUE(filter->maybe(key(1), 4294967295u));
}

// A line whose base has moved past a generation does not know any more what was there.
TEST(BloomFilter, WhatLiesBelowTheBaseMayBeThere) {
  Filter filter(1);
  filter->put(key(1), 10);
  filter->put(key(2), 5000);
  EXPECT_TRUE(filter->maybe(key(1), 10));
  EXPECT_TRUE(filter->maybe(key(3), 10));
  EXPECT_FALSE(filter->maybe(key(3), 5000));
  filter->put(key(4), 20);  // after a step back
  EXPECT_TRUE(filter->maybe(key(4), 20));
  EXPECT_FALSE(filter->maybe(key(4), 5000));
  EXPECT_TRUE(filter->maybe(key(2), 5000));
}

// Steps of the base keep what lies above the new one.
TEST(BloomFilter, NoKeyIsLostWhileTimeGoesOn) {
  Filter filter(32);
  for (BloomFilter::Generation now = 0; now < 3000; ++now) {
    filter->put(key(now), now + now * 7 % 241);
    for (BloomFilter::Generation then = now < 241 ? 0 : now - 241; then <= now; ++then) {
      if (then + then * 7 % 241 < now) continue;
      ASSERT_TRUE(filter->maybe(key(then), now)) << then << " at " << now;
    }
  }
}

// And when it jumps to and fro, by hours and by years.
TEST(BloomFilter, NoKeyIsLostWhenTheClockSteps) {
  Filter filter(8);
  struct Put {
    std::uint64_t number;
    BloomFilter::Generation last;
  };
  std::vector<Put> puts;
  std::uint64_t state = 1;
  BloomFilter::Generation now = 1'000'000;
  for (std::uint64_t i = 0; i < 4000; ++i) {
    state = state * 6364136223846793005 + 1442695040888963407;
    const auto random = static_cast<BloomFilter::Generation>(state >> 40);
    if (random % 16 == 0) now = 1'000'000 + random % 1500 - 700;
    if (random % 256 == 1) now = random;
    puts.push_back({i, now + random % 241});
    filter->put(key(i), puts.back().last);
    for (std::size_t k = 0; k < puts.size(); k += 1 + random % 13) {
      if (puts[k].last < now) continue;
      ASSERT_TRUE(filter->maybe(key(puts[k].number), now));
    }
  }
}

// Within 1.2 of what the theory says of as many keys, whatever the load; and so is the load as it is read from the
// cells.
TEST(BloomFilter, RateOfFalseMaybeIsThatOfTheTheory) {
  constexpr std::uint64_t kLines = 4096;
  for (const std::uint64_t keys : {kLines, 2 * kLines, 4 * kLines, 8 * kLines}) {
    Filter filter(kLines);
    for (std::uint64_t i = 0; i < keys; ++i) filter->put(key(i), 70 + static_cast<BloomFilter::Generation>(i % 8));
    const double theory = filter->false_rate(static_cast<double>(keys)), measured = false_rate(filter, 60);
    EXPECT_LT(measured, 1.2 * theory + 1e-5) << keys;
    EXPECT_GT(measured, theory / 1.2 - 1e-5) << keys;
    EXPECT_NEAR(filter->keys(60) / static_cast<double>(keys), 1, 0.03);
    EXPECT_EQ(false_rate(filter, 78), 0) << "all of it is past";
  }
}

// Also when keys are put in for as far ahead as a store does, and the bases of lines move all the time.
TEST(BloomFilter, RateIsThatOfTheTheoryWhenKeysLiveAsLongAsTheyMay) {
  constexpr std::uint64_t kLines = 1024;
  constexpr BloomFilter::Generation kLife = 240;
  constexpr std::uint64_t kEach = 4 * kLines / (kLife + 1);
  Filter filter(kLines);
  std::uint64_t number = 0;
  double sum = 0, looks = 0;
  for (BloomFilter::Generation now = 1000; now < 2000; ++now) {
    for (std::uint64_t i = 0; i < kEach; ++i) filter->put(key(++number), now + kLife);
    if (now < 1000 + kLife || now % 8 != 0) continue;
    sum += false_rate(filter, now, 20'000);
    ++looks;
  }
  const double theory = filter->false_rate(static_cast<double>(kEach * (kLife + 1)));
  EXPECT_LT(sum / looks, 1.2 * theory);
  EXPECT_GT(sum / looks, theory / 1.2);
}

// What the store fills it to: four keys a line.
TEST(BloomFilter, FewQueriesPassAtFullLoad) {
  Filter filter(1024);
  EXPECT_LT(filter->false_rate(4 * 1024), 0.01);
  EXPECT_GT(filter->false_rate(4 * 1024), 0.001);
}

}  // namespace
}  // namespace simdjwt
