#include "jwk/jwk.h"

#include <algorithm>

#include "codec/base64url.h"
#include "jwk/error_mark.h"
#include "jwk/jwk_import.h"
#include "jwk/thumbprint.h"

namespace simdjwt {
namespace {

// A member that must be a string when it is there; sets `out` and `present`.
Error read_string(const JwkSource& source, std::string_view name, Jwk& jwk, std::string& out, bool& present) {
  const JsonNode* node = source.find(name);
  present = node != nullptr;
  if (!present) return Error::ok;
  if (node->kind != JsonKind::string) {
    jwk.member = name;
    return Error::jwk_member_type;
  }
  out.assign(node->text);
  return Error::ok;
}

// RFC 7517 §4.3: an array of distinct strings; with "use": "sig" only signing and verifying are consistent.
Error check_key_ops(const JwkSource& source, Jwk& jwk) {
  const JsonNode* ops = source.find("key_ops");
  if (ops == nullptr) return Error::ok;
  jwk.member = "key_ops";
  if (ops->kind != JsonKind::array) return Error::jwk_member_type;
  const auto self = static_cast<std::uint32_t>(ops - source.nodes.data());
  std::vector<std::string_view> values;
  for (std::uint32_t i = first_child(self); i < ops->next; i = source.nodes[i].next) {
    if (source.nodes[i].kind != JsonKind::string) return Error::jwk_member_type;
    values.push_back(source.nodes[i].text);
  }
  std::sort(values.begin(), values.end());
  if (std::adjacent_find(values.begin(), values.end()) != values.end()) return Error::jwk_key_ops;
  if (!std::binary_search(values.begin(), values.end(), std::string_view("verify"))) return Error::jwk_key_ops;
  const bool only_signs = std::all_of(values.begin(), values.end(),
                                      [](std::string_view op) { return op == "sign" || op == "verify"; });
  if (jwk.use == "sig" && !only_signs) return Error::jwk_key_ops;
  jwk.member.clear();
  return Error::ok;
}

// The members that are never used, but whose presence with another type says that the document is not what it seems.
Error check_unused(const JwkSource& source, Jwk& jwk) {
  constexpr std::string_view kStrings[] = {"x5u", "x5t", "x5t#S256"};
  constexpr std::string_view kPrivate[] = {"d", "p", "q", "dp", "dq", "qi", "priv"};
  for (std::string_view name : kStrings) {
    const JsonNode* node = source.find(name);
    if (node == nullptr || node->kind == JsonKind::string) continue;
    jwk.member = name;
    return Error::jwk_member_type;
  }
  if (const JsonNode* x5c = source.find("x5c"); x5c != nullptr && x5c->kind != JsonKind::array) {
    jwk.member = "x5c";
    return Error::jwk_member_type;
  }
  for (std::string_view name : kPrivate) {
    const JsonNode* node = source.find(name);
    if (node == nullptr) continue;
    jwk.has_private = true;
    if (node->kind == JsonKind::string) continue;
    jwk.member = name;
    return Error::jwk_member_type;
  }
  return Error::ok;
}

Error import_material(const JwkSource& source, Jwk& jwk) {
  if (jwk.kty == "RSA") return import_rsa(source, jwk);
  if (jwk.kty == "EC") return import_ec(source, jwk);
  if (jwk.kty == "OKP") return import_okp(source, jwk);
  if (jwk.kty == "oct") return import_oct(source, jwk);
  if (jwk.kty == "AKP") return import_akp(source, jwk);
  jwk.member = "kty";
  return Error::jwk_kty_unknown;
}

// The alg of a JWK narrows what its kty, crv and size allow, and may not contradict them (RFC 7517 §4.4).
Error apply_alg(bool has_alg, Jwk& jwk) {
  if (!has_alg) return Error::ok;
  jwk.member = "alg";
  const Algorithm algorithm = find_algorithm(jwk.alg);
  if (algorithm == Algorithm::unknown || !jwk.algorithms.has(algorithm)) {
    return jwk.type == KeyType::oct && info(algorithm).family == AlgorithmFamily::hmac ? Error::jwk_oct_short
                                                                                       : Error::jwk_alg_mismatch;
  }
  AlgorithmSet only;
  only.add(algorithm);
  jwk.algorithms = only;
  jwk.member.clear();
  return Error::ok;
}

Error import_checked(const JwkSource& source, Jwk& jwk) {
  const JsonNode& object = source.nodes[source.index];
  if (object.kind != JsonKind::object) return Error::jwk_member_type;
  if (object.has_duplicate) return Error::jwk_duplicate_member;
  bool has_kty = false, has_alg = false, has_use = false;
  Error error = read_string(source, "kid", jwk, jwk.kid, jwk.has_kid);
  if (error == Error::ok) error = read_string(source, "kty", jwk, jwk.kty, has_kty);
  if (error == Error::ok) error = read_string(source, "alg", jwk, jwk.alg, has_alg);
  if (error == Error::ok) error = read_string(source, "use", jwk, jwk.use, has_use);
  if (error == Error::ok) error = check_unused(source, jwk);
  if (error != Error::ok) return error;
  if (jwk.kid.size() > kMaxKidBytes) {
    jwk.member = "kid";
    return Error::jwk_kid_too_long;
  }
  if (!has_kty) {
    jwk.member = "kty";
    return Error::jwk_member_missing;
  }
  if (has_use && jwk.use != "sig") {
    jwk.member = "use";
    return Error::jwk_use;
  }
  error = check_key_ops(source, jwk);
  if (error == Error::ok) error = import_material(source, jwk);
  if (error == Error::ok) error = apply_alg(has_alg, jwk);
  return error;
}

}  // namespace

Error read_bytes(const JwkSource& source, std::string_view name, Jwk& jwk, Bytes& out) {
  jwk.member = name;
  const JsonNode* node = source.find(name);
  if (node == nullptr) return Error::jwk_member_missing;
  if (node->kind != JsonKind::string) return Error::jwk_member_type;
  out.resize(base64url_decoded_size(node->text.size()));
  if (base64url_decode(node->text, out.data()).error != Error::ok) return Error::jwk_member_encoding;
  jwk.member.clear();
  return Error::ok;
}

Jwk import_jwk(std::span<const JsonNode> nodes, std::uint32_t index) {
  const ErrorMark mark;
  Jwk jwk;
  const JwkSource source{nodes, index};
  jwk.error = import_checked(source, jwk);
  if (jwk.usable()) {
    jwk.thumbprint = thumbprint(source, jwk);
  } else {
    jwk.material.reset();
    jwk.algorithms = {};
  }
  return jwk;
}

}  // namespace simdjwt
