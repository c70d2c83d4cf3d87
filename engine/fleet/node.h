// One server: its connection, made again whenever it is lost, its breaker, and the records that wait for either.
//
// While there has been no failure, records wait for the connection; once an attempt has failed the breaker is open, and
// they are refused at once. Attempts to connect are its probes then; where there is a connection, and it is slow, a
// PING is.
//
// Ownership: owns its link and what waits. Thread-safety: the I/O thread. Cost: O(1) but for what is sent and has come.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "fleet/breaker.h"
#include "fleet/link.h"
#include "fleet/name_lookup.h"

namespace simdjwt::fleet {

class Node;

// Who hears what nodes learn and what becomes of records.
class NodeUser {
 public:
  virtual ~NodeUser() = default;
  virtual void on_set(Node& node, Ticket ticket, const SetAnswer& answer, const std::string& detail) = 0;
  virtual void on_alone(Node& node, Ticket ticket, long long replicas) = 0;
  // A record that got no answer, or that nobody asked about. It must ask nothing of the node.
  virtual void on_failed(Node& node, Ticket ticket, simdjwt_error error, const std::string& detail) noexcept = 0;
  virtual void on_slots(Node& node, std::vector<SlotRange> slots) = 0;
  virtual void on_role(Node& node) = 0;
  virtual void on_lost(Node& node) = 0;
  // It is up, or has answered a probe.
  virtual void on_back(Node& node) = 0;
};

// What all nodes share.
struct NodeWorld {
  const Settings& settings;
  NodeUser& user;
  NameLookup& lookups;
  const Random& random;
  std::uint64_t opened = 0;  // breakers, so many times
  std::uint64_t reconnects = 0;
};

class Node final : private LinkUser {
 public:
  Node(std::uint64_t id, Address address, bool is_seed, NodeWorld& world);

  std::uint64_t id() const noexcept { return id_; }
  const Address& address() const noexcept { return address_; }
  bool is_seed() const noexcept { return is_seed_; }
  bool is_up() const noexcept { return stage_ == Stage::up; }
  bool is_idle() const noexcept { return stage_ == Stage::idle; }
  // It has answered, or failed to, since it was made.
  bool is_known() const noexcept { return is_known_; }
  Role role() const noexcept { return role_; }
  const std::string& evicting_policy() const noexcept { return evicting_; }
  const std::string& failure() const noexcept { return failure_; }
  simdjwt_error error() const noexcept { return error_; }
  Clock::duration latency() const noexcept { return latency_; }
  const Breaker& breaker() const noexcept { return breaker_; }
  int fd() const noexcept { return link_.fd(); }
  short events() const noexcept { return link_.events(); }

  // A connection is kept while it is wanted.
  void want(bool is_wanted) noexcept { is_wanted_ = is_wanted; }
  bool is_wanted() const noexcept { return is_wanted_; }
  // Records wait for its connection.
  bool is_awaited() const noexcept { return !waiting_.empty(); }

  void take(Ticket ticket, Time now);
  void release(const Ticket& ticket, Time now);
  bool is_releasing(const simdjwt_replay_record& record) const noexcept { return link_.is_releasing(record); }
  void ask_slots(Time now);
  void ask_role(Time now);
  void count_failure(Time now);
  void count_success() noexcept { breaker_.success(); }

  void on_lookup(Lookup lookup, Time now);
  void on_ready(short events, Time now);
  // Sends what is to be sent: the number of records.
  std::uint32_t flush(Time now);
  void tick(Time now, Clock::duration role_period);
  // When tick() has something to do, at the latest.
  Time next_time(Clock::duration role_period) const noexcept;
  // Everything is given back with this error, and the connection is closed.
  void shut(simdjwt_error error, const std::string& detail) noexcept;

 private:
  enum class Stage : std::uint8_t { idle, resolving, connecting, up };

  void on_greeted() override;
  void on_role(Role role) override;
  void on_slots(std::vector<SlotRange> slots) override { world_.user.on_slots(*this, std::move(slots)); }
  void on_memory_policy(std::string evicting) override { evicting_ = std::move(evicting); }
  void on_probe() override;
  void on_set(Ticket ticket, const SetAnswer& answer, const std::string& detail) override;
  void on_alone(Ticket ticket, long long replicas) override;

  Time begin_time() const noexcept;
  void begin(Time now);
  void connect(std::vector<SocketAddress> addresses, Time now);
  void broke(simdjwt_error error, const std::string& failure, Time now);
  void tick_up(Time now, Clock::duration role_period);
  void probe(Time now);
  void opened();
  void give_back_asked(simdjwt_error error, const std::string& detail) noexcept;
  void give_back_waiting(simdjwt_error error, const std::string& detail) noexcept;
  Millis attempt_limit() const noexcept;

  const std::uint64_t id_;
  const Address address_;
  const bool is_seed_;
  NodeWorld& world_;
  Link link_;
  Breaker breaker_;
  std::deque<Ticket> waiting_;  // for the connection
  Stage stage_ = Stage::idle;
  bool is_wanted_ = true;
  bool is_known_ = false;
  bool was_up_ = false;
  Role role_ = Role::unknown;
  Time since_{};  // this stage
  Time reconnect_at_{};
  std::size_t first_address_ = 0;
  Time now_{};  // of the call that is under way, for what the link tells
  Time role_asked_{};
  Time probe_until_{};
  Clock::duration latency_{};
  std::string evicting_, failure_;
  simdjwt_error error_ = SIMDJWT_OK;
};

}  // namespace simdjwt::fleet
