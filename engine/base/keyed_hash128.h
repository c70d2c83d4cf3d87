// A keyed hash of texts that attackers choose, 128 bits long (SipHash-2-4-128, Aumasson and Bernstein 2012): without
// the key nobody can make two inputs that agree in it, nor tell where one will fall.
//
// Thread-safety: immutable. Cost: about 20 ns, and about 0.35 ns a byte; no allocation.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace simdjwt {

struct Hash128 {
  std::uint64_t low = 0, high = 0;
  friend bool operator==(const Hash128&, const Hash128&) = default;
};

class KeyedHash128 {
 public:
  using Key = std::array<std::uint8_t, 16>;

  explicit KeyedHash128(const Key& key) noexcept;

  // A new secret from the system. Throws std::bad_alloc when it has none to give.
  static KeyedHash128 random();

  // Of exactly these bytes.
  Hash128 operator()(std::string_view text) const noexcept;

  // Of two texts, told apart: ("ab", "c") and ("a", "bc") differ. No two texts are hashed as one text is.
  Hash128 operator()(std::string_view first, std::string_view second) const noexcept;

  // The hash under a key that is a hash of `name` under this one, and that neither of the two above gives away.
  KeyedHash128 derive(std::string_view name) const noexcept;

  Key key() const noexcept;

 private:
  std::uint64_t key0_, key1_;
};

}  // namespace simdjwt
