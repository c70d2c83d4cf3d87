// The replay store as a machine whose steps are read from the input, against std::map. A use is known while the tick of
// its entry is after now. The store may refuse what it may have forgotten, and what it has no room for; it never
// accepts the use of a record twice, whatever the clock does, but where that was taken back or its time is past.
#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <vector>

#include "check.h"
#include "policy/replay_store.h"

namespace {

using namespace simdjwt;

class Machine {
 public:
  void run(std::string_view steps) {
    for (; steps.size() >= 4; steps.remove_prefix(4)) step(steps);
    for (const auto& [number, use] : uses_) known(number, use.tick);
    const ReplayStore::Stats stats = store_.stats();
    FUZZ_CHECK(stats.bytes <= ReplayStore::kMinBytes && stats.capacity == store_.capacity());
    FUZZ_CHECK(stats.consumed == accepted_ && stats.filter_false <= stats.filter_passed);
    FUZZ_CHECK(stats.filter_passed <= stats.filter_queries && store_.empty() != recorded_);
  }

 private:
  static constexpr std::int64_t kEnd = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::int64_t kRetention = 4000;

  // What a fingerprint was last recorded with, and the latest the clock has been since.
  struct Use {
    std::int64_t tick;
    std::int64_t latest;
  };

  // Four bytes: what to do, which fingerprint, how long from now it is to be remembered, and what else the step needs.
  void step(std::string_view bytes) {
    const auto at = [bytes](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    const std::uint64_t number = at(1);
    const std::int64_t forget_at = now_ + (at(2) - 8) * 16;
    switch (at(0) % 8) {
      case 0:
      case 1:
        return consume(number, forget_at);
      case 2:  // many, so that buckets fill and spill
        for (std::uint64_t i = 0; i < 256; ++i)
          consume(number << 8 | i, forget_at + static_cast<std::int64_t>(i % 8) * 16);
        return;
      case 3:
        return check(number, forget_at);
      case 4:
        return undo(number, at(2));
      case 5:
        return load(number, forget_at, at(3));
      case 6:
        return set_clock(now_ + (static_cast<std::int8_t>(at(2)) << (at(3) % 12)));
      default:  // to the last time of an entry, or one second before
        if (const auto use = uses_.find(number); use != uses_.end())
          set_clock(use->second.tick - at(3) % 2);
        else if (at(3) == 0xff)
          set_clock(kEnd - at(2));
        return;
    }
  }

  // All in three buckets, and half of them in one bucket of the spill, or another one, and one line of the filter: the
  // store takes any fingerprint, a hash is not needed.
  static Hash128 fingerprint(std::uint64_t number) {
    const std::uint64_t mixed = (number + 1) * 0x9e3779b97f4a7c15;
    return {number % 2 == 0 ? mixed : mixed >> 12, (number % 3 << 62) | (number & 0xffff)};
  }
  ReplayRecord record(std::uint64_t number, std::int64_t forget_at) const {
    return {fingerprint(number), forget_at, 7};
  }
  static std::int64_t tick_of(std::int64_t seconds) { return std::clamp<std::int64_t>(seconds, 0, kEnd); }

  void set_clock(std::int64_t now) {
    now_ = std::clamp<std::int64_t>(now, -1000, kEnd + 1000);
    for (auto& [number, use] : uses_) use.latest = std::max(use.latest, tick_of(now_));
    latest_ = std::max(latest_, tick_of(now_));
  }

  // What the model knows: it was recorded, and has to be remembered.
  const Use* find(std::uint64_t number) const {
    const auto use = uses_.find(number);
    return use != uses_.end() && use->second.tick > tick_of(now_) ? &use->second : nullptr;
  }

  // The store may have written over an entry only when the clock has stood at its tick; then a longer life tells
  // another token of the same fingerprint from it.
  void judge(std::uint64_t number, std::int64_t forget_at, Error error) const {
    const Use* const use = find(number);
    const std::int64_t tick = tick_of(forget_at);
    switch (error) {
      case Error::ok:
        FUZZ_CHECK(tick > tick_of(now_));
        FUZZ_CHECK(use == nullptr || (use->latest >= use->tick && tick > use->tick));
        return;
      case Error::token_replayed: {
        const auto before = before_.find(number);
        FUZZ_CHECK(use != nullptr || (before != before_.end() && before->second > tick_of(now_)));
        return;
      }
      case Error::store_forgot:
        FUZZ_CHECK(tick <= tick_of(now_) || tick <= latest_);
        FUZZ_CHECK(use == nullptr || tick <= tick_of(now_) || use->latest >= use->tick);
        return;
      case Error::store_full:  // three buckets and their spill are full long before the store is
        FUZZ_CHECK(use == nullptr || use->latest >= use->tick);
        FUZZ_CHECK(live() >= 9);
        return;
      default:
        FUZZ_CHECK(false);
    }
  }

  std::size_t live() const {
    return static_cast<std::size_t>(
        std::count_if(uses_.begin(), uses_.end(), [this](const auto& use) { return use.second.tick > tick_of(now_); }));
  }

  void consume(std::uint64_t number, std::int64_t forget_at) {
    const Error said = store_.check(record(number, forget_at), now_, 1);
    const Error error = store_.consume(record(number, forget_at), 0, now_, 0);
    FUZZ_CHECK(error == said);
    judge(number, forget_at, error);
    if (error != Error::ok) return;
    ++accepted_;
    recorded_ = true;
    set(number, tick_of(forget_at));
    FUZZ_CHECK(store_.consume(record(number, forget_at), 0, now_, 0) == Error::token_replayed);
  }

  void check(std::uint64_t number, std::int64_t forget_at) {
    judge(number, forget_at, store_.check(record(number, forget_at), now_, 1));
  }

  // What is there, or something else, which stays.
  void undo(std::uint64_t number, unsigned other) {
    const auto use = uses_.find(number);
    if (use == uses_.end()) return store_.undo(record(number, now_ + 100), 0);
    if (other % 2 == 1 && use->second.tick != kEnd) {  // beyond the end all times are one
      store_.undo(record(number, use->second.tick + other), 0);
      return known(number, use->second.tick);
    }
    store_.undo(record(number, use->second.tick), 0);
    uses_.erase(use);
  }

  void load(std::uint64_t number, std::int64_t forget_at, std::size_t count) {
    std::vector<ReplayRecord> records;
    for (std::size_t i = 0; i < count % 16; ++i) {
      records.push_back(record(number + i / 2, forget_at + static_cast<std::int64_t>(i % 4)));
    }
    std::uint64_t loaded = 0;
    const Error error = store_.load(records.data(), records.size(), now_, &loaded);
    FUZZ_CHECK(loaded <= records.size() && (error == Error::ok || error == Error::store_full));
    recorded_ = recorded_ || !records.empty();  // one that is past leaves its time behind
    if (error != Error::ok) return note_loaded(number, forget_at, count % 16);
    for (std::size_t i = 0; i < records.size(); ++i) remember(number + i / 2, tick_of(records[i].forget_at));
    for (std::size_t i = 0; i < records.size(); ++i) known(number + i / 2, tick_of(records[i].forget_at));
  }

  // Some of them have found room: those that are known now.
  void note_loaded(std::uint64_t number, std::int64_t forget_at, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::int64_t tick = tick_of(forget_at + static_cast<std::int64_t>(i % 4));
      if (store_.check(record(number + i / 2, tick), now_, 1) == Error::token_replayed) remember(number + i / 2, tick);
    }
  }

