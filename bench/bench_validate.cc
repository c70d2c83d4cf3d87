// Whole tokens against the floor, in one run: for each algorithm the validation, the same verification by OpenSSL alone
// with contexts reused, and the validation on two threads. Repetitions are interleaved at random; the table at the end
// shows medians and ratios.

#include <benchmark/benchmark.h>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "support/floor.h"
#include "support/sample.h"

namespace simdjwt::bench {
namespace {

constexpr Algorithm kAlgorithms[] = {Algorithm::HS256,  Algorithm::RS256,   Algorithm::PS256,
                                     Algorithm::ES256,  Algorithm::ES384,   Algorithm::ES512,
                                     Algorithm::ES256K, Algorithm::Ed25519, Algorithm::Ed448};

void validate(benchmark::State& state, Algorithm algorithm) {
  const Sample& s = sample(algorithm);
  const auto scratch = s.validator->make_scratch(0);
  for (auto _ : state) {
    const Verdict verdict = s.validator->validate(*scratch, {.token = s.token, .now = kNow});
    if (verdict.error != Error::ok) return state.SkipWithError("refused");
  }
  state.SetItemsProcessed(state.iterations());
}

void floor(benchmark::State& state, Algorithm algorithm) {
  const Sample& s = sample(algorithm);
  const auto signature = test::unb64(std::string_view(s.token).substr(s.token.rfind('.') + 1));
  Floor floor(s.key, algorithm, signature);
  for (auto _ : state) {
    if (!floor.verify(s.signing_input())) return state.SkipWithError("refused");
  }
  state.SetItemsProcessed(state.iterations());
}

// Prints as usual and keeps the medians.
class Medians : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    benchmark::ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      const bool median = run.run_type == Run::RT_Aggregate && run.aggregate_name == "median";
      if (median) per_second_[run.run_name.function_name + run.run_name.threads] = run.counters.at("items_per_second").value;
    }
  }

  void print_table() const {
    std::printf("\n%-10s %12s %12s %8s %10s\n", "algorithm", "validate ns", "floor ns", "ratio", "2 threads");
    for (const Algorithm algorithm : kAlgorithms) {
      const std::string name(info(algorithm).name);
      const double one = rate("validate/" + name + "threads:1"), two = rate("validate/" + name + "threads:2");
      const double bare = rate("floor/" + name + "threads:1");
      if (one == 0 || bare == 0) continue;
      std::printf("%-10s %12.0f %12.0f %8.3f", name.c_str(), 1e9 / one, 1e9 / bare, bare / one);
      if (two != 0) std::printf(" %9.2fx", two / one);
      std::printf("\n");
    }
  }

 private:
  double rate(const std::string& key) const {
    const auto found = per_second_.find(key);
    return found == per_second_.end() ? 0 : found->second;
  }
  std::map<std::string, double> per_second_;
};

}  // namespace
}  // namespace simdjwt::bench

int main(int argc, char** argv) {
  using namespace simdjwt::bench;
  std::vector<std::string> defaults = {"--benchmark_repetitions=9", "--benchmark_enable_random_interleaving=true",
                                       "--benchmark_report_aggregates_only=true", "--benchmark_min_time=0.1"};
  // Flags of the command line come last and win.
  std::vector<char*> arguments = {argv[0]};
  for (std::string& flag : defaults) arguments.push_back(flag.data());
  for (int i = 1; i < argc; ++i) arguments.push_back(argv[i]);
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  for (const simdjwt::Algorithm algorithm : kAlgorithms) {
    (void)sample(algorithm);
    const std::string name(simdjwt::info(algorithm).name);
    benchmark::RegisterBenchmark(("floor/" + name).c_str(), floor, algorithm)->UseRealTime()->Threads(1);
    benchmark::RegisterBenchmark(("validate/" + name).c_str(), validate, algorithm)->UseRealTime()->Threads(1)->Threads(2);
  }
  Medians medians;
  benchmark::RunSpecifiedBenchmarks(&medians);
  medians.print_table();
  return 0;
}
