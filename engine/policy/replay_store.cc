#include "policy/replay_store.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <new>
#include <optional>

#include "policy/replay_account.h"
#include "policy/replay_counts.h"
#include "policy/replay_table.h"

namespace simdjwt {
namespace {

using Event = ReplayCounts::Event;

constexpr std::uint64_t kGenerations = 240;  // of the filter, in the time that entries are kept

// Times before 1970 and after 2106 are those: an entry is not remembered beyond 2106, and a store refuses from then on.
ReplayTick tick_of(std::int64_t seconds) noexcept {
  return static_cast<ReplayTick>(std::clamp<std::int64_t>(seconds, 0, std::numeric_limits<ReplayTick>::max()));
}

std::uint64_t checked_bytes(const ReplayStore::Config& config) {
  if (config.memory_bytes < ReplayStore::kMinBytes || config.memory_bytes > ReplayStore::kMaxBytes) {
    throw std::bad_alloc();
  }
  return config.memory_bytes;
}

// The number of a tick's generation.
class GenerationOf {
 public:
  explicit GenerationOf(std::int64_t max_retention_s) noexcept {
    const auto retention = static_cast<std::uint64_t>(std::max<std::int64_t>(max_retention_s, 1));
    const std::uint64_t seconds =
        std::clamp<std::uint64_t>((retention + kGenerations - 1) / kGenerations, 2, UINT32_MAX);
    inverse_ = UINT64_MAX / seconds + 1;
  }

  // tick / seconds: the inverse is too large by less than seconds / 2^64 of it, and a tick is below 2^32.
  BloomFilter::Generation operator()(ReplayTick tick) const noexcept {
    __extension__ using Wide = unsigned __int128;
    return static_cast<BloomFilter::Generation>((static_cast<Wide>(inverse_) * tick) >> 64);
  }

 private:
  std::uint64_t inverse_;
};

// Both buckets of the spill, in the order of their addresses: nobody who holds the second waits for the first.
class HoldSpill {
 public:
  HoldSpill(ReplayBucket& first, ReplayBucket& second) noexcept : first_(first) {
    if (&second != &first) second_.emplace(second);
  }

 private:
  ReplayBucket::Hold first_;
  std::optional<ReplayBucket::Hold> second_;
};

}  // namespace

// Everything about a fingerprint is done by the thread that holds its home bucket, whatever bucket its entry stands in:
// a record is put into the spill and the filter, and looked for there, by such a thread alone. So a look-up that comes
// after a put sees it in the home bucket, or sees it in the filter. Buckets of the spill are held for reading and
// writing their places, which fingerprints of other homes share.
struct ReplayStore::Impl {
  Impl(const Config& config, const KeyedHash128& secret)
      : key(secret),
        generation(config.max_retention_s),
        beside(sizeof(Impl) + ReplayAccounts::bytes_for(config.memory_bytes, config.issuer_quota_percent)),
        table(checked_bytes(config) - beside),
        accounts(config.memory_bytes, table.capacity(), config.issuer_quota_percent) {}

  // Where a fingerprint was found in the spill, or what is known of it there.
  struct InSpill {
    bool found = false;
    ReplayTick forgotten = 0;  // of both buckets
  };

  InSpill look_in_spill(const Hash128& fingerprint, ReplayTick now) const noexcept;
  Error look(const ReplayBucket& home, const Hash128& fingerprint, ReplayTick tick, ReplayTick now,
             std::uint32_t stripe) noexcept;
  bool has_room(const ReplayBucket& home, const Hash128& fingerprint, ReplayTick now) const noexcept;
  bool put(ReplayBucket& home, const Hash128& fingerprint, ReplayTick tick, ReplayTick now,
           std::uint32_t stripe) noexcept;
  bool spill(const Hash128& fingerprint, ReplayTick tick, ReplayTick now, std::uint32_t stripe) noexcept;
  bool extend(ReplayBucket& home, const Hash128& fingerprint, ReplayTick tick, ReplayTick now) noexcept;
  bool erase(ReplayBucket& home, const Hash128& fingerprint, ReplayTick tick) noexcept;
  void see(ReplayTick now) noexcept;
  std::uint64_t entries(ReplayTick now) const noexcept;

