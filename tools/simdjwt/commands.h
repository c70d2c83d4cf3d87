// The commands: each adds itself to the program, with its options, and sets `exit_code` when it has run.
//
// A command throws Failure for anything that keeps it from deciding.
#pragma once

// CLI11 is costly to compile: only the files that add options include it.
namespace CLI {
class App;
}

namespace simdjwt::cli {

void add_verify(CLI::App& program, int& exit_code);
void add_explain(CLI::App& program, int& exit_code);
void add_inspect(CLI::App& program, int& exit_code);
void add_jwks(CLI::App& program, int& exit_code);
void add_policy(CLI::App& program, int& exit_code);
void add_keygen(CLI::App& program, int& exit_code);
void add_sign(CLI::App& program, int& exit_code);
void add_replay(CLI::App& program, int& exit_code);
void add_errors(CLI::App& program, int& exit_code);

}  // namespace simdjwt::cli
