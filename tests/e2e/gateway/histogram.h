// How long things took: counts in buckets about 3 % wide, so that any number of them fits 16 KiB.
//
// Ownership: plain values. Thread-safety: none; every thread has its own, and they are added up.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace simdjwt::gateway {

class Histogram {
 public:
  void add(std::uint64_t nanoseconds) noexcept { ++counts_[bucket(nanoseconds)]; }

  void add(const Histogram& other) noexcept {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  }

  std::uint64_t total() const noexcept {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : counts_) sum += count;
    return sum;
  }

  // The upper edge of the bucket in which `permille` of the values end; 0 without values.
  std::uint64_t quantile(std::uint64_t permille) const noexcept {
    const std::uint64_t all = total();
    const std::uint64_t wanted = (all * permille + 999) / 1000;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size() && all != 0; ++i) {
      seen += counts_[i];
      if (seen >= wanted) return edge(i);
    }
    return 0;
  }

 private:
  static constexpr unsigned kFineBits = 5;  // 32 buckets to each power of two
  static constexpr std::size_t kFine = std::size_t{1} << kFineBits;

  // Values below 32 have buckets of their own; above, the leading bit and the five after it choose.
  static std::size_t bucket(std::uint64_t value) noexcept {
    if (value < kFine) return static_cast<std::size_t>(value);
    const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - kFineBits - 1;
    return (static_cast<std::size_t>(shift) + 1) * kFine + static_cast<std::size_t>(value >> shift) - kFine;
  }

  static std::uint64_t edge(std::size_t index) noexcept {
    if (index < kFine) return index;
    const std::size_t shift = index / kFine - 1;
    return ((static_cast<std::uint64_t>(index % kFine) + kFine + 1) << shift) - 1;
  }

  std::array<std::uint64_t, (64 - kFineBits + 1) * kFine> counts_{};
};

}  // namespace simdjwt::gateway
