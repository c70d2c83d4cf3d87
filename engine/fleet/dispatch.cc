#include "fleet/dispatch.h"

#include <algorithm>
#include <new>
#include <utility>

namespace simdjwt::fleet {
namespace {

constexpr std::uint32_t kMaxRedirects = 5;

}  // namespace

Dispatch::Dispatch(const Settings& settings, Board& board, Deferred& deferred, NameLookup& lookups,
                   const Random& random, Undo undo)
    : settings_(settings),
      board_(board),
      deferred_(deferred),
      lookups_(lookups),
      random_(random),
      undo_(std::move(undo)),
      world_{settings, *this, lookups, random},
      routes_(world_) {}

void Dispatch::take(std::shared_ptr<Call> call, Time now) {
  now_ = now;
  open_calls_.push_back(call);
  const std::uint32_t count = call->count();
  for (std::uint32_t i = 0; i < count; ++i) route({call, i});
}

void Dispatch::route(Ticket ticket) {
  ticket.is_asking = false;  // that was for one node
  if (Node* node = routes_.target(ticket.check().record); node != nullptr) {
    node->take(std::move(ticket), now_);
    return;
  }
  is_refresh_wanted_ = true;
  if (nowhere_breaker_.is_closed() && routes_.is_undecided()) {
    ticket.check().node = 0;
    nowhere_.push_back(std::move(ticket));
    return;
  }
  const Routes::Reason reason = routes_.why_none();
  refuse(ticket, reason.error, reason.detail);
}

void Dispatch::retry_nowhere() {
  std::deque<Ticket> waiting = std::exchange(nowhere_, {});
  for (Ticket& ticket : waiting) {
    if (!ticket.call->is_settled(ticket.index)) route(std::move(ticket));
  }
}

void Dispatch::on_set(Node& node, Ticket ticket, const SetAnswer& answer, const std::string& detail) {
  switch (answer.kind) {
    case SetAnswer::Kind::set:
      set_in_time_or_release(node, ticket);
      return;
    case SetAnswer::Kind::taken:
      ticket.check().is_answered = true;
      if (node.is_releasing(ticket.check().record)) {
        // The key is of an earlier try of ours that was refused, and is being deleted: the token has been used nowhere.
        settle(ticket, SIMDJWT_STORE_UNAVAILABLE);
      } else if (settle(ticket, SIMDJWT_TOKEN_REPLAYED)) {
        answered(node);
      }
      return;
    case SetAnswer::Kind::moved:
    case SetAnswer::Kind::ask:
      redirect(node, std::move(ticket), answer);
      return;
    case SetAnswer::Kind::elsewhere:
      look_again(node, std::move(ticket));
      return;
    case SetAnswer::Kind::refused:
      node.count_failure(now_);
      if (answer.error == SIMDJWT_FLEET_READ_ONLY) is_refresh_wanted_ = true;
      refuse(ticket, answer.error, node.address().text() + ": " + detail);
  }
}

void Dispatch::set_in_time_or_release(Node& node, const Ticket& ticket) {
  ticket.check().is_answered = true;
  if (settle(ticket, SIMDJWT_OK)) {
    answered(node);
  } else if (!settings_.allow_local_only) {
    node.release(ticket, now_);  // refused at its deadline; with local-only it was accepted then
  }
}

// A check was answered in time.
void Dispatch::answered(Node& node) {
  is_changed_ = is_changed_ || last_error_ != SIMDJWT_OK || board_.has_note() || node.breaker().is_failing();
  last_error_ = SIMDJWT_OK;
  node.count_success();
}

void Dispatch::on_alone(Node& node, Ticket ticket, long long replicas) {
  node.count_failure(now_);
  refuse(ticket, SIMDJWT_FLEET_DEADLINE,
         node.address().text() + ": " + std::to_string(replicas) + " of " + std::to_string(settings_.wait_replicas) +
             " replicas have confirmed");
  if (!settings_.allow_local_only) node.release(ticket, now_);
}

void Dispatch::on_failed(Node&, Ticket ticket, simdjwt_error error, const std::string& detail) noexcept {
  refuse(ticket, error, detail);
}

void Dispatch::redirect(Node& from, Ticket ticket, const SetAnswer& answer) {
  Node* const to = ++ticket.check().redirects > kMaxRedirects ? nullptr : routes_.at(*answer.target);
  if (to == nullptr) {
    from.count_failure(now_);
    refuse(ticket, SIMDJWT_FLEET_PROTOCOL, from.address().text() + ": redirected too often");
    return;
  }
  to->want(true);
  ticket.is_asking = answer.kind == SetAnswer::Kind::ask;
  if (!ticket.is_asking && routes_.is_cluster()) routes_.learn_slot(answer.slot, *to);
  is_refresh_wanted_ = is_refresh_wanted_ || !ticket.is_asking;
  if (!ticket.call->is_settled(ticket.index)) to->take(std::move(ticket), now_);
}

// The node that was asked takes no writes: it has become a replica.
void Dispatch::look_again(Node& from, Ticket ticket) {
  routes_.forget(from);
  is_refresh_wanted_ = is_changed_ = true;
  if (!routes_.is_cluster()) {
    for (const auto& node : routes_.nodes()) node->ask_role(now_);
  }
  if (++ticket.check().redirects > kMaxRedirects) {
    refuse(ticket, SIMDJWT_FLEET_READ_ONLY, from.address().text() + ": takes no writes");
  } else if (!ticket.call->is_settled(ticket.index)) {
    route(std::move(ticket));
  }
}

void Dispatch::on_slots(Node&, std::vector<SlotRange> slots) {
  routes_.learn_slots(slots);
  on_routes();
}

void Dispatch::on_role(Node& node) {
  if (!routes_.is_cluster() && node.role() != Role::primary) routes_.forget(node);
  if (node.is_up()) on_routes();
}

void Dispatch::on_lost(Node& node) {
  is_refresh_wanted_ = true;
  if (!routes_.is_cluster()) routes_.forget(node);
  on_routes();
}

void Dispatch::on_back(Node& node) {
  if (node.breaker().is_closed()) last_error_ = SIMDJWT_OK;
  on_routes();
}

// Something has been learnt about who takes records.
void Dispatch::on_routes() {
  is_changed_ = true;
  routes_.choose_primary();
  if (!routes_.has_gap()) nowhere_breaker_.probe_ok(now_);
  retry_nowhere();
}

bool Dispatch::settle(const Ticket& ticket, simdjwt_error result) noexcept {
  if (!ticket.call->settle(ticket.index, result)) return false;
  if (ticket.call->is_deferred) {
    const simdjwt_error told = board_.count(result, settings_.allow_local_only);
    if (told == SIMDJWT_STORE_UNAVAILABLE) undo_(ticket.check().record);
    deferred_.give(ticket.call->cookie, told);
  }
  return true;
}

void Dispatch::refuse(const Ticket& ticket, simdjwt_error error, const std::string& detail) noexcept {
  ticket.check().is_answered = true;
  note(error, detail);
  settle(ticket, SIMDJWT_STORE_UNAVAILABLE);
}

void Dispatch::note(simdjwt_error error, const std::string& detail) noexcept {
  if (last_error_ == error && last_detail_ == detail) return;
  last_error_ = error;
  is_changed_ = true;
  try {
    last_detail_ = detail;
    board_.show(error, detail);  // before the caller goes on
  } catch (const std::bad_alloc&) {
    last_detail_.clear();  // the number alone
  }
}

// Of every call whose deadline is past: what has no answer counts against the node that it waits for.
void Dispatch::expire() {
  while (!open_calls_.empty()) {
    const std::shared_ptr<Call> call = open_calls_.front().lock();
    if (call && call->deadline() > now_) return;
    open_calls_.pop_front();
    if (!call) continue;
    for (std::uint32_t i = 0; i < call->count(); ++i) {
      const Ticket ticket{call, i};
      if (ticket.check().is_answered) continue;
      Node* const node = routes_.find(ticket.check().node);
      note(SIMDJWT_FLEET_DEADLINE,
           node != nullptr ? node->address().text() + ": no answer within the deadline" : routes_.why_none().detail);
      if (node != nullptr) {
        node->count_failure(now_);
      } else if (nowhere_breaker_.failure(now_, random_)) {
        ++world_.opened;
      }
      is_changed_ = true;
      settle(ticket, SIMDJWT_STORE_UNAVAILABLE);
    }
  }
}

void Dispatch::refuse_all(const std::shared_ptr<Call>& call) noexcept {
  for (std::uint32_t i = 0; i < call->count(); ++i) settle({call, i}, SIMDJWT_STORE_UNAVAILABLE);
}

// Connections first, and nothing that needs memory: it may be memory that has run out.
void Dispatch::stop(Time now) noexcept {
  const std::string detail = "closed";  // short enough to need none
  now_ = now;
  for (const auto& node : routes_.nodes()) node->shut(SIMDJWT_FLEET_CLOSED, detail);
  while (!nowhere_.empty()) {
    const Ticket ticket = std::move(nowhere_.front());
    nowhere_.pop_front();
    refuse(ticket, SIMDJWT_FLEET_CLOSED, detail);
  }
}

}  // namespace simdjwt::fleet
