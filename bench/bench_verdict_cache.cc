// The verdict cache against a hash map keyed by the whole token, which nothing guards: tokens of 960 bytes, records of
// 448. Lookups are of tokens that have just arrived: their bytes lie in the processor's cache, the map's may not.
//
// BENCH_TOKENS is the number of tokens in the large set (default 1,000,000: about 5 GB of memory).

#include <absl/container/flat_hash_map.h>
#include <absl/strings/string_view.h>
#include <benchmark/benchmark.h>
#include <time.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/random_read.h"
#include "validator/pin.h"
#include "validator/verdict_cache.h"

namespace simdjwt::bench {
namespace {

constexpr std::size_t kTokenBytes = 960;
constexpr std::size_t kSignatureBytes = 86;  // ES256
constexpr std::size_t kHot = 64;
constexpr std::size_t kBatch = 256;  // tokens that arrive together: 240 KiB

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

std::size_t large() {
  static const char* const wanted = std::getenv("BENCH_TOKENS");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 1000000;
}

// As from one issuer: the header and most claims are alike, an identifier in the middle and the signature are not.
void write_token(std::uint64_t number, char* out) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  static const std::string common(kTokenBytes, 'e');
  common.copy(out, kTokenBytes);
  std::uint64_t bits = 0;
  const auto fill = [&](std::size_t at, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      if (i % 10 == 0) bits = mix(number * 64 + at + i);
      out[at + i] = kAlphabet[bits >> (i % 10 * 6) & 63];
    }
  };
  fill(400, 30);
  fill(kTokenBytes - kSignatureBytes, kSignatureBytes);
}

std::string token(std::uint64_t number) {
  std::string text(kTokenBytes, '\0');
  write_token(number, text.data());
  return text;
}

// Where a batch of tokens arrives.
struct Arrivals {
  std::vector<char> bytes = std::vector<char>(kBatch * kTokenBytes);
  std::string_view operator[](std::size_t i) const { return {bytes.data() + i * kTokenBytes, kTokenBytes}; }
  void receive(std::uint64_t seed) {
    for (std::size_t i = 0; i < kBatch; ++i)
      write_token(mix(seed * kBatch + i) % large(), bytes.data() + i * kTokenBytes);
  }
};

const std::array<std::byte, 448> kRecord{};

struct Cached {
  std::shared_ptr<EpochDomain> domain = std::make_shared<EpochDomain>();
  VerdictCache cache;
  Cached(std::size_t count, std::size_t max_bytes) : cache(max_bytes, *domain) {
    for (std::uint64_t i = 0; i < count; ++i) cache.insert(token(i), kRecord);
  }
};

using Map = absl::flat_hash_map<std::string, std::unique_ptr<std::array<std::byte, 448>>>;

Map make_map(std::size_t count) {
  Map map;
  map.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) map[token(i)] = std::make_unique<std::array<std::byte, 448>>(kRecord);
  return map;
}

Cached& hot_cache() {
  static Cached cached(kHot, 16 << 20);
  return cached;
}
Cached& large_cache() {
  static Cached cached(large(), (64 << 20) + large() * 1640);
  return cached;
}

template <typename Find>
void look_up_hot(benchmark::State& state, const Find& find) {
  std::vector<std::string> tokens;
  for (std::uint64_t i = 0; i < kHot; ++i) tokens.push_back(token(i));
  std::uint64_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(find(tokens[i++ % kHot]));
}

// Not the time of day: other work on the machine is not counted.
double thread_seconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Times whole batches, without the arrival of their tokens. `find_all` says how many were found.
template <typename FindAll>
void look_up_random(benchmark::State& state, const FindAll& find_all) {
  Arrivals arrivals;
  std::uint64_t seed = 1 + 1000000007ull * static_cast<std::uint64_t>(state.thread_index()), found = 0, asked = 0;
  double seconds = 0;
  for (auto _ : state) {
    arrivals.receive(seed++);
    const double start = thread_seconds();
    found += find_all(arrivals);
    const double took = thread_seconds() - start;
    asked += kBatch;
    seconds += took;
    state.SetIterationTime(took);
  }
  using benchmark::Counter;
  state.counters["ns_each"] = Counter(seconds * 1e9 / static_cast<double>(asked), Counter::kAvgThreads);
  state.counters["hit_rate"] = Counter(static_cast<double>(found) / static_cast<double>(asked), Counter::kAvgThreads);
}

