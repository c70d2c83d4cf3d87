// The replay store under threads: of any number of uses of one token exactly one is accepted.
#include "policy/replay_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

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

// Every token comes at two threads at once, in a store that is filled until many of them stand in the spill.
TEST(ReplayStoreThreads, OneUseOfEachIsAccepted) {
  ReplayStore store({kRecords * 24, 86400, 100}, kKey);
  std::vector<std::atomic<std::uint8_t>> accepted(kRecords);
  on_threads([&](unsigned thread) {
    const unsigned pair = thread / 2;
    for (std::uint64_t i = pair; i < kRecords; i += kThreads / 2) {
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

}  // namespace
}  // namespace simdjwt
