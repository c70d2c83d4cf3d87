// Epoch reclamation: readers of shared immutable objects take no lock, writers free an object once no reader can hold it.
//
// A domain has a clock that only moves forward. A reader pins its slot to the clock's reading before it loads a shared
// pointer and unpins it afterwards. A writer exchanges the pointer, moves the clock on, and retires the old object with
// the new reading: it is freed when every pinned slot reads at least that.
//
// Ownership: a domain owns retired objects; a slot keeps its domain alive. Thread-safety: pin/unpin by one thread at a
// time (pin() reports a violation); everything else from any thread. Cost: pin is one atomic exchange on memory that only
// its own thread writes and two loads of the clock, unpin one store; retire takes a mutex and looks at every slot.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace simdjwt {

class EpochDomain;

class EpochSlot {
 public:
  explicit EpochSlot(std::shared_ptr<EpochDomain> domain);
  ~EpochSlot();
  EpochSlot(const EpochSlot&) = delete;
  EpochSlot& operator=(const EpochSlot&) = delete;

  // False when the slot is already pinned: two threads share it, and nothing was changed.
  [[nodiscard]] bool pin() noexcept;
  void unpin() noexcept;

  const EpochDomain* domain() const noexcept { return domain_.get(); }

 private:
  friend class EpochDomain;
  static constexpr std::uint64_t kIdle = 0;
  // A cache line of its own: pinning on one thread must not slow another.
  alignas(64) std::atomic<std::uint64_t> pinned_{kIdle};
  alignas(64) std::shared_ptr<EpochDomain> domain_;
};

class EpochDomain {
 public:
  // Makes room for one retire(). Call before the shared pointer is exchanged. Throws std::bad_alloc.
  void reserve();

  // Frees `object` (by dropping the reference) once no reader can hold it. Call after reserve() and after the shared
  // pointer to it has been exchanged; writers of one domain take turns.
  void retire(std::shared_ptr<const void> object) noexcept;

  // Frees what can be freed now.
  void collect() noexcept;

  // For memory that its owner reuses instead of freeing it: unlink it, take a step of the clock, and write to it again
  // once try_quiescent() has said yes to that step. Neither waits, allocates or throws.
  std::uint64_t advance() noexcept;

  // Whether every pinned slot reads at least `epoch`. A slot that the caller itself has pinned since before the step
  // counts like any other. Also false when another thread is at the slots: ask again later.
  [[nodiscard]] bool try_quiescent(std::uint64_t epoch) const noexcept;

  // Objects waiting for a reader.
  std::size_t retired_count() const noexcept;

 private:
  friend class EpochSlot;
  struct Retired {
    std::uint64_t epoch;
    std::shared_ptr<const void> object;
  };

  // What the slots that are pinned now read at least. Under mutex_.
  std::uint64_t oldest_pin() const noexcept;

  alignas(64) std::atomic<std::uint64_t> clock_{1};
  alignas(64) mutable std::mutex mutex_;
  std::vector<EpochSlot*> slots_;
  std::vector<Retired> retired_;
};

}  // namespace simdjwt
