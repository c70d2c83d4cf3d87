#include "fleet/node.h"

#include <algorithm>
#include <utility>

namespace simdjwt::fleet {
namespace {

constexpr Millis kAttempt{1000};
constexpr Millis kSilence{1000};  // beyond the deadline: an answer later than that is not waited for
constexpr Millis kSettled{1000};  // a connection that lasted so long is made again without a pause
constexpr Millis kSpread{20};     // but for this, at random

}  // namespace

Node::Node(std::uint64_t id, Address address, bool is_seed, NodeWorld& world)
    : id_(id),
      address_(std::move(address)),
      is_seed_(is_seed),
      world_(world),
      link_(world.settings, address_.host, *this) {}

Millis Node::attempt_limit() const noexcept {
  return std::max(kAttempt, world_.settings.deadline);
}

void Node::take(Ticket ticket, Time now) {
  if (!breaker_.is_closed()) {
    world_.user.on_failed(*this, std::move(ticket), error_, failure_);
    return;
  }
  ticket.check().node = id_;
  if (is_up()) {
    link_.set(std::move(ticket), now);
  } else {
    waiting_.push_back(std::move(ticket));
  }
}

void Node::release(const Ticket& ticket, Time now) {
  if (is_up()) link_.release(ticket, now);
}

void Node::ask_slots(Time now) {
  if (is_up()) link_.ask_slots(now);
}

void Node::ask_role(Time now) {
  if (!is_up()) return;
  role_asked_ = now;
  link_.ask_role(now);
}

void Node::count_failure(Time now) {
  if (breaker_.failure(now, world_.random)) opened();
}

void Node::opened() {
  ++world_.opened;
  if (error_ == SIMDJWT_OK) {
    error_ = SIMDJWT_FLEET_DEADLINE;
    failure_ = address_.text() + ": no answer in time, several times in a row";
  }
  give_back_waiting(error_, failure_);
}

void Node::give_back_waiting(simdjwt_error error, const std::string& detail) noexcept {
  while (!waiting_.empty()) {
    const Ticket ticket = std::move(waiting_.front());
    waiting_.pop_front();
    world_.user.on_failed(*this, ticket, error, detail);
  }
}

// The connection is closed first: what happens then, memory that runs out included, cannot make an answer come to
// another question.
void Node::give_back_asked(simdjwt_error error, const std::string& detail) noexcept {
  for (Ticket ticket = link_.take_ticket(); ticket.call != nullptr; ticket = link_.take_ticket()) {
    world_.user.on_failed(*this, std::move(ticket), error, detail);
  }
  link_.close();
}

// Of an attempt to connect.
Time Node::begin_time() const noexcept {
  return breaker_.is_closed() ? reconnect_at_ : breaker_.due().value_or(Time::min());
}

void Node::begin(Time now) {
  if (!breaker_.is_closed()) breaker_.begin_probe();
  if (was_up_) ++world_.reconnects;
  since_ = now;
  std::vector<SocketAddress> addresses = known_addresses(address_);
  if (!addresses.empty()) {
    connect(std::move(addresses), now);
    return;
  }
  stage_ = Stage::resolving;
  if (!world_.lookups.begin(id_, address_)) broke(SIMDJWT_FLEET_CONNECT, "too many names are being looked up", now);
}

void Node::on_lookup(Lookup lookup, Time now) {
  if (stage_ != Stage::resolving) return;  // it came too late
  if (lookup.addresses.empty()) {
    broke(SIMDJWT_FLEET_ADDRESS, "the name has no address: " + lookup.failure, now);
    return;
  }
  connect(std::move(lookup.addresses), now);
}

void Node::connect(std::vector<SocketAddress> addresses, Time now) {
  stage_ = Stage::connecting;
  std::rotate(addresses.begin(), addresses.begin() + static_cast<std::ptrdiff_t>(first_address_ % addresses.size()),
              addresses.end());
  if (!link_.connect(std::move(addresses), attempt_limit(), now)) broke(link_.error(), link_.failure(), now);
}

// The end of a connection, or of an attempt at one.
void Node::broke(simdjwt_error error, const std::string& failure, Time now) {
  const bool had_settled = stage_ == Stage::up && now - since_ >= kSettled && breaker_.is_closed();
  const bool was_asked = link_.has_tickets();
  // Another address comes first the next time: this one may take connections and be of no use.
  if (stage_ == Stage::connecting) ++first_address_;
  error_ = error;
  failure_ = address_.text() + ": " + failure;
  is_known_ = true;
  role_ = Role::unknown;
  stage_ = Stage::idle;
  since_ = now;
  // Many gateways have lost the server at this moment.
  reconnect_at_ = now + std::chrono::duration_cast<Clock::duration>(kSpread * std::clamp(world_.random(), 0.0, 1.0));
  give_back_asked(error_, failure_);
  if (was_asked) count_failure(now);
  if (!had_settled && breaker_.trip(now, world_.random)) opened();
  world_.user.on_lost(*this);
}

void Node::on_ready(short events, Time now) {
  now_ = now;
  if (!link_.on_ready(events, now)) broke(link_.error(), link_.failure(), now);
}

std::uint32_t Node::flush(Time now) {
  std::uint32_t records = 0;
  if (!link_.is_closed() && !link_.flush(now, records)) broke(link_.error(), link_.failure(), now);
  return records;
}

void Node::on_greeted() {
  stage_ = Stage::up;
  first_address_ += link_.address();  // it is the first the next time
  since_ = role_asked_ = now_;
  is_known_ = was_up_ = true;
  latency_ = link_.greeting_time();
  if (latency_ <= world_.settings.deadline) {
    breaker_.probe_ok(now_);
    error_ = SIMDJWT_OK;
    failure_.clear();
  } else if (!breaker_.is_closed()) {
    probe(now_);  // a connection was late, which says little of what comes next
  }
  std::deque<Ticket> waiting = std::exchange(waiting_, {});
  for (Ticket& ticket : waiting) take(std::move(ticket), now_);
  world_.user.on_back(*this);
}

void Node::on_role(Role role) {
  role_ = role;
  if (is_up()) latency_ = now_ - role_asked_;
  world_.user.on_role(*this);
}

void Node::on_probe() {
  if (!breaker_.is_probing() || now_ > probe_until_) return;  // it came too late
  breaker_.probe_ok(now_);
  error_ = SIMDJWT_OK;
  failure_.clear();
  world_.user.on_back(*this);
}

void Node::on_set(Ticket ticket, const SetAnswer& answer, const std::string& detail) {
  world_.user.on_set(*this, std::move(ticket), answer, detail);
}

void Node::on_alone(Ticket ticket, long long replicas) {
  world_.user.on_alone(*this, std::move(ticket), replicas);
}

void Node::tick(Time now, Clock::duration role_period) {
  now_ = now;
  while (!waiting_.empty() && waiting_.front().call->is_settled(waiting_.front().index)) waiting_.pop_front();
  switch (stage_) {
    case Stage::idle:
      if (is_wanted_ && begin_time() <= now) begin(now);
      return;
    case Stage::resolving:
    case Stage::connecting:
      if (now - since_ >= attempt_limit()) {
        broke(SIMDJWT_FLEET_CONNECT, "no connection in time", now);
      } else if (link_.address_due().value_or(Time::max()) <= now && !link_.give_address_up(now)) {
        broke(link_.error(), link_.failure(), now);
      }
      return;
    case Stage::up:
      tick_up(now, role_period);
  }
}

void Node::tick_up(Time now, Clock::duration role_period) {
  if (!is_wanted_ && !link_.oldest()) {
    link_.close();
    stage_ = Stage::idle;
    return;
  }
  if (const std::optional<Time> oldest = link_.oldest();
      oldest && now - *oldest >= world_.settings.deadline + kSilence) {
    broke(SIMDJWT_FLEET_DEADLINE, "no answer", now);
    return;
  }
  if (now - role_asked_ >= role_period) ask_role(now);
  if (breaker_.is_probing() && now >= probe_until_) {
    breaker_.probe_failed(now, world_.random);
  } else if (breaker_.due() && *breaker_.due() <= now) {
    probe(now);
  }
}

void Node::probe(Time now) {
  breaker_.begin_probe();
  probe_until_ = now + world_.settings.deadline;
  link_.probe(now);
}

Time Node::next_time(Clock::duration role_period) const noexcept {
  switch (stage_) {
    case Stage::idle:
      return is_wanted_ ? begin_time() : Time::max();
    case Stage::resolving:
      return since_ + attempt_limit();
    case Stage::connecting:
      return std::min(since_ + attempt_limit(), link_.address_due().value_or(Time::max()));
    case Stage::up: {
      Time next = role_asked_ + role_period;
      if (const std::optional<Time> oldest = link_.oldest()) {
        next = std::min(next, *oldest + world_.settings.deadline + kSilence);
      }
      if (breaker_.is_probing()) next = std::min(next, probe_until_);
      return std::min(next, breaker_.due().value_or(Time::max()));
    }
  }
  return Time::max();
}

void Node::shut(simdjwt_error error, const std::string& detail) noexcept {
  stage_ = Stage::idle;
  role_ = Role::unknown;
  give_back_asked(error, detail);
  give_back_waiting(error, detail);
}

}  // namespace simdjwt::fleet
