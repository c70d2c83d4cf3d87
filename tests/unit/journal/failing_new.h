// Memory that runs out on demand: operator new is replaced for the program that links failing_new.cc.
//
// Thread-safety: each thread fails on its own.
#pragma once

namespace simdjwt::journal::test {

// The allocation of this thread that comes after so many others throws std::bad_alloc, and so do all that follow.
void fail_allocation(int after) noexcept;

// Whether one has failed.
bool stop_failing() noexcept;

}  // namespace simdjwt::journal::test
