#include "fetch/schedule.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace simdjwt::fetch {
namespace {

constexpr std::chrono::seconds kIdle{60};

// After memory ran out.
constexpr std::chrono::seconds kAfterExhaustion{1};

// The first tries of all issuers are spread over so much for each.
constexpr Millis kStartSpread{5};
constexpr Millis kMostStartSpread{1000};

// Whether the host took a connection. A deadline may pass before it does; an answer says that it did.
bool is_connected(const HttpAnswer& answer) {
  if (answer.status != 0) return true;
  switch (answer.error) {
    case SIMDJWT_FETCH_URL:
    case SIMDJWT_FETCH_ADDRESS_PRIVATE:
    case SIMDJWT_FETCH_RESOLVE:
    case SIMDJWT_FETCH_CONNECT:
    case SIMDJWT_FETCH_DEADLINE:
    case SIMDJWT_FETCH_PROXY:
    case SIMDJWT_OUT_OF_MEMORY:
      return false;
    default:
      return true;
  }
}

bool is_refused(const HttpAnswer& answer) {
  return answer.status == 0 && (answer.error == SIMDJWT_FETCH_CONNECT || answer.error == SIMDJWT_FETCH_RESOLVE);
}

}  // namespace

void Schedule::adopt(const std::vector<Board::SlotPtr>& slots, HttpClient& client) {
  const Time now = clock_();
  // By issuer; the names are those of the slots, which the entries hold.
  std::unordered_map<std::string_view, std::shared_ptr<Entry>> before;
  for (const auto& entry : entries_) before.emplace(entry->slot->rule.issuer, entry);
  std::vector<std::shared_ptr<Entry>> entries;
  entries.reserve(slots.size());
  const Millis spread = std::min(kMostStartSpread, kStartSpread * static_cast<std::int64_t>(slots.size()));
  for (const Board::SlotPtr& slot : slots) {
    const auto old = before.find(slot->rule.issuer);
    if (old != before.end() && old->second->slot == slot) {
      entries.push_back(old->second);
      continue;
    }
    const Time start = now + between(Millis(0), spread, environment_.random);
    const Issuer* known = old == before.end() ? nullptr : &old->second->issuer;
    entries.push_back(std::make_shared<Entry>(Entry{Issuer(slot->rule, environment_, now, start, known), slot}));
  }
  // From here on nothing fails: the old policy is left as a whole.
  for (const auto& entry : entries_) {
    cancel(*entry);
    entry->is_queued = false;
  }
  for (const auto& entry : entries) {
    const auto old = before.find(entry->slot->rule.issuer);
    if (old == before.end()) continue;
    if (old->second == entry) {
      entry->issuer.put_back();  // a ruleset between may have been without it
    } else {
      entry->issuer.take_over(old->second->issuer);
    }
  }
  queue_.clear();
  client_ = &client;
  entries_ = std::move(entries);
  next_scan_ = now;
  for (const auto& entry : entries_) show(*entry);
}

void Schedule::cancel(Entry& entry) {
  if (!entry.is_under_way) return;
  const Time now = clock_();
  client_->cancel(entry.request);
  release(entry, now);
  entry.issuer.abandon(now);
}

// Whoever waits for its host may try now: there is room, or news of it.
void Schedule::release(Entry& entry, Time now) {
  entry.is_under_way = false;
  --under_way_;
  budget_.ended(entry.host);
  for (const auto& waiting : queue_) {
    if (waiting->host == entry.host) waiting->not_before = std::min(waiting->not_before, now);
  }
}

void Schedule::stop() {
  for (const auto& entry : entries_) cancel(*entry);
  queue_.clear();
  entries_.clear();
}

void Schedule::tick() {
  const Time now = clock_();
  take_wants(now);
  if (now >= next_scan_) queue_due(now);
  begin_queued(now);
  if (now >= next_sweep_) {
    budget_.sweep(now);
    next_sweep_ = now + kIdle;
  }
}

