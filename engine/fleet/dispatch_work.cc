// What a dispatch does by itself: timers, asking for the map of slots again, and what it shows to other threads.
#include <algorithm>

#include "fleet/dispatch.h"

namespace simdjwt::fleet {
namespace {

constexpr Millis kRolePeriod{1000};
constexpr Millis kRolePeriodWithoutPrimary{100};
constexpr Millis kRefreshPause{100};     // between two questions for the map
constexpr Millis kRefreshPeriod{10000};  // when nothing hints at a change

}  // namespace

Clock::duration Dispatch::role_period() const noexcept {
  return !routes_.is_cluster() && routes_.has_gap() ? kRolePeriodWithoutPrimary : kRolePeriod;
}

Clock::duration Dispatch::refresh_pause() const noexcept {
  return is_refresh_wanted_ ? kRefreshPause : kRefreshPeriod;
}

void Dispatch::on_ready(std::uint64_t node, int fd, short events, Time now) {
  now_ = now;
  // The connection may have been given up since.
  if (Node* const found = routes_.find(node); found != nullptr && found->fd() == fd) found->on_ready(events, now);
}

void Dispatch::work(Time now) {
  now_ = now;
  for (Lookup& lookup : lookups_.take()) {
    if (Node* node = routes_.find(lookup.id); node != nullptr) node->on_lookup(std::move(lookup), now);
  }
  expire();
  while (!nowhere_.empty() && nowhere_.front().call->is_settled(nowhere_.front().index)) nowhere_.pop_front();
  refresh();
  // By index: a node may name new ones.
  for (std::size_t i = 0; i < nodes().size(); ++i) nodes()[i]->tick(now, role_period());
  std::uint64_t round_trips = 0;
  for (std::size_t i = 0; i < nodes().size(); ++i) round_trips += nodes()[i]->flush(now) != 0 ? 1 : 0;
  board_.round_trips.fetch_add(round_trips, std::memory_order_relaxed);
  if (is_changed_ || next_try() != next_try_) publish();
}

// Some node that is connected, another one each time: one that has left the cluster does not know the map.
Node* Dispatch::whom_to_ask() {
  for (std::size_t i = 0; i < nodes().size(); ++i) {
    Node* const node = nodes()[++next_asked_ % nodes().size()].get();
    if (node->is_up()) return node;
  }
  return nullptr;
}

void Dispatch::refresh() {
  if (!routes_.is_cluster()) {
    is_refresh_wanted_ = false;
    return;
  }
  if (now_ < last_refresh_ + refresh_pause()) return;
  Node* const node = whom_to_ask();
  routes_.sweep(node == nullptr);
  is_changed_ = true;
  last_refresh_ = now_;
  // As long as some node that has slots is away, another may take its place.
  const std::vector<Node*> targets = routes_.targets();
  is_refresh_wanted_ = node == nullptr || routes_.has_gap() ||
                       std::any_of(targets.begin(), targets.end(), [](const Node* target) { return !target->is_up(); });
  if (node != nullptr) node->ask_slots(now_);
}

Time Dispatch::next_time() const {
  Time next = Time::max();
  for (const auto& node : routes_.nodes()) next = std::min(next, node->next_time(role_period()));
  if (routes_.is_cluster()) next = std::min(next, last_refresh_ + refresh_pause());
  for (const std::weak_ptr<Call>& open : open_calls_) {
    const std::shared_ptr<Call> call = open.lock();
    if (!call) continue;
    return std::min(next, call->deadline());
  }
  return next;
}

simdjwt_fleet_state Dispatch::state() const {
  const std::vector<Node*> targets = routes_.targets();
  const auto is_closed = [](const Node* node) { return node->breaker().is_closed(); };
  const bool is_open = targets.empty() ? !nowhere_breaker_.is_closed() || !routes_.is_undecided()
                                       : std::none_of(targets.begin(), targets.end(), is_closed);
  if (is_open) return settings_.allow_local_only ? SIMDJWT_FLEET_LOCAL_ONLY : SIMDJWT_FLEET_OPEN;
  const bool is_failing =
      last_error_ != SIMDJWT_OK || nowhere_breaker_.is_failing() ||
      std::any_of(targets.begin(), targets.end(), [](const Node* node) { return node->breaker().is_failing(); });
  if (is_failing) return SIMDJWT_FLEET_FAILING;
  const bool is_up = std::any_of(targets.begin(), targets.end(), [](const Node* node) { return node->is_up(); });
  return is_up ? SIMDJWT_FLEET_UP : SIMDJWT_FLEET_CONNECTING;
}

// The next probe of any node that is wanted.
Time Dispatch::next_try() const noexcept {
  Time next = Time::max();
  for (const auto& node : routes_.nodes()) {
    if (node->is_wanted()) next = std::min(next, node->breaker().due().value_or(Time::max()));
  }
  return next;
}

void Dispatch::publish() {
  is_changed_ = false;
  Report report;
  report.state = state();
  report.error = last_error_;
  report.detail = last_error_ == SIMDJWT_OK ? std::string() : last_detail_;
  report.is_cluster = routes_.is_cluster();
  report.reconnects = world_.reconnects;
  report.breaker_opened = world_.opened;
  report.next_try = next_try_ = next_try();
  for (const auto& node : routes_.nodes()) {
    report.nodes.push_back({node->address().text(), node->evicting_policy(), node->failure(),
                            static_cast<std::uint32_t>(node->role()), node->is_up(), !node->breaker().is_closed(),
                            node->error(), node->latency()});
    if (report.error == SIMDJWT_OK && node->is_up() && !node->evicting_policy().empty() && report.detail.empty()) {
      report.detail = node->address().text() + ": maxmemory-policy " + node->evicting_policy() +
                      " may evict used tokens; noeviction does not";
    }
  }
  if (report.error == SIMDJWT_OK && (report.state == SIMDJWT_FLEET_OPEN || report.state == SIMDJWT_FLEET_LOCAL_ONLY)) {
    Routes::Reason reason = routes_.why_none();
    report.error = reason.error;
    report.detail = std::move(reason.detail);
  }
  board_.publish(std::move(report));
}

}  // namespace simdjwt::fleet
