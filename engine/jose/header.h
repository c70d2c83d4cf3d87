// The JOSE header (RFC 7515 §4): what the validator needs of it, with every registered member checked for its type.
//
// jku, jwk, x5u and x5c are checked and then ignored: a key that a token brings along is never trusted and never
// fetched (RFC 8725 §3.10). No extension is supported, so every crit is refused (RFC 7515 §4.1.11).
//
// Ownership: views into the reader that was walked. Thread-safety: stateless. Cost: O(members), no allocation.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"
#include "jose/algorithm.h"
#include "json/json_reader.h"

namespace simdjwt {

struct JoseHeader {
  std::string_view alg;
  Algorithm algorithm = Algorithm::unknown;
  std::string_view kid;
  std::string_view typ;
  bool has_kid = false;
  bool has_typ = false;
};

struct HeaderResult {
  Error error = Error::ok;  // header_*, kid_too_long, alg_none, alg_unknown
  std::string_view member;  // the member at fault
};

// `nodes` is a document that json/json_reader.h has read.
HeaderResult parse_header(std::span<const JsonNode> nodes, std::uint32_t max_kid_bytes, JoseHeader& out) noexcept;

// A typ without its "application/" prefix, where it may be left out (RFC 7515 §4.1.9): no other '/' follows.
std::string_view canonical_typ(std::string_view typ) noexcept;

}  // namespace simdjwt