void Schedule::take_wants(Time now) {
  const std::uint64_t total = environment_.keys->wanted_total();
  if (total == wanted_) return;
  for (const auto& entry : entries_) {
    const std::uint32_t reasons = environment_.keys->wanted(entry->issuer.rule().issuer);
    if (reasons == 0) continue;
    entry->issuer.want(reasons, now);
    show(*entry);
  }
  wanted_ = total;
  board_.set_polled(total);
  next_scan_ = now;
}

void Schedule::queue_due(Time now) {
  Time next = now + kIdle;
  for (const auto& entry : entries_) {
    if (const auto stale = entry->issuer.stale_at()) {
      if (*stale <= now) {
        entry->issuer.expire(now);
        if (entry->issuer.stale_at()) next = std::min(next, now + kAfterExhaustion);
        show(*entry);
      } else {
        next = std::min(next, *stale);
      }
    }
    const std::optional<Time> due = entry->issuer.due();
    if (entry->is_queued || entry->is_under_way || !due) continue;
    if (*due <= now) {
      entry->host = authority_of(entry->issuer.url());
      if (entry->issuer.is_midway()) {
        queue_.push_front(entry);
      } else {
        queue_.push_back(entry);
      }
      entry->is_queued = true;
      entry->not_before = now;
    } else {
      next = std::min(next, *due);
    }
  }
  next_scan_ = next;
}

void Schedule::begin_queued(Time now) {
  // One that may not go keeps its place. One that is not queued any longer went when memory ran out.
  for (std::size_t at = 0; at < queue_.size() && under_way_ < kMaxUnderWay;) {
    Entry& entry = *queue_[at];
    if (!entry.is_queued || (entry.not_before <= now && begin(entry, now))) {
      queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(at));
    } else {
      ++at;
    }
  }
}

bool Schedule::begin(Entry& entry, Time now) {
  Issuer& issuer = entry.issuer;
  const std::uint32_t per_minute = environment_.policy.host_requests_per_minute;
  const HostBudget::Answer answer = budget_.take(entry.host, per_minute, now);
  if (answer == HostBudget::Answer::busy) {
    entry.not_before = Time::max();
    return false;
  }
  if (answer != HostBudget::Answer::granted) {
    const Time next = budget_.next(entry.host, per_minute, now);
    const bool is_spent = answer == HostBudget::Answer::spent;
    entry.not_before = next;
    if (issuer.due() != next) {
      issuer.postpone(next, is_spent ? simdjwt_error{SIMDJWT_FETCH_BUDGET} : simdjwt_error{SIMDJWT_OK});
      show(entry);
    }
    return false;
  }
  entry.is_queued = false;
  try {
    // The client is asked to forget the request before the entry or the schedule goes.
    entry.request = client_->get(issuer.begin(), [this, &entry](const HttpAnswer& got) { finish(entry, got); });
    entry.is_under_way = true;
    ++under_way_;
  } catch (...) {
    budget_.ended(entry.host);
    issuer.abandon(now + kAfterExhaustion);
    next_scan_ = std::min(next_scan_, now + kAfterExhaustion);
  }
  show(entry);
  return true;
}

void Schedule::finish(Entry& entry, const HttpAnswer& answer) {
  const Time now = clock_();
  release(entry, now);
  next_scan_ = now;
  try {
    if (is_refused(answer)) {
      budget_.refused(entry.host, now + probe_delay(environment_.random));
    } else if (is_connected(answer)) {
      budget_.accepted(entry.host);
    }
    entry.issuer.finish(answer, now);
    show(entry);
    // What follows at once (keys after metadata), and who waited for the place, need not wait for the next tick.
    queue_due(now);
    begin_queued(now);
  } catch (...) {
    // Memory ran out. What is in force stays so, and the next tick goes on.
    if (!entry.issuer.due()) entry.issuer.abandon(now + kAfterExhaustion);
    next_scan_ = now;
  }
}

}  // namespace simdjwt::fetch
