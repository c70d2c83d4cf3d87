// Throughput of one to N threads on one validator, alone and while a writer publishes a new key set every millisecond.
// The measurements of a repeat come in random order; ratios are taken within a repeat.

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <thread>

#include "support/gateway.h"
#include "support/tables.h"

namespace simdjwt::bench {
namespace {

using Clock = std::chrono::steady_clock;

// More than a scratch keeps prepared: every published set is new to the readers, and none is parsed while they run.
constexpr std::size_t kSets = 256;

struct Subject {
  std::string name;
  Gateway gateway;
  std::string token;
  std::vector<std::shared_ptr<const JwkSet>> sets;

  explicit Subject(Algorithm algorithm)
      : name(info(algorithm).name), gateway(algorithm), token(gateway.token(R"(,"sub":"user-8f14e45fceea167a")")) {
    for (std::size_t i = 0; i < kSets; ++i) sets.push_back(JwkSet::parse(gateway.jwks).set);
  }
};

// Tokens validated in a second by `threads` threads.
double throughput(const Subject& subject, unsigned threads, bool with_writer, std::chrono::milliseconds length) {
  std::atomic<unsigned> ready{0};
  std::atomic<bool> go{false}, stop{false};
  std::atomic<std::uint64_t> total{0};
  std::vector<std::thread> workers;
  Validator& validator = *subject.gateway.validator;
  for (unsigned i = 0; i < threads; ++i) {
    workers.emplace_back([&] {
      const auto scratch = validator.make_scratch(0);
      std::uint64_t count = 0;
      ready.fetch_add(1);
      while (!go.load()) std::this_thread::yield();
      // At least one: on a busy machine a short measurement may be over before a thread has begun.
      do {
        if (validator.validate(*scratch, {.token = subject.token, .now = kGatewayNow}).error != Error::ok) {
          std::fprintf(stderr, "the token was refused\n");
          std::exit(1);
        }
        ++count;
      } while (!stop.load(std::memory_order_relaxed));
      total.fetch_add(count);
    });
  }
  std::thread writer;
  if (with_writer) {
    writer = std::thread([&] {
      for (std::size_t next = 0; !stop.load(); next = (next + 1) % kSets) {
        if (validator.publish(kGatewayIssuer, subject.sets[next]) != Error::ok) std::abort();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
  }
  while (ready.load() != threads) std::this_thread::yield();
  const auto begin = Clock::now();
  go.store(true);
  std::this_thread::sleep_for(length);
  stop.store(true);
  for (std::thread& worker : workers) worker.join();
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  if (writer.joinable()) writer.join();
  return static_cast<double>(total.load()) / seconds;
}

struct Measurement {
  unsigned threads;
  bool with_writer;
  auto operator<=>(const Measurement&) const = default;
};

}  // namespace
}  // namespace simdjwt::bench

int main(int argc, char** argv) {
  using namespace simdjwt::bench;
  const Options options(argc, argv);
  options.refuse_others(argc, argv);
  const unsigned most = std::max(2U, std::thread::hardware_concurrency());
  std::vector<Measurement> order;
  for (unsigned threads = 1; threads <= most; threads *= 2) {
    for (const bool with_writer : {false, true}) order.push_back({threads, with_writer});
  }
  const auto length = std::chrono::milliseconds(options.quick ? 5 : 150);
  std::minstd_rand random(1);
  Tables found{
      "Threads",
      "One validator, each thread with its own scratch, alone and while a writer publishes a new key set every "
      "millisecond. Ratios are medians of ratios within a repeat; the machine has " +
          std::to_string(std::thread::hardware_concurrency()) + " cores.",
      {},
      {}};
  for (const simdjwt::Algorithm algorithm : {simdjwt::Algorithm::HS256, simdjwt::Algorithm::ES256}) {
    const Subject subject(algorithm);
    std::map<Measurement, std::vector<double>> rates;
    for (int repeat = 0; repeat < (options.quick ? 2 : 9); ++repeat) {
      std::shuffle(order.begin(), order.end(), random);
      for (const Measurement& one : order) {
        rates[one].push_back(throughput(subject, one.threads, one.with_writer, length));
      }
    }
    const auto ratio = [&](const Measurement& one, const Measurement& other) {
      std::vector<double> samples;
      for (std::size_t i = 0; i < rates[one].size(); ++i) samples.push_back(rates[one][i] / rates[other][i]);
      return samples;
    };
    Table table{subject.name + ", tokens a second",
                {"threads", "alone", "to one", "with the writer", "to one", "writer to none"},
                {},
                "",
                {}};
    for (unsigned threads = 1; threads <= most; threads *= 2) {
      const auto alone = ratio({threads, false}, {1, false}), written = ratio({threads, true}, {1, true});
      table.rows.push_back({static_cast<double>(threads), median(rates[{threads, false}]), median(alone),
                            median(rates[{threads, true}]), median(written),
                            median(ratio({threads, true}, {threads, false}))});
      if (threads == 1) continue;
      const std::string name = subject.name + ", " + std::to_string(threads) + " threads / one";
      found.ratios.push_back({name, false, alone});
      found.ratios.push_back({name + ", with the writer", false, written});
    }
    found.tables.push_back(table);
  }
  return found.finish(options);
}
