// One connection to one server, and what has been asked on it: answers come in the order of the questions.
//
// A connection begins with a greeting in one write: AUTH, ROLE, CLUSTER SLOTS, INFO. From its last answer on it is up.
// Records go out as SET NX, followed by one WAIT a write where the policy wants replicas to have them. A key that was
// set for a use that was refused is released: deleted, if it is still of that attempt.
//
// Ownership: owns its connection and the tickets that are under way. Thread-safety: the I/O thread. Cost: linear in
// what is sent and has come.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fleet/call.h"
#include "fleet/connection.h"
#include "fleet/server_facts.h"
#include "fleet/set_answer.h"
#include "fleet/settings.h"
#include "fleet/time.h"

namespace simdjwt::fleet {

// Who hears of answers. It may ask the link for more, and must not close it.
class LinkUser {
 public:
  virtual ~LinkUser() = default;
  virtual void on_greeted() = 0;
  virtual void on_role(Role role) = 0;
  virtual void on_slots(std::vector<SlotRange> slots) = 0;
  virtual void on_memory_policy(std::string evicting) = 0;
  // The newest probe was answered; the answers to earlier ones came too late to say anything.
  virtual void on_probe() = 0;
  virtual void on_set(Ticket ticket, const SetAnswer& answer, const std::string& detail) = 0;
  // The key was set, and too few replicas have said that they have it.
  virtual void on_alone(Ticket ticket, long long replicas) = 0;
};

class Link {
 public:
  Link(const Settings& settings, const std::string& host, LinkUser& user)
      : settings_(settings), host_(host), user_(user) {}

  // False: no connection was begun; failure() says why.
  // Each address has an equal share of the time limit of the attempt: one that drops what is sent to it does not keep
  // us from the next.
  bool connect(std::vector<SocketAddress> addresses, Clock::duration limit, Time now);
  // When the next address is to be tried; nothing when there is none, or the connection stands.
  std::optional<Time> address_due() const noexcept;
  // False like connect().
  bool give_address_up(Time now);
  // The place of the address that is used among those that were given.
  std::size_t address() const noexcept { return connection_.address(); }
  void close() noexcept;

  bool is_up() const noexcept { return is_up_; }
  bool is_closed() const noexcept { return connection_.is_closed(); }
  int fd() const noexcept { return connection_.fd(); }
  short events() const noexcept { return connection_.events(); }
  simdjwt_error error() const noexcept { return error_; }
  const std::string& failure() const noexcept { return failure_; }
  // When the oldest question was asked that has no answer.
  std::optional<Time> oldest() const noexcept;
  // Between a connection and the last answer to the greeting.
  Clock::duration greeting_time() const noexcept { return greeting_time_; }

  void set(const Ticket& ticket, Time now);
  void release(const Ticket& ticket, Time now);
  // A use of this token was refused, and its key is about to be deleted.
  bool is_releasing(const simdjwt_replay_record& record) const noexcept;
  void ask_role(Time now);
  void ask_slots(Time now);
  void probe(Time now);

  // Both false when the link is of no use any more: error() and failure() say why. flush() sends all that was asked
  // since the last time; *records: how many SETs there were.
  bool flush(Time now, std::uint32_t& records);
  bool on_ready(short events, Time now);
  // Closes the connection, and takes one ticket that has no answer, for whom it is uncertain whether its key was set;
  // one without a call when there is none left. Needs no memory.
  Ticket take_ticket() noexcept;
  bool has_tickets() const noexcept;

 private:
  enum class Kind : std::uint8_t { auth, role, slots, memory, probe, asking, set, wait, release };
  struct Asked {
    Kind kind;
    Time sent;
    Ticket ticket;
  };
  using Fingerprint = std::array<std::uint8_t, 16>;

  void greet(Time now);
  void ask(Kind kind, std::initializer_list<std::string_view> words, Time now);
  template <typename Append>
  void ask(Kind kind, const Ticket& ticket, Time now, const Append& append);
  bool read_all(Time now);
  bool answer(const Reply& reply, Time now);
  bool answer_greeting(const Asked& asked, const Reply& reply, Time now);
  bool answer_probe(const Reply& reply);
  bool answer_set(Ticket ticket, const Reply& reply);
  bool answer_wait(const Reply& reply);
  std::string said(const Reply& reply) const;
  bool fail_to_answer(const char* command);
  bool fail(simdjwt_error error, std::string failure);

  const Settings& settings_;
  const std::string host_;
  LinkUser& user_;
  Connection connection_;
  bool is_greeted_ = false;  // the greeting has been sent
  bool is_up_ = false;
  Time address_begun_{};
  Clock::duration address_limit_{};
  Time greeted_at_{};
  Clock::duration greeting_time_{};
  std::deque<Asked> asked_;
  std::uint32_t unflushed_sets_ = 0;
  std::uint32_t probes_ = 0;  // without an answer
  Time first_deadline_{};     // of those
  std::vector<Ticket> set_;   // keys that were set, and wait for their WAIT
  std::multiset<Fingerprint> releasing_;
  simdjwt_error error_ = SIMDJWT_OK;
  std::string failure_;
};

}  // namespace simdjwt::fleet
