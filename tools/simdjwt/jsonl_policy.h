// The policy of one line of the line protocol, as a policy document of the engine.
//
// Values go into the document as they stand in the line, so that it is the compiler that judges them. The document does
// not depend on `now`: a suite that moves the clock compiles once. Thread-safety: stateless. Cost: O(policy).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "json/json_reader.h"

namespace simdjwt::cli {

struct LinePolicy {
  const char* error = nullptr;  // the stable name when the policy is refused
  std::string_view member;      // at fault
  bool skip = false;            // it asks for a feature that is not built yet
  bool jws = false;             // mode "jws"
  bool once = false;            // a token is accepted once
  std::string document;         // mode JWT: for simdjwt_ruleset_compile
  std::string algorithms;       // mode JWS: for simdjwt_verify_jws
  std::string_view issuer;
  std::int64_t now = 0;
  std::uint64_t max_token_bytes = 0;  // 0: the default
};

// `policy` is the index of an object in `nodes`. Views are into the nodes.
LinePolicy translate_policy(std::span<const JsonNode> nodes, std::uint32_t policy);

}  // namespace simdjwt::cli
