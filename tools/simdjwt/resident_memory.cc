#include "resident_memory.h"

#include <malloc.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>

namespace simdjwt::cli {
namespace {

// What a line with a token of 1 MiB, the longest a policy allows, takes in all.
constexpr std::size_t kResident = std::size_t{16} << 20;
constexpr std::size_t kPage = 4096;
constexpr int kKeep = 32 << 20;  // the most that glibc takes for a threshold of mmap

}  // namespace

void keep_memory_resident() noexcept {
  if (mallopt(M_MMAP_THRESHOLD, kKeep) != 1 || mallopt(M_TRIM_THRESHOLD, 2 * kKeep) != 1) return;
  void* const block = std::malloc(kResident);
  if (block == nullptr) return;
#ifdef MADV_POPULATE_WRITE
  const auto start = (reinterpret_cast<std::uintptr_t>(block) + kPage - 1) / kPage * kPage;
  (void)madvise(reinterpret_cast<void*>(start), kResident - kPage, MADV_POPULATE_WRITE);
#endif
  std::free(block);
}

}  // namespace simdjwt::cli
