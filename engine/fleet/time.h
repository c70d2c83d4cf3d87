// The clock of the fleet: monotonic, so that a step of the wall clock moves no deadline.
//
// Thread-safety: pure. Cost: none.
#pragma once

#include <chrono>
#include <functional>

namespace simdjwt::fleet {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Millis = std::chrono::milliseconds;

// A number in [0, 1). Passed in, so that tests decide what it says.
using Random = std::function<double()>;

}  // namespace simdjwt::fleet
