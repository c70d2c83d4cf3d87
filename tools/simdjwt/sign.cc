// simdjwt sign: a compact JWS (RFC 7515 §3.1), for trying things out.
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "codec/base64url.h"
#include "commands.h"
#include "crypto.h"
#include "failure.h"
#include "file.h"
#include "json_document.h"
#include "json_writer.h"
#include "terminal.h"
#include "text.h"
#include "time_text.h"

namespace simdjwt::cli {
namespace {

struct Options {
  std::string key, alg, typ, kid, claims, payload, iss, sub, jti, client_id;
  std::vector<std::string> audiences, scopes, extra_claims, extra_headers;
  std::optional<std::int64_t> exp_in, now;
  bool iat_now = false;
};

// An object in the making: members in order, each name once.
class Members {
 public:
  explicit Members(const char* what) : what_(what) {}

  void add_json(const std::string& name, std::string_view json) {
    if (!names_.insert(name).second) throw Failure(std::string(what_) + " " + quote(name) + " is given twice");
    if (!text_.empty()) text_ += ',';
    text_ += quote(name) + ":" + std::string(json);
  }
  void add_text(const std::string& name, const std::string& text) {
    if (!text.empty()) add_json(name, quote(text));
  }
  // name=value, where value is JSON.
  void add_assignment(const std::string& assignment) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos) throw Failure(quote(assignment) + ": expected name=value, value being JSON");
    const std::string value = assignment.substr(equals + 1);
    if (!is_json_value(value)) {
      throw Failure(quote(assignment) + ": the value is not JSON (a string needs its quotes: '\"...\"')");
    }
    add_json(assignment.substr(0, equals), value);
  }
  std::string object() const { return "{" + text_ + "}"; }

 private:
  const char* what_;
  std::set<std::string> names_;
  std::string text_;
};

JwkMembers read_private_key(const std::string& path) {
  std::string text = read_file(path, kMaxDocumentBytes);
  JsonDocument document(text);
  wipe(text);
  if (!document.ok()) {
    throw Failure(printable(path) + ": not a JWK (" + std::string(error_name(document.error())) + " at byte " +
                  std::to_string(document.offset()) + ")");
  }
  JwkMembers key;
  for (const JsonNode* member : document.children()) {
    if (member->kind == JsonKind::string) key.push_back({std::string(member->name), std::string(member->text)});
  }
  if (jwk_member(key, "kty") == nullptr) throw Failure(printable(path) + ": not a JWK (it has no kty)");
  return key;
}

std::string choose_algorithm(const Options& options, const JwkMembers& key) {
  const KeyAlgorithms fit = algorithms_of(key);
  const std::string* own = jwk_member(key, "alg");
  if (options.alg.empty()) {
    if (fit.sure && !fit.names.empty()) return std::string(fit.names.front());
    throw Failure("the key says no alg: give --alg, one of " + quote_list(fit.names));
  }
  // Ed25519 is EdDSA with the curve in the name (RFC 9864 §2.2).
  const bool same = own == nullptr || *own == options.alg || *own == "EdDSA" || options.alg == "EdDSA";
  if (!same) throw Failure("the key is for " + quote(*own) + ", not for " + quote(options.alg));
  return options.alg;
}

std::string string_or_array(const std::vector<std::string>& values) {
  if (values.size() == 1) return quote(values.front());
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  for (const std::string& value : values) json.string(value);
  json.end_array();
  return out;
}

void add_claims_file(const std::string& path, Members& claims) {
  const JsonDocument document(read_file(path, kMaxDocumentBytes));
  if (!document.ok()) {
    throw Failure(printable(path) + ": not a claims set (" + std::string(error_name(document.error())) + " at byte " +
                  std::to_string(document.offset()) + ")");
  }
  for (const JsonNode* member : document.children()) {
    claims.add_json(std::string(member->name), compact_json(member->json));
  }
}

