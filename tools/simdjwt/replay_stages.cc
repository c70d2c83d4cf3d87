#include "replay_stages.h"

#include "failure.h"
#include "journal_progress.h"

namespace simdjwt::cli {
namespace {

Journal open_journal(simdjwt_validator* validator, const simdjwt_ruleset* ruleset, std::int64_t now) {
  simdjwt_journal* journal = nullptr;
  auto diagnostic = sized<simdjwt_diagnostic>();
  JournalProgress progress;
  const simdjwt_error error = simdjwt_journal_open(validator, ruleset, now, progress.hook(), &journal, &diagnostic);
  if (error == SIMDJWT_OK) return Journal(journal);
  throw Failure(document_failure("the journal", error, diagnostic).what(),
                error == SIMDJWT_JOURNAL_IN_USE || error == SIMDJWT_STORE_FULL ? kExitUnavailable : kExitUsage);
}

}  // namespace

ReplayStages::ReplayStages(simdjwt_validator* validator, const simdjwt_ruleset* ruleset, std::int64_t now) {
  auto replay = sized<simdjwt_replay_policy>();
  require_ok(simdjwt_ruleset_replay(ruleset, &replay), "the policy's replay member");
  if (replay.enabled == 0) return;
  // The fleet comes first: a journal keeps the fleet's key.
  if (replay.fleet_node_count != 0) {
    throw Failure("replay.fleet: this program asks no fleet; explain looks at a token without using it");
  }
  if (replay.durability != SIMDJWT_DURABILITY_NONE) journal_ = open_journal(validator, ruleset, now);
}

}  // namespace simdjwt::cli
