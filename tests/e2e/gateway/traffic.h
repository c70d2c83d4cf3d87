// Threads that validate tokens at a steady rate, as the workers of a gateway would, and what came of it.
//
// Ownership: the validator and the board outlive the traffic. Thread-safety: every method from any thread.
#pragma once

#include <simdjwt/simdjwt.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "histogram.h"
#include "tokens.h"

namespace simdjwt::gateway {

using Counts = std::map<std::pair<std::string, simdjwt_error>, std::uint64_t>;

struct Tally {
  Counts counts;
  Histogram times;
};

struct Answer {
  simdjwt_error error = SIMDJWT_OK;
  std::uint32_t http_status = 0;
};

// Validates one token with a scratch of its own, for commands; slow.
Answer validate_once(const simdjwt_validator* validator, std::string_view token);

class Traffic {
 public:
  // One thread sends the tokens of the board in turn; `rate` of them a second.
  Traffic(const simdjwt_validator* validator, const Board& board, std::uint64_t rate, unsigned threads);
  ~Traffic();
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  // What was counted since the last call.
  Tally take();
  void set_rate(std::uint64_t rate) noexcept { rate_.store(rate, std::memory_order_relaxed); }

  // A thread more, which sends copies of the model under random kids; counted under `label`, not timed.
  void start_storm(std::string label, std::string model, std::uint64_t rate);
  void stop_storm();

 private:
  void send();
  void send_storm(const std::string& label, const std::string& model, std::uint64_t rate);
  void give(const Tally& part);

  const simdjwt_validator* validator_;
  const Board& board_;
  const unsigned thread_count_;
  std::atomic<std::uint64_t> rate_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> stop_storm_{false};
  std::mutex mutex_;
  Tally tally_;
  std::optional<std::thread> storm_;
  std::vector<std::thread> threads_;
};

}  // namespace simdjwt::gateway
