// Validates tokens under a ruleset: the one way from bytes to a verdict.
//
// Ownership: shares rulesets and key sets, and owns the snapshots that tie them together. Thread-safety: validate() from
// any number of threads, each with its own scratch, while others swap rulesets and publish keys. Cost: the signature
// plus about a microsecond; validate() takes no lock, allocates nothing, reads no clock and throws nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "base/epoch.h"
#include "jwk/jwk_set.h"
#include "validator/check.h"
#include "validator/ruleset.h"
#include "validator/scratch.h"
#include "validator/verdict.h"

namespace simdjwt {

struct Request {
  std::string_view token;
  std::int64_t now = 0;                               // Unix seconds
  std::span<const std::string_view> required_scopes;  // beyond the rule's own
  std::string_view nonce;                             // data() null: not checked
  Trace* trace = nullptr;
};

class VerdictCache;

class Validator {
 public:
  // Throws std::bad_alloc.
  explicit Validator(std::shared_ptr<const Ruleset> ruleset);
  ~Validator();
  Validator(const Validator&) = delete;
  Validator& operator=(const Validator&) = delete;

  // Validations that have begun go on under the old ruleset. Throws std::bad_alloc, changing nothing.
  void swap_ruleset(std::shared_ptr<const Ruleset> ruleset);

  // Replaces the keys of an issuer. not_found when no rule takes keys for it, jwks_shape when no key is usable.
  Error publish(std::string_view issuer, std::shared_ptr<const JwkSet> keys);

  // A scratch of this validator, for tokens of up to `max_token_bytes`; 0: the ruleset's limit.
  std::unique_ptr<Scratch> make_scratch(std::uint32_t max_token_bytes) const;

  // scratch_in_use, scratch_too_small and invalid_argument are the caller's mistakes; the rest is about the token.
  Verdict validate(Scratch& scratch, const Request& request) const noexcept;

  // The ruleset in force.
  std::shared_ptr<const Ruleset> ruleset() const;

 private:
  struct Snapshot;

  // The verdict of an accepted token that the cache remembers and that still holds. False: validate it.
  static bool recall(const Snapshot& snapshot, Scratch& scratch, const Request& request, Verdict& verdict) noexcept;
  // Remembers the verdict of a token that has just been accepted.
  static void remember(const Snapshot& snapshot, const Scratch& scratch, const Request& request, const ValidTimes& times,
                       const Verdict& verdict) noexcept;

  std::shared_ptr<VerdictCache> make_cache(const Ruleset& ruleset) const;

  // Puts a snapshot in force and retires the one before. Under writer_.
  void install(std::shared_ptr<Snapshot> next);

  std::shared_ptr<EpochDomain> domain_;
  mutable std::mutex writer_;                  // serialises writers; readers never take it
  std::shared_ptr<const Snapshot> current_;    // guarded by writer_: owns what snapshot_ points to
  std::atomic<const Snapshot*> snapshot_;
};

}  // namespace simdjwt
