// A policy document (docs/policy.md), compiled once into an immutable object.
//
// Ownership: owns all it holds; hand it around as shared_ptr<const Ruleset>. Thread-safety: immutable. Cost: find() is
// one hash look-up and no allocation; compiling is linear in the document.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "claims/claims_check.h"
#include "jose/algorithm.h"
#include "jwk/jwk_set.h"
#include "validator/fetch_policy.h"
#include "validator/replay_policy.h"

namespace simdjwt {

struct Limits {
  std::uint32_t max_token_bytes = 16384;
  std::uint32_t max_json_depth = 32;
  std::uint32_t max_json_nodes = 4096;
  std::uint32_t max_kid_bytes = 256;
  std::uint32_t max_key_candidates = 8;
  std::uint64_t verdict_cache_bytes = 0;  // 0: no verdict is remembered
};

struct IssuerRule {
  std::string issuer;
  AlgorithmSet algorithms;
  std::vector<std::string> typs;  // canonical_typ of each
  bool any_typ = false;
  ClaimRules claims;
  std::vector<std::string> scopes;
  std::string jwks_uri;                // empty when there is none
  bool discovery = false;              // the issuer's metadata say where the keys are
  std::shared_ptr<const JwkSet> keys;  // inline keys, or null
};

struct ChallengeParameters {
  std::string realm;              // empty: none
  std::string resource_metadata;  // empty: none
};

struct RulesetResult;

class Ruleset {
 public:
  static constexpr std::size_t kMaxBytes = std::size_t{16} << 20;
  static constexpr std::size_t kMaxIssuers = 10000;

  // Throws std::bad_alloc only.
  static RulesetResult compile(std::string_view policy);

  ~Ruleset();
  Ruleset(const Ruleset&) = delete;
  Ruleset& operator=(const Ruleset&) = delete;

  static constexpr std::uint32_t kNoIssuer = UINT32_MAX;

  // The index of the rule of this exact issuer, or kNoIssuer.
  std::uint32_t find(std::string_view issuer) const noexcept;

  // The same, faster when it is the rule at `guess`, which may be any number.
  std::uint32_t find(std::string_view issuer, std::uint32_t guess) const noexcept {
    const bool right = guess < issuers_.size() && issuer.data() != nullptr && issuers_[guess].issuer == issuer;
    return right ? guess : find(issuer);
  }

  std::span<const IssuerRule> issuers() const noexcept { return issuers_; }
  const Limits& limits() const noexcept { return limits_; }
  const ChallengeParameters& challenge() const noexcept { return challenge_; }
  const FetchPolicy& fetch() const noexcept { return fetch_; }
  const ReplayPolicy& replay() const noexcept { return replay_; }

  // What some rule allows: for refusing an algorithm before the claims are looked at.
  AlgorithmSet algorithms() const noexcept { return algorithms_; }

 private:
  friend class PolicyCompiler;
  struct Index;
  Ruleset();
  void build_index();

  Limits limits_;
  ChallengeParameters challenge_;
  FetchPolicy fetch_;
  ReplayPolicy replay_;
  std::vector<IssuerRule> issuers_;
  AlgorithmSet algorithms_;
  std::unique_ptr<Index> index_;
};

struct RulesetResult {
  Error error = Error::ok;
  std::uint32_t offset = UINT32_MAX;  // in the document, where one applies
  std::string path;                   // "issuers[2].leeway_s"
  std::string expected;               // "an integer from 0 to 86400"
  std::shared_ptr<const Ruleset> ruleset;
};

}  // namespace simdjwt
