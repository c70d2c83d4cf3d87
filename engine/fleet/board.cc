#include "fleet/board.h"

#include <algorithm>

#include "base/text_field.h"

namespace simdjwt::fleet {
namespace {

void add(std::atomic<std::uint64_t>& count) noexcept {
  count.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

simdjwt_error Board::count(simdjwt_error result, bool allow_local_only) noexcept {
  if (result == SIMDJWT_OK) {
    add(confirmed);
  } else if (result == SIMDJWT_TOKEN_REPLAYED) {
    add(replayed);
  } else if (allow_local_only) {
    add(local_only);
    return SIMDJWT_OK;
  } else {
    add(unavailable);
  }
  return result;
}

void Board::publish(Report report) {
  is_open_.store(report.state == SIMDJWT_FLEET_OPEN || report.state == SIMDJWT_FLEET_LOCAL_ONLY,
                 std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  has_note_.store(false, std::memory_order_relaxed);
  report_ = std::move(report);
}

void Board::show(simdjwt_error error, const std::string& detail) {
  const std::lock_guard lock(mutex_);
  has_note_.store(true, std::memory_order_relaxed);
  report_.error = error;
  report_.detail = detail;
}

void Board::read(Time now, simdjwt_fleet_health& health) const noexcept {
  health.checks = checks.load(std::memory_order_relaxed);
  health.confirmed = confirmed.load(std::memory_order_relaxed);
  health.replayed = replayed.load(std::memory_order_relaxed);
  health.unavailable = unavailable.load(std::memory_order_relaxed);
  health.local_only = local_only.load(std::memory_order_relaxed);
  health.round_trips = round_trips.load(std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  health.state = report_.state;
  health.last_error = report_.error;
  health.is_cluster = report_.is_cluster ? 1 : 0;
  health.nodes = static_cast<std::uint32_t>(report_.nodes.size());
  health.connected = static_cast<std::uint32_t>(
      std::count_if(report_.nodes.begin(), report_.nodes.end(), [](const NodeReport& node) { return node.is_up; }));
  health.reconnects = report_.reconnects;
  health.breaker_opened = report_.breaker_opened;
  const auto left = std::chrono::duration_cast<Millis>(report_.next_try - now).count();
  health.next_try_ms = report_.next_try == Time::max() ? -1 : std::max<std::int64_t>(left, 0);
  copy_text(report_.detail, health.last_detail);
}

bool Board::read_node(std::uint32_t index, simdjwt_fleet_node& node) const noexcept {
  const std::lock_guard lock(mutex_);
  if (index >= report_.nodes.size()) return false;
  const NodeReport& report = report_.nodes[index];
  node.role = report.role;
  node.connected = report.is_up ? 1 : 0;
  node.breaker_open = report.is_open ? 1 : 0;
  node.last_error = report.error;
  node.latency_us = std::chrono::duration_cast<std::chrono::microseconds>(report.latency).count();
  copy_text(report.address, node.address);
  copy_text(report.evicting, node.evicting_policy);
  copy_text(report.detail, node.last_detail);
  return true;
}

}  // namespace simdjwt::fleet
