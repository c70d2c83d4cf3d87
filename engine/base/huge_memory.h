// One block of zeroed memory for a big table, on huge pages where the system has them: random access to it costs few
// TLB misses. Pages are taken from the system when they are first touched. Left out of core dumps.
//
// Ownership: owns the block. Thread-safety: that of plain memory. Cost: a few system calls, here and in the destructor.
#pragma once

#include <cstddef>

namespace simdjwt {

class HugeMemory {
 public:
  // Whole pages: `bytes` is rounded up. Aligned to 2 MiB when it is at least as large. Throws std::bad_alloc.
  explicit HugeMemory(std::size_t bytes);
  ~HugeMemory();
  HugeMemory(const HugeMemory&) = delete;
  HugeMemory& operator=(const HugeMemory&) = delete;

  std::byte* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }

  static std::size_t page_bytes() noexcept;

 private:
  std::size_t size_;
  std::byte* data_;
};

}  // namespace simdjwt
