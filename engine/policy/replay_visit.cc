#include "policy/replay_visit.h"

#include <algorithm>
#include <optional>

namespace simdjwt {
namespace {

// Both buckets of the spill, held in the order of their addresses: nobody who holds the second waits for the first.
class HeldSpill {
 public:
  HeldSpill(const ReplayTable& table, const Hash128& fingerprint) noexcept
      : buckets_(table.spill_of(fingerprint)), first_(*buckets_.first) {
    if (buckets_.second != buckets_.first) second_.emplace(*buckets_.second);
  }

  ReplayBucket& first() const noexcept { return *buckets_.first; }
  ReplayBucket& second() const noexcept { return *buckets_.second; }

  // The one with fewer entries.
  ReplayBucket& emptier(ReplayTick now) const noexcept {
    return second().entries(now) < first().entries(now) ? second() : first();
  }

 private:
  const std::pair<ReplayBucket*, ReplayBucket*> buckets_;
  ReplayBucket::Hold first_;
  std::optional<ReplayBucket::Hold> second_;
};

bool has_room_in(const ReplayBucket& bucket, ReplayTick now) noexcept {
  return bucket.tick(bucket.oldest()) <= now;
}

bool erase_in(ReplayBucket& bucket, unsigned place, ReplayTick tick) noexcept {
  if (place == ReplayBucket::kNone || bucket.tick(place) != tick) return false;
  bucket.erase(place);
  return true;
}

bool extend_in(ReplayBucket& bucket, unsigned place, ReplayTick now, ReplayTick tick) noexcept {
  if (place == ReplayBucket::kNone || bucket.tick(place) <= now) return false;
  bucket.set_tick(place, std::max(bucket.tick(place), tick));
  return true;
}

}  // namespace

void ReplayVisit::prefetch(const ReplayTable& table, const Hash128& fingerprint) noexcept {
  table.home_of(fingerprint).prefetch();
  table.filter().prefetch(fingerprint);
  const auto [first, second] = table.spill_of(fingerprint);
  first->prefetch();
  second->prefetch();
}

ReplayVisit::ReplayVisit(ReplayTable& table, const Hash128& fingerprint, ReplayTick now) noexcept
    : table_(table),
      fingerprint_(fingerprint),
      now_(now),
      home_(table.home_of(fingerprint)),
      hold_(home_),
      place_(home_.find(fingerprint)) {}

// A fingerprint that the spill has forgotten, and that would have to be remembered still, is in the filter still: when
// that says no, the spill's forgotten times do not matter.
ReplayVisit::Seen ReplayVisit::look() const noexcept {
  Seen seen;
  seen.here = place_ != ReplayBucket::kNone && home_.tick(place_) > now_;
  if (seen.here) return seen;
  seen.forgotten = home_.forgotten();
  seen.filter_asked = true;
  seen.filter_said_maybe = table_.filter().maybe(fingerprint_, table_.generation(now_));
  if (!seen.filter_said_maybe) return seen;
  const HeldSpill spill(table_, fingerprint_);
  for (const ReplayBucket* bucket : {&spill.first(), &spill.second()}) {
    const unsigned place = bucket->find(fingerprint_);
    seen.here |= place != ReplayBucket::kNone && bucket->tick(place) > now_;
    seen.forgotten = std::max(seen.forgotten, bucket->forgotten());
  }
  return seen;
}

bool ReplayVisit::has_room() const noexcept {
  if (has_room_in(home_, now_)) return true;
  return has_room_in(HeldSpill(table_, fingerprint_).emptier(now_), now_);
}

// Where the oldest is. A forgotten entry of its own may stand beside it: that is looked at again if the clock steps
// back.
ReplayVisit::Put ReplayVisit::put(ReplayTick tick) noexcept {
  const unsigned place = home_.oldest();
  if (home_.tick(place) <= now_) {
    home_.write(place, fingerprint_, tick);
    return Put::home;
  }
  const HeldSpill spill(table_, fingerprint_);
  ReplayBucket& bucket = spill.emptier(now_);
  if (!has_room_in(bucket, now_)) return Put::nothing;
  bucket.write(bucket.oldest(), fingerprint_, tick);
  table_.filter().put(fingerprint_, table_.generation(tick));
  return Put::spill;
}

bool ReplayVisit::extend(ReplayTick tick) noexcept {
  if (extend_in(home_, place_, now_, tick)) return true;
  if (!table_.filter().maybe(fingerprint_, table_.generation(now_))) return false;
  const HeldSpill spill(table_, fingerprint_);
  if (!extend_in(spill.first(), spill.first().find(fingerprint_), now_, tick) &&
      !extend_in(spill.second(), spill.second().find(fingerprint_), now_, tick)) {
    return false;
  }
  table_.filter().put(fingerprint_, table_.generation(tick));
  return true;
}

bool ReplayVisit::erase(ReplayTick tick) noexcept {
  if (erase_in(home_, place_, tick)) return true;
  const HeldSpill spill(table_, fingerprint_);
  return erase_in(spill.first(), spill.first().find(fingerprint_), tick) ||
         erase_in(spill.second(), spill.second().find(fingerprint_), tick);
}

}  // namespace simdjwt
