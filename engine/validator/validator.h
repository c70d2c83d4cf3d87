// Validates tokens under a ruleset: the one way from bytes to a verdict.
//
// Ownership: shares rulesets and key sets, and owns the snapshots that tie them together. Thread-safety: validate()
// from any number of threads, each with its own scratch, while others swap rulesets and publish keys. Cost: the
// signature plus about a third of a microsecond, and 0.35 ns for each byte of a jti that may be used once; validate()
// takes no lock but those of the replay store (replay_store.h: bits, held for some tens of ns), allocates nothing,
// reads no clock and throws nothing, but for what a stage does that the policy asks for.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "base/epoch.h"
#include "base/keyed_hash.h"
#include "jwk/jwks_cache.h"
#include "validator/pipeline.h"
#include "validator/ruleset.h"
#include "validator/scratch.h"
#include "validator/snapshot.h"
#include "validator/verdict.h"

namespace simdjwt {

class Validator {
 public:
  // Throws std::bad_alloc.
  explicit Validator(std::shared_ptr<const Ruleset> ruleset);
  ~Validator();
  Validator(const Validator&) = delete;
  Validator& operator=(const Validator&) = delete;

  // Validations that have begun go on under the old ruleset. Published keys of issuers that stay are kept, and so is
  // what was asked for of them. invalid_argument, changing nothing: it asks for a stage that is attached, with other
  // settings than the ruleset in force when that was attached. Throws std::bad_alloc, changing nothing.
  Error swap_ruleset(std::shared_ptr<const Ruleset> ruleset);

  // Replaces the keys of an issuer, or only their terms when it has the same keys already. not_found when no rule takes
  // keys for it, jwks_shape when no key is usable. Throws std::bad_alloc, changing nothing.
  Error publish(std::string_view issuer, std::shared_ptr<const JwkSet> keys, const KeyTerms& terms = {});

  // Takes the published keys of an issuer away, if it has any. Errors as publish().
  Error withdraw(std::string_view issuer);

  // How many times validations have asked for keys; and, of one issuer, why since the last call (Wanted, added up; of
  // several callers at once one gets it). not_found as for publish().
  std::uint64_t wanted_total() const noexcept { return wanted_total_.load(std::memory_order_acquire); }
  Error take_wanted(std::string_view issuer, std::uint32_t& reasons) noexcept;

  // Tokens that may be used once (simdjwt.h says more of each). The store is the one of the first ruleset that asked
  // for one; not_found before. Throw std::bad_alloc, changing nothing. invalid_argument, of attach(): there is such a
  // stage; of share_replay(): this validator has a stage, a key that was set, or uses of its own; of set_replay_key(),
  // for another key than it has: it has any of these, or its store is shared.
  Error attach(ReplayStageName which, std::shared_ptr<const ReplayStage> stage);
  Error share_replay(const Validator& other);
  Error set_replay_key(const KeyedHash128& key);
  bool is_replay_key_set() const;                     // by set_replay_key(): not a random one
  std::shared_ptr<ReplayStore> replay_store() const;  // or null

  // Takes a use back. Of an issuer that no rule names any longer it stays.
  void undo_use(const ReplayRecord& record) noexcept;

  // A scratch of this validator, for tokens of up to `max_token_bytes`; 0: the ruleset's limit.
  // `lanes`, 1 to Scratch::kMaxLanes: how many tokens a batch may hold.
  std::unique_ptr<Scratch> make_scratch(std::uint32_t max_token_bytes, std::uint32_t lanes = 1) const;

  // scratch_in_use, scratch_too_small and invalid_argument are the caller's mistakes; the rest is about the token.
  Verdict validate(Scratch& scratch, const Request& request) const noexcept;

  // Many at once, each in a lane of its own: verdicts[i] is what validate(requests[i]) gives. All see the same ruleset
  // and keys. invalid_argument for more requests than lanes, or another number of verdicts, and scratch_in_use; no
  // verdict is written then.
  Error validate_batch(Scratch& scratch, std::span<const Request> requests, std::span<Verdict> verdicts) const noexcept;

  // The ruleset in force.
  std::shared_ptr<const Ruleset> ruleset() const;

 private:
  std::shared_ptr<VerdictCache> make_cache(const Ruleset& ruleset) const;

  // For a ruleset, after what was there before it.
  static ReplayState make_replay(const Ruleset& ruleset, ReplayState replay);

  // Whether stages that are attached do what the policy asks of them; whether there are any. Under writer_.
  bool stages_fit(const ReplayPolicy& wanted) const noexcept;
  bool has_any_stage() const noexcept;

  void use_store(std::shared_ptr<ReplayStore> store, const ReplayStore::Config& config);

  // What a rule begins with: its own keys, or none and a demand for them.
  IssuerKeys first_keys(const IssuerRule& rule);

  // The index of an issuer whose keys are published, or kNoIssuer. Under writer_.
  std::uint32_t find_published(std::string_view issuer) const noexcept;

  // Puts a snapshot in force and retires the one before. Under writer_.
  void install(std::shared_ptr<Snapshot> next);

  std::shared_ptr<EpochDomain> domain_;
  const KeyedHash kid_hash_ = KeyedHash::random();
  std::atomic<std::uint64_t> wanted_total_{0};
  mutable std::atomic<std::uint32_t> next_stripe_{0};
  mutable std::mutex writer_;                               // serialises writers; readers never take it
  mutable bool is_replay_shared_ = false;                   // guarded by writer_
  bool is_replay_key_set_ = false;                          // likewise
  std::array<ReplayPolicy, kReplayStages> attached_under_;  // likewise; of the ruleset in force then
  std::shared_ptr<const Snapshot> current_;                 // guarded by writer_: owns what snapshot_ points to
  std::atomic<const Snapshot*> snapshot_;
};

}  // namespace simdjwt
