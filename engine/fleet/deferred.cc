#include "fleet/deferred.h"

#include <algorithm>

namespace simdjwt::fleet {

bool Deferred::reserve() {
  const std::lock_guard lock(mutex_);
  if (open_ == kMost) return false;
  // What has been taken stands in front of the others, until there is nothing else or it is as much as they are.
  const std::size_t needed = first_ + open_ + 1;
  if (needed > answers_.capacity()) answers_.reserve(std::max(needed, 2 * answers_.capacity()));
  ++open_;
  return true;
}

void Deferred::cancel() noexcept {
  const std::lock_guard lock(mutex_);
  --open_;
}

void Deferred::give(std::uint64_t cookie, simdjwt_error error) noexcept {
  const std::lock_guard lock(mutex_);
  if (answers_.size() == first_) wake_.raise();
  answers_.push_back({cookie, error, 0});
}

std::uint32_t Deferred::take(simdjwt_fleet_answer* answers, std::uint32_t capacity) noexcept {
  const std::lock_guard lock(mutex_);
  const std::size_t taken = std::min<std::size_t>(capacity, answers_.size() - first_);
  std::copy_n(answers_.begin() + static_cast<std::ptrdiff_t>(first_), taken, answers);
  first_ += taken;
  open_ -= taken;
  if (2 * first_ >= answers_.size()) {
    answers_.erase(answers_.begin(), answers_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  if (answers_.size() == first_) wake_.clear();
  return static_cast<std::uint32_t>(taken);
}

}  // namespace simdjwt::fleet
