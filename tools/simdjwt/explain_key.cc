// Explanations of the key and the signature.
#include <algorithm>
#include <optional>
#include <string>

#include "explain_finding.h"
#include "failure.h"
#include "text.h"

namespace simdjwt::cli {
namespace {

bool verifies_alg(const simdjwt_key_info& key, std::string_view alg) {
  const std::string list = " " + std::string(key.algorithms) + " ";
  return list.find(" " + std::string(alg) + " ") != std::string::npos;
}

std::string name_of(const simdjwt_key_info& key, std::uint32_t index) {
  return key.kid.data == nullptr ? "key " + std::to_string(index) + " (no kid)" : "kid " + quote(view(key.kid));
}

std::string describe(const simdjwt_key_info& key, std::uint32_t index) {
  std::string out = name_of(key, index);
  if (key.error != SIMDJWT_OK) {
    out += std::string(", dropped: ") + simdjwt_error_name(key.error);
    if (key.member.data != nullptr) out += " at " + quote(view(key.member));
    return out + " (" + simdjwt_error_text(key.error) + ")";
  }
  return out + ", " + printable(view(key.kty), 16) + ", verifies " + key.algorithms + ", thumbprint " + key.thumbprint;
}

template <typename Use>
void for_each_key(const simdjwt_jwks* keys, Use use) {
  auto info = sized<simdjwt_key_info>();
  for (std::uint32_t i = 0; keys != nullptr && simdjwt_jwks_key(keys, i, &info) == SIMDJWT_OK; ++i) use(info, i);
}

std::string list_keys(const simdjwt_jwks* keys) {
  constexpr std::uint32_t kMost = 16;
  std::string out;
  std::uint32_t count = 0;
  for_each_key(keys, [&](const simdjwt_key_info& key, std::uint32_t index) {
    if (++count <= kMost) out += (out.empty() ? "" : "; ") + describe(key, index);
  });
  if (count > kMost) out += "; and " + std::to_string(count - kMost) + " more";
  return out.empty() ? "(none)" : out;
}

// A key of the set that verifies the signature, whatever the token's kid says. For a person to look into; no verdict
// rests on it.
std::string any_key_that_verifies(const ExplainInput& input, std::string_view alg) {
  if (!input.parts.three() || input.parts.signature.encoding.error != Error::ok) return "";
  simdjwt_scratch* scratch = nullptr;
  require_ok(simdjwt_scratch_new(nullptr, 0, &scratch), "a scratch");
  const Scratch owner(scratch);
  const std::string_view signed_part = input.token.substr(0, input.token.rfind('.'));
  const std::string& signature = input.parts.signature.bytes;
  std::string found;
  std::uint32_t tried = 0;
  for_each_key(input.keys, [&](const simdjwt_key_info& key, std::uint32_t index) {
    constexpr std::uint32_t kMostTries = 64;
    if (!found.empty() || key.error != SIMDJWT_OK || !verifies_alg(key, alg) || ++tried > kMostTries) return;
    const simdjwt_error error =
        simdjwt_verify_signature(input.keys, scratch, index, alg.data(), alg.size(), signed_part.data(),
                                 signed_part.size(), signature.data(), signature.size());
    if (error == SIMDJWT_OK) found = describe(key, index);
  });
  return found;
}

std::string_view alg_of(const ExplainInput& input) {
  const JsonNode* alg = input.header("alg");
  return alg != nullptr && alg->kind == JsonKind::string ? alg->text : std::string_view();
}

void hint_for_unknown_key(const ExplainInput& input, const JsonNode* kid, Finding& finding) {
  bool dropped = false;
  bool same = false;
  bool any_without = false;
  for_each_key(input.keys, [&](const simdjwt_key_info& key, std::uint32_t) {
    any_without |= key.kid.data == nullptr && key.error == SIMDJWT_OK;
    if (kid == nullptr || key.kid.data == nullptr || view(key.kid) != kid->text) return;
    (key.error == SIMDJWT_OK ? same : dropped) = true;
  });
  if (dropped && !same) finding.hints.emplace_back("the key with this kid is in the set but was dropped; see above");
  if (!same && !dropped && kid != nullptr) {
    finding.hints.emplace_back(
        "the issuer may have rotated its keys: fetch the set again; or the token is not this issuer's");
  }
  if (!same && any_without && kid != nullptr) {
    finding.hints.emplace_back(
        "a key without kid never serves a token that names one; give a PEM key its kid with --kid");
  }
}

// The keys that the engine tried.
std::string tried_keys(const ExplainInput& input, std::string_view alg) {
  const JsonNode* kid = input.header("kid");
  std::string out;
  for_each_key(input.keys, [&](const simdjwt_key_info& key, std::uint32_t index) {
    const bool fits = key.error == SIMDJWT_OK && verifies_alg(key, alg) &&
                      (kid == nullptr || (key.kid.data != nullptr && view(key.kid) == kid->text));
    if (fits) out += (out.empty() ? "" : "; ") + name_of(key, index) + ", thumbprint " + key.thumbprint;
  });
  return out;
}

}  // namespace

Finding explain_key(const ExplainInput& input, const simdjwt_trace_entry& entry) {
  const JsonNode* kid = input.header("kid");
  const std::string_view alg = alg_of(input);
  Finding finding{(kid == nullptr ? "no kid" : "kid " + shown(kid)) + ", alg " + quote(alg), "", {}};
  if (entry.error == SIMDJWT_OK) return finding;
  if (entry.error == SIMDJWT_KEYS_UNAVAILABLE) {
    finding.wanted = "a key set of the issuer, which nobody has given";
    finding.hints.emplace_back("give it with --jwks, --jwk or --pem, or in the policy; the token is not to blame");
    return finding;
  }
  finding.wanted = "a key of the set: " + list_keys(input.keys);
  if (entry.error == SIMDJWT_KEY_ALG_MISMATCH) {
    finding.hints.emplace_back("the key decides the algorithm (RFC 8725 §3.1); the token may only agree");
  } else {
    hint_for_unknown_key(input, kid, finding);
  }
  if (const std::string key = any_key_that_verifies(input, alg); !key.empty()) {
    finding.hints.push_back("the signature is that of another key of the set: " + key +
                            "; the kid in the header is wrong");
  }
  return finding;
}

Finding explain_signature(const ExplainInput& input, const simdjwt_trace_entry& entry) {
  const std::string_view alg = alg_of(input);
  const std::string tried = tried_keys(input, alg);
  Finding finding{count_of(input.parts.signature.bytes.size(), "byte", "bytes") + ", alg " + quote(alg), "", {}};
  if (entry.error == SIMDJWT_OK) {
    finding.found += ", " + tried;
    return finding;
  }
  finding.wanted = "a signature by: " + (tried.empty() ? "(no key)" : tried);
  if (entry.error == SIMDJWT_SIGNATURE_INVALID) {
    finding.hints.emplace_back("the header or payload was changed after signing, or this is another issuer's key");
  }
  const bool der = input.parts.signature.bytes.starts_with('0') && alg.starts_with("ES");
  if (entry.error == SIMDJWT_SIGNATURE_LENGTH && der) {
    finding.hints.emplace_back("this looks like DER; JOSE wants r and s side by side (RFC 7518 §3.4)");
  } else if (entry.error == SIMDJWT_SIGNATURE_LENGTH) {
    finding.hints.emplace_back("the token was likely cut, or the key is of another size");
  }
  if (const std::string key = any_key_that_verifies(input, alg); !key.empty()) {
    finding.hints.push_back("the signature is that of another key of the set: " + key +
                            "; the kid in the header is wrong");
  }
  return finding;
}

}  // namespace simdjwt::cli
