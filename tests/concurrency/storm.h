// Runs threads against each other for a bounded time. $SIMDJWT_STORM_MS sets the time of one storm (default 1500).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

namespace simdjwt::test {

inline std::chrono::milliseconds storm_time() {
  const char* const wanted = std::getenv("SIMDJWT_STORM_MS");
  return std::chrono::milliseconds(wanted != nullptr ? std::atoi(wanted) : 1500);
}

// Calls every body again and again on a thread of its own until the time is over; returns when all have stopped.
inline void storm(const std::vector<std::function<void()>>& bodies) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (const std::function<void()>& body : bodies) {
    threads.emplace_back([&body, &stop] {
      while (!stop.load(std::memory_order_relaxed)) body();
    });
  }
  std::this_thread::sleep_for(storm_time());
  stop.store(true);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace simdjwt::test
