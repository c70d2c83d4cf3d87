// The work of the I/O thread, without the waiting: takes records, brings each to the node that takes it, and settles
// what comes back.
//
// A record is accepted when its key was set by our SET, and in time. A key that was set for a record that was refused
// in the meantime is deleted again, by its attempt's own number: the token was accepted nowhere, so that no second use
// can be (docs/decisions/0019). A record that is redirected, or comes to a node that takes no writes, was not set
// there: it goes on, a few times, within its deadline.
//
// Ownership: owns nodes and waiting records. Thread-safety: one thread. Cost: linear in what comes.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fleet/board.h"
#include "fleet/deferred.h"
#include "fleet/routes.h"

namespace simdjwt::fleet {

class Dispatch final : private NodeUser {
 public:
  using Undo = std::function<void(const simdjwt_replay_record&)>;

  // All outlive the dispatch. `undo` takes a use back that an event loop submitted.
  Dispatch(const Settings& settings, Board& board, Deferred& deferred, NameLookup& lookups, const Random& random,
           Undo undo);

  void take(std::shared_ptr<Call> call, Time now);
  const std::vector<std::unique_ptr<Node>>& nodes() const noexcept { return routes_.nodes(); }
  // What poll() says of a socket of a node that was there then.
  void on_ready(std::uint64_t node, int fd, short events, Time now);
  // After all that has happened at one time: timers, look-ups, and what is to be sent.
  void work(Time now);
  Time next_time() const;
  // Refuses what has no answer yet of a call that could not be taken, or not whole.
  void refuse_all(const std::shared_ptr<Call>& call) noexcept;
  // Everything that waits is refused, and every connection closed.
  void stop(Time now) noexcept;

 private:
  void on_set(Node& node, Ticket ticket, const SetAnswer& answer, const std::string& detail) override;
  void on_alone(Node& node, Ticket ticket, long long replicas) override;
  void on_failed(Node& node, Ticket ticket, simdjwt_error error, const std::string& detail) noexcept override;
  void on_slots(Node& node, std::vector<SlotRange> slots) override;
  void on_role(Node& node) override;
  void on_lost(Node& node) override;
  void on_back(Node& node) override;

  void route(Ticket ticket);
  void redirect(Node& from, Ticket ticket, const SetAnswer& answer);
  void look_again(Node& from, Ticket ticket);
  void answered(Node& node);
  void set_in_time_or_release(Node& node, const Ticket& ticket);
  bool settle(const Ticket& ticket, simdjwt_error result) noexcept;
  void refuse(const Ticket& ticket, simdjwt_error error, const std::string& detail) noexcept;
  void note(simdjwt_error error, const std::string& detail) noexcept;
  void on_routes();
  void retry_nowhere();
  void expire();
  void refresh();
  Node* whom_to_ask();
  Clock::duration role_period() const noexcept;
  Clock::duration refresh_pause() const noexcept;
  Time next_try() const noexcept;
  void publish();
  simdjwt_fleet_state state() const;

  const Settings& settings_;
  Board& board_;
  Deferred& deferred_;
  NameLookup& lookups_;
  const Random& random_;
  const Undo undo_;
  NodeWorld world_;
  Routes routes_;
  std::deque<Ticket> nowhere_;  // for a node that takes them to be known
  Breaker nowhere_breaker_;
  Time next_try_ = Time::max();                 // as it was published
  std::deque<std::weak_ptr<Call>> open_calls_;  // in the order of their deadlines
  Time now_{};
  Time last_refresh_{};
  bool is_refresh_wanted_ = false;
  std::size_t next_asked_ = 0;
  bool is_changed_ = true;
  simdjwt_error last_error_ = SIMDJWT_OK;
  std::string last_detail_;
};

}  // namespace simdjwt::fleet