  void remember(std::uint64_t number, std::int64_t tick) {
    if (tick <= tick_of(now_)) return;
    if (const Use* const use = find(number); use != nullptr && use->latest < use->tick)
      tick = std::max(tick, use->tick);
    set(number, tick);
  }

  void set(std::uint64_t number, std::int64_t tick) {
    if (const auto use = uses_.find(number); use != uses_.end()) {
      std::int64_t& before = before_[number];
      before = std::max(before, use->second.tick);
    }
    uses_[number] = {tick, tick_of(now_)};
  }

  // What the clock has never been past is there, to the last second.
  void known(std::uint64_t number, std::int64_t forget_at) {
    const Error error = store_.check(record(number, forget_at), now_, 1);
    judge(number, forget_at, error);
    const Use* const use = find(number);
    if (use != nullptr && use->latest < use->tick && tick_of(forget_at) > tick_of(now_)) {
      FUZZ_CHECK(error == Error::token_replayed);
    }
  }

  ReplayStore store_{{ReplayStore::kMinBytes, kRetention, 100}, KeyedHash128(KeyedHash128::Key{})};
  std::map<std::uint64_t, Use> uses_;
  // The latest of earlier uses of a fingerprint, which may still stand somewhere and be known again when the clock
  // steps back and the use is taken back.
  std::map<std::uint64_t, std::int64_t> before_;
  std::int64_t now_ = 1'760'000'000;
  std::int64_t latest_ = now_;
  std::uint64_t accepted_ = 0;
  bool recorded_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Machine().run(fuzz::text(data, std::min<std::size_t>(size, 512)));
  return 0;
}
