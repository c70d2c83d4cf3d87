// simdjwt through its C API, as a program that embeds it would use it: one validator and scratch per algorithm. With
// --cache verdicts are remembered.
//
// The case "decode" is the expired token with its verdict token_expired: all that comes before the signature, which
// includes the claim checks that other libraries' "decode" does not have.

#include <simdjwt/simdjwt.h>

#include <cstdio>
#include <cstdlib>

#include "peers/contestant.h"

namespace simdjwt::peers {
namespace {

bool with_cache = false;  // set once, in main

struct Engine {
  simdjwt_validator* validator = nullptr;
  simdjwt_scratch* scratch = nullptr;

  Engine(const Material& material, const std::string& alg) {
    // The checks that every contestant makes: signature, alg, exp, nbf, iss, aud. The typ is pinned besides.
    const std::string policy = R"({"version":1,"issuers":[{"issuer":")" + material.issuer +
                               R"(","typ":"at+jwt","audiences":[")" + material.audience + R"("],"algorithms":[")" +
                               (alg == "Ed25519" ? "EdDSA" : alg) + R"("],"other_claims":"ignore","jwks":)" +
                               material.file(alg, "jwks.json") + R"(}],"limits":{"verdict_cache_bytes":)" +
                               (with_cache ? "4194304}}" : "0}}");
    simdjwt_ruleset* rules = nullptr;
    simdjwt_diagnostic why = SIMDJWT_DIAGNOSTIC_INIT;
    if (simdjwt_ruleset_compile(policy.data(), policy.size(), &rules, &why) != SIMDJWT_OK ||
        simdjwt_validator_new(rules, &validator) != SIMDJWT_OK ||
        simdjwt_scratch_new(validator, 0, &scratch) != SIMDJWT_OK) {
      std::fprintf(stderr, "policy: %s: expected %s\n", why.path, why.expected);
      std::exit(1);
    }
    simdjwt_ruleset_free(rules);
  }
  ~Engine() {
    simdjwt_scratch_free(scratch);
    simdjwt_validator_free(validator);
  }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
};

Validation prepare(const Material& material, const std::string& alg, const std::string& token_case) {
  const bool decode_only = token_case == "decode";
  return [engine = std::make_shared<Engine>(material, alg), decode_only,
          token = material.token(alg, decode_only ? "expired" : token_case, "at+jwt")] {
    simdjwt_request request = SIMDJWT_REQUEST_INIT;
    simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
    request.token = {token.data(), token.size()};
    request.now = unix_now();
    const simdjwt_error error = simdjwt_validate(engine->validator, engine->scratch, &request, &verdict);
    return decode_only ? error == SIMDJWT_TOKEN_EXPIRED : error == SIMDJWT_OK;
  };
}

}  // namespace
}  // namespace simdjwt::peers

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[2]) == "--cache") {
    simdjwt::peers::with_cache = true;
    --argc;
  }
  const bool cache = simdjwt::peers::with_cache;
  return simdjwt::peers::serve(argc, argv,
                               {cache ? "simdjwt (cache)" : "simdjwt", simdjwt_version(), "OpenSSL",
                                cache ? "C API, verdict cache of 4 MiB" : "C API, no verdict cache"},
                               simdjwt::peers::prepare);
}
