#include "policy_options.h"

#include <CLI/CLI.hpp>
#include <sstream>
#include <string_view>

#include "failure.h"
#include "file.h"
#include "json_document.h"
#include "json_writer.h"
#include "text.h"
#include "time_text.h"

namespace simdjwt::cli {
namespace {

void write_strings(JsonWriter& json, std::string_view name, const std::vector<std::string>& values) {
  if (values.empty()) return;
  json.key(name).begin_array();
  for (const std::string& value : values) json.string(value);
  json.end_array();
}

// The flag to give for a member that the compiler misses; it speaks of documents, not of flags.
std::string_view flag_for(std::string_view path) {
  struct Hint {
    std::string_view member;
    std::string_view flag;
  };
  static constexpr Hint kHints[] = {{".issuer", "--issuer"},
                                    {".audiences", "--audience or --any-audience"},
                                    {".algorithms", "--alg"},
                                    {".typ", "--typ or --any-typ"},
                                    {".other_claims", "--ignore-other-claims"}};
  for (const Hint& hint : kHints) {
    if (path.ends_with(hint.member)) return hint.flag;
  }
  return {};
}

}  // namespace

void PolicyOptions::add_to(CLI::App& command) {
  auto* const policy = command.add_option("--policy", policy_, "A policy document (docs/policy.md), or:");
  policy->type_name("FILE")->group("Policy");
  // With a document, the options that would make one are refused: which of the two counts would be a guess.
  const auto one = [&](const char* name, auto& value, const char* text, const char* type) {
    return command.add_option(name, value, text)->type_name(type)->group("Policy");
  };
  // A repeated option takes one value at a time, or it would swallow the token behind it.
  const auto repeat = [&](const char* name, std::vector<std::string>& values, const char* text, const char* type) {
    return command.add_option(name, values, text)->allow_extra_args(false)->type_name(type)->group("Policy");
  };
  const auto flag = [&](const char* name, bool& value, const char* text) {
    command.add_flag(name, value, text)->group("Policy")->excludes(policy);
  };
  one("--issuer", issuer_, "The exact iss; with --policy, the issuer whose keys are given", "ISS");
  repeat("--audience", audiences_, "An accepted aud; may be repeated", "AUD")->excludes(policy);
  repeat("--alg", algorithms_, "An accepted alg; may be repeated", "ALG")->excludes(policy);
  repeat("--typ", typ_, "An accepted typ; may be repeated", "TYP")->excludes(policy);
  one("--profile", profile_, "access-token (RFC 9068), id-token (OpenID Connect) or strict (RFC 8725)", "NAME")
      ->excludes(policy);
  repeat("--required-claim", required_claims_, "A claim that must be there; may be repeated", "NAME")->excludes(policy);
  one("--leeway", leeway_, "Clock skew allowed, in seconds (default 0)", "SECONDS")->excludes(policy);
  one("--max-age", max_age_, "How long ago the token may have been issued, in seconds", "SECONDS")->excludes(policy);
  flag("--any-audience", any_audience_, "Do not check aud");
  flag("--any-typ", any_typ_, "Do not check typ");
  flag("--ignore-other-claims", ignore_other_claims_, "Accept claims that nothing names");
  repeat("--scope", scopes_, "A scope the request needs; may be repeated", "SCOPE");
  one("--nonce", nonce_, "The nonce that was sent (OpenID Connect)", "NONCE");
  one("--now", now_, "The time to validate at, in Unix seconds (default: the clock)", "SECONDS");
}

std::string PolicyOptions::document() const {
  if (!policy_.empty()) return read_file(policy_, kMaxDocumentBytes);
  std::string text;
  JsonWriter json(text);
  json.begin_object().member_number("version", 1).key("issuers").begin_array().begin_object();
  if (!issuer_.empty()) json.member("issuer", issuer_);
  if (!profile_.empty()) json.member("profile", profile_);
  write_strings(json, "algorithms", algorithms_);
  write_strings(json, "audiences", audiences_);
  write_strings(json, "typ", typ_);
  write_strings(json, "required_claims", required_claims_);
  if (any_audience_) json.member("allow_any_audience", true);
  if (any_typ_) json.member("allow_any_typ", true);
  if (leeway_) json.member_number("leeway_s", *leeway_);
  if (max_age_) json.member_number("max_age_s", *max_age_);
  if (ignore_other_claims_) json.member("other_claims", "ignore");
  json.end_object().end_array().end_object();
  return text;
}

std::int64_t PolicyOptions::now() const {
  return now_ ? *now_ : wall_clock();
}

std::vector<std::string> PolicyOptions::scopes() const {
  std::vector<std::string> out;
  for (const std::string& given : scopes_) {
    std::istringstream words(given);
    for (std::string word; words >> word;) out.push_back(word);
  }
  return out;
}

Ruleset compile_policy(const std::string& name, std::string_view document) {
  simdjwt_ruleset* ruleset = nullptr;
  auto diagnostic = sized<simdjwt_diagnostic>();
  const simdjwt_error error = simdjwt_ruleset_compile(document.data(), document.size(), &ruleset, &diagnostic);
  if (error == SIMDJWT_OK) return Ruleset(ruleset);
  const Failure failure = document_failure(printable(name), error, diagnostic);
  const std::string_view flag = flag_for(diagnostic.path);
  const bool from_flags = name.find("made from the options") != std::string::npos;
  if (!from_flags || flag.empty()) throw failure;
  throw Failure(std::string(failure.what()) + "; give " + std::string(flag) + ", or a document with --policy");
}

}  // namespace simdjwt::cli
