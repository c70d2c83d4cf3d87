// What other threads may know of the fleet: counts, and how it is.
//
// Ownership: values. Thread-safety: all of it; counts are atomic, the report is copied under a mutex.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "fleet/time.h"
#include "simdjwt/fleet.h"

namespace simdjwt::fleet {

struct NodeReport {
  std::string address, evicting, detail;
  std::uint32_t role = 0;
  bool is_up = false, is_open = false;
  simdjwt_error error = SIMDJWT_OK;
  Clock::duration latency{};
};

struct Report {
  simdjwt_fleet_state state = SIMDJWT_FLEET_CONNECTING;
  simdjwt_error error = SIMDJWT_OK;
  bool is_cluster = false;
  std::uint64_t reconnects = 0, breaker_opened = 0;
  Time next_try = Time::max();
  std::string detail;
  std::vector<NodeReport> nodes;
};

class Board {
 public:
  std::atomic<std::uint64_t> checks{0}, confirmed{0}, replayed{0}, unavailable{0}, local_only{0}, round_trips{0};

  // The result of a check as it is given to the caller: local-only turns `unavailable` into SIMDJWT_OK, and counts it.
  simdjwt_error count(simdjwt_error result, bool allow_local_only) noexcept;

  // Nothing is asked: the breaker is open.
  bool is_open() const noexcept { return is_open_.load(std::memory_order_relaxed); }
  void publish(Report report);
  // Why a record was refused; shows until the next report. Throws std::bad_alloc.
  void show(simdjwt_error error, const std::string& detail);
  // Something is shown that no report has said.
  bool has_note() const noexcept { return has_note_.load(std::memory_order_relaxed); }
  // Fills everything but struct_size.
  void read(Time now, simdjwt_fleet_health& health) const noexcept;
  // False past the end.
  bool read_node(std::uint32_t index, simdjwt_fleet_node& node) const noexcept;

 private:
  std::atomic<bool> is_open_{false}, has_note_{false};
  mutable std::mutex mutex_;
  Report report_;
};

}  // namespace simdjwt::fleet
