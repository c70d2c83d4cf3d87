// simdjwt verify: validates one token, a file of them, or speaks the line protocol.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "commands.h"
#include "failure.h"
#include "json_writer.h"
#include "replay_stages.h"
#include "session.h"
#include "terminal.h"
#include "verdict_output.h"
#include "verify_options.h"

namespace simdjwt::cli {
namespace {

constexpr const char* kFooter =
    "Exit codes: 0 valid, 1 rejected, 2 a bad option, file, policy or key, 3 not decided: keys unavailable, also when\n"
    "they could not be fetched, or no word on whether the token has been used. Keys that are not given are fetched:\n"
    "from the rule's jwks_uri, or where the issuer's metadata say.\n"
    "Everything is closed by default: without --audience, --alg and --typ a policy does not compile, unless a\n"
    "--profile says what they are or an --any- option loosens it.";

std::string json_report(const simdjwt_verdict& verdict, const HttpAnswer& answer) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  write_verdict(json, verdict, answer);
  json.end_object();
  return out + "\n";
}

int run_one(const VerifyOptions& options) {
  Session session(options.policy, options.keys);
  const ReplayStages stages(session.validator(), session.ruleset(), session.now());
  const std::string token = options.token.read();
  const std::string_view tokens[] = {token};
  session.fetch_keys(tokens, options.fetch);
  const Scratch scratch = session.new_scratch();
  const simdjwt_request request = session.request(token);
  auto verdict = sized<simdjwt_verdict>();
  const simdjwt_error error = simdjwt_validate(session.validator(), scratch.get(), &request, &verdict);
  const HttpAnswer answer = http_answer(session, verdict, request);
  const bool as_json = options.json || (!options.text && !is_terminal(STDOUT_FILENO));
  print(as_json ? json_report(verdict, answer)
                : verdict_text(verdict, answer, session.now(), style_for(STDOUT_FILENO)));
  return exit_code(error);
}

int run(const VerifyOptions& options) {
  if (options.jsonl) return run_jsonl();
  return options.batch.empty() ? run_one(options) : run_batch(options);
}

}  // namespace

void add_verify(CLI::App& program, int& exit_code) {
  auto* const command = program.add_subcommand("verify", "Validate a token: signature and policy");
  const auto options = std::make_shared<VerifyOptions>();
  options->token.add_to(*command);
  options->policy.add_to(*command);
  options->keys.add_to(*command);
  options->fetch.add_to(*command);
  auto* const batch = command->add_option("--batch", options->batch, "Validate a file, one token a line; '-' is stdin");
  batch->type_name("FILE");
  command->add_option("--threads", options->threads, "Threads for --batch")
      ->needs(batch)
      ->check(CLI::Range(1U, 256U))
      ->type_name("N");
  command->add_option("--repeat", options->repeat, "Validate the --batch N times, for measuring")
      ->needs(batch)
      ->check(CLI::Range(1U, 1000000U))
      ->type_name("N");
  command->add_flag("--jsonl", options->jsonl, "The line protocol: JSON lines in, JSON lines out (man simdjwt)")
      ->excludes(batch);
  auto* const json = command->add_flag("--json", options->json, "JSON output (the default when not on a terminal)");
  command->add_flag("--text", options->text, "Text output (the default on a terminal)")->excludes(json);
  command->footer(kFooter);
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace simdjwt::cli
