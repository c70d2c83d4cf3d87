// The headers that a thread has met: real traffic has a handful, so most tokens need no header decoded, parsed or its key
// looked up again.
//
// An entry is found by the exact encoded bytes of a header, compared whole, and holds for one generation only: that of the
// snapshot (ruleset and key sets) it was made under. Whatever is published or swapped takes a new generation, and an entry
// of another one is never looked at, so that the key pointers in it are only followed while their set is pinned.
//
// Ownership: owns copies of the bytes; the key choice points into the snapshot of its generation. Thread-safety: none; one
// per scratch. Cost: a look-up is a compare; about 10 KiB.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "jose/header.h"
#include "jwk/jwk_set.h"
#include "validator/ruleset.h"

namespace simdjwt {

struct KeyChoice {
  Error error = Error::ok;           // key_unknown, key_alg_mismatch
  std::span<const Jwk* const> keys;  // may still hold keys of the kid that do not fit the algorithm
};

class KnownHeader {
 public:
  const JoseHeader& header() const noexcept { return header_; }
  std::string_view json() const noexcept { return json_; }  // the header, decoded

  // The keys that were chosen for it under the rule of this issuer, or nullptr.
  const KeyChoice* choice(std::uint32_t issuer) const noexcept { return issuer == issuer_ ? &choice_ : nullptr; }
  void remember_choice(std::uint32_t issuer, const KeyChoice& choice) noexcept {
    issuer_ = issuer;
    choice_ = choice;
  }

 private:
  friend class HeaderCache;
  static constexpr std::size_t kMaxEncoded = 256;

  std::uint64_t generation_ = 0;  // 0: nothing here
  std::uint64_t used_ = 0;        // the call that used it last
  std::uint32_t issuer_ = Ruleset::kNoIssuer;
  std::uint32_t encoded_size_ = 0;
  KeyChoice choice_;
  JoseHeader header_;
  std::string_view json_;
  std::array<char, kMaxEncoded> encoded_;
  std::array<char, kMaxEncoded / 4 * 3> decoded_;
};

class HeaderCache {
 public:
  // Before a call that validates one token or a batch: entries that it uses stay as they are to its end.
  void begin() noexcept { ++use_; }

  // The header that was remembered for these encoded bytes under this generation, or nullptr.
  KnownHeader* find(std::string_view encoded, std::uint64_t generation) noexcept;

  // Remembers a header that has been parsed and may be used under this generation. `header` and `json` view `decoded`;
  // one that does not (it spells something with escapes) or that is too long is not remembered, nor is one whose entry is
  // in use for another: nullptr.
  KnownHeader* remember(std::string_view encoded, ByteView decoded, const JoseHeader& header, std::string_view json,
                        std::uint64_t generation) noexcept;

 private:
  static constexpr std::size_t kEntries = 16;
  KnownHeader& entry(std::string_view encoded) noexcept;
  std::uint64_t use_ = 0;
  std::array<KnownHeader, kEntries> entries_;
};

}  // namespace simdjwt
