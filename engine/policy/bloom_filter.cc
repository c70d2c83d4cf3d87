#include "policy/bloom_filter.h"

#include <algorithm>
#include <cmath>

#include "policy/spin.h"

namespace simdjwt {
namespace {

constexpr std::uint64_t kBusy = 1;
constexpr std::uint64_t kWrite = 2;
constexpr unsigned kBaseShift = 32;

constexpr std::uint64_t cell_of(std::uint64_t word, unsigned shift) noexcept {
  return word >> shift & 0xff;
}

// Every cell less `by`, below 256; 0 where it was less than that.
constexpr std::uint64_t less(std::uint64_t cells, std::uint64_t by) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kTops = kOnes << 7;
  const std::uint64_t bys = by * kOnes;
  const std::uint64_t difference = ((cells | kTops) - (bys & ~kTops)) ^ ((cells ^ ~bys) & kTops);
  const std::uint64_t below = ((~cells & bys) | (~(cells ^ bys) & difference)) & kTops;
  return difference & ~((below >> 7) * 0xff);
}
static_assert(less(0x00'01'02'7f'80'81'fe'ff, 0x80) == 0x00'00'00'00'00'01'7e'7f);
static_assert(less(0x00'01'02'7f'80'81'fe'ff, 0x01) == 0x00'00'01'7e'7f'80'fd'fe);

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
  for (auto& word : line.words) {
    const std::uint64_t cells = word.load(std::memory_order_relaxed);
    word.store(by < kLast ? less(cells, by) : 0, std::memory_order_release);
  }
}

// Words are stored with release and loaded with acquire: a query that reads a word of this write reads a control word
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
  for (unsigned i = 0; i < kWords; ++i) {
    const unsigned shift = shift_of(key, i);
    const std::uint64_t word = line.words[i].load(std::memory_order_relaxed);
    const std::uint64_t cell = std::max<std::uint64_t>(cell_of(word, shift), offset + 1);
    line.words[i].store((word & ~(std::uint64_t{0xff} << shift)) | cell << shift, std::memory_order_release);
  }
  const std::uint64_t writes = (control + kWrite) & 0xffff'ffff;
  line.control.store(std::uint64_t{base} << kBaseShift | writes, std::memory_order_release);
}

bool BloomFilter::maybe(const Hash128& key, Generation generation) const noexcept {
  const Line& line = line_of(key);
  const std::uint64_t control = line.control.load(std::memory_order_acquire);
  std::uint64_t least = kLast;
  for (unsigned i = 0; i < kWords; ++i) {
    least = std::min(least, cell_of(line.words[i].load(std::memory_order_acquire), shift_of(key, i)));
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
  double rate = 0;
  for (int i = 1; i <= most; ++i) {
    const double chance = std::exp(i * std::log(mean) - mean - std::lgamma(i + 1.0));
    rate += chance * std::pow(1 - std::pow(1 - 1.0 / kCells, i), kWords);
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
    for (const auto& word : line.words) {
      const std::uint64_t cells_of_word = word.load(std::memory_order_relaxed);
      for (unsigned shift = 0; shift < 64; shift += 8) {
        const std::uint64_t cell = cell_of(cells_of_word, shift);
        set += cell != 0 && base + cell > generation;
      }
    }
    cells += kWords * kCells;
  }
  const double unset = std::max(1.0 - static_cast<double>(set) / static_cast<double>(cells), 1e-9);
  return -std::log(unset) * double{kCells} * static_cast<double>(count_);
}

}  // namespace simdjwt
