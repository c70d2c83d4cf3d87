// What the tests of validator/ share: policy documents, tokens as parts that can be spoiled one by one, and a validator
// with its scratch.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "support/keys.h"
#include "support/print.h"
#include "validator/validator.h"

namespace simdjwt::test {

inline constexpr std::int64_t kNow = 1700000000;

// A JSON object whose members keep their order and can be replaced or dropped.
class Members {
 public:
  Members() = default;
  Members(std::initializer_list<std::pair<std::string, std::string>> members) : members_(members) {}

  Members& set(std::string_view name, std::string_view value) {
    for (auto& [n, v] : members_) {
      if (n == name) {
        v = value;
        return *this;
      }
    }
    members_.emplace_back(name, value);
    return *this;
  }
  Members& drop(std::string_view name) {
    std::erase_if(members_, [name](const auto& member) { return member.first == name; });
    return *this;
  }
  std::string json() const {
    std::string out = "{";
    for (const auto& [name, value] : members_) out += (out.size() > 1 ? ",\"" : "\"") + name + "\":" + value;
    return out + "}";
  }

 private:
  std::vector<std::pair<std::string, std::string>> members_;
};

// The least that compiles.
inline Members plain_rule(std::string_view issuer = "https://as.example") {
  return {{"issuer", '"' + std::string(issuer) + '"'},
          {"algorithms", R"(["ES256"])"},
          {"audiences", R"(["api"])"},
          {"typ", R"("JWT")"}};
}

inline std::string policy(std::initializer_list<std::string> rules, std::string_view more = {}) {
  std::string out = R"({"version":1,"issuers":[)";
  for (const std::string& rule : rules) out += (out.back() == '[' ? "" : ",") + rule;
  return out + "]" + std::string(more) + "}";
}

inline std::shared_ptr<const Ruleset> compile(std::string_view document) {
  RulesetResult result = Ruleset::compile(document);
  EXPECT_EQ(result.error, Error::ok) << result.path << ": " << result.expected << "\n" << document.substr(0, 500);
  return result.ruleset;
}

inline std::shared_ptr<const JwkSet> key_set(std::string_view json) {
  JwkSetResult result = JwkSet::parse(json);
  EXPECT_EQ(result.error, Error::ok);
  return result.set;
}

inline const SigningKey& p256_key() {
  static const SigningKey key = SigningKey::ec(Curve::p256);
  return key;
}

inline std::string keys_with_kid() {
  return jwks({p256_key().jwk(R"("kid":"k")")});
}

// A token before it is put together; it is signed with what header and payload have become.
struct Parts {
  Members header{{"alg", R"("ES256")"}, {"typ", R"("JWT")"}, {"kid", R"("k")"}};
  Members claims{{"iss", R"("https://as.example")"}, {"aud", R"("api")"}, {"exp", std::to_string(kNow + 300)}};
  std::string header_tail, payload_tail;                                     // after the JSON
  std::string before_header, before_payload, before_signature, after_token;  // in the token
  bool forged = false;
  const SigningKey* key = &p256_key();
  Algorithm algorithm = Algorithm::ES256;

  std::string token() const {
    const std::string input = b64(header.json() + header_tail) + "." + b64(claims.json() + payload_tail);
    Octets signature = key->sign(algorithm, input);
    if (forged) signature[0] ^= 1;
    const std::size_t dot = input.find('.');
    return before_header + input.substr(0, dot + 1) + before_payload + input.substr(dot + 1) + "." + before_signature +
           b64(signature) + after_token;
  }
};

// All that a verdict says, to be compared.
inline auto fields(const Verdict& v) {
  return std::tuple(v.error, v.check, v.offset, v.member, v.missing_scope, v.issuer_index, v.verified, v.alg, v.kid,
                    v.header, v.claims, v.issuer, v.subject, v.jti, v.client_id, v.scope, v.exp, v.nbf, v.iat);
}

// A validator with one scratch, and the keys of the rules published where they are not inline.
struct Gate {
  explicit Gate(std::string_view document) : validator(compile(document)), scratch(validator.make_scratch(0)) {}
  explicit Gate(std::string_view document, std::string_view keys, std::string_view issuer = "https://as.example")
      : Gate(document) {
    EXPECT_EQ(validator.publish(issuer, key_set(keys)), Error::ok);
  }

  Verdict validate(std::string_view token, Request request = {}) {
    last_token = token;
    request.token = last_token;
    if (request.now == 0) request.now = kNow;
    return validator.validate(*scratch, request);
  }
  Verdict validate(const Parts& parts, const Request& request = {}) { return validate(parts.token(), request); }

  Validator validator;
  std::unique_ptr<Scratch> scratch;
  std::string last_token;  // a verdict views it
};

}  // namespace simdjwt::test
