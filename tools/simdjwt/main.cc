// simdjwt: the command line.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <new>
#include <string>

#include "commands.h"
#include "failure.h"
#include "help_formatter.h"
#include "terminal.h"

namespace simdjwt::cli {
namespace {

constexpr const char* kFooter =
    "Exit codes: 0 valid or done, 1 rejected, 2 a bad option, file, policy or key, 3 keys unavailable.\n"
    "\n"
    "Examples:\n"
    "  simdjwt keygen --alg ES256 --out private.jwk --public public.jwk\n"
    "  simdjwt sign --key private.jwk --iss https://as.example --aud https://api.example --typ at+jwt \\\n"
    "      --sub alice --client-id app --jti RANDOM --iat-now --exp-in 300 > token\n"
    "  simdjwt verify --jwk public.jwk --issuer https://as.example --audience https://api.example \\\n"
    "      --profile access-token < token\n"
    "  simdjwt explain --policy policy.json --jwks jwks.json < token\n"
    "  simdjwt verify --issuer https://as.example --audience https://api.example --profile access-token < token\n"
    "\n"
    "simdjwt COMMAND --help has the options of a command; man simdjwt has the whole story.";

int run(int argc, char** argv) {
  CLI::App program{"Strict validation of JSON Web Tokens (RFC 7519, RFC 8725, RFC 9068).", "simdjwt"};
  int exit_code = kExitOk;
  program.set_version_flag("--version", std::string("simdjwt ") + simdjwt_version());
  program.require_subcommand(1);
  program.footer(kFooter);
  const auto formatter = std::make_shared<HelpFormatter>();
  formatter->column_width(30);
  program.formatter(formatter);
  add_verify(program, exit_code);
  add_explain(program, exit_code);
  add_inspect(program, exit_code);
  add_jwks(program, exit_code);
  add_policy(program, exit_code);
  add_keygen(program, exit_code);
  add_sign(program, exit_code);
  add_replay(program, exit_code);
  add_errors(program, exit_code);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  return exit_code;
}

}  // namespace
}  // namespace simdjwt::cli

int main(int argc, char** argv) {
  // A reader that goes away is an error of write, with a message and an exit code, not a signal.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return simdjwt::cli::run(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fputs("simdjwt: out of memory\n", stderr);
  } catch (const simdjwt::cli::Failure& failure) {
    std::fprintf(stderr, "simdjwt: %s\n", failure.what());
    return failure.code();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "simdjwt: %s\n", error.what());
  }
  return simdjwt::cli::kExitUsage;
}
