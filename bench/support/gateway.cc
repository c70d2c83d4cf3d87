#include "support/gateway.h"

#include <cstdio>
#include <cstdlib>

namespace simdjwt::bench {

Gateway::Gateway(Algorithm a, std::size_t count, std::uint64_t cache_bytes) : algorithm(a) {
  jwks = R"({"keys":[)";
  for (std::size_t i = 0; i < count; ++i) {
    keys.push_back(info(a).kty == KeyType::rsa ? test::SigningKey::rsa(static_cast<unsigned>(i))
                                               : test::SigningKey::for_algorithm(a));
    if (i != 0) jwks += ',';
    jwks += keys.back().jwk(R"("kid":"key-)" + std::to_string(i) + "\"");
  }
  jwks += "]}";
  const RulesetResult compiled =
      Ruleset::compile(R"({"version":1,"issuers":[{"issuer":")" + std::string(kGatewayIssuer) +
                       R"(","typ":"at+jwt","audiences":["https://api.example"],"algorithms":[")" +
                       std::string(info(a).name) + R"("],"other_claims":"ignore"}],"limits":{"verdict_cache_bytes":)" +
                       std::to_string(cache_bytes) + "}}");
  const JwkSetResult parsed = JwkSet::parse(jwks);
  if (!compiled.ruleset || !parsed.set) {
    std::fprintf(stderr, "policy: %s: expected %s\n", compiled.path.c_str(), compiled.expected.c_str());
    std::abort();
  }
  validator = std::make_unique<Validator>(compiled.ruleset);
  if (validator->publish(kGatewayIssuer, parsed.set) != Error::ok) std::abort();
}

std::string Gateway::header(std::size_t key) const {
  return R"({"alg":")" + std::string(info(algorithm).name) + R"(","typ":"at+jwt","kid":"key-)" + std::to_string(key) +
         "\"}";
}

std::string Gateway::payload(std::string_view more) {
  return R"({"iss":"https://as.example","aud":"https://api.example","exp":1760003600)" + std::string(more) + "}";
}

std::string Gateway::token(std::string_view more, std::size_t key) const {
  return test::sign_token(header(key), payload(more), keys[key], algorithm);
}

std::string Gateway::forged(std::string_view more, std::size_t key) const {
  return test::join_token(header(key), payload(more), keys[key].sign(algorithm, "another message"));
}

}  // namespace simdjwt::bench
