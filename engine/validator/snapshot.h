// A ruleset and the keys of its issuers, in force together: a validation sees one snapshot from start to end.
//
// Ownership: shares what it ties together. Thread-safety: immutable once published, but for the cache, which is
// concurrent by itself.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "jwk/jwk_set.h"
#include "validator/ruleset.h"
#include "validator/verdict_cache.h"

namespace simdjwt {

struct Snapshot {
  std::uint64_t generation = 1;  // of its validator: what is remembered under another one holds no longer
  std::shared_ptr<const Ruleset> ruleset;
  std::vector<std::shared_ptr<const JwkSet>> keys;  // by issuer; null until published
  // Generations of the parts: what a verdict was made under. A part that is carried over keeps its own.
  std::uint64_t ruleset_generation = 1;
  std::vector<std::uint64_t> keys_generation;  // by issuer
  std::shared_ptr<VerdictCache> cache;         // null: no verdict is remembered
};

}  // namespace simdjwt
