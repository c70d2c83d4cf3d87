#include "base/huge_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <new>

namespace simdjwt {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

constexpr std::size_t round_up(std::size_t bytes, std::size_t unit) noexcept {
  return (bytes + unit - 1) / unit * unit;
}

std::byte* map(std::size_t bytes) {
  void* const block = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) throw std::bad_alloc();
  return static_cast<std::byte*>(block);
}

// Maps more than is wanted and gives the ends back: what stays mapped is `bytes`.
std::byte* map_aligned(std::size_t bytes) {
  if (bytes > SIZE_MAX - kHugePage) throw std::bad_alloc();
  std::byte* const block = map(bytes + kHugePage);
  const auto address = reinterpret_cast<std::uintptr_t>(block);
  const std::size_t before = round_up(address, kHugePage) - address;
  if (before != 0) munmap(block, before);
  if (before != kHugePage) munmap(block + before + bytes, kHugePage - before);
  return block + before;
}

}  // namespace

std::size_t HugeMemory::page_bytes() noexcept {
  return static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// Advice is advice: the block is as good without it.
HugeMemory::HugeMemory(std::size_t bytes)
    : size_(round_up(bytes, page_bytes())), data_(size_ < kHugePage ? map(size_) : map_aligned(size_)) {
#ifdef MADV_HUGEPAGE
  if (size_ >= kHugePage) madvise(data_, size_, MADV_HUGEPAGE);
#endif
#ifdef MADV_DONTDUMP
  madvise(data_, size_, MADV_DONTDUMP);
#endif
}

HugeMemory::~HugeMemory() {
  munmap(data_, size_);
}

}  // namespace simdjwt
