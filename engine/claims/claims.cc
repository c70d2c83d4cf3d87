#include "claims/claims.h"

#include "json/json_name.h"

namespace simdjwt {
namespace {

constexpr std::size_t kClaims = static_cast<std::size_t>(RegisteredClaim::none);

constexpr std::uint8_t kind_bit(JsonKind kind) noexcept {
  return static_cast<std::uint8_t>(1u << static_cast<unsigned>(kind));
}
constexpr std::uint8_t kString = kind_bit(JsonKind::string), kNumber = kind_bit(JsonKind::number);

struct ClaimForm {
  std::string_view name;
  std::uint8_t kinds;  // kind_bit() of what it may be
  const JsonNode* Claims::*slot;
};

// By RegisteredClaim (RFC 7519 §4.1, RFC 7800 §3.1, RFC 8693 §4.2 and §4.3, OpenID Connect Core §2).
constexpr ClaimForm kForms[kClaims] = {
    {"iss", kString, &Claims::iss},
    {"sub", kString, &Claims::sub},
    {"aud", kString | kind_bit(JsonKind::array), &Claims::aud},
    {"jti", kString, &Claims::jti},
    {"azp", kString, &Claims::azp},
    {"exp", kNumber, &Claims::exp},
    {"nbf", kNumber, &Claims::nbf},
    {"iat", kNumber, &Claims::iat},
    {"cnf", kind_bit(JsonKind::object), &Claims::cnf},
    {"nonce", kString, &Claims::nonce},
    {"scope", kString, &Claims::scope},
    {"client_id", kString, &Claims::client_id},
};

// The claim whose name a hash may be, and that name for a look at the bytes. No two share a hash.
struct ClaimTable {
  std::uint8_t claim[256];
  KnownName names[kClaims + 1];  // the last is the name of no claim, and is never looked at
};

constexpr ClaimTable make_table() {
  ClaimTable table{};
  for (auto& claim : table.claim) claim = kClaims;
  for (std::size_t i = 0; i < kClaims; ++i) {
    std::uint8_t& claim = table.claim[hash_known_name(kForms[i].name)];
    if (claim != kClaims) throw "two claims share a hash";
    claim = static_cast<std::uint8_t>(i);
    table.names[i] = KnownName(kForms[i].name);
  }
  return table;
}
constexpr ClaimTable kTable = make_table();

std::size_t claim_of(const JsonNode& node) noexcept {
  const std::size_t claim = kTable.claim[node.name_hash];
  return claim != kClaims && kTable.names[claim].is(node.name) ? claim : kClaims;
}

Error read_date(const JsonNode& node, JsonNumber& value) noexcept {
  if (node.whole >= 0) {
    value = {.floor = node.whole};
    return Error::ok;
  }
  value = *parse_json_number(node.json);
  return value.fits ? Error::ok : Error::claim_range;
}

// Each element of an aud array is a string (RFC 7519 §4.1.3).
bool are_strings(std::span<const JsonNode> nodes, std::uint32_t index) noexcept {
  for (std::uint32_t i = first_child(index); i < nodes[index].next; i = nodes[i].next) {
    if (nodes[i].kind != JsonKind::string) return false;
  }
  return true;
}

// What a value of the right kind must be besides.
Error read_value(std::span<const JsonNode> nodes, std::uint32_t index, RegisteredClaim claim, Claims& claims) noexcept {
  switch (claim) {
    case RegisteredClaim::exp:
      return read_date(nodes[index], claims.exp_value);
    case RegisteredClaim::nbf:
      return read_date(nodes[index], claims.nbf_value);
    case RegisteredClaim::iat:
      return read_date(nodes[index], claims.iat_value);
    case RegisteredClaim::aud:
      return are_strings(nodes, index) ? Error::ok : Error::claim_type;
    default:
      return Error::ok;
  }
}

}  // namespace

RegisteredClaim registered_claim(std::string_view name) noexcept {
  std::size_t claim = 0;
  while (claim < kClaims && kForms[claim].name != name) ++claim;
  return static_cast<RegisteredClaim>(claim);
}

ClaimResult UnverifiedClaims::parse(std::span<const JsonNode> nodes) noexcept {
  claims_.clear();
  claims_.nodes = nodes;
  for (std::uint32_t i = first_child(0); i < nodes[0].next; i = next_sibling(nodes, i)) {
    const JsonNode& node = nodes[i];
    const std::size_t at = claim_of(node);
    if (at == kClaims) continue;
    const auto claim = static_cast<RegisteredClaim>(at);
    claims_.present |= bit_of(claim);
    claims_.*kForms[at].slot = &node;
    if ((kForms[at].kinds & kind_bit(node.kind)) == 0) return {Error::claim_type, node.name};
    if (node.kind == JsonKind::string) continue;
    if (const Error error = read_value(nodes, i, claim, claims_); error != Error::ok) return {error, node.name};
  }
  return {};
}

}  // namespace simdjwt
