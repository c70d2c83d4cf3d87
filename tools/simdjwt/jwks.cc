// simdjwt jwks: lists the keys of a set, from a file or fetched, says which are unusable and why, and warns of what is
// likely a mistake.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "commands.h"
#include "failure.h"
#include "fetch_options.h"
#include "file.h"
#include "handles.h"
#include "json_document.h"
#include "json_writer.h"
#include "jwks_watch.h"
#include "key_options.h"
#include "terminal.h"
#include "text.h"

namespace simdjwt::cli {
namespace {

struct Options {
  std::string file;
  std::string issuer;
  bool watch = false;
  WatchOptions watching;
  FetchOptions fetch;
  bool json = false;
};

// A key set and where it came from; `url` is empty for a file.
struct Source {
  std::string url;
  Jwks keys;
};

struct Key {
  simdjwt_key_info info;
  std::vector<std::string> warnings;
};

// The position of an earlier key that `same` says is the same, or -1.
template <typename Same>
int earlier(const std::vector<Key>& keys, Same same) {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return same(key.info); });
  return found == keys.end() ? -1 : static_cast<int>(found - keys.begin());
}

std::vector<std::string> warnings_for(const simdjwt_key_info& info, const std::vector<Key>& before) {
  std::vector<std::string> out;
  if (info.has_private != 0) out.emplace_back("holds private members: such a document must not be published");
  if (info.kid.data == nullptr) out.emplace_back("has no kid: a token that names a kid will not find it");
  if (info.alg.data == nullptr) out.emplace_back("has no alg: the policy alone decides which alg it verifies");
  const int same_kid = earlier(before, [&](const simdjwt_key_info& other) {
    return info.kid.data != nullptr && other.kid.data != nullptr && view(other.kid) == view(info.kid);
  });
  if (same_kid >= 0) out.push_back("has the kid of key " + std::to_string(same_kid));
  const std::string_view thumbprint = info.thumbprint;
  const int same_key = earlier(
      before, [&](const simdjwt_key_info& other) { return !thumbprint.empty() && thumbprint == other.thumbprint; });
  if (same_key >= 0) out.push_back("is the same key as key " + std::to_string(same_key));
  return out;
}

std::vector<Key> lint(const simdjwt_jwks* set) {
  std::vector<Key> keys;
  auto info = sized<simdjwt_key_info>();
  for (std::uint32_t i = 0; simdjwt_jwks_key(set, i, &info) == SIMDJWT_OK; ++i) {
    auto warnings = warnings_for(info, keys);
    keys.push_back({info, std::move(warnings)});
  }
  return keys;
}

std::string cell(simdjwt_str text) {
  return text.data == nullptr ? "-" : printable(view(text), 64);
}

std::string problem_lines(const std::vector<Key>& keys, const Style& style) {
  std::string out;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const simdjwt_key_info& info = keys[i].info;
    const std::string name = "key " + std::to_string(i) + ": ";
    if (info.error != SIMDJWT_OK) {
      out += style.bad("dropped") + " " + name + simdjwt_error_name(info.error);
      if (info.member.data != nullptr) out += " at " + quote(view(info.member));
      out += std::string(": ") + simdjwt_error_text(info.error) + "\n";
    }
    for (const std::string& warning : keys[i].warnings) out += style.warning("warning") + " " + name + warning + "\n";
  }
  return out;
}

std::string text_report(const std::string& url, const std::vector<Key>& keys, const Style& style) {
  std::vector<std::vector<std::string>> rows{{"#", "kid", "kty", "crv", "bits", "use", "verifies", "thumbprint"}};
  std::size_t usable = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const simdjwt_key_info& info = keys[i].info;
    const bool good = info.error == SIMDJWT_OK;
    usable += good ? 1 : 0;
    rows.push_back({std::to_string(i), cell(info.kid), cell(info.kty), cell(info.crv),
                    info.bits == 0 ? "-" : std::to_string(info.bits), cell(info.use),
                    good ? info.algorithms : "dropped", good ? info.thumbprint : "-"});
  }
  const std::string from = url.empty() ? "" : "from " + printable(url) + "\n";
  return from + table(rows, style) + problem_lines(keys, style) + std::to_string(usable) + " of " +
         count_of(keys.size(), "key", "keys") + " usable\n";
}

