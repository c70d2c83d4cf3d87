// All that is done about one fingerprint, by the thread that holds its home bucket.
//
// Whatever bucket its entry stands in, it is put there, found and taken back during a visit: so the home bucket alone
// makes a check and an insert one step. A record is put into the spill and the filter, and looked for there, by such a
// thread alone; a visit after that sees it in the home bucket, or "maybe" in the filter and then in the spill. Buckets
// of the spill, whose places fingerprints of other homes share, are held only while they are looked at or written.
//
// Thread-safety: of one thread. Cost: see ReplayStore; prefetch() first, for whoever holds a bucket waits for it.
#pragma once

#include "policy/replay_table.h"

namespace simdjwt {

class ReplayVisit {
 public:
  // Asks memory for all that a visit may look at: the spill's too, for in a full store they often are, and would be
  // waited for after the others.
  static void prefetch(const ReplayTable& table, const Hash128& fingerprint) noexcept;

  // Takes the home bucket, and holds it.
  ReplayVisit(ReplayTable& table, const Hash128& fingerprint, ReplayTick now) noexcept;

  struct Seen {
    bool here = false;  // there is an entry that must be remembered
    bool filter_asked = false;
    bool filter_said_maybe = false;
    ReplayTick forgotten = 0;  // an entry that had to be remembered until then or before may have been here
  };
  Seen look() const noexcept;

  // After a look that has not found it. nothing: there is no room.
  enum class Put { nothing, home, spill };
  Put put(ReplayTick tick) noexcept;
  bool has_room() const noexcept;

  // Whether there is an entry that must be remembered: then it is, until the later of the two times.
  bool extend(ReplayTick tick) noexcept;

  // As if an entry of this time had been here and forgotten.
  void note_forgotten(ReplayTick tick) noexcept { home_.note_forgotten(tick); }

  // Whether there was an entry with exactly this time.
  bool erase(ReplayTick tick) noexcept;

 private:
  ReplayTable& table_;
  const Hash128 fingerprint_;
  const ReplayTick now_;
  ReplayBucket& home_;
  const ReplayBucket::Hold hold_;
  const unsigned place_;  // in the home bucket, of an entry with this fingerprint, forgotten or not
};

}  // namespace simdjwt
