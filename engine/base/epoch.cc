#include "base/epoch.h"

#include <algorithm>

namespace simdjwt {

EpochSlot::EpochSlot(std::shared_ptr<EpochDomain> domain) : domain_(std::move(domain)) {
  const std::lock_guard lock(domain_->mutex_);
  domain_->slots_.push_back(this);
}

EpochSlot::~EpochSlot() {
  const std::lock_guard lock(domain_->mutex_);
  std::erase(domain_->slots_, this);
}

// The exchange, the load of the clock after it, a writer's step of the clock and its look at the slots are sequentially
// consistent: either the writer sees this pin, or this thread's second load reads the writer's step, which makes all
// that the writer had unlinked before it visible here, whatever the order of those stores and of the loads to come.
bool EpochSlot::pin() noexcept {
  std::uint64_t idle = kIdle;
  if (!pinned_.compare_exchange_strong(idle, domain_->clock_.load(std::memory_order_acquire),
                                       std::memory_order_seq_cst)) {
    return false;
  }
  static_cast<void>(domain_->clock_.load(std::memory_order_seq_cst));
  return true;
}

void EpochSlot::unpin() noexcept { pinned_.store(kIdle, std::memory_order_release); }

void EpochDomain::reserve() {
  const std::lock_guard lock(mutex_);
  if (retired_.size() == retired_.capacity()) retired_.reserve(2 * retired_.size() + 8);
}

void EpochDomain::retire(std::shared_ptr<const void> object) noexcept {
  {
    const std::lock_guard lock(mutex_);
    retired_.push_back({advance(), std::move(object)});
  }
  collect();
}

std::uint64_t EpochDomain::oldest_pin() const noexcept {
  std::uint64_t oldest = UINT64_MAX;
  for (const EpochSlot* slot : slots_) {
    const std::uint64_t pinned = slot->pinned_.load(std::memory_order_seq_cst);
    if (pinned != EpochSlot::kIdle) oldest = std::min(oldest, pinned);
  }
  return oldest;
}

void EpochDomain::collect() noexcept {
  const std::lock_guard lock(mutex_);
  std::erase_if(retired_, [oldest = oldest_pin()](const Retired& r) { return r.epoch <= oldest; });
}

std::uint64_t EpochDomain::advance() noexcept { return clock_.fetch_add(1, std::memory_order_seq_cst) + 1; }

bool EpochDomain::try_quiescent(std::uint64_t epoch) const noexcept {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  return lock.owns_lock() && epoch <= oldest_pin();
}

std::size_t EpochDomain::retired_count() const noexcept {
  const std::lock_guard lock(mutex_);
  return retired_.size();
}

}  // namespace simdjwt
