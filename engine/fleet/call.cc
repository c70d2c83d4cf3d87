#include "fleet/call.h"

#include <algorithm>

namespace simdjwt::fleet {

Call::Call(const simdjwt_replay_record* records, std::uint32_t count, Time deadline,
           std::atomic<std::uint64_t>& waiting)
    : checks(count), waiting_(waiting), deadline_(deadline), results_(count, kOpen), open_(count) {
  for (std::uint32_t i = 0; i < count; ++i) checks[i].record = records[i];
  waiting_.fetch_add(count, std::memory_order_relaxed);
}

Call::~Call() {
  if (is_deferred && open_ != 0) abandoned->on_abandoned(checks[0].record, cookie);
  waiting_.fetch_sub(count(), std::memory_order_relaxed);
}

bool Call::settle(std::uint32_t index, simdjwt_error result) noexcept {
  const std::lock_guard lock(mutex_);
  if (results_[index] != kOpen) return false;
  results_[index] = result;
  // Under the lock: once it is let go the waiting thread may return.
  if (--open_ == 0) settled_.notify_all();
  return true;
}

bool Call::is_settled(std::uint32_t index) const noexcept {
  const std::lock_guard lock(mutex_);
  return results_[index] != kOpen;
}

std::uint32_t Call::expire() noexcept {
  const std::lock_guard lock(mutex_);
  std::replace(results_.begin(), results_.end(), kOpen, simdjwt_error{SIMDJWT_STORE_UNAVAILABLE});
  const std::uint32_t expired = open_;
  open_ = 0;
  if (expired != 0) settled_.notify_all();
  return expired;
}

std::uint32_t Call::wait(simdjwt_error* results) noexcept {
  {
    std::unique_lock lock(mutex_);
    settled_.wait_until(lock, deadline_, [this] { return open_ == 0; });
  }
  const std::uint32_t expired = expire();
  std::copy(results_.begin(), results_.end(), results);  // final: nobody changes a result
  return expired;
}

}  // namespace simdjwt::fleet
