#include "offers.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <thread>

namespace simdjwt::gateway {
namespace {

using Clock = std::chrono::steady_clock;

std::uint64_t nanoseconds(Clock::duration time) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(time).count());
}

struct FreeScratch {
  void operator()(simdjwt_scratch* scratch) const noexcept { simdjwt_scratch_free(scratch); }
};

// How long this thread has been ready to run and has had no processor, by the kernel's own account: what a busy machine
// adds to a call, and no fault of what was called. 0 where the kernel keeps no account.
class RunDelay {
 public:
  RunDelay() : file_(::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)) {}
  ~RunDelay() {
    if (file_ >= 0) ::close(file_);
  }
  RunDelay(const RunDelay&) = delete;
  RunDelay& operator=(const RunDelay&) = delete;

  std::uint64_t nanoseconds() const {
    char text[128] = {};
    unsigned long long ran = 0, delayed = 0;
    if (file_ < 0 || ::pread(file_, text, sizeof text - 1, 0) <= 0) return 0;
    return std::sscanf(text, "%llu %llu", &ran, &delayed) == 2 ? delayed : 0;
  }

 private:
  const int file_;
};

struct Part {
  Histogram times, own_times;
  std::uint64_t slowest_ns = 0, own_slowest_ns = 0;
};

class Worker {
 public:
  Worker(const simdjwt_validator* validator, unsigned lanes) : validator_(validator), lanes_(lanes) {
    simdjwt_scratch* scratch = nullptr;
    if (simdjwt_scratch_new_batch(validator, 0, lanes, &scratch) != SIMDJWT_OK) throw std::runtime_error("no scratch");
    scratch_.reset(scratch);
    verdicts_.resize(lanes);
    requests_.resize(lanes);
  }

  void validate(const std::vector<std::string>& tokens, std::uint64_t at, std::uint64_t count,
                std::vector<simdjwt_error>& errors, Part& part) {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    for (std::uint64_t i = 0; i < count; ++i) {
      requests_[i] = SIMDJWT_REQUEST_INIT;
      requests_[i].token = {tokens[at + i].data(), tokens[at + i].size()};
      requests_[i].now = std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count();
      verdicts_[i] = SIMDJWT_VERDICT_INIT;
    }
    const std::uint64_t delayed_before = delay_.nanoseconds();
    const auto begun = Clock::now();
    simdjwt_error error;
    if (lanes_ == 1) {
      error = simdjwt_validate(validator_, scratch_.get(), &requests_[0], &verdicts_[0]);
    } else {
      error = simdjwt_validate_batch(validator_, scratch_.get(), requests_.data(), static_cast<std::uint32_t>(count),
                                     verdicts_.data());
      if (error != SIMDJWT_OK) throw std::runtime_error(simdjwt_error_name(error));
    }
    const std::uint64_t took = nanoseconds(Clock::now() - begun);
    part.times.add(took);
    part.slowest_ns = std::max(part.slowest_ns, took);
    const std::uint64_t own = took - std::min(took, delay_.nanoseconds() - delayed_before);
    part.own_times.add(own);
    part.own_slowest_ns = std::max(part.own_slowest_ns, own);
    for (std::uint64_t i = 0; i < count; ++i) errors[at + i] = verdicts_[i].error;
  }

 private:
  const simdjwt_validator* validator_;
  const unsigned lanes_;
  const RunDelay delay_;  // of the thread that makes the worker
  std::unique_ptr<simdjwt_scratch, FreeScratch> scratch_;
  std::vector<simdjwt_request> requests_;
  std::vector<simdjwt_verdict> verdicts_;
};

}  // namespace

Outcome offer(const simdjwt_validator* validator, const std::vector<std::string>& tokens, const Offer& offer) {
  if (offer.first + offer.count > tokens.size() || offer.threads == 0 || offer.lanes == 0) {
    throw std::runtime_error("no such tokens");
  }
  const std::vector<std::string> offered(tokens.begin() + static_cast<std::ptrdiff_t>(offer.first),
                                         tokens.begin() + static_cast<std::ptrdiff_t>(offer.first + offer.count));
  Outcome outcome;
  outcome.errors.assign(offered.size(), SIMDJWT_INVALID_ARGUMENT);
  std::atomic<std::uint64_t> next{0};
  std::vector<Part> parts(offer.threads);
  std::atomic<bool> has_failed{false};
  const auto begun = Clock::now();
  std::vector<std::thread> threads;
  for (Part& part : parts) {
    threads.emplace_back([&] {
      try {
        Worker worker(validator, offer.lanes);
        for (;;) {
          const std::uint64_t at = next.fetch_add(offer.lanes);
          if (at >= offered.size()) return;
          if (offer.rate != 0)
            std::this_thread::sleep_until(begun + std::chrono::nanoseconds(at * 1000000000 / offer.rate));
          worker.validate(offered, at, std::min<std::uint64_t>(offer.lanes, offered.size() - at), outcome.errors, part);
        }
      } catch (const std::exception&) {
        has_failed = true;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  outcome.took_ns = nanoseconds(Clock::now() - begun);
  if (has_failed) throw std::runtime_error("a thread could not validate");
  for (const Part& part : parts) {
    outcome.times.add(part.times);
    outcome.slowest_ns = std::max(outcome.slowest_ns, part.slowest_ns);
    outcome.own_times.add(part.own_times);
    outcome.own_slowest_ns = std::max(outcome.own_slowest_ns, part.own_slowest_ns);
  }
  return outcome;
}

}  // namespace simdjwt::gateway
