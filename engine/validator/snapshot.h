// A ruleset and the keys of its issuers, in force together: a validation sees one snapshot from start to end.
//
// Ownership: shares what it ties together. Thread-safety: immutable once published, but for the cache, the replay
// store and the demands for keys, which are concurrent by themselves.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "jwk/jwks_cache.h"
#include "validator/replay_state.h"
#include "validator/ruleset.h"
#include "validator/verdict_cache.h"

namespace simdjwt {

struct Snapshot {
  // Of its validator: what is remembered of a header under another one holds no longer. Snapshots that differ in
  // nothing but the terms of keys have the same.
  std::uint64_t generation = 1;
  std::shared_ptr<const Ruleset> ruleset;
  std::vector<IssuerKeys> keys;  // by issuer
  // With the generations of the keys: what a verdict was made under. A part that is carried over keeps its own.
  std::uint64_t ruleset_generation = 1;
  std::shared_ptr<VerdictCache> cache;  // null: no verdict is remembered
  ReplayState replay;
};

}  // namespace simdjwt
