// How many entries of the replay store each issuer has, for its quota: from a sample, picked by bits of the
// fingerprint, of about 16,384 entries of a full store (fewer of a small one). The standard error is about one percent
// of the store.
//
// An entry of the sample is counted until its time: a heap by that time is emptied as others come. A clock that steps
// forward and back makes counts too low, never the store forgetful: what is counted here decides about quotas alone.
//
// Ownership: owns its memory, taken in the constructor; none without a quota. Thread-safety: everything from any
// thread. Cost: over() reads one counter, which is written for entries of the sample alone; these take a lock for a
// step in the heap.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "base/huge_memory.h"
#include "base/keyed_hash128.h"
#include "policy/replay_bucket.h"

namespace simdjwt {

class ReplayAccounts {
 public:
  // What it takes of a store of this many bytes.
  static std::uint64_t bytes_for(std::uint64_t store_bytes, std::uint32_t quota_percent) noexcept;

  ReplayAccounts(std::uint64_t store_bytes, std::uint64_t capacity, std::uint32_t quota_percent);

  // The account of an issuer's id, the same each time. When there are no more, that of all the others.
  std::uint32_t account_of(std::uint32_t id) noexcept;

  // Whether the issuer may have no further entry.
  bool over(std::uint32_t account, ReplayTick now) noexcept;

  void add(const Hash128& fingerprint, std::uint32_t account, ReplayTick tick, ReplayTick now) noexcept;
  void remove(const Hash128& fingerprint, std::uint32_t account, ReplayTick tick) noexcept;

 private:
  class Hold;

  static std::uint32_t slots_for(std::uint64_t store_bytes) noexcept;
  static std::uint64_t room_for(std::uint64_t store_bytes) noexcept;

  bool sampled(const Hash128& fingerprint) const noexcept { return (fingerprint.low & mask_) == 0; }
  void forget(ReplayTick now, unsigned most) noexcept;

  bool quota_;
  std::uint64_t mask_ = 0;   // one entry of mask_ + 1 is in the sample
  std::uint32_t limit_ = 0;  // of an account, in entries of the sample
  std::uint32_t slots_ = 0;  // a power of two; the account after them is the shared one
  std::uint64_t room_ = 0;   // of the heap

  std::optional<HugeMemory> memory_;
  std::uint64_t* heap_ = nullptr;                 // tick << 32 | account, the smallest first
  std::atomic<std::uint32_t>* ids_ = nullptr;     // an open table; 0: free
  std::atomic<std::uint32_t>* counts_ = nullptr;  // by account

  alignas(64) std::atomic<bool> held_{false};
  std::uint64_t size_ = 0;  // of the heap; of the holder
  std::atomic<std::uint32_t> issuers_{0};
};

}  // namespace simdjwt
