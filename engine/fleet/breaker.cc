#include "fleet/breaker.h"

#include <algorithm>

namespace simdjwt::fleet {

std::optional<Time> Breaker::due() const noexcept {
  if (state_ != State::open) return std::nullopt;
  return due_;
}

void Breaker::success() noexcept {
  if (state_ == State::closed) failures_ = 0;
}

bool Breaker::failure(Time now, const Random& random) {
  if (state_ != State::closed) return false;
  if (failures_ != 0 && now - last_failure_ < kBurst) return false;
  last_failure_ = now;
  if (++failures_ < kFailures) return false;
  open(now, random);
  return true;
}

bool Breaker::trip(Time now, const Random& random) {
  const bool was_closed = state_ == State::closed;
  open(now, random);
  return was_closed;
}

void Breaker::probe_ok(Time now) noexcept {
  if (!is_closed()) closed_at_ = now;
  state_ = State::closed;
  failures_ = 0;
}

void Breaker::probe_failed(Time now, const Random& random) {
  open(now, random);
}

void Breaker::open(Time now, const Random& random) {
  if (is_closed() && now >= closed_at_ + kSettled) pauses_ = 0;
  state_ = State::open;
  // 50 ms doubled five times is past the longest pause; the shift stays far from overflow.
  const Millis most = std::min(kMaxPause, kMinPause * (1 << std::min<std::uint32_t>(pauses_, 5)));
  ++pauses_;
  const double part = 0.5 + 0.5 * std::clamp(random(), 0.0, 1.0);
  due_ = now + std::chrono::duration_cast<Clock::duration>(most * part);
}

}  // namespace simdjwt::fleet
