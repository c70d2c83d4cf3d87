// replay_gateway: a gateway without the HTTP in front, for tokens that may be used once: it offers tokens from a file
// to a validator with a fleet, and says what came of each. It uses the C API alone.
//
// Usage: replay_gateway POLICY TOKENS       TOKENS has one token a line
//
// Commands, one a line; each is answered by one line of JSON on standard output:
//   offer FIRST COUNT THREADS LANES RATE FILE
//       offers tokens FIRST to FIRST + COUNT, LANES in a call, RATE a second (0: no limit); writes the name of each
//       verdict's error to FILE, one a line
//   health
//       of the fleet, and of its nodes
//   quit
#include <simdjwt/fleet.h>
#include <simdjwt/simdjwt.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "offers.h"

namespace simdjwt::gateway {
namespace {

void require(simdjwt_error error, const char* what, const simdjwt_diagnostic& diagnostic) {
  if (error == SIMDJWT_OK) return;
  throw std::runtime_error(std::string(what) + ": " + simdjwt_error_name(error) + " " + diagnostic.path + " " +
                           diagnostic.expected);
}

// Printable ASCII stays; the rest of a detail is of no interest here.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c >= ' ' && c <= '~' ? c : '?';
  }
  return out + '"';
}

class Gateway {
 public:
  Gateway(const std::string& policy, const std::string& tokens) {
    std::ifstream file(policy, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    const std::string document = text.str();
    simdjwt_diagnostic diagnostic = SIMDJWT_DIAGNOSTIC_INIT;
    require(simdjwt_ruleset_compile(document.data(), document.size(), &ruleset_, &diagnostic), "policy", diagnostic);
    require(simdjwt_validator_new(ruleset_, &validator_), "validator", diagnostic);
    require(simdjwt_fleet_new(validator_, ruleset_, &fleet_, &diagnostic), "fleet", diagnostic);
    std::ifstream lines(tokens, std::ios::binary);
    for (std::string line; std::getline(lines, line);) tokens_.push_back(line);
  }
  ~Gateway() {
    simdjwt_fleet_free(fleet_);
    simdjwt_validator_free(validator_);
    simdjwt_ruleset_free(ruleset_);
  }
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  std::string offer_tokens(const Offer& what, const std::string& path) const {
    const Outcome outcome = offer(validator_, tokens_, what);
    std::ofstream file(path, std::ios::binary);
    std::map<std::string, std::uint64_t> counts;
    for (const simdjwt_error error : outcome.errors) {
      const char* const name = simdjwt_error_name(error);
      ++counts[name];
      file << name << '\n';
    }
    std::string members;
    for (const auto& [name, count] : counts) {
      members += (members.empty() ? "" : ",") + quoted(name) + ":" + std::to_string(count);
    }
    return "{\"counts\":{" + members + "},\"p50_us\":" + std::to_string(outcome.times.quantile(500) / 1000) +
           ",\"p99_us\":" + std::to_string(outcome.times.quantile(990) / 1000) +
           ",\"max_us\":" + std::to_string(outcome.slowest_ns / 1000) +
           ",\"own_p99_us\":" + std::to_string(outcome.own_times.quantile(990) / 1000) +
           ",\"own_max_us\":" + std::to_string(outcome.own_slowest_ns / 1000) +
           ",\"took_ms\":" + std::to_string(outcome.took_ns / 1000000) + "}";
  }

  std::string health() const {
    simdjwt_fleet_health now = SIMDJWT_FLEET_HEALTH_INIT;
    require(simdjwt_fleet_health_of(fleet_, &now), "health", SIMDJWT_DIAGNOSTIC_INIT);
    std::string nodes;
    for (std::uint32_t i = 0; i < now.nodes; ++i) {
      simdjwt_fleet_node node = SIMDJWT_FLEET_NODE_INIT;
      if (simdjwt_fleet_node_of(fleet_, i, &node) != SIMDJWT_OK) break;
      nodes += (nodes.empty() ? "{" : ",{") + ("\"address\":" + quoted(node.address)) +
               ",\"role\":" + std::to_string(node.role) + ",\"connected\":" + std::to_string(node.connected) +
               ",\"evicting\":" + quoted(node.evicting_policy) + "}";
    }
    return "{\"state\":" + quoted(simdjwt_fleet_state_name(now.state)) +
           ",\"error\":" + quoted(simdjwt_error_name(now.last_error)) + ",\"detail\":" + quoted(now.last_detail) +
           ",\"cluster\":" + std::to_string(now.is_cluster) + ",\"connected\":" + std::to_string(now.connected) +
           ",\"confirmed\":" + std::to_string(now.confirmed) + ",\"replayed\":" + std::to_string(now.replayed) +
           ",\"unavailable\":" + std::to_string(now.unavailable) + ",\"local_only\":" + std::to_string(now.local_only) +
           ",\"round_trips\":" + std::to_string(now.round_trips) +
           ",\"breaker_opened\":" + std::to_string(now.breaker_opened) + ",\"nodes\":[" + nodes + "]}";
  }

 private:
  simdjwt_ruleset* ruleset_ = nullptr;
  simdjwt_validator* validator_ = nullptr;
  simdjwt_fleet* fleet_ = nullptr;
  std::vector<std::string> tokens_;
};

std::string obey(const Gateway& gateway, std::istringstream& words) {
  std::string command, path;
  Offer what;
  words >> command;
  if (command == "offer" && words >> what.first >> what.count >> what.threads >> what.lanes >> what.rate >> path) {
    return gateway.offer_tokens(what, path);
  }
  if (command == "health") return gateway.health();
  throw std::runtime_error("not a command: " + command);
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.size() != 2) {
    std::fputs("usage: replay_gateway POLICY TOKENS\n", stderr);
    return 2;
  }
  const Gateway gateway(arguments[0], arguments[1]);
  for (std::string line; std::getline(std::cin, line) && line != "quit";) {
    std::istringstream words(line);
    std::string answer;
    try {
      answer = obey(gateway, words);
    } catch (const std::runtime_error& error) {
      answer = "{\"failed\":" + quoted(error.what()) + "}";
    }
    std::printf("%s\n", answer.c_str());
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace simdjwt::gateway

int main(int argc, char** argv) {
  try {
    return simdjwt::gateway::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "replay_gateway: %s\n", error.what());
  }
  return 2;
}
