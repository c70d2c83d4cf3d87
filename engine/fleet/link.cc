#include "fleet/link.h"

#include <algorithm>
#include <utility>

#include "fleet/command.h"

namespace simdjwt::fleet {
namespace {

constexpr std::size_t kMaxTried = 4;  // addresses that one attempt has time for

std::array<std::uint8_t, 16> fingerprint_of(const simdjwt_replay_record& record) noexcept {
  std::array<std::uint8_t, 16> bytes;
  std::copy(std::begin(record.fingerprint), std::end(record.fingerprint), bytes.begin());
  return bytes;
}

bool is_ok(const Reply& reply) noexcept {
  return reply.is(Reply::Kind::status) && reply.text == "OK";
}

bool is_number_or_error(const Reply& reply) noexcept {
  return reply.is(Reply::Kind::integer) || reply.is(Reply::Kind::error);
}

}  // namespace

bool Link::connect(std::vector<SocketAddress> addresses, Clock::duration limit, Time now) {
  close();
  error_ = SIMDJWT_OK;
  failure_.clear();
  address_limit_ = limit / std::clamp<std::size_t>(addresses.size(), 1, kMaxTried);
  address_begun_ = now;
  if (!connection_.connect(std::move(addresses))) return fail(SIMDJWT_FLEET_CONNECT, connection_.failure());
  if (connection_.is_connected()) greet(now);
  return true;
}

bool Link::give_address_up(Time now) {
  address_begun_ = now;
  if (!connection_.next_address()) return fail(SIMDJWT_FLEET_CONNECT, connection_.failure());
  if (connection_.is_connected()) greet(now);
  return true;
}

std::optional<Time> Link::address_due() const noexcept {
  if (!connection_.has_next_address()) return std::nullopt;
  return address_begun_ + address_limit_;
}

void Link::close() noexcept {
  connection_.close();
  is_greeted_ = is_up_ = false;
  asked_.clear();
  set_.clear();
  releasing_.clear();
  unflushed_sets_ = probes_ = 0;
}

std::optional<Time> Link::oldest() const noexcept {
  if (asked_.empty()) return std::nullopt;
  return asked_.front().sent;
}

void Link::ask(Kind kind, std::initializer_list<std::string_view> words, Time now) {
  ask(kind, {}, now, [&](std::string& out) { append_command(out, words); });
}

// First the place of its answer, then the question: without the one the other must not be sent.
template <typename Append>
void Link::ask(Kind kind, const Ticket& ticket, Time now, const Append& append) {
  asked_.push_back({kind, now, ticket});
  try {
    append(connection_.out());
  } catch (...) {
    asked_.pop_back();
    throw;
  }
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
  ++probes_;
}

void Link::set(const Ticket& ticket, Time now) {
  if (ticket.is_asking) ask(Kind::asking, {"ASKING"}, now);
  const Check& check = ticket.check();
  ask(Kind::set, ticket, now, [&](std::string& out) { append_set(out, check.record, check.attempt); });
  const Time deadline = ticket.call->deadline();
  first_deadline_ = unflushed_sets_ == 0 ? deadline : std::min(first_deadline_, deadline);
  ++unflushed_sets_;
}

void Link::release(const Ticket& ticket, Time now) {
  if (ticket.is_asking) ask(Kind::asking, {"ASKING"}, now);
  const Check& check = ticket.check();
  const auto releasing = releasing_.insert(fingerprint_of(check.record));
  try {
    ask(Kind::release, ticket, now, [&](std::string& out) { append_release(out, check.record, check.attempt); });
  } catch (...) {
    releasing_.erase(releasing);
    throw;
  }
}

bool Link::is_releasing(const simdjwt_replay_record& record) const noexcept {
  return releasing_.contains(fingerprint_of(record));
}

bool Link::flush(Time now, std::uint32_t& records) {
  records = std::exchange(unflushed_sets_, 0);
  if (records != 0 && settings_.wait_replicas != 0) {
    // A WAIT of 0 would wait for ever. One ms less than there is, for the way back.
    const auto left = std::chrono::duration_cast<Millis>(first_deadline_ - now).count() - 1;
    ask(Kind::wait, {}, now,
        [&](std::string& out) { append_wait(out, settings_.wait_replicas, std::max<std::int64_t>(left, 1)); });
  }
  if (connection_.is_closed() || connection_.flush()) return true;
  return fail(SIMDJWT_FLEET_CLOSED, connection_.failure());
}

bool Link::on_ready(short events, Time now) {
  const std::size_t address = connection_.address();
  const bool is_good = connection_.on_ready(events);
  if (connection_.address() != address) address_begun_ = now;
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
    return fail(SIMDJWT_FLEET_PROTOCOL, "an answer to nothing: " + said(reply));
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
      return answer_probe(reply);
    case Kind::asking:
      return is_ok(reply) || reply.is(Reply::Kind::error) || fail_to_answer("ASKING");
    case Kind::set:
      return answer_set(std::move(asked.ticket), reply);
    case Kind::wait:
      return answer_wait(reply);
    case Kind::release:
      // Deleted, gone by itself, or the server does not let us: then it stays until it expires.
      if (const auto found = releasing_.find(fingerprint_of(asked.ticket.check().record)); found != releasing_.end()) {
        releasing_.erase(found);
      }
      return is_number_or_error(reply) || fail_to_answer("EVAL");
  }
  return true;
}

