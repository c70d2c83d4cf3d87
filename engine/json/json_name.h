// Member names as numbers: a hash for telling names apart, and comparison of short names without a loop.
//
// Thread-safety: stateless. Cost: a few instructions; names are read in words, also behind their end.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace simdjwt {

// Eight bytes at `at`, the first in the lowest bits. A name lies in a document, or in what was unescaped of it, which
// JsonReader::kPadding readable bytes follow.
inline std::uint64_t load_name(const char* at) noexcept {
  std::uint64_t bytes;
  std::memcpy(&bytes, at, sizeof(bytes));
  if constexpr (std::endian::native == std::endian::big) bytes = __builtin_bswap64(bytes);
  return bytes;
}

// The same in a constant, of a text that ends where it ends.
constexpr std::uint64_t load_name(std::string_view text, std::size_t from) noexcept {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < 8 && from + i < text.size(); ++i) {
    bytes |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[from + i])) << (8 * i);
  }
  return bytes;
}

// Of the first and the last eight bytes of a name; what a shorter name does not have, `first` must not have either.
constexpr std::uint8_t hash_name(std::uint64_t first, std::uint64_t last, std::size_t size) noexcept {
  return static_cast<std::uint8_t>(((first ^ (last << 1)) + size) * 0x9e3779b97f4a7c15 >> 56);
}

inline std::uint8_t hash_name(std::string_view name) noexcept {
  const std::size_t size = name.size();
  const std::uint64_t first = load_name(name.data());
  if (size >= 8) return hash_name(first, load_name(name.data() + size - 8), size);
  return hash_name(size == 0 ? 0 : first << (64 - 8 * size), 0, size);
}

constexpr std::uint8_t hash_known_name(std::string_view name) noexcept {
  const std::size_t size = name.size();
  if (size >= 8) return hash_name(load_name(name, 0), load_name(name, size - 8), size);
  return hash_name(size == 0 ? 0 : load_name(name, 0) << (64 - 8 * size), 0, size);
}

// A name of up to 16 bytes that is looked for again and again.
class KnownName {
 public:
  constexpr KnownName() = default;
  explicit constexpr KnownName(std::string_view name) noexcept
      : first_(load_name(name, 0)),
        second_(load_name(name, 8)),
        first_mask_(mask(name.size())),
        second_mask_(name.size() > 8 ? mask(name.size() - 8) : 0),
        size_(name.size()) {}

  // `name` as a reader gave it: sixteen bytes can be read.
  bool is(std::string_view name) const noexcept {
    const std::uint64_t first = (load_name(name.data()) ^ first_) & first_mask_;
    const std::uint64_t second = (load_name(name.data() + 8) ^ second_) & second_mask_;
    return name.size() == size_ && (first | second) == 0;
  }

 private:
  static constexpr std::uint64_t mask(std::size_t bytes) noexcept {
    return bytes >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * bytes)) - 1;
  }
  std::uint64_t first_ = 0, second_ = 0, first_mask_ = 0, second_mask_ = 0;
  std::size_t size_ = 0;
};

}  // namespace simdjwt
