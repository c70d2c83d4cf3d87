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
  if (node.whole >= 0) {
    value.floor = node.whole;
    return Error::ok;
  }
  value = *parse_json_number(node.json);
  return value.fits ? Error::ok : Error::claim_range;
}

Error read_text(const JsonNode& node, const JsonNode*& slot) noexcept {
  if (node.kind != JsonKind::string) return Error::claim_type;
  slot = &node;
  return Error::ok;
}

constexpr std::uint32_t three(std::string_view name) noexcept {
  return static_cast<std::uint32_t>(static_cast<unsigned char>(name[0])) << 16 |
         static_cast<std::uint32_t>(static_cast<unsigned char>(name[1])) << 8 | static_cast<unsigned char>(name[2]);
}

Error read_claim(std::span<const JsonNode> nodes, std::uint32_t index, RegisteredClaim claim, Claims& claims) noexcept {
  const JsonNode& node = nodes[index];
  switch (claim) {
    case RegisteredClaim::iss:
      return read_text(node, claims.iss);
    case RegisteredClaim::sub:
      return read_text(node, claims.sub);
    case RegisteredClaim::jti:
      return read_text(node, claims.jti);
    case RegisteredClaim::azp:
      return read_text(node, claims.azp);
    case RegisteredClaim::nonce:
      return read_text(node, claims.nonce);
    case RegisteredClaim::scope:
      return read_text(node, claims.scope);
    case RegisteredClaim::client_id:
      return read_text(node, claims.client_id);
    case RegisteredClaim::exp:
      return read_date(node, claims.exp, claims.exp_value);
    case RegisteredClaim::nbf:
      return read_date(node, claims.nbf, claims.nbf_value);
    case RegisteredClaim::iat:
      return read_date(node, claims.iat, claims.iat_value);
    case RegisteredClaim::cnf:
      claims.cnf = &node;
      return node.kind == JsonKind::object ? Error::ok : Error::claim_type;
    case RegisteredClaim::aud:
      claims.aud = &node;
      return is_string_or_strings(nodes, index) ? Error::ok : Error::claim_type;
    case RegisteredClaim::none:
      return Error::ok;
  }
  return Error::ok;
}

}  // namespace

// The size tells most names apart at once; nine have three letters, which make one number to switch on.
RegisteredClaim registered_claim(std::string_view name) noexcept {
  switch (name.size()) {
    case 3:
      switch (three(name)) {
        case three("iss"):
          return RegisteredClaim::iss;
        case three("sub"):
          return RegisteredClaim::sub;
        case three("aud"):
          return RegisteredClaim::aud;
        case three("jti"):
          return RegisteredClaim::jti;
        case three("azp"):
          return RegisteredClaim::azp;
        case three("exp"):
          return RegisteredClaim::exp;
        case three("nbf"):
          return RegisteredClaim::nbf;
        case three("iat"):
          return RegisteredClaim::iat;
        case three("cnf"):
          return RegisteredClaim::cnf;
        default:
          return RegisteredClaim::none;
      }
    case 5:
      if (name == "nonce") return RegisteredClaim::nonce;
      return name == "scope" ? RegisteredClaim::scope : RegisteredClaim::none;
    case 9:
      return name == "client_id" ? RegisteredClaim::client_id : RegisteredClaim::none;
    default:
      return RegisteredClaim::none;
  }
}

ClaimResult UnverifiedClaims::parse(std::span<const JsonNode> nodes) noexcept {
  claims_ = Claims{};
  claims_.nodes = nodes;
  for (std::uint32_t i = first_child(0); i < nodes[0].next; i = nodes[i].next) {
    const RegisteredClaim claim = registered_claim(nodes[i].name);
    if (claim == RegisteredClaim::none) continue;
    claims_.present |= bit_of(claim);
    if (const Error error = read_claim(nodes, i, claim, claims_); error != Error::ok) return {error, nodes[i].name};
  }
  return {};
}

}  // namespace simdjwt
