// Answers for event loops: a queue, and a descriptor that is readable while there is something in it.
//
// Ownership: owns the queue. Thread-safety: all of it. Cost: a lock. Bounded: what was submitted and not yet taken is
// no more than kMost; room for an answer is made when the question comes, so that giving it cannot fail.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "fleet/wake.h"
#include "simdjwt/fleet.h"

namespace simdjwt::fleet {

class Deferred {
 public:
  static constexpr std::size_t kMost = 65536;

  int fd() const noexcept { return wake_.fd(); }
  // Makes room for one answer; false when there is none. Throws std::bad_alloc.
  bool reserve();
  // Of a reserved answer that will not come.
  void cancel() noexcept;
  void give(std::uint64_t cookie, simdjwt_error error) noexcept;
  std::uint32_t take(simdjwt_fleet_answer* answers, std::uint32_t capacity) noexcept;

 private:
  Wake wake_;
  std::mutex mutex_;
  std::size_t open_ = 0;   // reserved, those in the queue included
  std::size_t first_ = 0;  // of answers_ that has not been taken
  std::vector<simdjwt_fleet_answer> answers_;
};

}  // namespace simdjwt::fleet
