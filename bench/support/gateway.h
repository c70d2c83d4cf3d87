// A resource server for benchmarks: one issuer with short names, its keys, tokens signed by them, and a validator.
//
// Ownership: a Gateway owns all of it. Thread-safety: const use from any thread. A failure to make its input aborts.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/keys.h"
#include "validator/validator.h"

namespace simdjwt::bench {

inline constexpr const char* kGatewayIssuer = "https://as.example";
inline constexpr std::int64_t kGatewayNow = 1760000100;   // within the tokens' lifetime
inline constexpr std::int64_t kGatewayLate = 1770000000;  // after it

struct Gateway {
  Algorithm algorithm;
  std::vector<test::SigningKey> keys;
  std::string jwks;
  std::unique_ptr<Validator> validator;

  // With `count` keys named key-0, key-1, ...; RSA has at most two. And a verdict cache of so many bytes; 0: none.
  explicit Gateway(Algorithm algorithm, std::size_t count = 1, std::uint64_t cache_bytes = 0);

  // {"alg":...,"typ":"at+jwt","kid":"key-N"}
  std::string header(std::size_t key = 0) const;
  // The three claims that the policy checks, and `more`: R"(,"sub":"a")".
  static std::string payload(std::string_view more = {});
  std::string token(std::string_view more = {}, std::size_t key = 0) const;
  // With the signature of another message, right in form.
  std::string forged(std::string_view more = {}, std::size_t key = 0) const;
};

}  // namespace simdjwt::bench
