// Counts what a piece of work asks of malloc: the engine's part, and what OpenSSL allocates for itself.
//
// malloc and its kin are replaced for the whole program that links counted_malloc.cc; OpenSSL is given allocators of
// its own before its first use. AddressSanitizer, ThreadSanitizer and MemorySanitizer replace malloc themselves and
// cannot be replaced in turn: under them REQUIRE_COUNTING() skips a test.
#pragma once

#include <gtest/gtest.h>

#include <string>

namespace simdjwt::test {

struct Counts {
  long allocations = 0;
  long frees = 0;
};

// Of the calling thread.
struct Used {
  Counts engine, openssl;
};

bool can_count() noexcept;

void start_counting() noexcept;
Used stop_counting() noexcept;

template <typename Work>
Used count(Work&& work) {
  start_counting();
  work();
  return stop_counting();
}

inline void expect_none(const Counts& counts, const std::string& what) {
  EXPECT_EQ(counts.allocations, 0) << what;
  EXPECT_EQ(counts.frees, 0) << what;
}

}  // namespace simdjwt::test

#define REQUIRE_COUNTING()         \
  if (!simdjwt::test::can_count()) \
  GTEST_SKIP() << "a sanitizer or another libc owns malloc here: nothing can be counted"
