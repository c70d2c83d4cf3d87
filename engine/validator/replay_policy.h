// How tokens that may be used once are remembered: the `replay` member of the policy document (docs/policy.md). The
// core keeps to the first part; the journal and the fleet are libraries of their own.
//
// Ownership: a plain value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "claims/claims_check.h"
#include "policy/replay_store.h"

namespace simdjwt {

// How much of what has been used a crash may forget. The numbers are those of SIMDJWT_DURABILITY_*.
enum class Durability : std::uint8_t { none, interval, strict };

struct ReplayFleet {
  std::vector<std::string> nodes;  // host:port; none: no fleet
  std::string key_file;
  std::uint32_t deadline_ms = 50;
  bool local_only = false;
  std::uint32_t wait_replicas = 0;
  std::string user;  // this and the next: empty when missing
  std::string password_file;
  friend bool operator==(const ReplayFleet&, const ReplayFleet&) = default;
};

struct ReplayPolicy {
  bool enabled = false;  // some rule accepts a token once
  bool once = false;     // what rules do that do not say themselves
  JtiScope unique_per = JtiScope::issuer;
  // A use is remembered so much longer than its token is accepted here: for those with another clock or another leeway.
  std::int64_t grace_s = 0;
  std::int64_t max_retention_s = 86400;  // of a token
  ReplayStore::Config store;             // whose retention is that, and the grace
  Durability durability = Durability::none;
  std::uint32_t interval_ms = 100;
  std::string directory;  // of the journal; empty without durability
  ReplayFleet fleet;

  bool wants_fleet() const noexcept { return !fleet.nodes.empty(); }
  bool wants_journal() const noexcept { return durability != Durability::none; }

  // Whether a journal, a fleet is to be the same.
  bool has_journal_of(const ReplayPolicy& other) const noexcept {
    return durability == other.durability && interval_ms == other.interval_ms && directory == other.directory;
  }
  bool has_fleet_of(const ReplayPolicy& other) const noexcept { return fleet == other.fleet; }
};

}  // namespace simdjwt
