#include "base/keyed_hash128.h"

#include <unistd.h>
#ifdef __APPLE__
#include <sys/random.h>
#endif

#include <bit>
#include <cstring>
#include <new>

#include "base/sip_state.h"

namespace simdjwt {
namespace {

std::uint64_t little_endian(std::uint64_t word) noexcept {
  if constexpr (std::endian::native == std::endian::big) return __builtin_bswap64(word);
  return word;
}

std::uint64_t load32(const char* bytes) noexcept {
  std::uint32_t word;
  std::memcpy(&word, bytes, sizeof word);
  return std::endian::native == std::endian::big ? __builtin_bswap32(word) : word;
}

std::uint64_t load(const char* bytes) noexcept {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return little_endian(word);
}

// Fewer than eight bytes, the first one lowest. From four on as two words that overlap.
std::uint64_t load_end(std::string_view bytes) noexcept {
  const std::size_t size = bytes.size();
  if (size >= 4) return load32(bytes.data()) | load32(bytes.data() + size - 4) << 8 * (size - 4);
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < size; ++i) word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << 8 * i;
  return word;
}

// What a hash is of. SipHash-2-4 begins with 0xee for an output of 128 bits, with 0 for one of 64; likewise with others
// here, so that no input of one kind is hashed as one of another is.
enum class Domain : std::uint64_t { text = 0xee, pair = 0x1ee, key = 0x2ee };

// SipHash-2-4 that is fed piece by piece; inlined, so that its state stays in registers.
class Sip {
 public:
  Sip(std::uint64_t key0, std::uint64_t key1, Domain domain) noexcept
      : state_(key0, key1, static_cast<std::uint64_t>(domain)) {}

  [[gnu::always_inline]] void feed(std::string_view text) noexcept {
    size_ += text.size();
    for (; text.size() >= 8; text.remove_prefix(8)) feed_word(load(text.data()));
    if (text.empty()) return;
    const std::uint64_t end = load_end(text);
    const auto bits = static_cast<unsigned>(8 * text.size());
    rest_ |= end << rest_bits_;
    rest_bits_ += bits;
    if (rest_bits_ < 64) return;
    state_.absorb(rest_);
    rest_bits_ -= 64;
    rest_ = end >> (bits - rest_bits_);  // 1 to 7 bytes of the end were used
  }

  [[gnu::always_inline]] void feed_size(std::size_t size) noexcept {
    size_ += 8;
    feed_word(size);
  }

  [[gnu::always_inline]] Hash128 finish() noexcept {
    state_.absorb(size_ << 56 | rest_);
    state_.c ^= 0xee;
    const std::uint64_t low = state_.squeeze();
    state_.b ^= 0xdd;
    return {low, state_.squeeze()};
  }

 private:
  [[gnu::always_inline]] void feed_word(std::uint64_t word) noexcept {
    state_.absorb(rest_ | word << rest_bits_);
    rest_ = rest_bits_ == 0 ? 0 : word >> (64 - rest_bits_);
  }

  SipState state_;
  std::uint64_t size_ = 0;
  std::uint64_t rest_ = 0;  // bytes that do not fill a word yet
  unsigned rest_bits_ = 0;  // 0 to 56
};

}  // namespace

KeyedHash128::KeyedHash128(const Key& key) noexcept
    : key0_(load(reinterpret_cast<const char*>(key.data()))),
      key1_(load(reinterpret_cast<const char*>(key.data()) + 8)) {}

KeyedHash128 KeyedHash128::random() {
  Key key;
  if (getentropy(key.data(), key.size()) != 0) throw std::bad_alloc();
  return KeyedHash128(key);
}

Hash128 KeyedHash128::operator()(std::string_view text) const noexcept {
  Sip sip(key0_, key1_, Domain::text);
  sip.feed(text);
  return sip.finish();
}

// The size of the first says where it ends.
Hash128 KeyedHash128::operator()(std::string_view first, std::string_view second) const noexcept {
  Sip sip(key0_, key1_, Domain::pair);
  sip.feed_size(first.size());
  sip.feed(first);
  sip.feed(second);
  return sip.finish();
}

KeyedHash128 KeyedHash128::derive(std::string_view name) const noexcept {
  Sip sip(key0_, key1_, Domain::key);
  sip.feed(name);
  const Hash128 hash = sip.finish();
  KeyedHash128 derived(*this);
  derived.key0_ = hash.low;
  derived.key1_ = hash.high;
  return derived;
}

KeyedHash128::Key KeyedHash128::key() const noexcept {
  const std::uint64_t words[2] = {little_endian(key0_), little_endian(key1_)};
  Key key;
  std::memcpy(key.data(), words, sizeof words);
  return key;
}

}  // namespace simdjwt
