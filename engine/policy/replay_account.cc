#include "policy/replay_account.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace simdjwt {
namespace {

constexpr std::uint64_t kSample = 16384;     // entries of a full store, at most
constexpr std::uint64_t kLeastRate = 8;      // so that the lock is not taken often, however small the store
constexpr std::uint64_t kBytesOfEntry = 22;  // at least, of a store
constexpr unsigned kForgotten = 8;           // at a time: more than come
constexpr unsigned kForgottenOver = 64;      // while an issuer waits for it

}  // namespace

class ReplayAccounts::Hold {
 public:
  explicit Hold(ReplayAccounts& accounts) noexcept : accounts_(accounts) {
    Spin spin;
    while (accounts.held_.exchange(true, std::memory_order_acquire)) spin.pause();
  }
  ~Hold() { accounts_.held_.store(false, std::memory_order_release); }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  ReplayAccounts& accounts_;
};

// Half of the slots are used.
std::uint32_t ReplayAccounts::slots_for(std::uint64_t store_bytes) noexcept {
  return static_cast<std::uint32_t>(std::bit_floor(std::clamp<std::uint64_t>(store_bytes / 256, 4096, 32768)));
}

// Half as much again as a full store's sample, for a store may hold more than its capacity.
std::uint64_t ReplayAccounts::room_for(std::uint64_t store_bytes) noexcept {
  return std::min(kSample, store_bytes / kBytesOfEntry / kLeastRate) * 3 / 2;
}

std::uint64_t ReplayAccounts::bytes_for(std::uint64_t store_bytes, std::uint32_t quota_percent) noexcept {
  if (quota_percent >= 100) return 0;
  const std::uint64_t slots = slots_for(store_bytes);
  const std::uint64_t bytes = room_for(store_bytes) * sizeof(std::uint64_t) + (2 * slots + 1) * sizeof(std::uint32_t);
  const std::uint64_t page = HugeMemory::page_bytes();
  return (bytes + page - 1) / page * page;
}

ReplayAccounts::ReplayAccounts(std::uint64_t store_bytes, std::uint64_t capacity, std::uint32_t quota_percent)
    : quota_(quota_percent < 100) {
  if (!quota_) return;
  const std::uint64_t rate = std::bit_ceil(std::max((capacity + kSample - 1) / kSample, kLeastRate));
  mask_ = rate - 1;
  limit_ = static_cast<std::uint32_t>(std::max<std::uint64_t>(capacity / rate * quota_percent / 100, 1));
  slots_ = slots_for(store_bytes);
  room_ = room_for(store_bytes);
  memory_.emplace(bytes_for(store_bytes, quota_percent));
  heap_ = reinterpret_cast<std::uint64_t*>(memory_->data());
  ids_ = reinterpret_cast<std::atomic<std::uint32_t>*>(heap_ + room_);
  counts_ = ids_ + slots_;
}

std::uint32_t ReplayAccounts::account_of(std::uint32_t id) noexcept {
  if (!quota_) return 0;
  id = std::max<std::uint32_t>(id, 1);
  for (std::uint32_t slot = id & (slots_ - 1);; slot = (slot + 1) & (slots_ - 1)) {
    std::uint32_t there = ids_[slot].load(std::memory_order_acquire);
    if (there == id) return slot;
    if (there != 0) continue;
    if (issuers_.fetch_add(1, std::memory_order_relaxed) >= slots_ / 2) {
      issuers_.fetch_sub(1, std::memory_order_relaxed);
      return slots_;
    }
    if (ids_[slot].compare_exchange_strong(there, id, std::memory_order_acq_rel)) return slot;
    issuers_.fetch_sub(1, std::memory_order_relaxed);
    if (there == id) return slot;
  }
}

bool ReplayAccounts::over(std::uint32_t account, ReplayTick now) noexcept {
  if (!quota_) return false;
  const std::atomic<std::uint32_t>& count = counts_[std::min(account, slots_)];
  if (count.load(std::memory_order_relaxed) < limit_) return false;
  const Hold hold(*this);
  forget(now, kForgottenOver);
  return count.load(std::memory_order_relaxed) >= limit_;
}

void ReplayAccounts::add(const Hash128& fingerprint, std::uint32_t account, ReplayTick tick, ReplayTick now) noexcept {
  if (!quota_ || !sampled(fingerprint)) return;
  const std::uint32_t counted = std::min(account, slots_);
  const Hold hold(*this);
  forget(now, kForgotten);
  if (size_ == room_) return;
  heap_[size_++] = std::uint64_t{tick} << 32 | counted;
  std::push_heap(heap_, heap_ + size_, std::greater<>());
  counts_[counted].fetch_add(1, std::memory_order_relaxed);
}

void ReplayAccounts::remove(const Hash128& fingerprint, std::uint32_t account, ReplayTick tick) noexcept {
  if (!quota_ || !sampled(fingerprint)) return;
  const std::uint64_t entry = std::uint64_t{tick} << 32 | std::min(account, slots_);
  const Hold hold(*this);
  std::uint64_t* const end = heap_ + size_;
  std::uint64_t* const found = std::find(heap_, end, entry);
  if (found == end) return;
  *found = 0;  // the smallest of all: it rises to the top
  std::push_heap(heap_, found + 1, std::greater<>());
  std::pop_heap(heap_, end, std::greater<>());
  --size_;
  counts_[std::min(account, slots_)].fetch_sub(1, std::memory_order_relaxed);
}

void ReplayAccounts::forget(ReplayTick now, unsigned most) noexcept {
  for (unsigned i = 0; i < most && size_ != 0 && heap_[0] >> 32 <= now; ++i) {
    counts_[heap_[0] & 0xffff'ffff].fetch_sub(1, std::memory_order_relaxed);
    std::pop_heap(heap_, heap_ + size_, std::greater<>());
    --size_;
  }
}

}  // namespace simdjwt
