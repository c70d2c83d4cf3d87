#include "unit/journal/failing_new.h"

#include <cstdlib>
#include <new>

namespace {

thread_local bool is_failing = false;
thread_local bool has_failed = false;
thread_local int left = 0;

}  // namespace

namespace simdjwt::journal::test {

void fail_allocation(int after) noexcept {
  is_failing = true;
  has_failed = false;
  left = after;
}

bool stop_failing() noexcept {
  is_failing = false;
  return has_failed;
}

}  // namespace simdjwt::journal::test

void* operator new(std::size_t size) {
  has_failed |= is_failing && left == 0;
  if (is_failing && left-- <= 0) {
    left = 0;
    throw std::bad_alloc();
  }
  if (void* const memory = std::malloc(size != 0 ? size : 1); memory != nullptr) return memory;
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
