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

// The exchange is sequentially consistent, and so is a writer's step of the clock: either the writer sees this pin, or
// this thread sees the writer's new pointer, which was stored before the clock moved.
bool EpochSlot::pin() noexcept {
  std::uint64_t idle = kIdle;
  return pinned_.compare_exchange_strong(idle, domain_->clock_.load(std::memory_order_acquire),
                                         std::memory_order_seq_cst);
}

void EpochSlot::unpin() noexcept { pinned_.store(kIdle, std::memory_order_release); }

void EpochDomain::reserve() {
  const std::lock_guard lock(mutex_);
  if (retired_.size() == retired_.capacity()) retired_.reserve(2 * retired_.size() + 8);
}

void EpochDomain::retire(std::shared_ptr<const void> object) noexcept {
  {
    const std::lock_guard lock(mutex_);
    const std::uint64_t epoch = clock_.fetch_add(1, std::memory_order_seq_cst) + 1;
    retired_.push_back({epoch, std::move(object)});
  }
  collect();
}

void EpochDomain::collect() noexcept {
  const std::lock_guard lock(mutex_);
  std::uint64_t oldest = UINT64_MAX;
  for (const EpochSlot* slot : slots_) {
    const std::uint64_t pinned = slot->pinned_.load(std::memory_order_seq_cst);
    if (pinned != EpochSlot::kIdle) oldest = std::min(oldest, pinned);
  }
  std::erase_if(retired_, [oldest](const Retired& r) { return r.epoch <= oldest; });
}

std::size_t EpochDomain::retired_count() const noexcept {
  const std::lock_guard lock(mutex_);
  return retired_.size();
}

}  // namespace simdjwt
