#include "key_options.h"

#include <CLI/CLI.hpp>

#include "crypto.h"
#include "failure.h"
#include "file.h"
#include "json_document.h"
#include "json_writer.h"
#include "text.h"

namespace simdjwt::cli {
namespace {

// A JWK, so that giving a set where one key is meant shows at once.
void require_single(const std::string& name, std::string_view document) {
  const JsonDocument json(document, DuplicateMembers::mark);
  if (json.ok() && json.find("keys") != nullptr) {
    throw Failure(printable(name) + ": a JWK Set, not a JWK; use --jwks");
  }
}

}  // namespace

void KeyOptions::add_to(CLI::App& command) {
  const auto add = [&](const char* name, std::string& value, const char* text) {
    return command.add_option(name, value, text)->type_name("FILE")->group("Keys");
  };
  auto* const jwks = add("--jwks", jwks_, "The issuer's keys, as a JWK Set (RFC 7517)");
  auto* const jwk = add("--jwk", jwk_, "The issuer's key, as a single JWK");
  auto* const pem = add("--pem", pem_, "The issuer's public key in PEM (SubjectPublicKeyInfo)");
  jwks->excludes(jwk)->excludes(pem);
  jwk->excludes(pem);
  command.add_option("--kid", kid_, "The kid of the --pem key, which has none of its own")
      ->needs(pem)
      ->type_name("KID")
      ->group("Keys");
}

KeySource KeyOptions::load() const {
  if (!pem_.empty()) {
    JwkMembers members = public_jwk_from_pem(read_file(pem_, kMaxDocumentBytes), pem_);
    if (!kid_.empty()) members.push_back({"kid", kid_});
    return {pem_, parse_jwks(pem_, to_json(members))};
  }
  const std::string& path = jwk_.empty() ? jwks_ : jwk_;
  if (path.empty()) return {};
  const std::string document = read_file(path, kMaxDocumentBytes);
  if (!jwk_.empty()) require_single(path, document);
  return {path, parse_jwks(path, document)};
}

Jwks parse_jwks(const std::string& name, std::string_view document) {
  simdjwt_jwks* keys = nullptr;
  auto diagnostic = sized<simdjwt_diagnostic>();
  const simdjwt_error error = simdjwt_jwks_parse(document.data(), document.size(), &keys, &diagnostic);
  if (error != SIMDJWT_OK) throw document_failure(printable(name), error, diagnostic);
  return Jwks(keys);
}

}  // namespace simdjwt::cli
