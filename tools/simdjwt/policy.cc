// simdjwt policy: compiles a policy document and lists its issuers.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "commands.h"
#include "failure.h"
#include "file.h"
#include "handles.h"
#include "json_document.h"
#include "json_writer.h"
#include "policy_options.h"
#include "terminal.h"
#include "text.h"

namespace simdjwt::cli {
namespace {

struct Options {
  std::string file;
  bool json = false;
};

std::vector<simdjwt_issuer_info> issuers_of(const simdjwt_ruleset* ruleset) {
  std::vector<simdjwt_issuer_info> out;
  for (std::uint32_t i = 0; i < simdjwt_ruleset_issuer_count(ruleset); ++i) {
    out.push_back(sized<simdjwt_issuer_info>());
    require_ok(simdjwt_ruleset_issuer(ruleset, i, &out.back()), "the policy's issuers");
  }
  return out;
}

std::string keys_text(const simdjwt_issuer_info& info) {
  if (info.has_inline_keys != 0) return "in the policy";
  if (info.has_discovery != 0) return "discovered from the issuer's metadata";
  return info.jwks_uri.data != nullptr ? printable(view(info.jwks_uri)) : "published by the program";
}

std::string text_report(const Options& options, const simdjwt_ruleset* ruleset, const Style& style) {
  std::vector<std::vector<std::string>> rows{{"issuer", "keys"}};
  for (const auto& info : issuers_of(ruleset)) rows.push_back({printable(view(info.issuer)), keys_text(info)});
  return printable(options.file) + ": " + style.good("good") + ", " + count_of(rows.size() - 1, "issuer", "issuers") +
         "\n" + table(rows, style);
}

void write_fetch(JsonWriter& json, const simdjwt_ruleset* ruleset) {
  auto fetch = sized<simdjwt_fetch_policy>();
  require_ok(simdjwt_ruleset_fetch(ruleset, &fetch), "the policy's fetch member");
  json.key("fetch").begin_object();
  json.member_number("deadline_ms", fetch.deadline_ms).member_number("max_body_bytes", fetch.max_body_bytes);
  json.member_number("max_header_bytes", fetch.max_header_bytes).member_number("max_redirects", fetch.max_redirects);
  json.member("allow_cross_origin_redirects", fetch.allow_cross_origin_redirects != 0);
  json.member("allow_private_addresses", fetch.allow_private_addresses != 0);
  json.member("allow_http", fetch.allow_http != 0).member_number("min_refresh_s", fetch.min_refresh_s);
  json.member_number("max_refresh_s", fetch.max_refresh_s).member_number("max_stale_s", fetch.max_stale_s);
  json.member_number("cooldown_s", fetch.cooldown_s).member_number("unknown_kid_ttl_s", fetch.unknown_kid_ttl_s);
  json.member_number("min_backoff_ms", fetch.min_backoff_ms).member_number("max_backoff_s", fetch.max_backoff_s);
  json.member_number("host_requests_per_minute", fetch.host_requests_per_minute);
  json.member("ca_file", view(fetch.ca_file)).member("proxy", view(fetch.proxy));
  json.member("state_dir", view(fetch.state_dir)).end_object();
}

const char* durability_name(std::uint32_t durability) {
  if (durability == SIMDJWT_DURABILITY_INTERVAL) return "interval";
  return durability == SIMDJWT_DURABILITY_STRICT ? "strict" : "none";
}

void write_replay(JsonWriter& json, const simdjwt_ruleset* ruleset) {
  auto replay = sized<simdjwt_replay_policy>();
  require_ok(simdjwt_ruleset_replay(ruleset, &replay), "the policy's replay member");
  json.key("replay").begin_object().member("enabled", replay.enabled != 0);
  json.member_number("memory_bytes", static_cast<std::int64_t>(replay.memory_bytes));
  json.member_number("max_retention_s", replay.max_retention_s).member_number("grace_s", replay.grace_s);
  json.member_number("issuer_quota_percent", replay.issuer_quota_percent);
  json.member("durability", durability_name(replay.durability)).member("directory", view(replay.directory));
  json.key("fleet").begin_array();
  auto node = simdjwt_str{};
  for (std::uint32_t i = 0; simdjwt_ruleset_fleet_node(ruleset, i, &node) == SIMDJWT_OK; ++i) json.string(view(node));
  json.end_array().end_object();
}

std::string json_report(const simdjwt_ruleset* ruleset) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("ok", true).key("issuers").begin_array();
  for (const auto& info : issuers_of(ruleset)) {
    json.begin_object().member("issuer", view(info.issuer)).member("inline_keys", info.has_inline_keys != 0);
    json.member("jwks_uri", view(info.jwks_uri)).member("discovery", info.has_discovery != 0).end_object();
  }
  json.end_array();
  write_fetch(json, ruleset);
  write_replay(json, ruleset);
  json.end_object();
  return out + "\n";
}

std::string json_failure(simdjwt_error error, const simdjwt_diagnostic& diagnostic) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("ok", false).member("error", simdjwt_error_name(error));
  json.member("text", simdjwt_error_text(error)).member("path", diagnostic.path);
  if (diagnostic.expected[0] != '\0') json.member("expected", diagnostic.expected);
  if (diagnostic.offset != UINT32_MAX) json.member_number("offset", diagnostic.offset);
  json.end_object();
  return out + "\n";
}

int run(const Options& options) {
  const std::string document = read_file(options.file, kMaxDocumentBytes);
  if (!options.json) {
    const Ruleset ruleset = compile_policy(options.file, document);
    print(text_report(options, ruleset.get(), style_for(1)));
    return kExitOk;
  }
  simdjwt_ruleset* compiled = nullptr;
  auto diagnostic = sized<simdjwt_diagnostic>();
  const simdjwt_error error = simdjwt_ruleset_compile(document.data(), document.size(), &compiled, &diagnostic);
  const Ruleset ruleset(compiled);
  print(error == SIMDJWT_OK ? json_report(ruleset.get()) : json_failure(error, diagnostic));
  return error == SIMDJWT_OK ? kExitOk : kExitUsage;
}

}  // namespace

void add_policy(CLI::App& program, int& exit_code) {
  auto* const command = program.add_subcommand("policy", "Check a policy document and list its issuers");
  const auto options = std::make_shared<Options>();
  command->add_option("FILE", options->file, "The document; '-' reads standard input")->required();
  command->add_flag("--json", options->json, "JSON output");
  command->footer("Exit codes: 0 the document is good, 2 it is not.");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace simdjwt::cli
