// Takes the uses that validations record and brings them to the disk: one thread, which writes what has gathered.
//
// interval: a use waits in a bounded queue, and its token is accepted; the thread writes interval after the first came.
// strict: the thread writes at once, the callers wait for the sync; what comes meanwhile shares the next one.
//
// When a write fails, uses are refused until the disk has answered again: the thread probes it, at first after
// min_retry, then after twice as long each time up to max_retry. What had been accepted before is kept and written
// again first.
//
// The writer reads no wall clock: its time is that of the opening, carried on by the monotonic clock. Files are
// unlinked kKeepPast after their generation ended by that time, so that a clock that was an hour ahead forgets nothing.
// A use that is recorded proves that its forget_at has not come: the writer's time, and what callers say of it, is held
// below from then on, and no file goes that a live use may stand in.
//
// Ownership: owns the thread and the files. Thread-safety: all functions from any thread. Cost of commit(): a mutex for
// some tens of ns, and one wake of the thread an interval; strict: a sync. No allocation.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "journal/generation_files.h"

namespace simdjwt::journal {

using Clock = std::chrono::steady_clock;

// How long a file is kept after the time that all its records may be forgotten.
inline constexpr std::int64_t kKeepPast = 7200;

struct WriterOptions {
  bool is_strict = false;
  std::chrono::milliseconds interval{100};
  std::uint32_t capacity = 1 << 18;  // records that may wait
  std::chrono::milliseconds min_retry{100};
  std::chrono::milliseconds max_retry{2000};
};

struct WriterStats {
  std::uint64_t records = 0;
  std::uint64_t failures = 0;
  std::uint64_t refused = 0;
  std::uint64_t waiting = 0;
  std::uint64_t bytes = 0;
  std::uint64_t syncs = 0;
  std::uint32_t files = 0;
  int last_errno = 0;
  bool is_failing = false;
};

class Writer {
 public:
  // Throws std::bad_alloc, std::system_error. `now`: Unix seconds.
  Writer(const WriterOptions& options, std::unique_ptr<GenerationFiles> files, std::int64_t now);
  // Writes what waits, tries once when the disk has failed, and ends the thread.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // simdjwt_replay_stage's commit(): all of the records or none.
  void commit(const Record* records, std::uint32_t count, simdjwt_error* errors) noexcept;

  // Unlinks what is past at `now`, with the same margin. Callers of commit() do not wait for an unlink.
  void expire(std::int64_t now) noexcept;

  WriterStats stats() const;

 private:
  // A strict caller that waits, on its own stack.
  struct Waiter {
    std::uint32_t count = 0;
    bool is_done = false;
    bool is_written = false;
  };

  bool take(const Record* records, std::uint32_t count);
  void run();
  void wait_for_work(std::unique_lock<std::mutex>& lock);
  int write(bool is_probing) noexcept;
  void settle(int error);
  void answer(std::vector<Waiter*>& waiters, bool is_written);
  void learn_time(std::span<const Record> uses);
  std::int64_t elapsed() const noexcept;
  std::int64_t time_at_most(std::int64_t time) const noexcept;
  void expire_by_own_time() noexcept;
  void note_failure(int error);
  void note_files();

  const WriterOptions options_;
  const std::int64_t opened_at_;
  const Clock::time_point opened_;

  mutable std::mutex mutex_;
  std::condition_variable work_;  // the thread waits
  std::condition_variable done_;  // strict callers wait
  std::vector<Record> pending_;
  std::vector<Waiter*> waiters_;
  Clock::time_point first_came_{};  // of pending_
  Clock::time_point retry_at_{};
  std::chrono::milliseconds backoff_;
  bool is_stopping_ = false;
  WriterStats stats_;

  // Of the thread: read by others only under mutex_.
  std::vector<Record> batch_;
  std::vector<Waiter*> batch_waiters_;

  std::mutex files_mutex_;  // may be held when mutex_ is taken, not the other way round
  std::unique_ptr<GenerationFiles> files_;
  std::int64_t limit_ = std::numeric_limits<std::int64_t>::max();  // with elapsed(): no live use allows a later time
  std::int64_t expired_at_ = 0;                                    // elapsed(), of the thread
  std::thread thread_;
};

}  // namespace simdjwt::journal
