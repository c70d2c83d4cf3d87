// How long single validations take: percentiles, timed one by one. The clock's own cost is measured and stated, and it
// is not taken off. The tail belongs to the machine as much as to the engine: interrupts and neighbours are in it.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "support/gateway.h"
#include "support/tables.h"

namespace simdjwt::bench {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point begin) {
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
}

// Percentiles of `count` timings of work().
template <class Work>
std::vector<Cell> percentiles(const std::string& name, std::size_t count, const Work& work) {
  std::vector<double> samples(count);
  for (std::size_t i = 0; i < count / 10; ++i) work();  // contexts are prepared and caches warm
  for (double& sample : samples) {
    const auto begin = Clock::now();
    work();
    sample = since(begin);
  }
  std::sort(samples.begin(), samples.end());
  std::vector<Cell> row = {name, static_cast<double>(count)};
  for (const double q : {0.5, 0.9, 0.99, 0.999, 1.0}) row.emplace_back(quantile(samples, q));
  return row;
}

struct Work {
  const Gateway& gateway;
  std::string token;
  Error expected;
  std::unique_ptr<Scratch> scratch = gateway.validator->make_scratch(0);

  void operator()() const {
    const Verdict verdict = gateway.validator->validate(*scratch, {.token = token, .now = kGatewayNow});
    if (verdict.error == expected) return;
    std::fprintf(stderr, "not the verdict that was to be timed: %s\n", std::string(error_name(verdict.error)).c_str());
    std::exit(1);
  }
};

}  // namespace
}  // namespace simdjwt::bench

int main(int argc, char** argv) {
  using namespace simdjwt::bench;
  using simdjwt::Error;
  const Options options(argc, argv);
  options.refuse_others(argc, argv);
  const std::size_t divisor = options.quick ? 100 : 1;
  const std::string claims = R"(,"sub":"user-8f14e45fceea167a","scope":"orders:read orders:write profile")";
  const Gateway hs256(simdjwt::Algorithm::HS256), rs256(simdjwt::Algorithm::RS256), es256(simdjwt::Algorithm::ES256);
  Table table{"ns for one validation", {"token", "timed", "p50", "p90", "p99", "p99.9", "most"}, {}, "", {}};
  table.rows.push_back(percentiles("nothing (the clock alone)", 200000 / divisor, [] {}));
  table.rows.push_back(percentiles("HS256 accepted", 200000 / divisor, Work{hs256, hs256.token(claims), Error::ok}));
  table.rows.push_back(percentiles("RS256 accepted", 50000 / divisor, Work{rs256, rs256.token(claims), Error::ok}));
  table.rows.push_back(percentiles("ES256 accepted", 30000 / divisor, Work{es256, es256.token(claims), Error::ok}));
  table.rows.push_back(
      percentiles("ES256 forged", 30000 / divisor, Work{es256, es256.forged(claims), Error::signature_invalid}));
  table.rows.push_back(
      percentiles("no dots", 200000 / divisor, Work{es256, std::string(700, 'A'), Error::token_segments}));
  const Tables found{
      "Latency",
      "Single validations, each timed by itself, one thread. The first row is what the clock costs; it is not "
      "taken off the others. Interrupts and neighbours of the machine are in the tail.",
      {table},
      {}};
  return found.finish(options);
}
