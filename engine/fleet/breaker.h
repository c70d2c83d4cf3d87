// Whether a server is asked at all: closed, it is; open, nothing waits for it until one probe has been answered.
//
// It opens after kFailures in a row, or at once when a connection cannot be made. Failures within kBurst of each other
// are one: what was sent together fails together. The probes of many gateways are spread by jitter and come at
// exponentially longer pauses, so that a server that comes back is not met by all at once, and is found within
// kMaxPause. Pauses begin anew only after it was closed for kSettled: a server that answers a probe and fails again is
// not met more often for it.
//
// Ownership: a value. Thread-safety: one thread. Cost: O(1).
#pragma once

#include <cstdint>
#include <optional>

#include "fleet/time.h"

namespace simdjwt::fleet {

class Breaker {
 public:
  static constexpr std::uint32_t kFailures = 5;
  static constexpr Millis kBurst{5};
  static constexpr Millis kMinPause{50};
  static constexpr Millis kMaxPause{1000};
  static constexpr Millis kSettled{1000};

  bool is_closed() const noexcept { return state_ == State::closed; }
  bool is_probing() const noexcept { return state_ == State::probing; }
  bool is_failing() const noexcept { return failures_ != 0 || !is_closed(); }
  // When the next probe is due; nothing while closed or probing.
  std::optional<Time> due() const noexcept;

  // An answer in time, or none. failure() says whether the breaker opened with it.
  void success() noexcept;
  bool failure(Time now, const Random& random);
  // There is no use in asking: open now. Says whether it was closed.
  bool trip(Time now, const Random& random);

  void begin_probe() noexcept { state_ = State::probing; }
  void probe_ok(Time now) noexcept;
  void probe_failed(Time now, const Random& random);

 private:
  enum class State : std::uint8_t { closed, open, probing };

  void open(Time now, const Random& random);

  State state_ = State::closed;
  std::uint32_t failures_ = 0;
  std::uint32_t pauses_ = 0;
  Time last_failure_{};
  Time closed_at_ = Time::min();
  Time due_{};
};

}  // namespace simdjwt::fleet
