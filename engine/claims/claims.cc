#include "claims/claims.h"

namespace simdjwt {
namespace {

// Each element of an aud array is a string (RFC 7519 §4.1.3).
bool is_string_or_strings(std::span<const JsonNode> nodes, std::uint32_t index) noexcept {
  if (nodes[index].kind == JsonKind::string) return true;
  if (nodes[index].kind != JsonKind::array) return false;
  for (std::uint32_t i = first_child(index); i < nodes[index].next; i = nodes[i].next) {
    if (nodes[i].kind != JsonKind::string) return false;
  }
  return true;
}

Error read_date(const JsonNode& node, const JsonNode*& slot, JsonNumber& value) noexcept {
  if (node.kind != JsonKind::number) return Error::claim_type;
  slot = &node;
  value = *parse_json_number(node.json);
  return value.fits ? Error::ok : Error::claim_range;
}

Error read_text(const JsonNode& node, const JsonNode*& slot) noexcept {
  if (node.kind != JsonKind::string) return Error::claim_type;
  slot = &node;
  return Error::ok;
}

Error read_claim(std::span<const JsonNode> nodes, std::uint32_t index, Claims& claims) noexcept {
  const JsonNode& node = nodes[index];
  const std::string_view name = node.name;
  switch (name.size()) {
    case 3:
      if (name == "iss") return read_text(node, claims.iss);
      if (name == "sub") return read_text(node, claims.sub);
      if (name == "jti") return read_text(node, claims.jti);
      if (name == "azp") return read_text(node, claims.azp);
      if (name == "exp") return read_date(node, claims.exp, claims.exp_value);
      if (name == "nbf") return read_date(node, claims.nbf, claims.nbf_value);
      if (name == "iat") return read_date(node, claims.iat, claims.iat_value);
      if (name == "cnf") {
        claims.cnf = &node;
        return node.kind == JsonKind::object ? Error::ok : Error::claim_type;
      }
      if (name == "aud") {
        claims.aud = &node;
        return is_string_or_strings(nodes, index) ? Error::ok : Error::claim_type;
      }
      return Error::ok;
    case 5:
      if (name == "nonce") return read_text(node, claims.nonce);
      if (name == "scope") return read_text(node, claims.scope);
      return Error::ok;
    case 9:
      if (name == "client_id") return read_text(node, claims.client_id);
      return Error::ok;
    default:
      return Error::ok;
  }
}

}  // namespace

ClaimResult UnverifiedClaims::parse(std::span<const JsonNode> nodes) noexcept {
  claims_ = Claims{};
  claims_.nodes = nodes;
  for (std::uint32_t i = first_child(0); i < nodes[0].next; i = nodes[i].next) {
    if (const Error error = read_claim(nodes, i, claims_); error != Error::ok) return {error, nodes[i].name};
  }
  return {};
}

}  // namespace simdjwt
