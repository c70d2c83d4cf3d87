// Which tokens have been used: an exact, bounded, concurrent set of (issuer, binding key, jti) for tokens that may be
// used once. consume() is the one atomic check-and-insert; nothing that has not been forgotten by time is ever evicted.
//
// An entry is a secret-keyed 128-bit fingerprint and the time at which it may be forgotten: when its token can no
// longer be accepted. It stands in the one bucket its fingerprint names; what finds that bucket full stands in the
// spill, and an ageing Bloom filter, one cache line a query, says of nearly every other fingerprint that it is not
// there. A place whose time is past is free: nothing is dropped, moved or scanned (docs/decisions/0016).
//
// Time: `now` is the caller's, and may step either way. A bucket keeps the latest time of all it has forgotten; an
// unknown fingerprint that should be remembered until then or earlier is refused (store_forgot), because it may have
// been. So is one whose use may have been recorded for a shorter time, by a rule with less leeway (ReplayBeyond).
//
// Ownership: owns its memory, all of it allocated in the constructor, never more than Config::memory_bytes; besides
// that 64 bytes or so for each issuer that has been asked for. Thread-safety: everything from any thread. check(),
// consume(), undo() and load() hold the bit of one bucket for some tens of ns, and under it, where the filter says so
// or the bucket is full, those of two of the spill; a record that goes to the spill takes the bit of a line of the
// filter, and with a quota one entry in many takes the lock of the accounts. Cost: three cache lines, two of a bucket
// that lie together and one of the filter; prefetch() asks for the four of the spill too. No allocation, I/O, clock.
// Source: RFC 7519 §4.1.7, RFC 9449 §11.1.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/error.h"
#include "base/keyed_hash128.h"

namespace simdjwt {

// What one accepted use is recorded as; also what journals and fleets carry.
struct ReplayRecord {
  Hash128 fingerprint;
  std::int64_t forget_at = 0;  // Unix seconds: exp + leeway, rounded up
  std::uint32_t issuer = 0;    // ReplayIssuer::id
};

// How long beyond the exp of its token a use of an issuer's is remembered: the least that anybody has recorded one
// with. It only falls.
using ReplayBeyond = std::atomic<std::int64_t>;

// Until when a use of a token is sure to be remembered, whoever recorded it.
struct ReplaySurety {
  std::int64_t exp = 0;
  const ReplayBeyond* beyond = nullptr;  // null: for as long as the record of it says

  bool is_past(std::int64_t now) const noexcept {
    if (beyond == nullptr) return false;
    const std::int64_t more = beyond->load(std::memory_order_relaxed);  // 0 or more
    return exp <= INT64_MAX - more && now >= exp + more;
  }
};

// An issuer as the store knows it: fingerprints under a key of its own, and an account of its entries.
struct ReplayIssuer {
  KeyedHash128 hash;
  std::uint32_t id = 0;       // a hash of its name under the store's key: the same in every process with that key
  std::uint32_t account = 0;  // where its entries are counted, in this store alone
  const ReplayBeyond* beyond = nullptr;  // lives as long as the store
};

class ReplayStore {
 public:
  static constexpr std::uint64_t kMinBytes = 1 << 20;
  static constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 40;
  static constexpr std::int64_t kMaxRetention = 10'000'000'000;

  struct Config {
    std::uint64_t memory_bytes = 64 << 20;
    std::int64_t max_retention_s = 86400;      // forget_at lies no further ahead of now: what counting is made for
    std::uint32_t issuer_quota_percent = 100;  // of capacity(), that one issuer's entries may take; 100: no quota
  };

  struct Stats {
    std::uint64_t capacity = 0;  // entries that are sure to find room
    std::uint64_t entries = 0;   // that must be remembered at the `now` last told by a use; of more than 1 MiB an
                                 // estimate from a sample, whose standard error is below 1 percent of capacity
    std::uint64_t bytes = 0;     // of memory, all told
    std::uint64_t spilled = 0;   // entries written to the spill, since the beginning; the rest likewise
    std::uint64_t consumed = 0;
    std::uint64_t replayed = 0;
    std::uint64_t refused_full = 0;
    std::uint64_t refused_quota = 0;
    std::uint64_t refused_forgot = 0;
    std::uint64_t filter_queries = 0;
    std::uint64_t filter_passed = 0;    // of those: "may be in the spill"
    std::uint64_t filter_false = 0;     // of those: was not there
    double filter_false_predicted = 0;  // rate at the filter's present load
  };

  // Throws std::bad_alloc, for a size outside kMinBytes to kMaxBytes too.
  ReplayStore(const Config& config, const KeyedHash128& key);
  ~ReplayStore();
  ReplayStore(const ReplayStore&) = delete;
  ReplayStore& operator=(const ReplayStore&) = delete;

  // An issuer by its name, the same each time; with how long beyond exp the caller will record its uses for. Not for
  // the path of a token: hashes the name twice, takes a lock, allocates; throws std::bad_alloc. Issuers beyond 16,384
  // (2,048 in the smallest store) share one account, and so do all where there is no quota.
  ReplayIssuer issuer(std::string_view name, std::int64_t beyond = INT64_MAX);

  // Asks memory, for reading, for the places that the other functions may look at: seven lines.
  void prefetch(const Hash128& fingerprint) const noexcept;

  // What consume() would say, but for the quota; records nothing. `stripe`: any number that threads do not share, for
  // counting; the same below.
  Error check(const ReplayRecord& record, std::int64_t now, std::uint32_t stripe,
              const ReplaySurety& surety = {}) const noexcept;

  // ok: it was not there, and now it is. token_replayed: it was. store_full, store_quota: it was not, and there is no
  // room for it. store_forgot: it may have been. `account` of the issuer.
  Error consume(const ReplayRecord& record, std::uint32_t account, std::int64_t now, std::uint32_t stripe,
                const ReplaySurety& surety = {}) noexcept;

  // Takes back what a consume() of the same record put there, when the use was not acted on after all.
  void undo(const ReplayRecord& record, std::uint32_t account) noexcept;

  // Records from a journal: put there whatever the quota; one that is there already is passed over. One that need not
  // be remembered at `now` has been forgotten here: should the clock go back, store_forgot. store_full when one found
  // no room. *loaded: how many were put there.
  Error load(const ReplayRecord* records, std::size_t count, std::int64_t now, std::uint64_t* loaded) noexcept;

  const KeyedHash128& key() const noexcept;
  std::uint64_t capacity() const noexcept;
  bool empty() const noexcept;  // nothing has ever been recorded, or loaded
  // Reads some 10,000 cache lines, for a millisecond or more; takes no bit or lock, and writes nothing.
  Stats stats() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace simdjwt
