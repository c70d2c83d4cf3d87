#include "policy/bloom_filter.h"

#include <algorithm>
#include <cmath>

#include "policy/spin.h"

namespace simdjwt {
namespace {

constexpr std::uint64_t kBusy = 1;
constexpr std::uint64_t kWrite = 2;
constexpr unsigned kBaseShift = 32;

}  // namespace

BloomFilter::BloomFilter(std::byte* memory, std::uint64_t lines) noexcept
    : lines_(reinterpret_cast<Line*>(memory)), count_(lines) {}

std::uint64_t BloomFilter::lock(Line& line) noexcept {
  Spin spin;
  for (;;) {
    std::uint64_t control = line.control.load(std::memory_order_relaxed);
    if ((control & kBusy) == 0 && line.control.compare_exchange_weak(
                                      control, control | kBusy, std::memory_order_acquire, std::memory_order_relaxed)) {
      return control;
    }
    spin.pause();
  }
}

// Clears what would lie below the new base: questions about it are answered "maybe" from now on.
void BloomFilter::move_base(Line& line, Generation by) noexcept {
  for (auto& cell : line.cells) {
    const Generation offset = cell.load(std::memory_order_relaxed);
    cell.store(static_cast<std::uint8_t>(offset > by ? offset - by : 0), std::memory_order_release);
  }
}

// Cells are stored with release and loaded with acquire: a query that reads a cell of this write reads a control word
// that is busy, or of a later write, in its second look.
void BloomFilter::put(const Hash128& key, Generation last) noexcept {
  Line& line = line_of(key);
  const std::uint64_t control = lock(line);
  auto base = static_cast<Generation>(control >> kBaseShift);
  // A base above `last` answers "maybe" for all that this key has to; a cell is set there all the same, for the count.
  Generation offset = last >= base ? last - base : 0;
  if (offset >= kLast) {
    const Generation by = offset - kAfterMove;
    move_base(line, by);
    base += by;
    offset = kAfterMove;
  }
  for (unsigned i = 0; i < kGroups; ++i) {
    auto& cell = line.cells[cell_of(key, i)];
    if (cell.load(std::memory_order_relaxed) > offset) continue;
    cell.store(static_cast<std::uint8_t>(offset + 1), std::memory_order_release);
  }
  const std::uint64_t writes = (control + kWrite) & 0xffff'ffff;
  line.control.store(std::uint64_t{base} << kBaseShift | writes, std::memory_order_release);
}

bool BloomFilter::maybe(const Hash128& key, Generation generation) const noexcept {
  const Line& line = line_of(key);
  const std::uint64_t control = line.control.load(std::memory_order_acquire);
  Generation least = kLast;
  for (unsigned i = 0; i < kGroups; ++i) {
    least = std::min<Generation>(least, line.cells[cell_of(key, i)].load(std::memory_order_acquire));
  }
  const auto base = static_cast<Generation>(control >> kBaseShift);
  if (generation < base || (control & kBusy) != 0 || line.control.load(std::memory_order_relaxed) != control) {
    return true;
  }
  return least > generation - base;
}

double BloomFilter::false_rate(double keys) const noexcept {
  const double mean = keys / static_cast<double>(count_);
  if (mean <= 0) return 0;
  const auto most = static_cast<int>(mean + 12 * std::sqrt(mean) + 32);
  double rate = 0, log_factorial = 0;  // std::lgamma writes a global variable
  for (int i = 1; i <= most; ++i) {
    log_factorial += std::log(i);
    const double chance = std::exp(i * std::log(mean) - mean - log_factorial);
    rate += chance * std::pow(1 - std::pow(1 - 1.0 / kCells, i), kGroups);
  }
  return rate;
}

// With m keys a line on average a cell is not set with the chance exp(-m / 8).
double BloomFilter::keys(Generation generation) const noexcept {
  const std::uint64_t step = (count_ + 4095) / 4096;
  std::uint64_t cells = 0, set = 0;
  for (std::uint64_t i = 0; i < count_; i += step) {
    const Line& line = lines_[i];
    const auto base = static_cast<Generation>(line.control.load(std::memory_order_acquire) >> kBaseShift);
    for (const auto& cell : line.cells) {
      const std::uint64_t offset = cell.load(std::memory_order_relaxed);
      set += offset != 0 && base + offset > generation;
    }
    cells += kGroups * kCells;
  }
  const double unset = std::max(1.0 - static_cast<double>(set) / static_cast<double>(cells), 1e-9);
  return -std::log(unset) * double{kCells} * static_cast<double>(count_);
}

}  // namespace simdjwt
