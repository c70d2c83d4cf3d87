// simdjwt replay fleet, which adds itself to `simdjwt replay`.
#pragma once

// CLI11 is costly to compile: only the files that add options include it.
namespace CLI {
class App;
}

namespace simdjwt::cli {

void add_replay_fleet(CLI::App& replay, int& exit_code);

}  // namespace simdjwt::cli
