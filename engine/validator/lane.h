// Every byte that the validation of one token writes, and what it has found so far. A scratch has one, or as many as a
// batch may hold tokens.
//
// Ownership: owns its buffers and readers; views in it are of the token, of itself or of the scratch's known headers.
// Thread-safety: as the scratch. Cost: everything is allocated in the constructor; pages are touched as tokens need them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "claims/claims.h"
#include "jose/compact.h"
#include "jose/header.h"
#include "json/json_reader.h"
#include "validator/ruleset.h"

namespace simdjwt {

class Lane {
 public:
  // For tokens within `limits`. Throws std::bad_alloc.
  explicit Lane(const Limits& limits);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Forgets the last token.
  void begin() noexcept {
    verified = false;
    unread = false;
    kept_size_ = 0;
  }

  // Before a token of this size, which fits, is decoded.
  void use(std::size_t token_bytes) noexcept { used_ = std::max(used_, token_bytes); }

  // After a verdict that came from the cache the claims are not read until somebody asks for one. True once they are.
  bool read_claims() noexcept;

  // A copy of a short text that may not outlive the validation, cut to what room there is. Null stays null.
  std::string_view keep(std::string_view text) noexcept;

  // A segment decodes to at most 3/4 of the token; each buffer is followed by the padding that the reader needs.
  std::unique_ptr<std::uint8_t[]> header_bytes;
  std::unique_ptr<std::uint8_t[]> payload_bytes;
  std::unique_ptr<std::uint8_t[]> signature_bytes;
  JsonReader header_reader;
  JsonReader payload_reader;

  // Of the token being validated, or validated last.
  CompactJws jws;
  std::size_t header_size = 0;
  std::size_t payload_size = 0;
  JoseHeader header;
  std::string_view header_json;  // decoded
  UnverifiedClaims claims;
  bool verified = false;  // the last token's signature was verified: its claims may be read
  bool unread = false;    // ... once payload_reader has read them: the verdict came from the cache

 private:
  std::size_t used_ = 0;  // the longest token decoded so far: what there is to wipe
  std::array<char, 1024> kept_;
  std::size_t kept_size_ = 0;
};

}  // namespace simdjwt
