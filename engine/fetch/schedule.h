// All issuers: who is due, who may go, in the order in which they became due.
//
//   tick: ask what validations want -> withdraw what is too old -> queue what is due -> begin what may begin
//
// An issuer whose host has no budget keeps its place in the queue, so that none starves behind the others of its host;
// one that has learned where its keys are goes to the front, for what it has spent already is lost otherwise. At most
// kMaxUnderWay requests are under way at once, HostBudget::kMaxUnderWay of them to one host.
//
// Ownership: owns its issuers; environment, client and board outlive it. Thread-safety: one thread, that of the client;
// the clock is passed in. Cost: a tick without anything to do is one atomic load and one comparison; one after a want
// is a call of the validator for each issuer.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "fetch/board.h"
#include "fetch/host_budget.h"
#include "fetch/issuer.h"

namespace simdjwt::fetch {

class Schedule {
 public:
  static constexpr std::size_t kMaxUnderWay = 16;

  Schedule(Environment& environment, Board& board, std::function<Time()> clock)
      : environment_(environment), board_(board), clock_(std::move(clock)) {}
  ~Schedule() { stop(); }
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;

  // The issuers of a policy, with the client for them; requests under way begin anew. Publishes kept keys of new
  // issuers.
  void adopt(const std::vector<Board::SlotPtr>& slots, HttpClient& client);
  void tick();
  // Ends what is under way.
  void stop();

 private:
  struct Entry {
    Issuer issuer;
    Board::SlotPtr slot;
    std::string host{};  // of the request that is queued or under way
    HttpClient::Id request = 0;
    bool is_under_way = false;
    bool is_queued = false;
    Time not_before{};  // while queued: when its host may take it, unless something happens there earlier
  };

  void take_wants(Time now);
  void queue_due(Time now);
  void begin_queued(Time now);
  bool begin(Entry& entry, Time now);
  void finish(Entry& entry, const HttpAnswer& answer);
  void release(Entry& entry, Time now);
  void cancel(Entry& entry);
  void show(Entry& entry) { board_.show(*entry.slot, entry.issuer.report()); }

  Environment& environment_;
  Board& board_;
  std::function<Time()> clock_;
  HttpClient* client_ = nullptr;
  HostBudget budget_;
  std::vector<std::shared_ptr<Entry>> entries_;
  std::deque<std::shared_ptr<Entry>> queue_;
  std::size_t under_way_ = 0;
  std::uint64_t wanted_ = 0;
  Time next_scan_{};  // something may be due or too old; before that nothing is
  Time next_sweep_{};
};

}  // namespace simdjwt::fetch
