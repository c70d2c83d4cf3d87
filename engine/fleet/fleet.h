// The fleet at work: an I/O thread that waits for sockets, for callers and for time, and what callers do meanwhile.
//
// Ownership: owns the thread, the nodes and the settings. Thread-safety: commit(), submit(), answers and the board from
// any thread; none of them after the destructor has begun. Cost: a caller allocates once and waits for one round trip;
// callers that come while one is under way share the next.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "fleet/board.h"
#include "fleet/deferred.h"
#include "fleet/dispatch.h"
#include "fleet/name_lookup.h"
#include "fleet/settings.h"

namespace simdjwt::fleet {

class Fleet final : private AbandonedUser {
 public:
  // Records that wait or are under way; beyond them records are refused at once.
  static constexpr std::uint64_t kMaxWaiting = 65536;

  struct Parts {
    Dispatch::Undo undo;  // called on the I/O thread, and by submit()
    Random random;
    NameLookup::Resolve resolve = NameLookup::with_getaddrinfo;
  };

  // Throws std::bad_alloc, std::system_error without a thread or descriptors.
  Fleet(Settings settings, Parts parts);
  ~Fleet() override;
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  // The stage of simdjwt.h: one error a record, by the deadline.
  void commit(const simdjwt_replay_record* records, std::uint32_t count, simdjwt_error* errors) noexcept;
  simdjwt_error submit(const simdjwt_replay_record& record, std::uint64_t cookie) noexcept;
  int fd() const noexcept { return deferred_.fd(); }
  std::uint32_t take(simdjwt_fleet_answer* answers, std::uint32_t capacity) noexcept {
    return deferred_.take(answers, capacity);
  }
  const Board& board() const noexcept { return board_; }

 private:
  bool has_room(std::uint32_t count) const noexcept;
  std::shared_ptr<Call> make_call(const simdjwt_replay_record* records, std::uint32_t count);
  void enter(const std::shared_ptr<Call>& call);
  void run() noexcept;
  void on_abandoned(const simdjwt_replay_record& record, std::uint64_t cookie) noexcept override;
  void turn();
  void take_entered(Time now);

  const Settings settings_;
  const Parts parts_;
  const std::uint64_t first_attempt_;
  std::atomic<std::uint64_t> attempts_{0};
  std::atomic<std::uint64_t> waiting_{0};
  Board board_;
  Deferred deferred_;
  std::shared_ptr<Wake> wake_;
  std::shared_ptr<NameLookup> lookups_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Call>> entered_;  // and not yet taken by the I/O thread
  std::atomic<bool> is_stopping_{false};
  Dispatch dispatch_;
  std::thread thread_;
};

}  // namespace simdjwt::fleet
