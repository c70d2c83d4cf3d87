#include "fleet/call.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <climits>

namespace simdjwt::fleet {
namespace {

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));

// Returns when the word has another value, when it is woken, at the deadline, or for no reason.
void wait_while(const std::atomic<std::uint32_t>& word, std::uint32_t value, Time deadline) noexcept {
  // steady_clock counts as CLOCK_MONOTONIC does, by which FUTEX_WAIT_BITSET waits.
  const auto since_boot = deadline.time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_boot);
  const timespec until{static_cast<time_t>(seconds.count()),
                       static_cast<long>(std::chrono::nanoseconds(since_boot - seconds).count())};
  ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, value, &until, nullptr, FUTEX_BITSET_MATCH_ANY);
}

void wake_all(const std::atomic<std::uint32_t>& word) noexcept {
  ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace

Call::Call(const simdjwt_replay_record* records, std::uint32_t count, Time deadline,
           std::atomic<std::uint64_t>& waiting)
    : checks(count), waiting_(waiting), deadline_(deadline), results_(count), open_(count) {
  for (std::atomic<simdjwt_error>& result : results_) result.store(kOpen, std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < count; ++i) checks[i].record = records[i];
  waiting_.fetch_add(count, std::memory_order_relaxed);
}

Call::~Call() {
  if (is_deferred && open_.load(std::memory_order_acquire) != 0) abandoned->on_abandoned(checks[0].record, cookie);
  waiting_.fetch_sub(count(), std::memory_order_relaxed);
}

bool Call::settle(std::uint32_t index, simdjwt_error result) noexcept {
  simdjwt_error open = kOpen;
  if (!results_[index].compare_exchange_strong(open, result, std::memory_order_acq_rel)) return false;
  close(1);
  return true;
}

bool Call::is_settled(std::uint32_t index) const noexcept {
  return results_[index].load(std::memory_order_acquire) != kOpen;
}

std::uint32_t Call::expire() noexcept {
  std::uint32_t expired = 0;
  for (std::atomic<simdjwt_error>& result : results_) {
    simdjwt_error open = kOpen;
    if (result.compare_exchange_strong(open, SIMDJWT_STORE_UNAVAILABLE, std::memory_order_acq_rel)) ++expired;
  }
  if (expired != 0) close(expired);
  return expired;
}

std::uint32_t Call::wait(simdjwt_error* results) noexcept {
  for (std::uint32_t open = open_.load(std::memory_order_acquire); open != 0 && Clock::now() < deadline_;
       open = open_.load(std::memory_order_acquire)) {
    wait_while(open_, open, deadline_);
  }
  const std::uint32_t expired = expire();
  for (std::size_t i = 0; i < results_.size(); ++i) results[i] = results_[i].load(std::memory_order_acquire);
  return expired;
}

// Whoever settles holds a reference to the call, so that the word that is waited for is there still.
void Call::close(std::uint32_t count) noexcept {
  if (open_.fetch_sub(count, std::memory_order_acq_rel) == count) wake_all(open_);
}

}  // namespace simdjwt::fleet
