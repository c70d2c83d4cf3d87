#include "unit/validator/counted_malloc.h"

#include <openssl/crypto.h>

#include <cerrno>
#include <cstdlib>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SIMDJWT_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SIMDJWT_SANITIZED 1
#endif
#endif

#if defined(__GLIBC__) && !defined(SIMDJWT_SANITIZED)
#define SIMDJWT_COUNTS_MALLOC 1
#endif

namespace {

using simdjwt::test::Counts;

// Of this thread, while it counts.
thread_local bool counting = false;
thread_local Counts engine, openssl;

[[maybe_unused]] void count_allocation(Counts& counts) noexcept {
  counts.allocations += counting;
}
[[maybe_unused]] void count_free(Counts& counts) noexcept {
  counts.frees += counting;
}

}  // namespace

#ifdef SIMDJWT_COUNTS_MALLOC

extern "C" {

void* __libc_malloc(std::size_t size) noexcept;
void* __libc_calloc(std::size_t count, std::size_t size) noexcept;
void* __libc_realloc(void* block, std::size_t size) noexcept;
void* __libc_memalign(std::size_t alignment, std::size_t size) noexcept;
void __libc_free(void* block) noexcept;

void* malloc(std::size_t size) noexcept {
  count_allocation(engine);
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) noexcept {
  count_allocation(engine);
  return __libc_calloc(count, size);
}

void* realloc(void* block, std::size_t size) noexcept {
  count_allocation(engine);
  return __libc_realloc(block, size);
}

void* memalign(std::size_t alignment, std::size_t size) noexcept {
  count_allocation(engine);
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  count_allocation(engine);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t size) noexcept {
  count_allocation(engine);
  *block = __libc_memalign(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}

void free(void* block) noexcept {
  if (block != nullptr) count_free(engine);
  __libc_free(block);
}

}  // extern "C"

namespace {

void* openssl_malloc(std::size_t size, const char*, int) {
  count_allocation(openssl);
  return __libc_malloc(size);
}

void* openssl_realloc(void* block, std::size_t size, const char*, int) {
  count_allocation(openssl);
  return __libc_realloc(block, size);
}

void openssl_free(void* block, const char*, int) {
  if (block != nullptr) count_free(openssl);
  __libc_free(block);
}

// Before main, and so before OpenSSL's first allocation: afterwards it would refuse.
const bool openssl_is_counted = CRYPTO_set_mem_functions(&openssl_malloc, &openssl_realloc, &openssl_free) == 1;

}  // namespace

bool simdjwt::test::can_count() noexcept {
  return openssl_is_counted;
}

#else

bool simdjwt::test::can_count() noexcept {
  return false;
}

#endif

void simdjwt::test::start_counting() noexcept {
  engine = openssl = {};
  counting = true;
}

simdjwt::test::Used simdjwt::test::stop_counting() noexcept {
  counting = false;
  return {engine, openssl};
}
