// The journal and the fleet that a policy document names, for the commands that use tokens: the one place where they
// are attached to a validator.
//
// Ownership: whatever is attached lives in the ReplayStages, which outlives the last validation and goes before the
// validator. Freeing it writes what the journal still has to write.
#pragma once

#include <simdjwt/fleet.h>
#include <simdjwt/journal.h>

#include "handles.h"

namespace simdjwt::cli {

using Journal = std::unique_ptr<simdjwt_journal, FreeWith<simdjwt_journal_free>>;

using Fleet = std::unique_ptr<simdjwt_fleet, FreeWith<simdjwt_fleet_free>>;

// Connects; waits until the fleet has answered, failed to, or two seconds are over. A fleet that is down is no failure:
// it is for the tokens to say. Throws Failure for what is wrong with the document or its files.
Fleet open_fleet(simdjwt_validator* validator, const simdjwt_ruleset* ruleset);

class ReplayStages {
 public:
  // Tells on standard error, on a terminal, how far the reading of the journal has come. Throws Failure when a stage
  // that the document asks for cannot be had.
  ReplayStages(simdjwt_validator* validator, const simdjwt_ruleset* ruleset, std::int64_t now);

 private:
  Fleet fleet_;
  Journal journal_;
};

}  // namespace simdjwt::cli
