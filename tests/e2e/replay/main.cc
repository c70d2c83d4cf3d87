// A gateway that accepts tokens once, for tests that kill it or take its disk away: tokens come in, and what was
// accepted is told before anything else happens.
//
// Usage: simdjwt_test_replay POLICY JWK ISSUER NOW [BROKEN [THREADS]]
// In:  a token a line; "?" asks for the journal's counts
// Out: "open RECOVERED CUT_BYTES RECOVERY_US"; then for each line, in the order of the answers, one of
//        "accepted NANOSECONDS WRITTEN N"  of the monotonic clock; the records that the journal had on the disk
//        "refused ERROR N"
//        "counts FAILURES REFUSED WAITING ERRNO N"
//      where N says which line it was, from 0
// BROKEN:  a file; while it holds "write" or "sync", so does every write or sync of the journal fail with EIO
// THREADS: how many answer (1)
#include <dlfcn.h>
#include <fcntl.h>
#include <simdjwt/journal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

const char* broken_file = nullptr;

bool is_broken(const char* what) {
  if (broken_file == nullptr) return false;
  char text[8] = {};
  const int file = ::open(broken_file, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const ssize_t got = ::read(file, text, sizeof text - 1);
  ::close(file);
  return got > 0 && std::strncmp(text, what, std::strlen(what)) == 0;
}

template <typename T>
T sized() {
  T value{};
  value.struct_size = sizeof(T);
  return value;
}

std::string read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void require(simdjwt_error error, const char* what, const simdjwt_diagnostic& diagnostic) {
  if (error == SIMDJWT_OK) return;
  std::fprintf(stderr, "%s: %s: %s\n", what, simdjwt_error_name(error), diagnostic.expected);
  std::exit(2);
}

// One write, so that a reader has whole lines however this ends.
void say(const char* line, int size) {
  if (::write(STDOUT_FILENO, line, static_cast<std::size_t>(size)) != size) std::exit(3);
}

template <typename... Values>
void say_values(const char* format, Values... values) {
  char line[256];
  say(line, std::snprintf(line, sizeof line, format, values...));
}

long long nanoseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

simdjwt_journal_stats stats_of(const simdjwt_journal* journal) {
  auto stats = sized<simdjwt_journal_stats>();
  if (journal != nullptr && simdjwt_journal_stats_of(journal, &stats) != SIMDJWT_OK) std::exit(2);
  return stats;
}

// Lines go to whoever asks first.
class Lines {
 public:
  bool next(std::string& line, unsigned long long& number) {
    const std::lock_guard lock(mutex_);
    number = number_++;
    return static_cast<bool>(std::getline(std::cin, line));
  }

 private:
  std::mutex mutex_;
  unsigned long long number_ = 0;
};

void serve(const simdjwt_validator* validator, const simdjwt_journal* journal, std::int64_t now, Lines& lines) {
  simdjwt_scratch* scratch = nullptr;
  require(simdjwt_scratch_new(validator, 0, &scratch), "scratch", sized<simdjwt_diagnostic>());
  unsigned long long number = 0;
  for (std::string line; lines.next(line, number);) {
    if (line == "?") {
      const simdjwt_journal_stats stats = stats_of(journal);
      say_values("counts %llu %llu %llu %u %llu\n", static_cast<unsigned long long>(stats.failures),
                 static_cast<unsigned long long>(stats.refused), static_cast<unsigned long long>(stats.waiting),
                 stats.last_errno, number);
      continue;
    }
    auto request = sized<simdjwt_request>();
    request.token = {line.data(), line.size()};
    request.now = now;
    auto verdict = sized<simdjwt_verdict>();
    // What is on the disk is counted before: what this token adds is not.
    const auto written = static_cast<unsigned long long>(stats_of(journal).records);
    const simdjwt_error error = simdjwt_validate(validator, scratch, &request, &verdict);
    if (error == SIMDJWT_OK) {
      say_values("accepted %lld %llu %llu\n", nanoseconds(), written, number);
    } else {
      say_values("refused %s %llu\n", simdjwt_error_name(error), number);
    }
  }
  simdjwt_scratch_free(scratch);
}

}  // namespace

// The program's own come before those of the C library: a disk that fails on demand. Nothing else here syncs.
extern "C" int fdatasync(int file) {
  if (is_broken("sync")) {
    errno = EIO;
    return -1;
  }
  static const auto real = reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, "fdatasync"));
  return real(file);
}

extern "C" ssize_t write(int file, const void* bytes, std::size_t size) {
  if (file != STDOUT_FILENO && is_broken("write")) {
    errno = EIO;
    return -1;
  }
  static const auto real = reinterpret_cast<ssize_t (*)(int, const void*, std::size_t)>(::dlsym(RTLD_NEXT, "write"));
  return real(file, bytes, size);
}

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  if (argc > 5) broken_file = argv[5];
  const std::string policy = read_file(argv[1]), keys = read_file(argv[2]), issuer = argv[3];
  const std::int64_t now = std::strtoll(argv[4], nullptr, 10);
  auto diagnostic = sized<simdjwt_diagnostic>();
  simdjwt_ruleset* ruleset = nullptr;
  require(simdjwt_ruleset_compile(policy.data(), policy.size(), &ruleset, &diagnostic), "policy", diagnostic);
  simdjwt_jwks* jwks = nullptr;
  require(simdjwt_jwks_parse(keys.data(), keys.size(), &jwks, &diagnostic), "keys", diagnostic);
  simdjwt_validator* validator = nullptr;
  require(simdjwt_validator_new(ruleset, &validator), "validator", diagnostic);
  require(simdjwt_keys_publish(validator, issuer.data(), issuer.size(), jwks), "publish", diagnostic);
  simdjwt_journal* journal = nullptr;
  const simdjwt_error opened = simdjwt_journal_open(validator, ruleset, now, nullptr, &journal, &diagnostic);
  if (opened != SIMDJWT_NOT_FOUND) require(opened, "journal", diagnostic);
  const simdjwt_journal_stats stats = stats_of(journal);
  say_values("open %llu %llu %llu\n", static_cast<unsigned long long>(stats.recovered),
             static_cast<unsigned long long>(stats.cut_bytes), static_cast<unsigned long long>(stats.recovery_us));
  Lines lines;
  std::vector<std::thread> threads;
  for (long more = argc > 6 ? std::strtol(argv[6], nullptr, 10) : 1; more > 1; --more) {
    threads.emplace_back([&] { serve(validator, journal, now, lines); });
  }
  serve(validator, journal, now, lines);
  for (std::thread& thread : threads) thread.join();
  simdjwt_journal_free(journal);
  simdjwt_validator_free(validator);
  simdjwt_jwks_free(jwks);
  simdjwt_ruleset_free(ruleset);
  return 0;
}
