// Every byte that a validation writes. One per thread; a validation pins it, and a second one at once is refused.
//
// Ownership: owns its buffers, readers and OpenSSL contexts; shares the epoch domain of its validator. Thread-safety:
// one thread at a time. Cost: everything is allocated here, once.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include "base/epoch.h"
#include "claims/claims.h"
#include "jose/compact.h"
#include "jose/header.h"
#include "json/json_reader.h"
#include "signature/verify.h"
#include "validator/header_cache.h"
#include "validator/ruleset.h"

namespace simdjwt {

class Scratch {
 public:
  static constexpr std::uint32_t kMaxTokenBytes = 1 << 20;

  // For tokens within `limits`; pins itself in `domain`. Throws std::bad_alloc.
  Scratch(const Limits& limits, std::shared_ptr<EpochDomain> domain);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  // Whether a token of this size can be validated here under `limits`.
  bool fits(std::size_t token_bytes, const Limits& limits) const noexcept {
    return token_bytes <= limits_.max_token_bytes && limits.max_json_nodes <= limits_.max_json_nodes;
  }
  const Limits& limits() const noexcept { return limits_; }

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

  EpochSlot slot;

  // A segment decodes to at most 3/4 of the token; each buffer is followed by the padding that the reader needs.
  std::unique_ptr<std::uint8_t[]> header_bytes;
  std::unique_ptr<std::uint8_t[]> payload_bytes;
  std::unique_ptr<std::uint8_t[]> signature_bytes;
  JsonReader header_reader;
  JsonReader payload_reader;
  VerifyContext verify;
  HeaderCache known_headers;

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
  Limits limits_;
  std::size_t used_ = 0;  // the longest token decoded so far: what there is to wipe
  std::array<char, 1024> kept_;
  std::size_t kept_size_ = 0;
};

}  // namespace simdjwt
