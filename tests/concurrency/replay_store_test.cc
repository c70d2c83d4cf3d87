// The replay store under threads: of any number of uses of one token exactly one is accepted.
#include "policy/replay_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "base/huge_memory.h"
#include "policy/bloom_filter.h"

namespace simdjwt {
namespace {

#if defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kRecords = 100'000;
#else
constexpr std::uint64_t kRecords = 1'000'000;
#endif
constexpr unsigned kThreads = 8;
constexpr std::int64_t kNow = 1'760'000'000;
const KeyedHash128 kKey(KeyedHash128::Key{9});

ReplayRecord record(std::uint64_t number, std::int64_t forget_at) {
  return {kKey("jti", std::to_string(number)), forget_at, 0};
}

template <typename Body>
void on_threads(const Body& body) {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kThreads; ++i) threads.emplace_back([&body, i] { body(i); });
  for (std::thread& thread : threads) thread.join();
}

// The base of a line moves with nearly every write, and what was put in before is always found.
TEST(ReplayStoreThreads, AKeyIsFoundWhileItsLineIsWritten) {
  const HugeMemory memory(BloomFilter::kLineBytes);
  BloomFilter filter(memory.data(), 1);
  const Hash128 key = kKey("key");
  std::atomic<BloomFilter::Generation> now{0};
  std::atomic<std::uint64_t> missed{0};
  std::atomic<bool> stop{false};
  on_threads([&](unsigned thread) {
    if (thread < 2) {
      for (std::uint64_t i = 0; i < kRecords; ++i) {
        const BloomFilter::Generation last = now.load() + 100;
        filter.put(key, last);
        if (thread == 0) now.store(last - 50);
      }
      stop.store(true);
      return;
    }
    while (!stop.load()) {
      const BloomFilter::Generation asked = now.load();
      missed.fetch_add(asked != 0 && !filter.maybe(key, asked), std::memory_order_relaxed);
    }
  });
  EXPECT_EQ(missed.load(), 0u);
}

// Every token comes at two threads at once, in a store that is filled until many of them stand in the spill. Who counts
// meanwhile waits for nobody, and disturbs nobody.
TEST(ReplayStoreThreads, OneUseOfEachIsAccepted) {
  ReplayStore store({kRecords * 24, 86400, 100}, kKey);
  std::vector<std::atomic<std::uint8_t>> accepted(kRecords);
  on_threads([&](unsigned thread) {
    const unsigned pair = thread / 2;
    for (std::uint64_t i = pair; i < kRecords; i += kThreads / 2) {
      if (i % 4096 == 0) {
        EXPECT_LE(store.stats().entries, kRecords + kRecords / 10);
      }
      const Error error = store.consume(record(i, kNow + 300), 0, kNow, thread);
      if (error == Error::ok) accepted[i].fetch_add(1, std::memory_order_relaxed);
    }
  });
  for (std::uint64_t i = 0; i < kRecords; ++i) ASSERT_EQ(accepted[i].load(), 1) << i;
  const ReplayStore::Stats stats = store.stats();
  EXPECT_EQ(stats.consumed, kRecords);
  EXPECT_EQ(stats.replayed, kRecords);
  EXPECT_GT(stats.spilled, kRecords / 50);
}

// A use that is taken back can be made again, by one thread.
TEST(ReplayStoreThreads, OneUseStandsWhileOthersAreTakenBack) {
  constexpr std::uint64_t kTokens = 64;
  ReplayStore store({ReplayStore::kMinBytes, 86400, 50}, kKey);
  const std::uint32_t account = store.issuer("a").account;
  std::vector<std::atomic<int>> standing(kTokens);
  std::atomic<std::uint64_t> wrong{0}, accepted{0};
  on_threads([&](unsigned thread) {
    for (std::uint64_t i = 0; i < kRecords / kThreads; ++i) {
      const std::uint64_t number = (i * 7 + thread) % kTokens;
      if (store.consume(record(number, kNow + 300), account, kNow, thread) != Error::ok) continue;
      accepted.fetch_add(1, std::memory_order_relaxed);
      wrong.fetch_add(standing[number].fetch_add(1) != 0, std::memory_order_relaxed);
      standing[number].fetch_sub(1);
      store.undo(record(number, kNow + 300), account);
    }
  });
  EXPECT_EQ(wrong.load(), 0u);
  EXPECT_GT(accepted.load(), kTokens);
  EXPECT_EQ(store.stats().entries, 0u);
}

// Whatever number of valid tokens an attacker has, a token that was used stays refused until its time: the store says
// that it is full. With a quota the other issuers' tokens find room too.
TEST(ReplayStoreThreads, AFloodFlushesNothing) {
  for (const std::uint32_t quota : {100u, 40u}) {
    ReplayStore store({ReplayStore::kMinBytes * 4, 86400, quota}, kKey);
    const std::uint32_t attacker = store.issuer("attacker").account, victim = store.issuer("victim").account;
    constexpr std::uint64_t kVictims = 1000, kAttack = std::uint64_t{1} << 40;
    for (std::uint64_t i = 0; i < kVictims; ++i) {
      ASSERT_EQ(store.consume(record(i, kNow + 300), victim, kNow, 0), Error::ok);
    }
    std::atomic<std::uint64_t> resurrected{0}, refused{0}, unheard{0};
    const Error refusal = quota == 100 ? Error::store_full : Error::store_quota;
    on_threads([&](unsigned thread) {
      if (thread == 0) {
        for (std::uint64_t i = 0; i < 20 * kVictims; ++i) {
          const Error error = store.consume(record(i % kVictims, kNow + 300), victim, kNow + 299, thread);
          resurrected.fetch_add(error != Error::token_replayed, std::memory_order_relaxed);
        }
        return;
      }
      for (std::uint64_t i = 0; i < 2 * store.capacity() / kThreads; ++i) {
        const Error error = store.consume(record(kAttack * thread + i, kNow + 900), attacker, kNow, thread);
        refused.fetch_add(error == refusal, std::memory_order_relaxed);
        unheard.fetch_add(error != refusal && error != Error::ok, std::memory_order_relaxed);
      }
    });
    EXPECT_EQ(resurrected.load(), 0u);
    EXPECT_GT(refused.load(), 0u);
    EXPECT_EQ(unheard.load(), 0u);
    EXPECT_EQ(quota == 100 ? store.stats().refused_full : store.stats().refused_quota, refused.load());
    for (std::uint64_t i = 0; i < kVictims; ++i) {
      ASSERT_EQ(store.check(record(i, kNow + 300), kNow + 299, 0), Error::token_replayed);
    }
    if (quota == 100) continue;
    for (std::uint64_t i = 0; i < store.capacity() / 3; ++i) {
      ASSERT_EQ(store.consume(record(kVictims + i, kNow + 900), victim, kNow, 0), Error::ok);
    }
  }
}

// The clock steps by up to an hour either way, and back by a leap second, while threads use tokens that live for up to
// two hours in a store too small for them. Each is accepted once at most, and what may have been forgotten is refused.
TEST(ReplayStoreThreads, NoStepOfTheClockAcceptsAUseTwice) {
  ReplayStore store({ReplayStore::kMinBytes, 7200, 100}, kKey);
  const std::uint64_t tokens = 3 * store.capacity();
  std::vector<std::atomic<std::uint8_t>> accepted(tokens);
  std::atomic<std::int64_t> clock{kNow};
  std::atomic<std::uint64_t> forgot{0}, replayed{0}, full{0};
  on_threads([&](unsigned thread) {
    std::uint64_t state = thread + 1;
    for (std::uint64_t i = 0; i < kRecords / kThreads; ++i) {
      state = state * 6364136223846793005 + 1442695040888963407;
      const std::uint64_t random = state >> 24;
      if (thread == 0 && i % 2000 == 0) clock = kNow + static_cast<std::int64_t>(random % 7200) - 3600;
      if (thread == 1 && i % 100 == 0) clock.fetch_sub(1);
      const std::uint64_t number = random % tokens;
      const std::int64_t forget_at = kNow - 3000 + static_cast<std::int64_t>(number % 7200);
      switch (store.consume(record(number, forget_at), 0, clock.load(), thread)) {
        case Error::ok:
          accepted[number].fetch_add(1, std::memory_order_relaxed);
          break;
        case Error::token_replayed:
          replayed.fetch_add(1, std::memory_order_relaxed);
          break;
        case Error::store_forgot:
          forgot.fetch_add(1, std::memory_order_relaxed);
          break;
        default:
          full.fetch_add(1, std::memory_order_relaxed);
      }
    }
  });
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < tokens; ++i) {
    ASSERT_LE(accepted[i].load(), 1) << i;
    sum += accepted[i].load();
  }
  EXPECT_GT(sum, store.capacity() / 2);
  EXPECT_GT(replayed.load(), 0u);
  EXPECT_GT(forgot.load(), 0u);
  const ReplayStore::Stats stats = store.stats();
  EXPECT_EQ(stats.consumed, sum);
  EXPECT_EQ(stats.replayed, replayed.load());
  EXPECT_EQ(stats.refused_forgot, forgot.load());
  EXPECT_EQ(stats.refused_full, full.load());
}

}  // namespace
}  // namespace simdjwt
