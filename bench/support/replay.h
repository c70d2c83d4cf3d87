// A replay store filled with the fingerprints of made-up jtis, UUIDs of 36 characters, for bench_replay.
//
// Ownership: owns all it holds. Thread-safety: as ReplayStore.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "policy/replay_store.h"

namespace simdjwt::bench {

inline constexpr std::int64_t kReplayNow = 1'760'000'000;
inline constexpr std::int64_t kReplayLife = 300;

inline std::uint64_t mix(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

// jtis that arrive together; the same number is the same jti.
class Jtis {
 public:
  static constexpr std::size_t kSize = 36;

  template <typename Number>
  void receive(std::size_t count, const Number& number) {
    text_.resize(count * kSize);
    for (std::size_t i = 0; i < count; ++i) write(number(i), text_.data() + i * kSize);
  }
  std::size_t size() const { return text_.size() / kSize; }
  std::string_view operator[](std::size_t i) const { return {text_.data() + i * kSize, kSize}; }

 private:
  static void write(std::uint64_t number, char* out) {
    const std::uint64_t halves[2] = {mix(number * 2 + 0x9e3779b97f4a7c15), mix(number * 2 + 0x9e3779b97f4a7c16)};
    for (unsigned digit = 0; digit < 32; ++digit) {
      if (digit == 8 || digit == 12 || digit == 16 || digit == 20) *out++ = '-';
      *out++ = "0123456789abcdef"[halves[digit / 16] >> digit % 16 * 4 & 15];
    }
  }

  std::vector<char> text_;
};

// A store just large enough for so many entries, and one issuer.
class SizedStore {
 public:
  explicit SizedStore(std::uint64_t entries);

  // With the jtis 0 to count - 1, as from a journal.
  void fill(std::uint64_t count);

  ReplayRecord record(std::string_view jti) const {
    return {issuer.hash("", jti), kReplayNow + kReplayLife, issuer.id};
  }
  void take_back(const Jtis& jtis);

  // How many were accepted.
  std::size_t one_by_one(const Jtis& jtis, std::uint32_t stripe = 0);
  std::size_t together(const Jtis& jtis);  // 32 at a time, each step for all of them

  std::uint64_t entries;
  ReplayStore store;
  ReplayIssuer issuer;
};

}  // namespace simdjwt::bench
