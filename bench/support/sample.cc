#include "support/sample.h"

#include <cstdio>
#include <cstdlib>
#include <map>

namespace simdjwt::bench {
namespace {

std::string policy(std::string_view alg) {
  return R"({"version":1,"issuers":[{"issuer":"https://login.example.com/tenant-4711","profile":"access-token",)"
         R"("audiences":["https://api.example.com/orders"],"algorithms":[")" +
         std::string(alg) + R"("],"leeway_s":30,"scopes":["orders:read"]}]})";
}

}  // namespace

std::string sample_payload() {
  return R"({"iss":"https://login.example.com/tenant-4711","sub":"user-8f14e45fceea167a","aud":["https://api.example.com/orders",)"
         R"("https://api.example.com/billing"],"exp":1760003600,"nbf":1760000000,"iat":1760000000,)"
         R"("jti":"0d5c2f1e-9a44-4b7e-8f30-52b6a1c9e7d8","client_id":"web-frontend","scope":"orders:read orders:write profile",)"
         R"("auth_time":1759999990,"acr":"urn:example:mfa","tenant":"acme-production-eu"})";
}

Sample::Sample(Algorithm a) : key(test::SigningKey::for_algorithm(a)), algorithm(a), payload(sample_payload()) {
  const std::string alg(info(a).name);
  header = R"({"alg":")" + alg + R"(","typ":"at+jwt","kid":"2025-10-key-1"})";
  token = test::sign_token(header, payload, key, a);
  jwks = test::jwks({key.jwk(R"("kid":"2025-10-key-1","use":"sig")")});
  RulesetResult compiled = Ruleset::compile(policy(alg));
  if (compiled.error != Error::ok && info(a).family == AlgorithmFamily::hmac) {
    // The profile refuses symmetric algorithms: say the same without it.
    compiled = Ruleset::compile(
        R"({"version":1,"issuers":[{"issuer":"https://login.example.com/tenant-4711","typ":"at+jwt","audiences":)"
        R"(["https://api.example.com/orders"],"algorithms":[")" +
        alg +
        R"("],"leeway_s":30,"required_claims":["sub","client_id","iat","jti"],"other_claims":"ignore","scopes":["orders:read"]}]})");
  }
  const JwkSetResult keys = JwkSet::parse(jwks);
  if (!compiled.ruleset || !keys.set) std::abort();
  validator = std::make_unique<Validator>(compiled.ruleset);
  if (validator->publish("https://login.example.com/tenant-4711", keys.set) != Error::ok) std::abort();
  const auto scratch = validator->make_scratch(0);
  const Verdict verdict = validator->validate(*scratch, {.token = token, .now = kNow});
  if (verdict.error != Error::ok) {
    std::fprintf(stderr, "the sample token of %s is refused: %s\n", alg.c_str(), error_name(verdict.error).data());
    std::abort();
  }
}

const Sample& sample(Algorithm algorithm) {
  static std::map<Algorithm, std::unique_ptr<Sample>> samples;
  std::unique_ptr<Sample>& slot = samples[algorithm];
  if (!slot) slot = std::make_unique<Sample>(algorithm);
  return *slot;
}

}  // namespace simdjwt::bench
