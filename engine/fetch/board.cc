#include "fetch/board.h"

#include <algorithm>

#include "base/text_field.h"

namespace simdjwt::fetch {
namespace {

// Until the schedule has taken the new rule: the keys are in force all the while.
void keep_keys(const IssuerReport& from, IssuerReport& to) {
  if (!from.confirmed) return;
  to.state = SIMDJWT_FETCH_READY;
  to.confirmed = from.confirmed;
  to.usable_keys = from.usable_keys;
  to.dropped_keys = from.dropped_keys;
  to.is_from_state = from.is_from_state;
}

}  // namespace

Board::Visit::Visit(std::shared_ptr<Board> board) : board_(std::move(board)) {
  const std::lock_guard lock(board_->mutex_);
  ++board_->visits_;
}

Board::Visit::~Visit() {
  const std::lock_guard lock(board_->mutex_);
  --board_->visits_;
  board_->changed_.notify_all();
}

std::vector<Board::SlotPtr> Board::replace(const std::vector<IssuerRule>& rules) {
  const std::lock_guard lock(mutex_);
  std::vector<SlotPtr> slots;
  std::unordered_map<std::string_view, SlotPtr> by_issuer;
  slots.reserve(rules.size());
  for (const IssuerRule& rule : rules) {
    const auto old = by_issuer_.find(rule.issuer);
    const bool is_known = old != by_issuer_.end();
    if (is_known && old->second->rule == rule) {
      slots.push_back(old->second);
    } else {
      slots.push_back(std::make_shared<Slot>());
      slots.back()->rule = rule;
      slots.back()->report.is_pending = true;
      slots.back()->report.jwks_uri = rule.jwks_uri;
      if (is_known) keep_keys(old->second->report, slots.back()->report);
    }
    by_issuer.emplace(slots.back()->rule.issuer, slots.back());
  }
  for (const SlotPtr& old : slots_) {
    // Who waits for an issuer that is no more has nothing to wait for.
    const auto now = by_issuer.find(old->rule.issuer);
    if (now == by_issuer.end() || now->second != old) old->report.is_pending = false;
  }
  slots_ = slots;
  by_issuer_.swap(by_issuer);
  changed_.notify_all();
  return slots;
}

void Board::show(Slot& slot, const IssuerReport& report) {
  IssuerReport copy = report;
  const std::lock_guard lock(mutex_);
  std::swap(slot.report, copy);
  changed_.notify_all();
}

void Board::set_polled(std::uint64_t total) {
  const std::lock_guard lock(mutex_);
  polled_ = total;
  changed_.notify_all();
}

bool Board::is_polled(std::uint64_t total) const {
  const std::lock_guard lock(mutex_);
  return polled_ >= total;
}

void Board::stop() {
  std::unique_lock lock(mutex_);
  is_stopped_ = true;
  changed_.notify_all();
  changed_.wait(lock, [&] { return visits_ == 0; });
}

std::uint32_t Board::count() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::uint32_t>(slots_.size());
}

bool Board::read(std::uint32_t index, Time now, simdjwt_issuer_health& health) const {
  const std::lock_guard lock(mutex_);
  if (index >= slots_.size()) return false;
  const Slot& slot = *slots_[index];
  const IssuerReport& report = slot.report;
  const auto whole = [](Clock::duration duration) {
    return std::max<std::int64_t>(std::chrono::duration_cast<Millis>(duration).count(), 0);
  };
  health.state = report.state;
  health.last_error = report.last_error;
  health.last_status = report.last_status;
  health.age_ms = report.confirmed ? whole(now - *report.confirmed) : -1;
  health.next_try_ms = report.next_try ? whole(*report.next_try - now) : 0;
  health.usable_keys = report.usable_keys;
  health.dropped_keys = report.dropped_keys;
  health.fetches = report.fetches;
  health.failures = report.failures;
  health.not_modified = report.not_modified;
  health.consecutive_failures = report.consecutive_failures;
  health.from_state_dir = report.is_from_state ? 1 : 0;
  copy_text(slot.rule.issuer, health.issuer);
  copy_text(report.jwks_uri, health.jwks_uri);
  copy_text(report.last_detail, health.last_detail);
  return true;
}

bool Board::is_ready() const {
  const std::lock_guard lock(mutex_);
  return std::all_of(slots_.begin(), slots_.end(),
                     [](const SlotPtr& slot) { return slot->report.confirmed.has_value(); });
}

simdjwt_error Board::wait(std::string_view issuer, std::uint64_t total, Millis limit) const {
  const Time deadline = Clock::now() + limit;
  std::unique_lock lock(mutex_);
  const auto found = by_issuer_.find(issuer);
  if (found == by_issuer_.end()) return SIMDJWT_NOT_FOUND;
  const SlotPtr slot = found->second;
  const std::uint64_t attempts = slot->report.attempts;
  const auto is_over = [&] { return is_stopped_ || (polled_ >= total && !slot->report.is_pending); };
  changed_.wait_until(lock, deadline, [&] {
    // A request that was put off until then cannot come to its end before.
    const bool is_too_far = polled_ >= total && slot->report.next_try && *slot->report.next_try >= deadline;
    return is_over() || is_too_far;
  });
  if (slot->report.attempts != attempts) return SIMDJWT_OK;
  return is_over() ? simdjwt_error{SIMDJWT_NOT_FOUND} : simdjwt_error{SIMDJWT_FETCH_DEADLINE};
}

}  // namespace simdjwt::fetch
