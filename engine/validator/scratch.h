// Everything that a thread writes while it validates. One per thread; a validation pins it, and a second one at once is
// refused.
//
// A scratch is itself the lane that tokens are validated in one at a time; for batches it has more.
// Ownership: owns its lanes and OpenSSL contexts; shares the epoch domain of its validator. Thread-safety: one thread
// at a time. Cost: everything is allocated here, once.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/epoch.h"
#include "signature/verify.h"
#include "validator/header_cache.h"
#include "validator/lane.h"
#include "validator/ruleset.h"

namespace simdjwt {

class Scratch : public Lane {
 public:
  static constexpr std::uint32_t kMaxTokenBytes = 1 << 20;
  static constexpr std::uint32_t kMaxLanes = 64;

  // For tokens within `limits`, up to `lanes` (at least 1) of them at a time; pins itself in `domain`. Throws
  // std::bad_alloc.
  Scratch(const Limits& limits, std::shared_ptr<EpochDomain> domain, std::uint32_t lanes = 1);

  // Whether a token of this size can be validated here under `limits`.
  bool fits(std::size_t token_bytes, const Limits& limits) const noexcept {
    return token_bytes <= limits_.max_token_bytes && limits.max_json_nodes <= limits_.max_json_nodes;
  }
  const Limits& limits() const noexcept { return limits_; }

  // Before a call, once pinned, that uses the first `lanes` lanes: the others hold nothing of it.
  void start(std::uint32_t lanes) noexcept {
    answered_ = lanes;
    known_headers.begin();
  }
  // Of the last call: the lanes that answer for a token of it. Claims of an earlier call are nobody's.
  std::uint32_t answered() const noexcept { return answered_; }

  std::uint32_t lanes() const noexcept { return static_cast<std::uint32_t>(more_.size()) + 1; }
  Lane& lane(std::uint32_t index) noexcept { return index == 0 ? *this : *more_[index - 1]; }

  EpochSlot slot;
  VerifyContext verify;
  HeaderCache known_headers;
  std::uint32_t last_issuer = 0;  // a guess: the rule of the last token
  std::uint32_t stripe = 0;       // where the replay store counts for this thread

 private:
  Limits limits_;
  std::uint32_t answered_ = 0;
  std::vector<std::unique_ptr<Lane>> more_;
};

}  // namespace simdjwt
