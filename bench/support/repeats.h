// Runs the registered Google Benchmarks in interleaved repeats and keeps every repeat's time, for programs that make
// tables of them: processor time, of which other programs on the machine take less. A benchmark that calls
// wrong_verdict makes the program fail: such a time is not a figure.
//
// Thread-safety: one Repeats a program, in its main thread.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "support/floor.h"
#include "support/gateway.h"
#include "support/tables.h"

namespace simdjwt::bench {

// Ends a benchmark whose verdict is not the one it means to time, and the program after all benchmarks.
inline bool has_wrong_verdict = false;
inline void wrong_verdict(benchmark::State& state, const std::string& said) {
  has_wrong_verdict = true;
  std::fprintf(stderr, "not the verdict that was to be timed: %s\n", said.c_str());
  state.SkipWithError("wrong verdict");
}

// Times the floor of a token that the gateway signed.
inline void time_floor(benchmark::State& state, const Gateway& gateway, std::string_view token) {
  Floor floor(gateway.keys[0], gateway.algorithm, test::unb64(token.substr(token.rfind('.') + 1)));
  for (auto _ : state) {
    if (!floor.verify(token.substr(0, token.rfind('.')))) return wrong_verdict(state, "the floor refuses");
  }
}

class Repeats : public benchmark::ConsoleReporter {
 public:
  // Initialises Google Benchmark and runs all that is registered; flags of the command line win over our own.
  Repeats(const Options& options, int argc, char** argv) {
    std::vector<std::string> flags = {options.quick ? "--benchmark_repetitions=2" : "--benchmark_repetitions=9",
                                      options.quick ? "--benchmark_min_time=0.001" : "--benchmark_min_time=0.03",
                                      "--benchmark_enable_random_interleaving=true"};
    std::vector<char*> arguments = {argv[0]};
    for (std::string& flag : flags) arguments.push_back(flag.data());
    for (int i = 1; i < argc; ++i) arguments.push_back(argv[i]);
    int count = static_cast<int>(arguments.size());
    benchmark::Initialize(&count, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) std::exit(2);
    benchmark::RunSpecifiedBenchmarks(this);
    if (has_wrong_verdict) std::exit(1);
  }

  // Nanoseconds for one iteration of each repeat, in the order of the repeats; empty for a name that did not run.
  std::vector<double> ns(const std::string& name) const {
    std::vector<double> found;
    const auto entry = ns_.find(name);
    if (entry != ns_.end()) {
      for (const auto& [index, value] : entry->second) found.push_back(value);
    }
    return found;
  }
  double median_ns(const std::string& name) const { return median(ns(name)); }

  // one / other, repeat by repeat.
  Ratio ratio(const std::string& name, const std::string& one, const std::string& other) const {
    Ratio found{name, true, {}};
    const auto above = ns(one), below = ns(other);
    for (std::size_t i = 0; i < above.size() && i < below.size(); ++i) found.samples.push_back(above[i] / below[i]);
    return found;
  }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration) continue;
      ns_[run.run_name.function_name][run.repetition_index] =
          run.cpu_accumulated_time * 1e9 / static_cast<double>(run.iterations);
    }
  }

 private:
  std::map<std::string, std::map<std::int64_t, double>> ns_;
};

}  // namespace simdjwt::bench