  const KeyedHash128 key;
  const GenerationOf generation;
  const std::uint64_t beside;  // bytes of memory that are not the table's
  ReplayTable table;
  ReplayAccounts accounts;
  alignas(64) std::atomic<ReplayTick> latest{0};  // now, as last told: for stats() alone. Written once a second
  std::atomic<bool> used{false};
  ReplayCounts counts;
};

void ReplayStore::Impl::see(ReplayTick now) noexcept {
  if (latest.load(std::memory_order_relaxed) != now) latest.store(now, std::memory_order_relaxed);
}

ReplayStore::Impl::InSpill ReplayStore::Impl::look_in_spill(const Hash128& fingerprint, ReplayTick now) const noexcept {
  const auto [first, second] = table.spill_of(fingerprint);
  const HoldSpill hold(*first, *second);
  InSpill seen;
  for (const ReplayBucket* bucket : {first, second}) {
    const unsigned place = bucket->find(fingerprint);
    seen.found |= place != ReplayBucket::kNone && bucket->tick(place) > now;
    seen.forgotten = std::max(seen.forgotten, bucket->forgotten());
  }
  return seen;
}

// ok: it is not there, and was not. A fingerprint that the spill has forgotten, and that would have to be remembered
// still, is in the filter still: when that says no, the spill's forgotten times do not matter.
Error ReplayStore::Impl::look(const ReplayBucket& home, const Hash128& fingerprint, ReplayTick tick, ReplayTick now,
                              std::uint32_t stripe) noexcept {
  const unsigned place = home.find(fingerprint);
  if (place != ReplayBucket::kNone && home.tick(place) > now) {
    counts.add(Event::kReplayed, stripe);
    return Error::token_replayed;
  }
  ReplayTick forgotten = home.forgotten();
  if (table.filter().maybe(fingerprint, generation(now))) {
    const InSpill seen = look_in_spill(fingerprint, now);
    if (seen.found) {
      counts.add(Event::kReplayedSpill, stripe);
      return Error::token_replayed;
    }
    counts.add(Event::kFilterFalse, stripe);
    forgotten = std::max(forgotten, seen.forgotten);
  }
  if (tick > forgotten) return Error::ok;
  counts.add(Event::kForgot, stripe);
  return Error::store_forgot;
}

bool ReplayStore::Impl::has_room(const ReplayBucket& home, const Hash128& fingerprint, ReplayTick now) const noexcept {
  if (home.tick(home.oldest()) <= now) return true;
  const auto [first, second] = table.spill_of(fingerprint);
  const HoldSpill hold(*first, *second);
  return first->tick(first->oldest()) <= now || second->tick(second->oldest()) <= now;
}

// Over a forgotten entry of its own, or where the oldest is.
bool ReplayStore::Impl::put(ReplayBucket& home, const Hash128& fingerprint, ReplayTick tick, ReplayTick now,
                            std::uint32_t stripe) noexcept {
  unsigned place = home.find(fingerprint);
  if (place == ReplayBucket::kNone) place = home.oldest();
  if (home.tick(place) <= now) {
    home.write(place, fingerprint, tick);
  } else if (!spill(fingerprint, tick, now, stripe)) {
    return false;
  }
  if (!used.load(std::memory_order_relaxed)) used.store(true, std::memory_order_release);
  return true;
}

bool ReplayStore::Impl::spill(const Hash128& fingerprint, ReplayTick tick, ReplayTick now,
                              std::uint32_t stripe) noexcept {
  const auto [first, second] = table.spill_of(fingerprint);
  {
    const HoldSpill hold(*first, *second);
    ReplayBucket& emptier = second->entries(now) < first->entries(now) ? *second : *first;
    const unsigned place = emptier.oldest();
    if (emptier.tick(place) > now) return false;
    emptier.write(place, fingerprint, tick);
  }
  table.filter().put(fingerprint, generation(tick));
  counts.add(Event::kSpilled, stripe);
  return true;
}

// Whether it is there: then until the later of the two times.
bool ReplayStore::Impl::extend(ReplayBucket& home, const Hash128& fingerprint, ReplayTick tick,
                               ReplayTick now) noexcept {
  const auto extend_in = [&](ReplayBucket& bucket) {
    const unsigned place = bucket.find(fingerprint);
    if (place == ReplayBucket::kNone || bucket.tick(place) <= now) return false;
    bucket.set_tick(place, std::max(bucket.tick(place), tick));
    return true;
  };
  if (extend_in(home)) return true;
  if (!table.filter().maybe(fingerprint, generation(now))) return false;
  const auto [first, second] = table.spill_of(fingerprint);
  const HoldSpill hold(*first, *second);
  if (!extend_in(*first) && !extend_in(*second)) return false;
  table.filter().put(fingerprint, generation(tick));
  return true;
}

bool ReplayStore::Impl::erase(ReplayBucket& home, const Hash128& fingerprint, ReplayTick tick) noexcept {
  const auto erase_in = [&](ReplayBucket& bucket) {
    const unsigned place = bucket.find(fingerprint);
    if (place == ReplayBucket::kNone || bucket.tick(place) != tick) return false;
    bucket.erase(place);
    return true;
  };
  if (erase_in(home)) return true;
  const auto [first, second] = table.spill_of(fingerprint);
  const HoldSpill hold(*first, *second);
  return erase_in(*first) || erase_in(*second);
}

// Of all buckets, or of 16,384 of them: a fingerprint may be in any.
std::uint64_t ReplayStore::Impl::entries(ReplayTick now) const noexcept {
  constexpr std::uint64_t kSample = 16384;
  const auto count = [&](std::uint64_t from, std::uint64_t buckets) {
    const std::uint64_t step = (buckets + kSample - 1) / kSample;
    std::uint64_t found = 0, looked = 0;
    for (std::uint64_t i = 0; i < buckets; i += step, ++looked) {
      ReplayBucket& bucket = table.bucket(from + i);
      const ReplayBucket::Hold hold(bucket);
      found += bucket.entries(now);
    }
    return step == 1 ? found
                     : static_cast<std::uint64_t>(static_cast<double>(found) * static_cast<double>(buckets) /
                                                  static_cast<double>(looked));
  };
  const std::uint64_t homes = table.buckets() - table.spill_buckets();
  return count(0, homes) + count(homes, table.spill_buckets());
}

ReplayStore::ReplayStore(const Config& config, const KeyedHash128& key) : impl_(new Impl(config, key)) {}
ReplayStore::~ReplayStore() = default;

ReplayIssuer ReplayStore::issuer(std::string_view name) {
  const Hash128 hash = impl_->key("issuer", name);
  const auto id = static_cast<std::uint32_t>(hash.low);
  return {impl_->key.derive(name), id, impl_->accounts.account_of(id)};
}

void ReplayStore::prefetch(const Hash128& fingerprint) const noexcept {
  impl_->table.home_of(fingerprint).prefetch();
  impl_->table.filter().prefetch(fingerprint);
}

Error ReplayStore::check(const ReplayRecord& record, std::int64_t now, std::uint32_t stripe) const noexcept {
  Impl& impl = *impl_;
  const ReplayTick tick = tick_of(record.forget_at), tick_now = tick_of(now);
  if (tick <= tick_now) {
    impl.counts.add(Event::kExpired, stripe);
    return Error::store_forgot;
  }
  prefetch(record.fingerprint);
  ReplayBucket& home = impl.table.home_of(record.fingerprint);
  const ReplayBucket::Hold hold(home);
  const Error error = impl.look(home, record.fingerprint, tick, tick_now, stripe);
  if (error != Error::ok) return error;
  const bool room = impl.has_room(home, record.fingerprint, tick_now);
  impl.counts.add(room ? Event::kUnused : Event::kFull, stripe);
  return room ? Error::ok : Error::store_full;
}

Error ReplayStore::consume(const ReplayRecord& record, std::uint32_t account, std::int64_t now,
                           std::uint32_t stripe) noexcept {
  Impl& impl = *impl_;
  const ReplayTick tick = tick_of(record.forget_at), tick_now = tick_of(now);
  impl.see(tick_now);
  if (tick <= tick_now) {
    impl.counts.add(Event::kExpired, stripe);
    return Error::store_forgot;
  }
  prefetch(record.fingerprint);  // what is held comes first, and waits for memory; the rest shall not wait after it
  ReplayBucket& home = impl.table.home_of(record.fingerprint);
  const ReplayBucket::Hold hold(home);
  const Error error = impl.look(home, record.fingerprint, tick, tick_now, stripe);
  if (error != Error::ok) return error;
  if (impl.accounts.over(account, tick_now)) {
    impl.counts.add(Event::kQuota, stripe);
    return Error::store_quota;
  }
  if (!impl.put(home, record.fingerprint, tick, tick_now, stripe)) {
    impl.counts.add(Event::kFull, stripe);
    return Error::store_full;
  }
  impl.accounts.add(record.fingerprint, account, tick, tick_now);
  impl.counts.add(Event::kConsumed, stripe);
  return Error::ok;
}

void ReplayStore::undo(const ReplayRecord& record, std::uint32_t account) noexcept {
  const ReplayTick tick = tick_of(record.forget_at);
  ReplayBucket& home = impl_->table.home_of(record.fingerprint);
  const ReplayBucket::Hold hold(home);
  if (tick != 0 && impl_->erase(home, record.fingerprint, tick))
    impl_->accounts.remove(record.fingerprint, account, tick);
}

Error ReplayStore::load(const ReplayRecord* records, std::size_t count, std::int64_t now,
                        std::uint64_t* loaded) noexcept {
  constexpr std::size_t kAhead = 16;
  Error error = Error::ok;
  const ReplayTick tick_now = tick_of(now);
  impl_->see(tick_now);
  *loaded = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (i + kAhead < count) prefetch(records[i + kAhead].fingerprint);
    const Hash128& fingerprint = records[i].fingerprint;
    const ReplayTick tick = tick_of(records[i].forget_at);
    ReplayBucket& home = impl_->table.home_of(fingerprint);
    const ReplayBucket::Hold hold(home);
    if (tick <= tick_now) {
      home.note_forgotten(tick);
      continue;
    }
    if (impl_->extend(home, fingerprint, tick, tick_now)) continue;
    if (!impl_->put(home, fingerprint, tick, tick_now, 0)) {
      error = Error::store_full;
      continue;
    }
    impl_->accounts.add(fingerprint, impl_->accounts.account_of(records[i].issuer), tick, tick_now);
    ++*loaded;
  }
  return error;
}

