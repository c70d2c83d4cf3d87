#include "validator/verdict_shard.h"

#include <algorithm>

namespace simdjwt {
namespace {

// There is one writer: no exchange is needed.
void add(std::atomic<std::uint64_t>& counter, std::uint64_t n) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}
void subtract(std::atomic<std::uint64_t>& counter, std::uint64_t n) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
}

}  // namespace

VerdictShard::VerdictShard(const VerdictIndex& index, std::byte* ring, std::size_t segments, std::size_t segment_bytes,
                           EpochDomain& domain) noexcept
    : index_(index), ring_(ring), domain_(domain), segments_(segments), segment_bytes_(segment_bytes) {}

VerdictShard::Counts VerdictShard::counts() const noexcept {
  return {entries_.load(std::memory_order_relaxed), bytes_.load(std::memory_order_relaxed),
          evicted_.load(std::memory_order_relaxed)};
}

// Orders this writer after the one before it, as a lock does.
bool VerdictShard::enter() noexcept {
  return !busy_.load(std::memory_order_relaxed) && !busy_.exchange(true, std::memory_order_acquire);
}

bool VerdictShard::insert(std::string_view token, std::span<const std::byte> record, std::uint64_t hash) noexcept {
  if (record.empty() || token.size() > segment_bytes_ || record.size() > segment_bytes_) return false;
  const std::size_t bytes = VerdictEntry::bytes(token.size(), record.size());
  if (sizeof(Segment) + bytes > segment_bytes_ || !enter()) return false;
  const bool admitted = make_room(bytes);
  if (admitted) {
    link(append(token, record, hash));
    empty_next(2 * filled_);  // so that it is empty, and has time to become quiescent, when this one is half full
  }
  leave();
  return admitted;
}

bool VerdictShard::erase(std::string_view token, std::uint64_t hash) noexcept {
  if (!enter()) return false;
  const Slot slot = index_.slot_of(token, hash);
  if (slot) {
    forget(index_.entry_of(slot.place()));
    index_.clear(slot);
  }
  leave();
  return static_cast<bool>(slot);
}

// Goes on to the next segment when the current one has no room. That one may not be empty yet, when its entries are
// much smaller than those that came since: every refused call goes on emptying it. Or a reader may still see it.
bool VerdictShard::make_room(std::size_t bytes) noexcept {
  if (filled_ + bytes <= segment_bytes_) return true;
  empty_next(segment_bytes_);
  if (!next_is_empty_ || (step_ != 0 && !domain_.try_quiescent(step_))) return false;
  segment(current_).used = filled_;
  current_ = next();
  filled_ = emptied_ = sizeof(Segment);
  kept_ = 0;
  next_is_empty_ = false;
  return true;
}

const VerdictEntry& VerdictShard::append(std::string_view token, std::span<const std::byte> record,
                                         std::uint64_t hash) noexcept {
  std::byte* const place = ring_ + current_ * segment_bytes_ + filled_;
  const VerdictEntry& entry = *VerdictEntry::write(place, token, record, hash);
  filled_ += entry.bytes();
  return entry;
}

// In place of the same token's entry; else in a free slot; else in place of the oldest of the twenty.
void VerdictShard::link(const VerdictEntry& entry) noexcept {
  Slot slot = index_.slot_of(entry.token(), entry.hash());
  if (slot && index_.entry_of(slot.place()).touched()) entry.touch();
  if (!slot) slot = index_.find_slot(entry.hash(), [](const Slot& s) { return s.place() == 0; });
  if (!slot) {
    slot = oldest_slot(entry.hash());
    add(evicted_, 1);
  }
  if (slot.place() != 0) forget(index_.entry_of(slot.place()));
  index_.set(slot, entry);
  add(entries_, 1);
  add(bytes_, entry.bytes());
}

VerdictShard::Slot VerdictShard::oldest_slot(std::uint64_t hash) const noexcept {
  const auto age = [this](const Slot& slot) {
    const std::size_t head = current_ * segment_bytes_ + filled_;
    const auto* const entry = reinterpret_cast<const std::byte*>(&index_.entry_of(slot.place()));
    const auto offset = static_cast<std::size_t>(entry - ring_);
    return offset < head ? head - offset : head + segments_ * segment_bytes_ - offset;
  };
  std::size_t oldest = 0;
  index_.find_slot(hash, [&](const Slot& slot) {
    oldest = std::max(oldest, age(slot));
    return false;
  });
  return index_.find_slot(hash, [&](const Slot& slot) { return age(slot) == oldest; });
}

void VerdictShard::forget(const VerdictEntry& entry) noexcept {
  subtract(entries_, 1);
  subtract(bytes_, entry.bytes());
}

// Empties the next segment up to `until`, but at most kSteps entries of it. An entry that no slot leads to was
// replaced, erased or evicted before.
void VerdictShard::empty_next(std::size_t until) noexcept {
  if (next_is_empty_) return;
  const std::size_t number = next();
  const std::size_t used = segment(number).used;
  for (int steps = 0; steps < kSteps && emptied_ < std::min(used, until); ++steps) {
    const std::byte* const place = ring_ + number * segment_bytes_ + emptied_;
    const VerdictEntry& entry = *reinterpret_cast<const VerdictEntry*>(place);
    const Slot slot =
        index_.find_slot(entry.hash(), [here = index_.place_of(entry)](const Slot& s) { return s.place() == here; });
    if (slot) empty(entry, slot);
    emptied_ += entry.bytes();
  }
  if (emptied_ < used) return;
  next_is_empty_ = true;
  step_ = used == 0 ? 0 : domain_.advance();
}

// A second chance for what has been hit, for at most half of the current segment: the rest is for new entries.
void VerdictShard::empty(const VerdictEntry& entry, const Slot& slot) noexcept {
  const std::size_t bytes = entry.bytes();
  if (entry.touched() && kept_ + bytes <= segment_bytes_ / 2 && filled_ + bytes <= segment_bytes_) {
    kept_ += bytes;
    index_.set(slot, append(entry.token(), entry.record(), entry.hash()));
    return;
  }
  index_.clear(slot);
  forget(entry);
  add(evicted_, 1);
}

}  // namespace simdjwt
