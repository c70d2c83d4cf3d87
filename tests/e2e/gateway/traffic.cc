#include "traffic.h"

#include <chrono>
#include <stdexcept>

namespace simdjwt::gateway {
namespace {

using Clock = std::chrono::steady_clock;

struct FreeScratch {
  void operator()(simdjwt_scratch* scratch) const noexcept { simdjwt_scratch_free(scratch); }
};
using Scratch = std::unique_ptr<simdjwt_scratch, FreeScratch>;

Scratch new_scratch(const simdjwt_validator* validator) {
  simdjwt_scratch* scratch = nullptr;
  if (simdjwt_scratch_new(validator, 0, &scratch) != SIMDJWT_OK) throw std::runtime_error("no scratch");
  return Scratch(scratch);
}

simdjwt_error validate(const simdjwt_validator* validator, simdjwt_scratch* scratch, std::string_view token) {
  simdjwt_request request = SIMDJWT_REQUEST_INIT;
  request.token = {token.data(), token.size()};
  // Not time(), whose seconds begin some milliseconds late: a token that has just been issued would be of the future.
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  request.now = std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count();
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  return simdjwt_validate(validator, scratch, &request, &verdict);
}

// Calls `step` so often that it keeps to the rate, in bursts a millisecond apart, until told to stop. A burst that the
// machine held up is made up for, but no more than a tenth of a second of it.
template <typename Rate, typename Step, typename Flush>
void paced(const std::atomic<bool>& stop, Rate rate, Step step, Flush flush) {
  constexpr auto kTick = std::chrono::milliseconds(1);
  auto next = Clock::now();
  double owed = 0;
  for (unsigned tick = 0; !stop.load(std::memory_order_relaxed); ++tick) {
    owed += static_cast<double>(rate()) / 1000.0;
    for (; owed >= 1; owed -= 1) step();
    if (tick % 20 == 19) flush();
    next += kTick;
    const auto now = Clock::now();
    if (now - next > std::chrono::milliseconds(100)) next = now;
    std::this_thread::sleep_until(next);
  }
  flush();
}

}  // namespace

Answer validate_once(const simdjwt_validator* validator, std::string_view token) {
  const Scratch scratch = new_scratch(validator);
  const simdjwt_error error = validate(validator, scratch.get(), token);
  return {error, simdjwt_error_http_status(error)};
}

Traffic::Traffic(const simdjwt_validator* validator, const Board& board, std::uint64_t rate, unsigned threads)
    : validator_(validator), board_(board), thread_count_(threads), rate_(rate) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { send(); });
}

Traffic::~Traffic() {
  stop_storm();
  stop_.store(true, std::memory_order_relaxed);
  for (std::thread& thread : threads_) thread.join();
}

Tally Traffic::take() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return std::exchange(tally_, Tally{});
}

void Traffic::give(const Tally& part) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& [key, count] : part.counts) tally_.counts[key] += count;
  tally_.times.add(part.times);
}

void Traffic::send() {
  const Scratch scratch = new_scratch(validator_);
  Tally part;
  std::size_t turn = 0;
  auto tokens = board_.tokens();
  paced(
      stop_, [this] { return rate_.load(std::memory_order_relaxed) / thread_count_; },
      [&] {
        if (tokens->empty()) return;
        const Token& token = (*tokens)[turn++ % tokens->size()];
        const auto start = Clock::now();
        const simdjwt_error error = validate(validator_, scratch.get(), token.text);
        const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start);
        part.times.add(static_cast<std::uint64_t>(took.count()));
        ++part.counts[{token.label, error}];
      },
      [&] {
        give(std::exchange(part, Tally{}));
        tokens = board_.tokens();
      });
}

void Traffic::start_storm(std::string label, std::string model, std::uint64_t rate) {
  stop_storm();
  stop_storm_.store(false, std::memory_order_relaxed);
  storm_.emplace([this, label = std::move(label), model = std::move(model), rate] { send_storm(label, model, rate); });
}

void Traffic::stop_storm() {
  stop_storm_.store(true, std::memory_order_relaxed);
  if (storm_) storm_->join();
  storm_.reset();
}

void Traffic::send_storm(const std::string& label, const std::string& model, std::uint64_t rate) {
  const Scratch scratch = new_scratch(validator_);
  UnknownKids kids(model);
  Tally part;
  paced(
      stop_storm_, [rate] { return rate; },
      [&] {
        ++part.counts[{label, validate(validator_, scratch.get(), kids.next())}];
      },
      [&] { give(std::exchange(part, Tally{})); });
}

}  // namespace simdjwt::gateway
