// What a machine's memory allows: reads at random, each of which waits for the one before. A look-up in a large table
// makes at least one such.
//
// Ownership: owns the memory, in huge pages where the system has them, as the tables it stands beside. Thread-safety:
// none.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>

#include "base/huge_memory.h"

namespace simdjwt::bench {

class RandomRead {
 public:
  explicit RandomRead(std::size_t bytes) : memory_(bytes) {
    for (std::size_t at = 0; at < memory_.size(); at += 64) memory_.data()[at] = std::byte{1};
  }

  // One read; returns where the next will be.
  std::uint64_t next() noexcept {
    __extension__ using Wide = unsigned __int128;
    at_ = at_ * 6364136223846793005 + 1442695040888963407;
    const auto place = static_cast<std::size_t>((static_cast<Wide>(at_) * memory_.size()) >> 64);
    return at_ += std::to_integer<std::uint64_t>(memory_.data()[place]);
  }

  // Nanoseconds a read.
  double time(std::size_t reads) {
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < reads; ++i) next();
    const auto spent = std::chrono::steady_clock::now() - start;
    if (at_ == 0) std::puts("");  // so that the reads are made
    return std::chrono::duration<double, std::nano>(spent).count() / static_cast<double>(reads);
  }

 private:
  HugeMemory memory_;
  std::uint64_t at_ = 1;
};

}  // namespace simdjwt::bench
