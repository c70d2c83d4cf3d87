// What every thread may see of the fetcher: a report for each issuer, and a place to wait for one.
//
// Ownership: shares its slots with the schedule. Thread-safety: all of it, by one mutex that is never held during I/O
// or parsing. Cost: copies of a few short texts.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fetch/issuer.h"

namespace simdjwt::fetch {

class Board {
 public:
  struct Slot {
    IssuerRule rule;
    IssuerReport report;  // guarded by the board
  };
  using SlotPtr = std::shared_ptr<Slot>;

  // A call from outside that may still be under way when the fetcher is to go.
  class Visit {
   public:
    explicit Visit(std::shared_ptr<Board> board);
    ~Visit();
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

   private:
    const std::shared_ptr<Board> board_;  // outlives the unlocking that lets stop() return
  };

  // The slots of a new policy: a rule that is as it was keeps its slot. Another rule for an issuer that has keys in
  // force begins with those, as the schedule does.
  std::vector<SlotPtr> replace(const std::vector<IssuerRule>& rules);

  void show(Slot& slot, const IssuerReport& report);
  // All that had been asked for when the validator's count was `total` shows in the slots.
  void set_polled(std::uint64_t total);
  bool is_polled(std::uint64_t total) const;
  // Nobody waits any longer; returns when there is no visit left.
  void stop();

  std::uint32_t count() const;
  // Fills everything but struct_size. False past the end.
  bool read(std::uint32_t index, Time now, simdjwt_issuer_health& health) const;
  bool is_ready() const;

  // Until nothing of the issuer is wanted or under way, of what was asked for up to `total`, or what is wanted is not
  // begun within `limit`.
  simdjwt_error wait(std::string_view issuer, std::uint64_t total, Millis limit) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<SlotPtr> slots_;
  std::unordered_map<std::string_view, SlotPtr> by_issuer_;  // the same; the names are the slots' own
  std::uint64_t polled_ = 0;
  std::uint32_t visits_ = 0;
  bool is_stopped_ = false;
};

}  // namespace simdjwt::fetch
