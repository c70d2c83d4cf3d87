#include "replay_stages.h"

#include <chrono>
#include <thread>

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

Fleet open_fleet(simdjwt_validator* validator, const simdjwt_ruleset* ruleset) {
  simdjwt_fleet* made = nullptr;
  auto diagnostic = sized<simdjwt_diagnostic>();
  const simdjwt_error error = simdjwt_fleet_new(validator, ruleset, &made, &diagnostic);
  if (error != SIMDJWT_OK) throw document_failure("the fleet", error, diagnostic);
  Fleet fleet(made);
  auto health = sized<simdjwt_fleet_health>();
  for (int turn = 0; turn < 400; ++turn) {
    require_ok(simdjwt_fleet_health_of(fleet.get(), &health), "the fleet's health");
    if (health.state != SIMDJWT_FLEET_CONNECTING) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return fleet;
}

ReplayStages::ReplayStages(simdjwt_validator* validator, const simdjwt_ruleset* ruleset, std::int64_t now) {
  auto replay = sized<simdjwt_replay_policy>();
  require_ok(simdjwt_ruleset_replay(ruleset, &replay), "the policy's replay member");
  if (replay.enabled == 0) return;
  // The fleet comes first: a journal keeps the fleet's key.
  if (replay.fleet_node_count != 0) fleet_ = open_fleet(validator, ruleset);
  if (replay.durability != SIMDJWT_DURABILITY_NONE) journal_ = open_journal(validator, ruleset, now);
}

}  // namespace simdjwt::cli
