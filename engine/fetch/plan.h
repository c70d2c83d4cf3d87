// What a ruleset asks of the fetcher: the issuers whose keys are to be fetched, and how; copied, for a ruleset may go.
//
// Ownership: owns all of its texts. Thread-safety: immutable once made. Cost: copies.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fetch/issuer.h"

namespace simdjwt::fetch {

// A policy with its own texts.
class OwnedPolicy {
 public:
  // What the fetch member of a policy document means that says nothing.
  OwnedPolicy();
  explicit OwnedPolicy(const simdjwt_fetch_policy& policy);

  // Views live as long as this object.
  simdjwt_fetch_policy view() const;
  std::string_view state_dir() const { return state_dir_; }

 private:
  simdjwt_fetch_policy numbers_;
  std::string ca_file_, proxy_, state_dir_;
  bool has_ca_file_ = false, has_proxy_ = false;
};

struct Plan {
  std::vector<IssuerRule> rules;
  OwnedPolicy policy;
};

struct PlanResult {
  simdjwt_error error = SIMDJWT_OK;  // SIMDJWT_FETCH_URL, or that of the C API
  std::string path, expected;        // for a diagnostic
  Plan plan;
};

PlanResult make_plan(const simdjwt_ruleset* ruleset);

}  // namespace simdjwt::fetch
