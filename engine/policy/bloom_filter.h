// A blocked Bloom filter that forgets by itself: one cache line a query, and a key is there until the generation it was
// put in for is past. It may say "maybe" of a key that was never put in, never "no" of one that was and is not past.
//
// A line is seven groups of eight cells, and a word that guards them. A key has one cell in each group. A cell is a
// byte that says until which generation it is set, counted from the line's base: a later one overwrites an earlier one.
// When a generation does not fit a byte any more the base moves up; cells that lie below it are cleared, and the line
// says "maybe" to every question about a generation below its base. So a clock that steps back costs false positives
// only.
//
// A cell stays set until its generation ends, up to one generation longer than its key. Nothing else is stale: the base
// is whole, a generation never means another one 256 later. Keys that are put in for up to 240 generations ahead leave
// ten between the base and now, for clocks to step back.
//
// Ownership: a view of zeroed memory. Thread-safety: everything from any thread; put() holds one bit of one line, a
// query waits for nobody: it says "maybe" when the line is being written. A query that happens after put() sees its
// key. Cost: one cache line. Source: Putze, Sanders, Singler 2007 (blocked); Bloom filters of words as in Apache
// Parquet.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/keyed_hash128.h"

namespace simdjwt {

class BloomFilter {
 public:
  using Generation = std::uint32_t;

  static constexpr std::size_t kLineBytes = 64;

  // `lines` times kLineBytes at `memory`, zeroed and aligned to kLineBytes; at least one.
  BloomFilter(std::byte* memory, std::uint64_t lines) noexcept;

  void prefetch(const Hash128& key) const noexcept { __builtin_prefetch(&line_of(key)); }

  // From now on maybe(key, g) for every g up to `last`.
  void put(const Hash128& key, Generation last) noexcept;

  // Whether it may have been put in for this generation or a later one.
  bool maybe(const Hash128& key, Generation generation) const noexcept;

  // The rate of wrong "maybe" when this many keys are in: a line has a number of them that is Poisson distributed, and
  // each of a query's seven cells is set unless every key of the line has another one of its group.
  double false_rate(double keys) const noexcept;

  // How many keys have not been forgotten at this generation, from the cells that are set. Reads at most 4,096 lines.
  double keys(Generation generation) const noexcept;

 private:
  static constexpr unsigned kGroups = 7;
  static constexpr unsigned kCells = 8;     // of a group
  static constexpr Generation kLast = 255;  // offset of a cell's generation from the base, plus one; 0: never set
  // That of the newest when the base has moved. With at most 240 generations ahead of now the base lies ten behind now:
  // above it every question would be answered "maybe".
  static constexpr Generation kAfterMove = 250;

  // control: bit 0 is set while the line is written, bits 1 to 31 count the writes, the rest are the base.
  struct alignas(kLineBytes) Line {
    std::atomic<std::uint64_t> control;
    std::atomic<std::uint8_t> cells[kGroups * kCells];
  };
  static_assert(sizeof(Line) == kLineBytes);

  // The line comes from one half, the cells from bits of the other one.
  Line& line_of(const Hash128& key) const noexcept {
    __extension__ using Wide = unsigned __int128;
    return lines_[static_cast<std::size_t>((static_cast<Wide>(key.low) * count_) >> 64)];
  }
  static unsigned cell_of(const Hash128& key, unsigned group) noexcept {
    return group * kCells + static_cast<unsigned>(key.high >> 3 * group & (kCells - 1));
  }

  static std::uint64_t lock(Line& line) noexcept;
  static void move_base(Line& line, Generation by) noexcept;

  Line* lines_;
  std::uint64_t count_;
};

}  // namespace simdjwt
