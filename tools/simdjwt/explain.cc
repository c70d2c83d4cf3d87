// simdjwt explain: every check in its order, and for those that failed what is behind it.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include "commands.h"
#include "explain_finding.h"
#include "failure.h"
#include "json_writer.h"
#include "session.h"
#include "terminal.h"
#include "text.h"
#include "verdict_output.h"
#include "verify_options.h"

namespace simdjwt::cli {
namespace {

struct Options {
  TokenInput token;
  KeyOptions keys;
  PolicyOptions policy;
  FetchOptions fetch;
  bool json = false;
};

struct Row {
  simdjwt_trace_entry entry{};
  bool reached = false;
  Finding finding;
};

using Rows = std::array<Row, SIMDJWT_CHECK_COUNT + 1>;  // by check; 0 is none

// The keys of the issuer whose rule applies: those of its rule, or those that were given.
struct RuleKeys {
  Jwks parsed;
  const simdjwt_jwks* set = nullptr;
};

RuleKeys keys_of(const Session& session, const RuleView* rule) {
  RuleKeys keys;
  if (rule == nullptr) return keys;
  if (rule->jwks != nullptr) {
    keys.parsed = parse_jwks("the policy's keys", rule->jwks->json);
    keys.set = keys.parsed.get();
  } else if (rule->issuer == session.keys_issuer()) {
    keys.set = session.keys().keys.get();
  }
  return keys;
}

// Every row before the scratch is used again: the trace's views die with the next use.
Rows rows_of(const ExplainInput& input, const simdjwt_trace& trace) {
  Rows rows;
  for (std::uint32_t i = 0; i < trace.count; ++i) {
    const simdjwt_trace_entry& entry = trace.entries[i];
    if (entry.check >= rows.size()) continue;
    rows[entry.check] = {entry, true, find_out(input, entry)};
  }
  return rows;
}

std::string row_text(std::uint32_t check, const Row& row, const Style& style) {
  std::array<char, 32> name{};
  std::snprintf(name.data(), name.size(), "%-19s", simdjwt_check_name(check));
  const Finding& finding = row.finding;
  if (!row.reached) return style.faint("  -     " + std::string(name.data()) + " not reached") + "\n";
  if (row.entry.error == SIMDJWT_OK) {
    const std::string note = finding.found.empty() ? simdjwt_check_text(check) : finding.found;
    return "  " + style.good("ok") + "    " + name.data() + " " + note + "\n";
  }
  const std::string indent(8, ' ');
  std::string out = "  " + style.bad("FAIL") + "  " + style.strong(name.data()) + " " +
                    style.bad(simdjwt_error_name(row.entry.error)) + ": " + simdjwt_error_text(row.entry.error) + "\n";
  if (!finding.found.empty()) out += indent + "found:  " + finding.found + "\n";
  if (!finding.wanted.empty()) out += indent + "wanted: " + finding.wanted + "\n";
  for (const std::string& hint : finding.hints) out += indent + style.warning("hint:") + "   " + hint + "\n";
  return out;
}

std::string text_report(const Rows& rows, const simdjwt_verdict& verdict, const HttpAnswer& answer, std::int64_t now) {
  const Style style = style_for(STDOUT_FILENO);
  std::string out;
  for (std::uint32_t check = 1; check < rows.size(); ++check) out += row_text(check, rows[check], style);
  return out + "\n" + verdict_text(verdict, answer, now, style);
}

std::string json_report(const Rows& rows, const simdjwt_verdict& verdict, const HttpAnswer& answer) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("checks").begin_array();
  for (std::uint32_t check = 1; check < rows.size(); ++check) {
    const Row& row = rows[check];
    const bool failed = row.reached && row.entry.error != SIMDJWT_OK;
    json.begin_object().member("check", simdjwt_check_name(check)).member("text", simdjwt_check_text(check));
    json.member("result", !row.reached ? "not reached" : failed ? "failed" : "ok");
    if (failed) json.member("error", simdjwt_error_name(row.entry.error));
    if (!row.finding.found.empty()) json.member("found", row.finding.found);
    if (!row.finding.wanted.empty()) json.member("wanted", row.finding.wanted);
    if (!row.finding.hints.empty()) {
      json.key("hints").begin_array();
      for (const std::string& hint : row.finding.hints) json.string(hint);
      json.end_array();
    }
    json.end_object();
  }
  json.end_array().key("verdict").begin_object();
  write_verdict(json, verdict, answer);
  json.end_object().end_object();
  return out + "\n";
}

int run(const Options& options) {
  Session session(options.policy, options.keys);
  const std::string token = options.token.read();
  const std::string_view tokens[] = {token};
  session.fetch_keys(tokens, options.fetch);
  const TokenParts parts = take_apart(token);
  const JsonDocument policy(session.policy());
  const std::vector<RuleView> rules = rules_of(policy);
  const Scratch scratch = session.new_scratch();
  auto trace = sized<simdjwt_trace>();
  simdjwt_request request = session.request(token);
  request.trace = &trace;
  request.replay = SIMDJWT_REPLAY_CHECK;
  auto verdict = sized<simdjwt_verdict>();
  const simdjwt_error error = simdjwt_validate(session.validator(), scratch.get(), &request, &verdict);
  const RuleView* rule = verdict.issuer_index < rules.size() ? &rules[verdict.issuer_index] : nullptr;
  const RuleKeys keys = keys_of(session, rule);
  const ExplainInput input{session, token, parts, policy, rules, rule, keys.set, session.now(), options.policy.nonce()};
  const Rows rows = rows_of(input, trace);
  const HttpAnswer answer = http_answer(session, verdict, request);
  print(options.json ? json_report(rows, verdict, answer) : text_report(rows, verdict, answer, session.now()));
  return exit_code(error);
}

}  // namespace

void add_explain(CLI::App& program, int& exit_code) {
  auto* const command = program.add_subcommand("explain", "Validate a token and explain every check");
  const auto options = std::make_shared<Options>();
  options->token.add_to(*command);
  options->policy.add_to(*command);
  options->keys.add_to(*command);
  options->fetch.add_to(*command);
  command->add_flag("--json", options->json, "JSON output");
  command->footer(
      "Exit codes: as for verify. All failures show, not only the first; the verdict is that of the first.\n"
      "A token that may be used once is not used by it.");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace simdjwt::cli
