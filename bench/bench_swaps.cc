// Validation while another thread swaps the issuer's key set: percentiles of single validations with 1,000 swaps a
// second of sets of 1,000 keys, against none, in interleaved rounds. With --soak N it swaps N times under a reader
// instead, and prints the resident memory at the start, in the middle and at the end.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "support/gateway.h"
#include "support/tables.h"

namespace simdjwt::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Two sets of as many keys; the token's key is in both, so that every validation accepts it.
struct Swapped {
  Gateway gateway;
  std::array<std::shared_ptr<const JwkSet>, 2> sets;
  std::string token;

  explicit Swapped(std::size_t keys)
      : gateway(Algorithm::HS256, keys), token(gateway.token(R"(,"sub":"user")", keys / 2)) {
    sets[0] = JwkSet::parse(gateway.jwks).set;
    std::string other = gateway.jwks;
    other.replace(other.find("key-0\""), 5, "key-x");
    sets[1] = JwkSet::parse(other).set;
    if (sets[0]->has_same_keys(*sets[1])) std::abort();
  }

  void swap(std::size_t turn) const {
    if (gateway.validator->publish(kGatewayIssuer, sets[turn % 2]) != Error::ok) std::abort();
  }
  void validate(Scratch& scratch) const {
    const Verdict verdict = gateway.validator->validate(scratch, {.token = token, .now = kGatewayNow});
    if (verdict.error == Error::ok) return;
    std::fprintf(stderr, "not the verdict that was to be timed: %s\n", std::string(error_name(verdict.error)).c_str());
    std::exit(1);
  }
};

// Swaps at a steady pace until it goes.
class Swapper {
 public:
  explicit Swapper(const Swapped& swapped)
      : thread_([this, &swapped] {
          auto next = Clock::now();
          for (; !stop_.load(std::memory_order_relaxed); swaps_.fetch_add(1, std::memory_order_relaxed)) {
            swapped.swap(swaps_.load(std::memory_order_relaxed));
            std::this_thread::sleep_until(next += milliseconds(1));
          }
        }) {}
  ~Swapper() {
    stop_.store(true);
    thread_.join();
  }
  std::size_t swaps() const { return swaps_.load(); }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<std::size_t> swaps_{0};
  std::thread thread_;
};

// Validations timed one by one for so long, in ascending order.
std::vector<double> time_round(const Swapped& swapped, Scratch& scratch, milliseconds length) {
  std::vector<double> samples;
  for (int i = 0; i < 1000; ++i) swapped.validate(scratch);
  const auto end = Clock::now() + length;
  for (auto begin = Clock::now(); begin < end; begin = Clock::now()) {
    swapped.validate(scratch);
    samples.push_back(std::chrono::duration<double, std::nano>(Clock::now() - begin).count());
  }
  std::sort(samples.begin(), samples.end());
  return samples;
}

constexpr double kQuantiles[] = {0.5, 0.99, 0.999};
constexpr const char* kNames[] = {"p50", "p99", "p99.9"};

int compare(const Options& options) {
  const Swapped swapped(options.quick ? 20 : 1000);
  const auto scratch = swapped.gateway.validator->make_scratch(0);
  const milliseconds length(options.quick ? 20 : 1000);
  std::array<std::vector<double>, 3> quiet, busy;
  std::size_t swaps = 0;
  for (int round = 0; round < (options.quick ? 2 : 9); ++round) {
    const std::vector<double> without = time_round(swapped, *scratch, length);
    std::vector<double> with;
    {
      const Swapper swapper(swapped);
      with = time_round(swapped, *scratch, length);
      swaps += swapper.swaps();
    }
    for (std::size_t i = 0; i < 3; ++i) {
      quiet[i].push_back(quantile(without, kQuantiles[i]));
      busy[i].push_back(quantile(with, kQuantiles[i]));
    }
  }
  Table table{"ns for one validation (HS256)", {"percentile", "no swaps", "1,000 swaps a second", "ratio"}, {}, "", {}};
  table.note = std::to_string(swaps) + " swaps in all.";
  Tables found{"Swapped key sets",
               "One thread validates, another publishes a set of " + std::to_string(swapped.gateway.keys.size()) +
                   " keys a thousand times a second; medians of interleaved rounds. After a swap each scratch looks up "
                   "its headers' keys and prepares their contexts anew.",
               {},
               {}};
  for (std::size_t i = 0; i < 3; ++i) {
    Ratio ratio{std::string(kNames[i]) + " with swaps / without", true, {}};
    for (std::size_t round = 0; round < quiet[i].size(); ++round)
      ratio.samples.push_back(busy[i][round] / quiet[i][round]);
    table.rows.push_back({kNames[i], median(quiet[i]), median(busy[i]), median(ratio.samples)});
    found.ratios.push_back(ratio);
  }
  found.tables.push_back(table);
  return found.finish(options);
}

// KiB of this process in memory.
long resident() {
  long size = 0, pages = 0;
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  const bool read = file != nullptr && std::fscanf(file, "%ld %ld", &size, &pages) == 2;
  if (file != nullptr) std::fclose(file);
  return read ? pages * (sysconf(_SC_PAGESIZE) / 1024) : 0;
}

// Every swap brings a set of its own, parsed anew each time, as a fetch does; a reader validates meanwhile.
int soak(unsigned long swaps) {
  const Swapped swapped(4);
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    const auto scratch = swapped.gateway.validator->make_scratch(0);
    while (!stop.load(std::memory_order_relaxed)) swapped.validate(*scratch);
  });
  std::string texts[] = {swapped.gateway.jwks, swapped.gateway.jwks};
  texts[1].replace(texts[1].find("key-0\""), 5, "key-x");
  for (unsigned long i = 0; i < swaps; ++i) {
    if (i == std::min(swaps / 10, 1000ul) || i == swaps / 2) std::printf("%lu swaps: %ld KiB\n", i, resident());
    if (swapped.gateway.validator->publish(kGatewayIssuer, JwkSet::parse(texts[i % 2]).set) != Error::ok) std::abort();
  }
  std::printf("%lu swaps: %ld KiB\n", swaps, resident());
  stop.store(true);
  reader.join();
  return 0;
}

}  // namespace
}  // namespace simdjwt::bench

int main(int argc, char** argv) {
  using namespace simdjwt::bench;
  if (argc == 3 && std::strcmp(argv[1], "--soak") == 0) return soak(std::strtoul(argv[2], nullptr, 10));
  const Options options(argc, argv);
  options.refuse_others(argc, argv);
  return compare(options);
}
