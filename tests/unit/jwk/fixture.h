// What the tests of jwk/ share: importing one key, and what a good and a refused one look like.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "jwk/jwk.h"
#include "support/json.h"
#include "support/keys.h"
#include "support/print.h"

namespace simdjwt::test {

inline Jwk import(std::string_view json) {
  const Document document(json, {.max_bytes = 1 << 20, .duplicates = DuplicateMembers::mark});
  EXPECT_EQ(document.error(), Error::ok) << json.substr(0, 200);
  return import_jwk(document.nodes(), 0);
}

inline AlgorithmSet set_of(std::initializer_list<std::string_view> names) {
  AlgorithmSet set;
  for (const std::string_view name : names) set.add(find_algorithm(name));
  return set;
}

// A key that is refused keeps its error, and nothing that could verify a signature.
inline void expect_refused(std::string_view json, Error error, std::string_view member) {
  const Jwk key = import(json);
  EXPECT_EQ(key.error, error) << json.substr(0, 300);
  EXPECT_EQ(key.member, member) << json.substr(0, 300);
  EXPECT_FALSE(key.usable());
  EXPECT_EQ(key.material, nullptr);
  EXPECT_TRUE(key.algorithms.empty());
  EXPECT_TRUE(key.thumbprint.empty());
}

inline void expect_good(std::string_view json, AlgorithmSet algorithms) {
  const Jwk key = import(json);
  EXPECT_EQ(key.error, Error::ok) << json.substr(0, 300);
  EXPECT_EQ(key.member, "");
  EXPECT_NE(key.material, nullptr);
  EXPECT_EQ(key.algorithms, algorithms) << json.substr(0, 300);
  EXPECT_EQ(key.thumbprint.size(), 43u);
}

inline const AlgorithmSet kRsaAll = set_of({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"});
inline const SigningKey& rsa_key() {
  static const SigningKey key = SigningKey::rsa();
  return key;
}
inline const SigningKey& p256_key() {
  static const SigningKey key = SigningKey::ec(Curve::p256);
  return key;
}

}  // namespace simdjwt::test
