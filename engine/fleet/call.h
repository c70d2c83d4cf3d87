// Records that one caller wants checked, and their answers: what the caller's thread and the I/O thread share.
//
// Every check gets its one result from whoever is first: the I/O thread with the fleet's answer, or whoever notices
// that the deadline is past, the caller's own thread included. So no answer is later than the deadline by more than it
// takes to wake a thread, whatever the I/O thread does. Nor does a caller wait for a lock that the I/O thread might
// hold while it has no processor: results are atomic, and the wait is the kernel's (futex(2)).
//
// Ownership: shared by the caller and the tickets of the I/O thread. Thread-safety: results are anybody's; a Check's
// other members belong to the I/O thread. Cost: one compare-and-swap a check, one system call to wait and one to wake.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "fleet/time.h"
#include "simdjwt/fleet.h"

namespace simdjwt::fleet {

// Hears of a record of an event loop whose call goes without a result: memory ran out on its way. Nobody else would
// give its answer.
class AbandonedUser {
 public:
  virtual ~AbandonedUser() = default;
  virtual void on_abandoned(const simdjwt_replay_record& record, std::uint64_t cookie) noexcept = 0;
};

struct Check {
  simdjwt_replay_record record{};
  std::uint64_t attempt = 0;  // the value of its key
  std::uint64_t node = 0;     // the id of the node where it waits; 0: of none yet
  std::uint32_t redirects = 0;
  bool is_answered = false;  // by the fleet, in time or not
};

class Call {
 public:
  // `waiting`: outlives the call, and counts it while it lives. Throws std::bad_alloc.
  Call(const simdjwt_replay_record* records, std::uint32_t count, Time deadline, std::atomic<std::uint64_t>& waiting);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  Time deadline() const noexcept { return deadline_; }
  std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(checks.size()); }

  // The result of one check; false when it had one already.
  bool settle(std::uint32_t index, simdjwt_error result) noexcept;
  bool is_settled(std::uint32_t index) const noexcept;
  // SIMDJWT_STORE_UNAVAILABLE for all that have none; how many.
  std::uint32_t expire() noexcept;
  // Waits for all results, until the deadline at most; then expires the rest, and says how many those were.
  std::uint32_t wait(simdjwt_error* results) noexcept;

  std::vector<Check> checks;  // of the I/O thread
  // Of an event loop: nobody waits, the result goes to a queue. It has one record, and `abandoned` outlives it.
  bool is_deferred = false;
  AbandonedUser* abandoned = nullptr;
  std::uint64_t cookie = 0;

 private:
  void close(std::uint32_t count) noexcept;

  static constexpr simdjwt_error kOpen = UINT32_MAX;

  std::atomic<std::uint64_t>& waiting_;
  const Time deadline_;
  std::vector<std::atomic<simdjwt_error>> results_;
  std::atomic<std::uint32_t> open_;  // without a result; a caller waits for 0
};

// One check of a call, on its way.
struct Ticket {
  std::shared_ptr<Call> call;
  std::uint32_t index = 0;
  bool is_asking = false;  // the node that it goes to takes it only after ASKING

  Check& check() const noexcept { return call->checks[index]; }
};

}  // namespace simdjwt::fleet