const KeyedHash128& ReplayStore::key() const noexcept {
  return impl_->key;
}
std::uint64_t ReplayStore::capacity() const noexcept {
  return impl_->table.capacity();
}
bool ReplayStore::empty() const noexcept {
  return !impl_->used.load(std::memory_order_acquire);
}

ReplayStore::Stats ReplayStore::stats() const noexcept {
  const ReplayCounts& counts = impl_->counts;
  const ReplayTick now = impl_->latest.load(std::memory_order_relaxed);
  Stats stats;
  stats.capacity = capacity();
  stats.entries = impl_->entries(now);
  stats.bytes = impl_->beside + impl_->table.bytes();
  stats.spilled = counts.sum(Event::kSpilled);
  stats.consumed = counts.sum(Event::kConsumed);
  const std::uint64_t spill_replayed = counts.sum(Event::kReplayedSpill);
  stats.replayed = counts.sum(Event::kReplayed) + spill_replayed;
  stats.refused_full = counts.sum(Event::kFull);
  stats.refused_quota = counts.sum(Event::kQuota);
  const std::uint64_t forgot = counts.sum(Event::kForgot);
  stats.refused_forgot = forgot + counts.sum(Event::kExpired);
  stats.filter_false = counts.sum(Event::kFilterFalse);
  stats.filter_passed = spill_replayed + stats.filter_false;
  stats.filter_queries =
      stats.consumed + spill_replayed + counts.sum(Event::kUnused) + stats.refused_full + stats.refused_quota + forgot;
  const BloomFilter& filter = impl_->table.filter();
  stats.filter_false_predicted = filter.false_rate(filter.keys(impl_->generation(now)));
  return stats;
}

}  // namespace simdjwt
