// simdjwt replay fleet: asks the nodes of a policy's fleet how they are.
#include "replay_fleet.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "failure.h"
#include "file.h"
#include "json_writer.h"
#include "policy_options.h"
#include "replay_stages.h"
#include "terminal.h"
#include "text.h"

namespace simdjwt::cli {
namespace {

constexpr std::size_t kMaxPolicy = 16 << 20;

struct Options {
  std::string policy;
  bool json = false, text = false;
};

struct FleetView {
  simdjwt_fleet_health health;
  std::vector<simdjwt_fleet_node> nodes;
};

const char* role_name(const simdjwt_fleet_node& node) {
  if (node.role == SIMDJWT_FLEET_ROLE_PRIMARY) return "primary";
  return node.role == SIMDJWT_FLEET_ROLE_REPLICA ? "replica" : "unknown";
}

FleetView look(const simdjwt_fleet* fleet) {
  FleetView view{sized<simdjwt_fleet_health>(), {}};
  require_ok(simdjwt_fleet_health_of(fleet, &view.health), "the fleet's health");
  for (std::uint32_t i = 0; i < view.health.nodes; ++i) {
    auto node = sized<simdjwt_fleet_node>();
    if (simdjwt_fleet_node_of(fleet, i, &node) == SIMDJWT_OK) view.nodes.push_back(node);
  }
  return view;
}

// The fleet answers with its first node; the others get a moment more. A Cluster's seeds that it names otherwise are
// not kept connected.
FleetView look_at_all(const simdjwt_fleet* fleet) {
  for (int turn = 0;; ++turn) {
    FleetView view = look(fleet);
    bool is_whole = true;
    for (const simdjwt_fleet_node& node : view.nodes) {
      is_whole = is_whole && (node.connected != 0 || node.last_error != SIMDJWT_OK);
    }
    if (is_whole || turn == 100) return view;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

std::string as_json(const FleetView& view) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("state", simdjwt_fleet_state_name(view.health.state));
  json.member("cluster", view.health.is_cluster != 0);
  if (view.health.last_error != SIMDJWT_OK) json.member("error", simdjwt_error_name(view.health.last_error));
  if (view.health.last_detail[0] != '\0') json.member("detail", view.health.last_detail);
  json.key("nodes").begin_array();
  for (const simdjwt_fleet_node& node : view.nodes) {
    json.begin_object().member("address", node.address).member("connected", node.connected != 0);
    json.member("role", role_name(node)).member_number("latency_us", node.latency_us);
    if (node.evicting_policy[0] != '\0') json.member("evicting_policy", node.evicting_policy);
    if (node.last_error != SIMDJWT_OK) json.member("error", simdjwt_error_name(node.last_error));
    if (node.last_detail[0] != '\0') json.member("detail", node.last_detail);
    json.end_object();
  }
  json.end_array().end_object();
  return out + "\n";
}

std::string as_text(const FleetView& view, const Style& style) {
  std::vector<std::vector<std::string>> rows{{"node", "connected", "role", "latency", "error"}};
  for (const simdjwt_fleet_node& node : view.nodes) {
    rows.push_back({printable(node.address), node.connected != 0 ? "yes" : "no", role_name(node),
                    node.connected != 0 ? grouped(static_cast<std::uint64_t>(node.latency_us)) + " us" : "-",
                    node.last_error != SIMDJWT_OK ? simdjwt_error_name(node.last_error) : "-"});
  }
  const std::string state = simdjwt_fleet_state_name(view.health.state);
  std::string out = table(rows, style);
  out += (view.health.state == SIMDJWT_FLEET_UP ? style.good(state) : style.bad(state)) +
         (view.health.is_cluster != 0 ? ", a cluster" : "");
  if (view.health.last_error != SIMDJWT_OK) {
    out += std::string(": ") + simdjwt_error_name(view.health.last_error) + ": " + printable(view.health.last_detail);
  }
  out += "\n";
  for (const simdjwt_fleet_node& node : view.nodes) {
    if (node.evicting_policy[0] == '\0') continue;
    out += style.warning("evicts: ") + printable(node.address) + " has maxmemory-policy " +
           printable(node.evicting_policy) + ", which may drop used tokens; noeviction does not\n";
  }
  return out;
}

int run(const Options& options) {
  const Ruleset ruleset = compile_policy(options.policy, read_file(options.policy, kMaxPolicy));
  simdjwt_validator* made = nullptr;
  require_ok(simdjwt_validator_new(ruleset.get(), &made), "the validator");
  const Validator validator(made);
  const Fleet fleet = open_fleet(validator.get(), ruleset.get());
  const FleetView view = look_at_all(fleet.get());
  const bool is_json = options.json || (!options.text && !is_terminal(1));
  print(is_json ? as_json(view) : as_text(view, style_for(1)));
  return view.health.state == SIMDJWT_FLEET_UP ? kExitOk : kExitUnavailable;
}

}  // namespace

void add_replay_fleet(CLI::App& replay, int& exit_code) {
  auto* const command = replay.add_subcommand("fleet", "Ask the nodes of a policy's fleet how they are");
  const auto options = std::make_shared<Options>();
  command->add_option("--policy", options->policy, "The policy document")->required()->type_name("FILE");
  auto* const json = command->add_flag("--json", options->json, "JSON output (the default when not on a terminal)");
  command->add_flag("--text", options->text, "Text output (the default on a terminal)")->excludes(json);
  command->footer("Exit codes: 0 records can be checked, 2 a bad file or policy, 3 the fleet cannot be asked.");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace simdjwt::cli
