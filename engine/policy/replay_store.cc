#include "policy/replay_store.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <new>
#include <unordered_map>

#include "policy/replay_account.h"
#include "policy/replay_counts.h"
#include "policy/replay_visit.h"

namespace simdjwt {
namespace {

using Event = ReplayCounts::Event;

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

}  // namespace

struct ReplayStore::Impl {
  Impl(const Config& config, const KeyedHash128& secret)
      : key(secret),
        beside(sizeof(Impl) + ReplayAccounts::bytes_for(config.memory_bytes, config.issuer_quota_percent)),
        table(checked_bytes(config) - beside, config.max_retention_s),
        accounts(config.memory_bytes, table.capacity(), config.issuer_quota_percent) {}

  // Whether the record is new; counts it when it is not.
  Error look(const ReplayVisit& visit, ReplayTick tick, std::int64_t now, std::uint32_t stripe,
             const ReplaySurety& surety) noexcept;
  // Whether it found room.
  bool put(ReplayVisit& visit, ReplayTick tick, std::uint32_t stripe) noexcept;
  void use() noexcept;
  void see(ReplayTick now) noexcept;

  const KeyedHash128 key;
  const std::uint64_t beside;  // bytes of memory that are not the table's
  ReplayTable table;
  ReplayAccounts accounts;
  alignas(64) std::atomic<ReplayTick> latest{0};  // now, as last told: for stats() alone. Written once a second
  std::atomic<bool> used{false};
  ReplayCounts counts;
  std::mutex beyond_guard;
  std::unordered_map<std::uint32_t, ReplayBeyond> beyond;  // by issuer's id; what is in it stays where it is
};

void ReplayStore::Impl::use() noexcept {
  if (!used.load(std::memory_order_relaxed)) used.store(true, std::memory_order_release);
}

void ReplayStore::Impl::see(ReplayTick now) noexcept {
  if (latest.load(std::memory_order_relaxed) != now) latest.store(now, std::memory_order_relaxed);
}

// While the bucket is held: who has recorded this fingerprint here before had told how long for before that.
Error ReplayStore::Impl::look(const ReplayVisit& visit, ReplayTick tick, std::int64_t now, std::uint32_t stripe,
                              const ReplaySurety& surety) noexcept {
  const ReplayVisit::Seen seen = visit.look();
  if (seen.here) {
    counts.add(seen.filter_asked ? Event::kReplayedSpill : Event::kReplayed, stripe);
    return Error::token_replayed;
  }
  if (seen.filter_said_maybe) counts.add(Event::kFilterFalse, stripe);
  if (tick > seen.forgotten && !surety.is_past(now)) return Error::ok;
  counts.add(Event::kForgot, stripe);
  return Error::store_forgot;
}

bool ReplayStore::Impl::put(ReplayVisit& visit, ReplayTick tick, std::uint32_t stripe) noexcept {
  const ReplayVisit::Put put = visit.put(tick);
  if (put == ReplayVisit::Put::spill) counts.add(Event::kSpilled, stripe);
  use();
  return put != ReplayVisit::Put::nothing;
}

ReplayStore::ReplayStore(const Config& config, const KeyedHash128& key) : impl_(new Impl(config, key)) {}
ReplayStore::~ReplayStore() = default;

ReplayIssuer ReplayStore::issuer(std::string_view name, std::int64_t beyond) {
  const Hash128 hash = impl_->key("issuer", name);
  const auto id = static_cast<std::uint32_t>(hash.low);
  const std::lock_guard lock(impl_->beyond_guard);
  ReplayBeyond& least = impl_->beyond.try_emplace(id, beyond).first->second;
  if (beyond < least.load(std::memory_order_relaxed)) least.store(beyond, std::memory_order_relaxed);
  return {impl_->key.derive(name), id, impl_->accounts.account_of(id), &least};
}

void ReplayStore::prefetch(const Hash128& fingerprint) const noexcept {
  ReplayVisit::prefetch(impl_->table, fingerprint);
}

Error ReplayStore::check(const ReplayRecord& record, std::int64_t now, std::uint32_t stripe,
                         const ReplaySurety& surety) const noexcept {
  Impl& impl = *impl_;
  const ReplayTick tick = tick_of(record.forget_at), tick_now = tick_of(now);
  if (tick <= tick_now) {
    impl.counts.add(Event::kExpired, stripe);
    return Error::store_forgot;
  }
  prefetch(record.fingerprint);
  const ReplayVisit visit(impl.table, record.fingerprint, tick_now);
  const Error error = impl.look(visit, tick, now, stripe, surety);
  if (error != Error::ok) return error;
  const bool room = visit.has_room();
  impl.counts.add(room ? Event::kUnused : Event::kFull, stripe);
  return room ? Error::ok : Error::store_full;
}

Error ReplayStore::consume(const ReplayRecord& record, std::uint32_t account, std::int64_t now, std::uint32_t stripe,
                           const ReplaySurety& surety) noexcept {
  Impl& impl = *impl_;
  const ReplayTick tick = tick_of(record.forget_at), tick_now = tick_of(now);
  impl.see(tick_now);
  if (tick <= tick_now) {
    impl.counts.add(Event::kExpired, stripe);
    return Error::store_forgot;
  }
  prefetch(record.fingerprint);
  ReplayVisit visit(impl.table, record.fingerprint, tick_now);
  const Error error = impl.look(visit, tick, now, stripe, surety);
  if (error != Error::ok) return error;
  if (impl.accounts.over(account, tick_now)) {
    impl.counts.add(Event::kQuota, stripe);
    return Error::store_quota;
  }
  if (!impl.put(visit, tick, stripe)) {
    impl.counts.add(Event::kFull, stripe);
    return Error::store_full;
  }
  impl.accounts.add(record.fingerprint, account, tick, tick_now);
  impl.counts.add(Event::kConsumed, stripe);
  return Error::ok;
}

void ReplayStore::undo(const ReplayRecord& record, std::uint32_t account) noexcept {
  const ReplayTick tick = tick_of(record.forget_at);
  if (tick == 0) return;
  prefetch(record.fingerprint);
  ReplayVisit visit(impl_->table, record.fingerprint, 0);
  if (visit.erase(tick)) impl_->accounts.remove(record.fingerprint, account, tick);
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
    if (tick <= tick_now) {
      ReplayVisit(impl_->table, fingerprint, tick_now).note_forgotten(tick);
      impl_->use();
      continue;
    }
    ReplayVisit visit(impl_->table, fingerprint, tick_now);
    if (visit.extend(tick)) continue;
    if (!impl_->put(visit, tick, 0)) {
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
  stats.entries = impl_->table.entries(now);
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
  stats.filter_false_predicted = filter.false_rate(filter.keys(impl_->table.generation(now)));
  return stats;
}

}  // namespace simdjwt