template <typename Find>
auto one_by_one(const Find& find) {
  return [find](const Arrivals& arrivals) {
    std::size_t found = 0;
    for (std::size_t i = 0; i < kBatch; ++i) found += find(arrivals[i]);
    return found;
  };
}

void Hash(benchmark::State& state) {
  const std::string text = token(1);
  const TokenHash hash = TokenHash::random();
  for (auto _ : state) benchmark::DoNotOptimize(hash(text));
}
BENCHMARK(Hash);

// What the machine allows, of as much memory. A lookup in the large set makes two such reads, of the index and of the
// entry.
void ReadMemory(benchmark::State& state) {
  static RandomRead memory(large() * 1152);
  for (auto _ : state) benchmark::DoNotOptimize(memory.next());
}
BENCHMARK(ReadMemory);

void FindHot(benchmark::State& state) {
  const Cached& cached = hot_cache();
  EpochSlot slot(cached.domain);
  const Pin pin(slot);
  look_up_hot(state, [&](std::string_view text) { return cached.cache.find(text).data(); });
}
BENCHMARK(FindHot)->ThreadRange(1, 2);

void FindHotPinned(benchmark::State& state) {
  const Cached& cached = hot_cache();
  EpochSlot slot(cached.domain);
  look_up_hot(state, [&](std::string_view text) {
    const Pin pin(slot);
    return cached.cache.find(text).data();
  });
}
BENCHMARK(FindHotPinned);

void MapFindHot(benchmark::State& state) {
  const Map map = make_map(kHot);
  look_up_hot(state, [&](std::string_view text) {
    return map.find(absl::string_view(text.data(), text.size()))->second.get();
  });
}
BENCHMARK(MapFindHot);

void FindMissing(benchmark::State& state) {
  const Cached& cached = hot_cache();
  EpochSlot slot(cached.domain);
  const Pin pin(slot);
  const std::string text = token(kHot + 1);
  for (auto _ : state) benchmark::DoNotOptimize(cached.cache.find(text));
}
BENCHMARK(FindMissing);

void FindRandom(benchmark::State& state) {
  const Cached& cached = large_cache();
  EpochSlot slot(cached.domain);
  const Pin pin(slot);
  look_up_random(state, one_by_one([&](std::string_view text) { return !cached.cache.find(text).empty(); }));
}
BENCHMARK(FindRandom)->ThreadRange(1, 2)->UseManualTime();

// Sixteen at a time, each step for all of them.
void FindRandomPrefetched(benchmark::State& state) {
  constexpr std::size_t kTogether = 16;
  const Cached& cached = large_cache();
  EpochSlot slot(cached.domain);
  const Pin pin(slot);
  look_up_random(state, [&](const Arrivals& arrivals) {
    std::size_t found = 0;
    std::array<std::uint64_t, kTogether> hashes;
    for (std::size_t at = 0; at < kBatch; at += kTogether) {
      for (std::size_t i = 0; i < kTogether; ++i)
        cached.cache.prefetch(hashes[i] = cached.cache.hash(arrivals[at + i]));
      for (std::size_t i = 0; i < kTogether; ++i) cached.cache.prefetch_entry(hashes[i], kTokenBytes);
      for (std::size_t i = 0; i < kTogether; ++i) found += !cached.cache.find(arrivals[at + i], hashes[i]).empty();
    }
    return found;
  });
}
BENCHMARK(FindRandomPrefetched)->UseManualTime();

void MapFindRandom(benchmark::State& state) {
  static const Map map = make_map(large());
  look_up_random(state, one_by_one([&](std::string_view text) {
                   return map.find(absl::string_view(text.data(), text.size())) != map.end();
                 }));
}
BENCHMARK(MapFindRandom)->UseManualTime();

// Into a full cache: each insert also empties what it needs.
void Insert(benchmark::State& state) {
  Cached cached(100000, 64 << 20);
  std::uint64_t number = 100000, admitted = 0;
  std::string text = token(0);
  for (auto _ : state) {
    const std::uint64_t bits = mix(number++);
    for (unsigned i = 0; i < 10; ++i) text[kTokenBytes - 10 + i] = static_cast<char>('A' + (bits >> 6 * i & 63));
    admitted += cached.cache.insert(text, kRecord);
  }
  state.counters["admitted"] = static_cast<double>(admitted) / static_cast<double>(state.iterations());
}
BENCHMARK(Insert);

}  // namespace
}  // namespace simdjwt::bench

BENCHMARK_MAIN();
