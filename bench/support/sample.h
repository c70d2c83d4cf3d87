// A typical access token and everything needed to validate it: 12 claims, 660 to 1,000 bytes by algorithm.
#pragma once

#include <memory>
#include <string>

#include "support/keys.h"
#include "validator/validator.h"

namespace simdjwt::bench {

inline constexpr std::int64_t kNow = 1760000100;  // within the token's lifetime

struct Sample {
  test::SigningKey key;
  Algorithm algorithm;
  std::string header;   // JSON
  std::string payload;  // JSON
  std::string token;
  std::string jwks;
  std::unique_ptr<Validator> validator;

  explicit Sample(Algorithm algorithm);

  std::string_view signing_input() const { return std::string_view(token).substr(0, token.rfind('.')); }
};

// One per algorithm, made on first use; call before threads start.
const Sample& sample(Algorithm algorithm);

// A claims set of about 350 bytes with 12 claims, one of them an array.
std::string sample_payload();

}  // namespace simdjwt::bench
