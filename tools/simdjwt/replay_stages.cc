#include "replay_stages.h"

#include "failure.h"

namespace simdjwt::cli {

ReplayStages::ReplayStages(const simdjwt_ruleset* ruleset) {
  auto replay = sized<simdjwt_replay_policy>();
  require_ok(simdjwt_ruleset_replay(ruleset, &replay), "the policy's replay member");
  if (replay.enabled == 0) return;
  if (replay.durability != SIMDJWT_DURABILITY_NONE) {
    throw Failure("replay.durability: this program keeps no journal; explain looks at a token without using it");
  }
  if (replay.fleet_node_count != 0) {
    throw Failure("replay.fleet: this program asks no fleet; explain looks at a token without using it");
  }
}

}  // namespace simdjwt::cli
