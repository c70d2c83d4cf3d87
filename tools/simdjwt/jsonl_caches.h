// What the line protocol keeps between lines: key sets by their bytes, validators by their policy, and for as long as
// the process lives what tokens have been used.
//
// Ownership: owns both; a pointer lives until the next call of the same function. Thread-safety: one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "handles.h"
#include "recent_cache.h"

namespace simdjwt::cli {

// A key set, or why its document was refused.
struct CachedKeys {
  Jwks set;
  simdjwt_error error = SIMDJWT_OK;
  simdjwt_diagnostic diagnostic{};
  bool usable = false;       // some key of it is
  std::uint64_t serial = 0;  // never 0, never the same for two documents
};

// A validator and the scratch bound to it.
struct ValidatorSlot {
  Validator validator;
  Scratch scratch;
  std::uint64_t serial = 0;  // of the keys that are published; 0: none
};

// A policy, or why it was refused. Without keys and with keys are two validators: what has been published cannot be
// taken back, and a line without a usable key must not find those of an earlier line.
struct CachedPolicy {
  Ruleset ruleset;
  simdjwt_error error = SIMDJWT_OK;
  simdjwt_diagnostic diagnostic{};
  ValidatorSlot with_keys;
  ValidatorSlot without_keys;
};

class LineCaches {
 public:
  const CachedKeys* keys(std::string_view document);
  CachedPolicy* policy(std::string_view document);

  // The slot of `policy` in which exactly `keys` are published for `issuer`; keys may be nullptr. All validators know
  // what has been used at any of them. Throws Failure when memory runs out.
  ValidatorSlot& slot(CachedPolicy& policy, std::string_view issuer, const CachedKeys* keys);

 private:
  void share_uses(simdjwt_validator* validator);

  RecentCache<CachedKeys> keys_{64, 32U << 20U};
  RecentCache<CachedPolicy> policies_{64, 32U << 20U};
  std::uint64_t next_serial_ = 1;
  Validator uses_;  // has the store that all share, and no other task; null until a policy asks for one
};

}  // namespace simdjwt::cli
