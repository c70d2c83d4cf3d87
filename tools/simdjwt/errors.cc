// simdjwt errors: the error table as Markdown, from the library that is linked. docs/errors.md is checked against it.
#include <CLI/CLI.hpp>
#include <string>

#include "commands.h"
#include "handles.h"
#include "terminal.h"
#include "verdict_output.h"

namespace simdjwt::cli {
namespace {

const char* category_title(std::uint32_t category) {
  switch (category) {
    case 1:
      return "0x01 Malformed request: the request around the token";
    case 2:
      return "0x02 Invalid token: the token itself";
    case 3:
      return "0x03 Insufficient scope: a good token that may not do this";
    case 4:
      return "0x04 Keys unavailable: never blamed on the token";
    case 5:
      return "0x05 Store unavailable: never blamed on the token";
    case 6:
      return "0x06 Caller's mistake: the program, or a resource it ran out of";
    case 7:
      return "0x07 Policy document";
    case 8:
      return "0x08 Key set";
    case 9:
      return "0x09 Fetch: an issuer's endpoint, never a request";
    case 10:
      return "0x0a Journal: what keeps used tokens over a restart, never a request";
    case 11:
      return "0x0b Fleet: what gateways share, never a request";
    default:
      return "Others";
  }
}

std::string error_table() {
  std::string out;
  std::uint32_t category = 0;
  for (std::uint32_t i = 0;; ++i) {
    const simdjwt_error error = simdjwt_error_at(i);
    if (error == SIMDJWT_OK) return out;
    if (error >> 8U != category) {
      category = error >> 8U;
      out += std::string(out.empty() ? "" : "\n") + "## " + category_title(category) + "\n\n";
      out += "| number | name | HTTP status | OAuth error | meaning |\n| --- | --- | --- | --- | --- |\n";
    }
    const std::string code = simdjwt_error_oauth_code(error);
    out += "| " + error_number(error) + " | `" + simdjwt_error_name(error) + "` | " +
           std::to_string(simdjwt_error_http_status(error)) + " | " + (code.empty() ? "" : "`" + code + "`") + " | " +
           simdjwt_error_text(error) + " |\n";
  }
}

}  // namespace

void add_errors(CLI::App& program, int& /*exit_code*/) {
  auto* const command = program.add_subcommand("errors", "Print every error as a Markdown table");
  command->callback([] { print(error_table()); });
}

}  // namespace simdjwt::cli
