// The journal and the fleet that a policy document names, for the commands that use tokens: the one place where they are
// attached to a validator.
//
// Ownership: whatever is attached lives in the ReplayStages, which outlives the last validation.
#pragma once

#include "handles.h"

namespace simdjwt::cli {

class ReplayStages {
 public:
  // Throws Failure when the document asks for a stage that this program does not have.
  explicit ReplayStages(const simdjwt_ruleset* ruleset);
};

}  // namespace simdjwt::cli
