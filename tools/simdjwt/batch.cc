// simdjwt verify --batch: many tokens, then how many got which verdict, and how fast.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "failure.h"
#include "file.h"
#include "json_writer.h"
#include "replay_stages.h"
#include "session.h"
#include "terminal.h"
#include "text.h"
#include "verdict_output.h"
#include "verify_options.h"

namespace simdjwt::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Counts = std::map<simdjwt_error, std::uint64_t>;

constexpr std::size_t kMostBatchBytes = std::size_t{1} << 30U;
constexpr std::uint64_t kShare = 64;  // tokens a thread takes at a time: few enough that all end together

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) out.push_back(line);
  }
  return out;
}

// The work that the threads share.
class Batch {
 public:
  Batch(const Session& session, const std::vector<std::string_view>& tokens, unsigned repeat)
      : session_(session), tokens_(tokens), total_(tokens.size() * std::uint64_t{repeat}) {}

  std::uint64_t total() const noexcept { return total_; }
  std::uint64_t done() const noexcept { return done_.load(std::memory_order_relaxed); }

  // One thread's part, with a scratch of its own.
  Counts work(simdjwt_scratch* scratch) {
    Counts counts;
    for (;;) {
      const std::uint64_t first = next_.fetch_add(kShare, std::memory_order_relaxed);
      if (first >= total_) return counts;
      const std::uint64_t last = std::min(first + kShare, total_);
      for (std::uint64_t i = first; i < last; ++i) {
        const simdjwt_request request = session_.request(tokens_[i % tokens_.size()]);
        auto verdict = sized<simdjwt_verdict>();
        ++counts[simdjwt_validate(session_.validator(), scratch, &request, &verdict)];
      }
      done_.fetch_add(last - first, std::memory_order_relaxed);
    }
  }

 private:
  const Session& session_;
  const std::vector<std::string_view>& tokens_;
  std::uint64_t total_;
  std::atomic<std::uint64_t> next_{0};
  std::atomic<std::uint64_t> done_{0};
};

// Says on standard error how far the work is: a bar on a terminal, else a line every ten seconds.
class Progress {
 public:
  explicit Progress(const Batch& batch) : batch_(batch), bar_(is_terminal(STDERR_FILENO)), thread_([this] { run(); }) {}
  ~Progress() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
    if (bar_) std::fputs("\r\x1b[K", stderr);
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

 private:
  void run() {
    const auto period = bar_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10000);
    std::unique_lock<std::mutex> lock(mutex_);
    while (!wake_.wait_for(lock, period, [this] { return stop_; })) show();
  }

  void show() const {
    constexpr std::uint64_t kWidth = 40;
    const std::uint64_t done = batch_.done();
    const std::uint64_t total = std::max<std::uint64_t>(batch_.total(), 1);
    const auto part = static_cast<unsigned>(done * 100 / total);
    const std::string counts = grouped(done) + " of " + grouped(total) + " tokens";
    if (bar_) {
      const auto filled = static_cast<std::size_t>(done * kWidth / total);
      const std::string bar = std::string(filled, '#') + std::string(kWidth - filled, '.');
      std::fprintf(stderr, "\r[%s] %3u%%  %s", bar.c_str(), part, counts.c_str());
    } else {
      std::fprintf(stderr, "%u%%: %s\n", part, counts.c_str());
    }
    std::fflush(stderr);
  }

  const Batch& batch_;
  bool bar_;
  bool stop_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;  // last: it uses the others
};

struct Outcome {
  Counts counts;
  std::uint64_t total = 0;
  double seconds = 0;
  double rate() const noexcept { return seconds > 0 ? static_cast<double>(total) / seconds : 0; }
};

Outcome validate_all(const Session& session, const std::vector<std::string_view>& tokens,
                     const VerifyOptions& options) {
  Batch batch(session, tokens, options.repeat);
  std::vector<Scratch> scratches;
  for (unsigned i = 0; i < options.threads; ++i) scratches.push_back(session.new_scratch());
  std::vector<Counts> parts(options.threads);
  Outcome outcome;
  outcome.total = batch.total();
  const auto start = Clock::now();
  {
    const Progress progress(batch);
    std::vector<std::jthread> threads;
    for (unsigned i = 1; i < options.threads; ++i) {
      threads.emplace_back([&, i] { parts[i] = batch.work(scratches[i].get()); });
    }
    parts[0] = batch.work(scratches[0].get());
  }
  outcome.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  for (const Counts& part : parts) {
    for (const auto& [error, count] : part) outcome.counts[error] += count;
  }
  return outcome;
}

std::string text_report(const Outcome& outcome, const Style& style) {
  std::vector<std::vector<std::string>> rows{{"count", "verdict", "meaning"}};
  for (const auto& [error, count] : outcome.counts) {
    rows.push_back({grouped(count), error == SIMDJWT_OK ? "valid" : simdjwt_error_name(error),
                    error == SIMDJWT_OK ? "" : simdjwt_error_text(error)});
  }
  char speed[96];
  std::snprintf(speed, sizeof speed, " in %.3f s, %s tokens/s\n", outcome.seconds,
                grouped(static_cast<std::uint64_t>(outcome.rate())).c_str());
  return table(rows, style) + count_of(outcome.total, "token", "tokens") + speed;
}

std::string json_report(const Outcome& outcome) {
  std::string out;
  JsonWriter json(out);
  const auto valid = outcome.counts.find(SIMDJWT_OK);
  json.begin_object().member_number("total", static_cast<std::int64_t>(outcome.total));
  json.member_number("valid", valid == outcome.counts.end() ? 0 : static_cast<std::int64_t>(valid->second));
  json.key("rejected").begin_object();
  for (const auto& [error, count] : outcome.counts) {
    if (error != SIMDJWT_OK) json.member_number(simdjwt_error_name(error), static_cast<std::int64_t>(count));
  }
  json.end_object();
  json.member_number("microseconds", static_cast<std::int64_t>(outcome.seconds * 1e6));
  json.member_number("tokens_per_second", static_cast<std::int64_t>(outcome.rate())).end_object();
  return out + "\n";
}

}  // namespace

int run_batch(const VerifyOptions& options) {
  Session session(options.policy, options.keys);
  const ReplayStages stages(session.validator(), session.ruleset(), session.now());
  const std::string text = read_file(options.batch, kMostBatchBytes);
  const std::vector<std::string_view> tokens = lines_of(text);
  if (tokens.empty()) throw Failure(printable(options.batch) + ": no token in it");
  session.fetch_keys(tokens, options.fetch);
  const Outcome outcome = validate_all(session, tokens, options);
  const bool as_json = options.json || (!options.text && !is_terminal(STDOUT_FILENO));
  print(as_json ? json_report(outcome) : text_report(outcome, style_for(STDOUT_FILENO)));
  const bool all_valid = outcome.counts.size() == 1 && outcome.counts.contains(SIMDJWT_OK);
  return all_valid ? kExitOk : kExitRejected;
}

}  // namespace simdjwt::cli
