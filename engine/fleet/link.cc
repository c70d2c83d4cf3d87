#include "fleet/link.h"

#include <algorithm>
#include <utility>

#include "fleet/command.h"

namespace simdjwt::fleet {
namespace {

std::array<std::uint8_t, 16> fingerprint_of(const simdjwt_replay_record& record) noexcept {
  std::array<std::uint8_t, 16> bytes;
  std::copy(std::begin(record.fingerprint), std::end(record.fingerprint), bytes.begin());
  return bytes;
}

}  // namespace

bool Link::connect(std::vector<SocketAddress> addresses, Time now) {
  close();
  error_ = SIMDJWT_OK;
  failure_.clear();
  if (!connection_.connect(std::move(addresses))) return fail(SIMDJWT_FLEET_CONNECT, connection_.failure());
  if (connection_.is_connected()) greet(now);
  return true;
}

void Link::close() noexcept {
  connection_.close();
  is_greeted_ = is_up_ = false;
  asked_.clear();
  set_.clear();
  releasing_.clear();
  unflushed_sets_ = 0;
}

std::optional<Time> Link::oldest() const noexcept {
  if (asked_.empty()) return std::nullopt;
  return asked_.front().sent;
}

void Link::ask(Kind kind, std::initializer_list<std::string_view> words, Time now) {
  append_command(connection_.out(), words);
  asked_.push_back({kind, now, {}});
}

void Link::greet(Time now) {
  is_greeted_ = true;
  greeted_at_ = now;
  if (!settings_.password.empty()) {
    if (settings_.user.empty()) {
      ask(Kind::auth, {"AUTH", settings_.password}, now);
    } else {
      ask(Kind::auth, {"AUTH", settings_.user, settings_.password}, now);
    }
  }
  ask_role(now);
  ask_slots(now);
  ask(Kind::memory, {"INFO", "memory"}, now);
}

void Link::ask_role(Time now) {
  ask(Kind::role, {"ROLE"}, now);
}

void Link::ask_slots(Time now) {
  ask(Kind::slots, {"CLUSTER", "SLOTS"}, now);
}

void Link::probe(Time now) {
  ask(Kind::probe, {"PING"}, now);
}

void Link::set(Ticket ticket, Time now) {
  if (ticket.is_asking) ask(Kind::asking, {"ASKING"}, now);
  append_set(connection_.out(), ticket.check().record, ticket.check().attempt);
  const Time deadline = ticket.call->deadline();
  first_deadline_ = unflushed_sets_ == 0 ? deadline : std::min(first_deadline_, deadline);
  ++unflushed_sets_;
  asked_.push_back({Kind::set, now, std::move(ticket)});
}

void Link::release(const Ticket& ticket, Time now) {
  if (ticket.is_asking) ask(Kind::asking, {"ASKING"}, now);
  append_release(connection_.out(), ticket.check().record, ticket.check().attempt);
  asked_.push_back({Kind::release, now, ticket});
  releasing_.insert(fingerprint_of(ticket.check().record));
}

bool Link::is_releasing(const simdjwt_replay_record& record) const noexcept {
  return releasing_.contains(fingerprint_of(record));
}

bool Link::flush(Time now, std::uint32_t& records) {
  records = std::exchange(unflushed_sets_, 0);
  if (records != 0 && settings_.wait_replicas != 0) {
    // A WAIT of 0 would wait for ever. One ms less than there is, for the way back.
    const auto left = std::chrono::duration_cast<Millis>(first_deadline_ - now).count() - 1;
    append_wait(connection_.out(), settings_.wait_replicas, std::max<std::int64_t>(left, 1));
    asked_.push_back({Kind::wait, now, {}});
  }
  if (connection_.is_closed() || connection_.flush()) return true;
  return fail(SIMDJWT_FLEET_CLOSED, connection_.failure());
}

bool Link::on_ready(short events, Time now) {
  const bool is_good = connection_.on_ready(events);
  // What came before the end counts.
  if (is_greeted_ && !read_all(now)) return false;
  if (!is_good) return fail(is_greeted_ ? SIMDJWT_FLEET_CLOSED : SIMDJWT_FLEET_CONNECT, connection_.failure());
  if (!is_greeted_ && connection_.is_connected()) greet(now);
  return true;
}

bool Link::read_all(Time now) {
  for (;;) {
    std::unique_ptr<Reply> reply;
    switch (connection_.next(reply)) {
      case ReplyReader::Result::more:
        return true;
      case ReplyReader::Result::broken:
        return fail(SIMDJWT_FLEET_PROTOCOL, "what it sent is no answer");
      case ReplyReader::Result::reply:
        if (!answer(*reply, now)) return false;
    }
  }
}

bool Link::answer(const Reply& reply, Time now) {
  if (asked_.empty()) {
    // Such as "max number of clients reached", before anything was asked.
    return fail(SIMDJWT_FLEET_PROTOCOL, "an answer to nothing: " + printable(reply.text));
  }
  Asked asked = std::move(asked_.front());
  asked_.pop_front();
  switch (asked.kind) {
    case Kind::auth:
    case Kind::role:
    case Kind::slots:
    case Kind::memory:
      return answer_greeting(asked, reply, now);
    case Kind::probe:
      if (!reply.is(Reply::Kind::error)) user_.on_probe();
      return true;
    case Kind::asking:
      return true;
    case Kind::set:
      answer_set(std::move(asked.ticket), reply);
      return true;
    case Kind::wait:
      return answer_wait(reply);
    case Kind::release:
      // Deleted, gone by itself, or the server does not let us: then it stays until it expires.
      if (const auto found = releasing_.find(fingerprint_of(asked.ticket.check().record)); found != releasing_.end()) {
        releasing_.erase(found);
      }
      return true;
  }
  return true;
}

bool Link::answer_greeting(const Asked& asked, const Reply& reply, Time now) {
  const bool is_error = reply.is(Reply::Kind::error);
  switch (asked.kind) {
    case Kind::auth:
      return !is_error || fail(SIMDJWT_FLEET_AUTH, printable(reply.text));
    case Kind::role: {
      const Role role = read_role(reply);
      if (role == Role::unknown) {
        return fail(is_error ? error_of(reply) : simdjwt_error{SIMDJWT_FLEET_PROTOCOL},
                    "ROLE: " + (is_error ? printable(reply.text) : std::string("no role")));
      }
      user_.on_role(role);
      return true;
    }
    case Kind::slots:
      // A server that is still loading does not say whether it is in a Cluster.
      if (is_error && error_of(reply) == SIMDJWT_FLEET_READ_ONLY) {
        return fail(SIMDJWT_FLEET_READ_ONLY, printable(reply.text));
      }
      if (is_error) return true;  // no Cluster, or a user that may not ask
      if (std::optional<std::vector<SlotRange>> slots = read_slots(reply, host_)) {
        user_.on_slots(std::move(*slots));
        return true;
      }
      return fail(SIMDJWT_FLEET_PROTOCOL, "CLUSTER SLOTS: no map of slots");
    default:
      user_.on_memory_policy(evicting_policy(reply));
      is_up_ = true;
      greeting_time_ = now - greeted_at_;
      user_.on_greeted();
      return true;
  }
}

void Link::answer_set(Ticket ticket, const Reply& reply) {
  const SetAnswer answer = read_set_answer(reply, host_);
  if (answer.kind == SetAnswer::Kind::set && settings_.wait_replicas != 0) {
    set_.push_back(std::move(ticket));
    return;
  }
  user_.on_set(std::move(ticket), answer, reply.is(Reply::Kind::error) ? printable(reply.text) : std::string());
}

bool Link::answer_wait(const Reply& reply) {
  std::vector<Ticket> batch = std::exchange(set_, {});
  const long long replicas = reply.is(Reply::Kind::integer) ? reply.integer : 0;
  SetAnswer set;
  set.kind = SetAnswer::Kind::set;
  for (Ticket& ticket : batch) {
    if (replicas >= static_cast<long long>(settings_.wait_replicas)) {
      user_.on_set(std::move(ticket), set, {});
    } else {
      user_.on_alone(std::move(ticket), replicas);
    }
  }
  return true;
}

std::vector<Ticket> Link::take_tickets() {
  std::vector<Ticket> tickets = std::exchange(set_, {});
  for (Asked& asked : asked_) {
    if (asked.kind == Kind::set) tickets.push_back(std::move(asked.ticket));
  }
  asked_.clear();
  return tickets;
}

bool Link::fail(simdjwt_error error, std::string failure) {
  error_ = error;
  failure_ = std::move(failure);
  return false;
}

}  // namespace simdjwt::fleet