std::string claims_set(const Options& options) {
  Members claims("the claim");
  if (!options.claims.empty()) add_claims_file(options.claims, claims);
  const std::int64_t now = options.now ? *options.now : wall_clock();
  claims.add_text("iss", options.iss);
  claims.add_text("sub", options.sub);
  if (!options.audiences.empty()) claims.add_json("aud", string_or_array(options.audiences));
  if (options.iat_now) claims.add_json("iat", std::to_string(now));
  if (options.exp_in) claims.add_json("exp", std::to_string(saturating_add(now, *options.exp_in)));
  claims.add_text("jti", options.jti == "RANDOM" ? random_base64url(16) : options.jti);
  std::string scope;
  for (const std::string& word : options.scopes) scope += (scope.empty() ? "" : " ") + word;
  claims.add_text("scope", scope);
  claims.add_text("client_id", options.client_id);
  for (const std::string& assignment : options.extra_claims) claims.add_assignment(assignment);
  return claims.object();
}

std::string header(const Options& options, const JwkMembers& key, const std::string& alg) {
  Members members("the header member");
  members.add_text("alg", alg);
  members.add_text("typ", options.typ);
  const std::string* kid = jwk_member(key, "kid");
  members.add_text("kid", options.kid.empty() && kid != nullptr ? *kid : options.kid);
  for (const std::string& assignment : options.extra_headers) members.add_assignment(assignment);
  return members.object();
}

int run(const Options& options) {
  JwkMembers key = read_private_key(options.key);
  const std::string alg = choose_algorithm(options, key);
  const std::string payload =
      options.payload.empty() ? claims_set(options) : read_file(options.payload, kMaxDocumentBytes);
  const std::string input =
      base64url_encode(as_bytes(header(options, key, alg))) + "." + base64url_encode(as_bytes(payload));
  const std::string signature = sign(key, alg, input);
  wipe(key);
  print(input + "." + base64url_encode(as_bytes(signature)) + "\n");
  return kExitOk;
}

void add_claim_options(CLI::App& command, Options& options) {
  std::vector<CLI::Option*> claims;
  const auto one = [&](const char* name, auto& value, const char* text, const char* type) {
    claims.push_back(command.add_option(name, value, text)->type_name(type));
  };
  const auto many = [&](const char* name, std::vector<std::string>& values, const char* text, const char* type) {
    claims.push_back(command.add_option(name, values, text)->allow_extra_args(false)->type_name(type));
  };
  one("--claims", options.claims, "A JSON object with claims; '-' reads standard input", "FILE");
  one("--iss", options.iss, "iss", "ISS");
  one("--sub", options.sub, "sub", "SUB");
  many("--aud", options.audiences, "aud; several make an array", "AUD");
  one("--exp-in", options.exp_in, "exp, in seconds from now; may be negative", "SECONDS");
  one("--jti", options.jti, "jti; RANDOM makes one of 128 random bits", "JTI");
  many("--scope", options.scopes, "scope; may be repeated", "SCOPE");
  one("--client-id", options.client_id, "client_id (RFC 9068)", "ID");
  many("--claim", options.extra_claims, "Any claim, such as --claim 'roles=[\"admin\"]'; may be repeated", "NAME=JSON");
  claims.push_back(command.add_flag("--iat-now", options.iat_now, "iat, now"));
  auto* const payload = command.add_option("--payload", options.payload, "Sign the bytes of a file instead of claims");
  payload->type_name("FILE");
  for (CLI::Option* claim : claims) payload->excludes(claim);
  command.add_option("--now", options.now, "The time to sign at, in Unix seconds")->type_name("SECONDS");
}

}  // namespace

void add_sign(CLI::App& program, int& exit_code) {
  auto* const command = program.add_subcommand("sign", "Sign a token with a private JWK, for trying things out");
  const auto options = std::make_shared<Options>();
  command->add_option("--key", options->key, "The private JWK, as keygen makes it")->required()->type_name("FILE");
  command->add_option("--alg", options->alg, "The alg (default: what the key says)")->type_name("ALG");
  command->add_option("--typ", options->typ, "The typ, such as at+jwt")->type_name("TYP");
  command->add_option("--kid", options->kid, "The kid (default: the key's)")->type_name("KID");
  command->add_option("--header", options->extra_headers, "Any header member; may be repeated")
      ->allow_extra_args(false)
      ->type_name("NAME=JSON");
  add_claim_options(*command, *options);
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace simdjwt::cli
