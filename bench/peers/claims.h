// The claim checks for contestants whose library verifies a JWS and leaves the claims to its caller: exp, nbf, iss and
// aud on a payload parsed by jansson, as a careful user of that library would write them. No leeway.
#pragma once

#include <jansson.h>

#include <string>
#include <string_view>

#include "peers/contestant.h"

namespace simdjwt::peers {

inline bool is_text(const json_t* value, const std::string& text) {
  return json_is_string(value) && std::string_view(json_string_value(value), json_string_length(value)) == text;
}

inline bool claims_hold(const json_t* claims, const Material& material) {
  const long long now = unix_now();
  const json_t* exp = json_object_get(claims, "exp");
  const json_t* nbf = json_object_get(claims, "nbf");
  if (!json_is_integer(exp) || now >= json_integer_value(exp)) return false;
  if (!json_is_integer(nbf) || now < json_integer_value(nbf)) return false;
  if (!is_text(json_object_get(claims, "iss"), material.issuer)) return false;
  const json_t* aud = json_object_get(claims, "aud");
  if (!json_is_array(aud)) return is_text(aud, material.audience);
  for (std::size_t i = 0; i < json_array_size(aud); ++i) {
    if (is_text(json_array_get(aud, i), material.audience)) return true;
  }
  return false;
}

}  // namespace simdjwt::peers