std::string json_report(const std::string& url, const std::vector<Key>& keys) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  if (!url.empty()) json.member("url", url);
  json.key("keys").begin_array();
  for (const Key& key : keys) {
    const simdjwt_key_info& info = key.info;
    json.begin_object().member("usable", info.error == SIMDJWT_OK);
    if (info.error != SIMDJWT_OK) json.member("error", simdjwt_error_name(info.error));
    json.member("member", view(info.member)).member("kid", view(info.kid)).member("kty", view(info.kty));
    json.member("crv", view(info.crv)).member("alg", view(info.alg)).member("use", view(info.use));
    if (info.bits != 0) json.member_number("bits", info.bits);
    if (info.algorithms[0] != '\0') json.member("algorithms", info.algorithms);
    if (info.thumbprint[0] != '\0') json.member("thumbprint", info.thumbprint);
    json.key("warnings").begin_array();
    for (const std::string& warning : key.warnings) json.string(warning);
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return out + "\n";
}

Source load(const Options& options) {
  const bool discover = !options.issuer.empty();
  const std::string& place = discover ? options.issuer : options.file;
  if (!discover && !FetchOptions::is_url(place)) return {"", parse_jwks(place, read_file(place, kMaxDocumentBytes))};
  FetchedKeys fetched = FetchOptions::fetch(place, discover, options.fetch.policy_of(nullptr));
  // A set in which no key is usable is what a lint is for.
  if (fetched.keys == nullptr) throw Failure(fetched.message(place), kExitUnavailable);
  return {fetched.jwks_uri, std::move(fetched.keys)};
}

int run(const Options& options) {
  if (options.watch) {
    if (options.fetch.any()) throw Failure("--watch fetches as the `fetch` member of the policy says, without options");
    return run_watch(options.watching, options.json);
  }
  const Source source = load(options);
  const std::vector<Key> keys = lint(source.keys.get());
  print(options.json ? json_report(source.url, keys) : text_report(source.url, keys, style_for(1)));
  const bool clean = std::all_of(keys.begin(), keys.end(),
                                 [](const Key& key) { return key.info.error == SIMDJWT_OK && key.warnings.empty(); });
  return clean && !keys.empty() ? kExitOk : kExitRejected;
}

}  // namespace

void add_jwks(CLI::App& program, int& exit_code) {
  auto* const command =
      program.add_subcommand("jwks", "List and check the keys of a JWK Set, or watch keys being fetched");
  const auto options = std::make_shared<Options>();
  auto* const file =
      command->add_option("FILE", options->file, "A JWK Set or a JWK, or its URL; '-' reads standard input");
  auto* const issuer =
      command->add_option("--issuer", options->issuer, "An issuer whose metadata say where its keys are");
  issuer->type_name("URL")->excludes(file);
  auto* const watch =
      command->add_flag("--watch", options->watch, "Fetch the keys of a policy's issuers and show how it goes");
  watch->excludes(file)->excludes(issuer);
  auto* const policy = command->add_option("--policy", options->watching.policy, "The policy document to --watch");
  policy->type_name("FILE")->needs(watch);
  watch->needs(policy);
  command->add_option("--for", options->watching.seconds, "End the --watch by itself")
      ->needs(watch)
      ->check(CLI::Range(1U, 1000000U))
      ->type_name("SECONDS");
  command->add_flag("--json", options->json, "JSON output; with --watch one line for every change");
  options->fetch.add_to(*command);
  command->footer(
      "Exit codes: 0 all keys are usable, 1 some are dropped or warned about, 2 the set is unreadable, 3 it could not "
      "be\n"
      "fetched. With --watch: 0 every issuer has keys at the end, 3 one has none.");
  command->callback([options, file, issuer, watch, &exit_code] {
    if (file->count() + issuer->count() + watch->count() == 0) throw CLI::RequiredError("FILE, --issuer or --watch");
    exit_code = run(*options);
  });
}

}  // namespace simdjwt::cli