bool Link::answer_greeting(const Asked& asked, const Reply& reply, Time now) {
  const bool is_error = reply.is(Reply::Kind::error);
  switch (asked.kind) {
    case Kind::auth:
      if (is_error) return fail(SIMDJWT_FLEET_AUTH, "AUTH: " + std::string(auth_refusal(reply)));
      return is_ok(reply) || fail(SIMDJWT_FLEET_PROTOCOL, "AUTH: no answer to it");
    case Kind::role: {
      const Role role = read_role(reply);
      if (role == Role::unknown) {
        return fail(is_error ? error_of(reply) : simdjwt_error{SIMDJWT_FLEET_PROTOCOL},
                    "ROLE: " + (is_error ? said(reply) : std::string("no role")));
      }
      user_.on_role(role);
      return true;
    }
    case Kind::slots:
      // A server that is still loading does not say whether it is in a Cluster.
      if (is_error && error_of(reply) == SIMDJWT_FLEET_READ_ONLY) {
        return fail(SIMDJWT_FLEET_READ_ONLY, said(reply));
      }
      if (is_error) return true;  // no Cluster, or a user that may not ask
      if (std::optional<std::vector<SlotRange>> slots = read_slots(reply, host_)) {
        user_.on_slots(std::move(*slots));
        return true;
      }
      return fail(SIMDJWT_FLEET_PROTOCOL, "CLUSTER SLOTS: no map of slots");
    default:
      if (!is_error && !reply.is(Reply::Kind::text)) return fail_to_answer("INFO");
      user_.on_memory_policy(evicting_policy(reply));
      is_up_ = true;
      greeting_time_ = now - greeted_at_;
      user_.on_greeted();
      return true;
  }
}

bool Link::answer_probe(const Reply& reply) {
  --probes_;
  if (reply.is(Reply::Kind::error)) return true;
  if (!reply.is(Reply::Kind::status) || reply.text != "PONG") return fail_to_answer("PING");
  if (probes_ == 0) user_.on_probe();
  return true;
}

bool Link::answer_set(Ticket ticket, const Reply& reply) {
  const SetAnswer answer = read_set_answer(reply, host_);
  if (answer.kind == SetAnswer::Kind::set && settings_.wait_replicas != 0) {
    set_.push_back(std::move(ticket));
    return true;
  }
  const bool is_answer = is_ok(reply) || reply.is(Reply::Kind::nil) || reply.is(Reply::Kind::error);
  user_.on_set(std::move(ticket), answer, reply.is(Reply::Kind::error) ? said(reply) : std::string());
  return is_answer || fail_to_answer("SET");
}

// An error that repeats the password says so and no more; a server that shortens what it repeats leaves its beginning.
std::string Link::said(const Reply& reply) const {
  constexpr std::size_t kBeginning = 16;
  const std::string_view beginning = std::string_view(settings_.password).substr(0, kBeginning);
  if (!beginning.empty() && reply.text.find(beginning) != std::string::npos)
    return "an error that repeats the password";
  return printable(reply.text);
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
  return is_number_or_error(reply) || fail_to_answer("WAIT");
}

bool Link::has_tickets() const noexcept {
  return !set_.empty() ||
         std::any_of(asked_.begin(), asked_.end(), [](const Asked& asked) { return asked.kind == Kind::set; });
}

Ticket Link::take_ticket() noexcept {
  connection_.close();
  is_up_ = false;
  Ticket ticket;
  if (!set_.empty()) {
    ticket = std::move(set_.back());
    set_.pop_back();
    return ticket;
  }
  while (!asked_.empty() && ticket.call == nullptr) {
    if (asked_.front().kind == Kind::set) ticket = std::move(asked_.front().ticket);
    asked_.pop_front();
  }
  return ticket;
}

// A reply of a type that no server gives to this command: what comes next belongs to who knows which question.
bool Link::fail_to_answer(const char* command) {
  return fail(SIMDJWT_FLEET_PROTOCOL, std::string(command) + ": what it sent is no answer");
}

bool Link::fail(simdjwt_error error, std::string failure) {
  error_ = error;
  failure_ = std::move(failure);
  return false;
}

}  // namespace simdjwt::fleet
