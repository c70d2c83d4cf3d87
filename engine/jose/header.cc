#include "jose/header.h"

namespace simdjwt {
namespace {

bool is_none(std::string_view alg) noexcept {
  constexpr std::string_view none = "none";
  if (alg.size() != none.size()) return false;
  for (std::size_t i = 0; i < none.size(); ++i) {
    if ((alg[i] | 0x20) != none[i]) return false;
  }
  return true;
}

bool is_string_array(std::span<const JsonNode> nodes, std::uint32_t array) noexcept {
  for (std::uint32_t i = first_child(array); i < nodes[array].next; i = nodes[i].next) {
    if (nodes[i].kind != JsonKind::string) return false;
  }
  return nodes[array].next > first_child(array);
}

// The types RFC 7515 §4.1 gives to members that are otherwise ignored.
Error check_ignored(std::span<const JsonNode> nodes, std::uint32_t index) noexcept {
  const JsonNode& node = nodes[index];
  constexpr std::string_view kStrings[] = {"jku", "x5u", "x5t", "x5t#S256", "cty"};
  for (std::string_view name : kStrings) {
    if (node.name == name && node.kind != JsonKind::string) return Error::header_member_type;
  }
  if (node.name == "jwk" && node.kind != JsonKind::object) return Error::header_member_type;
  if (node.name == "x5c" && (node.kind != JsonKind::array || !is_string_array(nodes, index))) {
    return Error::header_member_type;
  }
  return Error::ok;
}

Error check_member(std::span<const JsonNode> nodes, std::uint32_t index, std::uint32_t max_kid_bytes,
                   JoseHeader& out) noexcept {
  const JsonNode& node = nodes[index];
  const bool is_string = node.kind == JsonKind::string;
  if (node.name == "alg") {
    out.alg = node.text;
    return is_string ? Error::ok : Error::header_member_type;
  }
  if (node.name == "kid") {
    out.kid = node.text;
    out.has_kid = true;
    if (!is_string) return Error::header_member_type;
    return node.text.size() <= max_kid_bytes ? Error::ok : Error::kid_too_long;
  }
  if (node.name == "typ") {
    out.typ = node.text;
    out.has_typ = true;
    return is_string ? Error::ok : Error::header_member_type;
  }
  // RFC 7515 §4.1.11: an extension that is not understood is a rejection, and none is understood here.
  if (node.name == "crit") return Error::header_crit;
  // RFC 7797 §7: a JWT never has "b64": false; true means nothing, and only through crit could it be demanded.
  if (node.name == "b64") {
    if (node.kind != JsonKind::boolean) return Error::header_member_type;
    return node.json == "true" ? Error::ok : Error::header_b64;
  }
  return check_ignored(nodes, index);
}

}  // namespace

HeaderResult parse_header(std::span<const JsonNode> nodes, std::uint32_t max_kid_bytes, JoseHeader& out) noexcept {
  out = JoseHeader{};
  for (std::uint32_t i = first_child(0); i < nodes[0].next; i = nodes[i].next) {
    if (const Error error = check_member(nodes, i, max_kid_bytes, out); error != Error::ok) return {error, nodes[i].name};
  }
  if (out.alg.data() == nullptr) return {Error::header_alg_missing, "alg"};
  out.algorithm = find_algorithm(out.alg);
  if (out.algorithm != Algorithm::unknown) return {};
  return {is_none(out.alg) ? Error::alg_none : Error::alg_unknown, "alg"};
}

std::string_view canonical_typ(std::string_view typ) noexcept {
  constexpr std::string_view kPrefix = "application/";
  if (!typ.starts_with(kPrefix)) return typ;
  const std::string_view rest = typ.substr(kPrefix.size());
  return rest.empty() || rest.find('/') != std::string_view::npos ? typ : rest;
}

}  // namespace simdjwt
