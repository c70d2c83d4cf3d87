// Every base64url kernel that this machine supports, at the lengths of a token's segments and beyond, side by side with
// libsimdutf where the build found it. Repetitions are interleaved at random; the table at the end shows medians and ratios.

#include <benchmark/benchmark.h>

#include <cstdio>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "codec/base64url.h"

#if defined(SIMDJWT_BENCH_SIMDUTF)
#include <simdutf.h>
#endif

namespace simdjwt::bench {
namespace {

// Signatures of 32 and of 64 bytes, a header, payloads, and what shows the speed of the inner loop.
constexpr std::size_t kLengths[] = {43, 86, 128, 512, 700, 2048, 16384};

// Input and output lie apart, as a token and a scratch do.
struct Work {
  std::string text;
  std::vector<std::uint8_t> out;

  explicit Work(std::size_t length) : out(base64url_decoded_size(length) + 4096) {
    std::mt19937 random(4648);
    std::vector<std::uint8_t> bytes(base64url_decoded_size(length));
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    text = base64url_encode(ByteView(bytes));
    text.reserve(length + 4096);
  }
};

template <typename Decode>
void decode(benchmark::State& state, std::size_t length, const Decode& decode_once) {
  Work work(length);
  for (auto _ : state) {
    const std::size_t size = decode_once(work.text, work.out.data());
    benchmark::DoNotOptimize(work.out.data());
    benchmark::ClobberMemory();
    if (size != base64url_decoded_size(length)) return state.SkipWithError("not decoded");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(length));
}

// Registers decoder `name` at every length, and remembers it as a column of the table.
class Columns {
 public:
  template <typename Decode>
  void add(const std::string& name, Decode decode_once) {
    names_.push_back(name);
    for (const std::size_t length : kLengths) {
      benchmark::RegisterBenchmark((name + "/" + std::to_string(length)).c_str(),
                                   [=](benchmark::State& state) { decode(state, length, decode_once); });
    }
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

void add_kernels(Columns& columns) {
  for (const Base64Kernel* kernel : base64url_kernels()) {
    if (!cpu_supports(kernel->level)) continue;
    columns.add(kernel->name,
                [kernel](std::string_view in, std::uint8_t* out) { return base64url_decode(*kernel, in, out).size; });
  }
}

// What simdutf has for the same instruction sets. It also skips white space and takes padding: its contract is the wider
// one.
struct Peer {
  const char* kernel;
  const char* name;
};
constexpr Peer kPeers[] = {{"avx2", "haswell"}, {"avx512", "icelake"}, {"neon", "arm64"}};

std::string column_of(const Peer& peer) { return std::string("simdutf-") + peer.name; }

void add_simdutf([[maybe_unused]] Columns& columns) {
#if defined(SIMDJWT_BENCH_SIMDUTF)
  for (const Peer& peer : kPeers) {
    const simdutf::implementation* implementation = simdutf::get_available_implementations()[peer.name];
    if (implementation == nullptr || !implementation->supported_by_runtime_system()) continue;
    columns.add(column_of(peer), [implementation](std::string_view in, std::uint8_t* out) {
      const simdutf::result result = implementation->base64_to_binary(in.data(), in.size(), reinterpret_cast<char*>(out),
                                                                      simdutf::base64_url);
      return result.error == simdutf::SUCCESS ? result.count : 0;
    });
  }
#endif
}

// Prints as usual and keeps the medians.
class Medians : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    benchmark::ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      if (run.run_type == Run::RT_Aggregate && run.aggregate_name == "median") {
        nanoseconds_[run.run_name.function_name] = run.GetAdjustedRealTime();
      }
    }
  }

  void print_table(const Columns& columns) const {
    std::printf("\nns (times as fast as scalar)\n%8s", "length");
    for (const std::string& name : columns.names()) std::printf(" %18s", name.c_str());
    std::printf("\n");
    for (const std::size_t length : kLengths) {
      std::printf("%8zu", length);
      for (const std::string& name : columns.names()) {
        std::printf(" %9.1f (%5.2fx)", median(name, length), median("scalar", length) / median(name, length));
      }
      for (const Peer& peer : kPeers) {
        const double of_peer = median(column_of(peer), length);
        if (of_peer != 0) std::printf("   %s: %4.2fx %s", peer.kernel, of_peer / median(peer.kernel, length), peer.name);
      }
      std::printf("\n");
    }
  }

 private:
  double median(const std::string& name, std::size_t length) const {
    const auto found = nanoseconds_.find(name + "/" + std::to_string(length));
    return found == nanoseconds_.end() ? 0 : found->second;
  }
  std::map<std::string, double> nanoseconds_;
};

}  // namespace
}  // namespace simdjwt::bench

int main(int argc, char** argv) {
  using namespace simdjwt::bench;
  std::vector<std::string> defaults = {"--benchmark_repetitions=9", "--benchmark_enable_random_interleaving=true",
                                       "--benchmark_report_aggregates_only=true", "--benchmark_min_time=0.02"};
  // Flags of the command line come last and win.
  std::vector<char*> arguments = {argv[0]};
  for (std::string& flag : defaults) arguments.push_back(flag.data());
  for (int i = 1; i < argc; ++i) arguments.push_back(argv[i]);
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  Columns columns;
  add_kernels(columns);
  add_simdutf(columns);
  Medians medians;
  benchmark::RunSpecifiedBenchmarks(&medians);
  medians.print_table(columns);
  return 0;
}
