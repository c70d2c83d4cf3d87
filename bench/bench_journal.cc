// The journal: what a use costs the thread that validates, how many a second reach the disk, and how long it takes
// until a restarted gateway is open. Prints one table; files are in the folder given, on the disk that is to be
// measured.
//
// Usage: bench_journal DIRECTORY [ENTRIES [SECONDS]]      (10,000,000 entries; 1 s a line)
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <random>
#include <string>
#include <thread>

#include "journal/recovery.h"
#include "journal/writer.h"
#include "simdjwt/journal.h"

namespace simdjwt::journal {
namespace {

using Time = std::chrono::steady_clock;

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::int64_t kRetention = 3600;

double cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

double seconds_since(Time::time_point begin) {
  return std::chrono::duration<double>(Time::now() - begin).count();
}

Record random_record(std::mt19937_64& random) {
  Record record{};
  const std::uint64_t halves[] = {random(), random()};
  std::memcpy(record.fingerprint, halves, sizeof halves);
  record.forget_at = kNow + 1 + static_cast<std::int64_t>(random() % kRetention);
  record.issuer = 7;
  return record;
}

struct Opened {
  simdjwt_ruleset* ruleset = nullptr;
  simdjwt_validator* validator = nullptr;
  simdjwt_journal* journal = nullptr;

  ~Opened() {
    simdjwt_journal_free(journal);
    simdjwt_validator_free(validator);
    simdjwt_ruleset_free(ruleset);
  }
};

void require(simdjwt_error error, const char* what) {
  if (error == SIMDJWT_OK) return;
  std::fprintf(stderr, "%s: %s\n", what, simdjwt_error_name(error));
  std::exit(1);
}

void open(const std::string& path, std::uint64_t memory, Opened& out) {
  const std::string policy = R"({"version":1,"replay":{"mode":"once","memory_bytes":)" + std::to_string(memory) +
                             R"(,"max_retention_s":)" + std::to_string(kRetention) +
                             R"(,"durability":{"level":"strict","directory":")" + path +
                             R"("}},"issuers":[{"issuer":"a","algorithms":["ES256"],"audiences":["a"],"typ":"JWT"}]})";
  require(simdjwt_ruleset_compile(policy.data(), policy.size(), &out.ruleset, nullptr), "policy");
  require(simdjwt_validator_new(out.ruleset, &out.validator), "validator");
  simdjwt_diagnostic diagnostic = SIMDJWT_DIAGNOSTIC_INIT;
  const simdjwt_error error =
      simdjwt_journal_open(out.validator, out.ruleset, kNow, nullptr, &out.journal, &diagnostic);
  if (error != SIMDJWT_OK) std::fprintf(stderr, "%s\n", diagnostic.expected);
  require(error, "journal");
}

std::unique_ptr<GenerationFiles> new_files(const std::string& path, std::unique_ptr<Directory>& directory) {
  directory = std::make_unique<Directory>();
  if (const Outcome opened = directory->open_and_lock(path, posix_file_system()); !opened.is_ok()) {
    std::fprintf(stderr, "%s\n", opened.detail.c_str());
    std::exit(1);
  }
  return std::make_unique<GenerationFiles>(posix_file_system(), directory->get(), generation_width(kRetention), 42);
}

// `threads` that record one use at a time for a second.
void bench_commit(const std::string& path, bool is_strict, unsigned threads, double limit) {
  std::unique_ptr<Directory> directory;
  WriterOptions options;
  options.is_strict = is_strict;
  auto writer = std::make_unique<Writer>(options, new_files(path, directory), kNow);
  std::atomic<std::uint64_t> taken{0}, refused{0};
  std::atomic<bool> is_over{false};
  std::vector<std::thread> all;
  const auto begin = Time::now();
  for (unsigned i = 0; i < threads; ++i) {
    all.emplace_back([&, i] {
      std::mt19937_64 random(i);
      std::uint64_t mine = 0, not_mine = 0;
      while (!is_over.load(std::memory_order_relaxed)) {
        const Record record = random_record(random);
        simdjwt_error error = 0;
        writer->commit(&record, 1, &error);
        ++(error == SIMDJWT_OK ? mine : not_mine);
      }
      taken += mine;
      refused += not_mine;
    });
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(limit));
  is_over = true;
  for (std::thread& thread : all) thread.join();
  const double took = seconds_since(begin);
  const std::uint64_t syncs = writer->stats().syncs;
  writer = nullptr;
  const double rate = static_cast<double>(taken) / took;
  std::printf("%-8s %2u threads  %12.0f uses/s  %8llu refused  %6.0f syncs/s  %8.2f us a use and thread\n",
              is_strict ? "strict" : "interval", threads, rate, static_cast<unsigned long long>(refused.load()),
              static_cast<double>(syncs) / took, 1e6 * threads / rate);
  directory = nullptr;
  std::filesystem::remove_all(path);
}

// A journal of that many uses is written, and a process that restarts opens it; its pages are in the kernel's cache.
void bench_recovery(const std::string& path, std::uint64_t entries) {
  const std::uint64_t memory = std::max<std::uint64_t>(entries * 24, 1 << 20);
  {
    Opened first;
    open(path, memory, first);
  }
  {
    Directory directory;
    std::optional<Key> key;
    if (!directory.open_and_lock(path, posix_file_system()).is_ok() || !directory.read_key(key).is_ok()) std::exit(1);
    GenerationFiles files(posix_file_system(), directory.get(), generation_width(kRetention), key_check(*key));
    std::mt19937_64 random(1);
    std::vector<Record> some;
    const auto begin = Time::now();
    for (std::uint64_t done = 0; done < entries; done += some.size()) {
      some.clear();
      while (some.size() < std::min<std::uint64_t>(1 << 16, entries - done)) some.push_back(random_record(random));
      if (files.append(some) != 0) std::exit(1);
    }
    std::printf("written  %llu entries, %.1f MB, in %.2f s, of one thread that makes them too\n",
                static_cast<unsigned long long>(entries), static_cast<double>(files.bytes()) / 1e6,
                seconds_since(begin));
  }
  Opened again;
  const double cpu = cpu_seconds();
  const auto begin = Time::now();
  open(path, memory, again);
  const double took = seconds_since(begin), used = cpu_seconds() - cpu;
  simdjwt_journal_stats stats{};
  stats.struct_size = sizeof stats;
  require(simdjwt_journal_stats_of(again.journal, &stats), "stats");
  std::printf("recovery %llu entries, %.1f MB, in %.3f s: %.1f ns an entry; %.3f s of processor time\n",
              static_cast<unsigned long long>(stats.recovered), static_cast<double>(stats.bytes) / 1e6, took,
              1e9 * took / static_cast<double>(entries), used);
}

}  // namespace
}  // namespace simdjwt::journal

int main(int argc, char** argv) {
  using namespace simdjwt::journal;
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_journal DIRECTORY [ENTRIES [SECONDS]]\n");
    return 2;
  }
  const std::string place = argv[1];
  const std::uint64_t entries = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 10'000'000;
  const double limit = argc > 3 ? std::strtod(argv[3], nullptr) : 1;
  for (const bool is_strict : {false, true}) {
    for (const unsigned threads : {1U, 4U, 16U}) bench_commit(place + "/commit", is_strict, threads, limit);
  }
  bench_recovery(place + "/recovery", entries);
  std::filesystem::remove_all(place + "/recovery");
  return 0;
}
