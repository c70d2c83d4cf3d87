// libjwt 1.x (Debian's libjwt): one call decodes and verifies, and parses the PEM each time, since its API takes the
// key as text. It refuses typ at+jwt, so its tokens say JWT. The alg is compared and the claims are read through its
// getters. "decode" is jwt_decode without a key.

#include <jwt.h>

#include <cstdlib>

#include "peers/contestant.h"

namespace simdjwt::peers {
namespace {

struct Free {
  void operator()(jwt_t* jwt) const { jwt_free(jwt); }
};
using Jwt = std::unique_ptr<jwt_t, Free>;

Jwt decode(const std::string& token, const std::string& key) {
  jwt_t* jwt = nullptr;
  const auto* bytes = key.empty() ? nullptr : reinterpret_cast<const unsigned char*>(key.data());
  if (jwt_decode(&jwt, token.c_str(), bytes, static_cast<int>(key.size())) != 0) return nullptr;
  return Jwt(jwt);
}

bool claims_hold(jwt_t* jwt, const Material& material, const std::string& quoted_audience) {
  const long long now = unix_now();
  const long exp = jwt_get_grant_int(jwt, "exp"), nbf = jwt_get_grant_int(jwt, "nbf");
  const char* iss = jwt_get_grant(jwt, "iss");
  if (now >= exp || nbf == 0 || now < nbf || iss == nullptr || material.issuer != iss) return false;
  // An array has no getter of its own; its JSON is what the API gives.
  const std::unique_ptr<char, void (*)(void*)> aud(jwt_get_grants_json(jwt, "aud"), std::free);
  return aud != nullptr && std::string_view(aud.get()).find(quoted_audience) != std::string_view::npos;
}

Validation prepare(const Material& material, const std::string& alg, const std::string& token_case) {
  const jwt_alg_t wanted = jwt_str_alg(alg.c_str());
  if (wanted == JWT_ALG_INVAL) throw Unsupported{"has no " + alg};
  const std::string token = material.token(alg, token_case, "JWT");
  if (token_case == "decode") {
    return [token] { return decode(token, {}) != nullptr; };
  }
  const std::string key = material.file(alg, alg == "HS256" ? "secret.bin" : "public.pem");
  return [token, key, wanted, material, quoted = "\"" + material.audience + "\""] {
    const Jwt jwt = decode(token, key);
    return jwt != nullptr && jwt_get_alg(jwt.get()) == wanted && claims_hold(jwt.get(), material, quoted);
  };
}

}  // namespace
}  // namespace simdjwt::peers

int main(int argc, char** argv) {
  return simdjwt::peers::serve(argc, argv,
                               {"libjwt", SIMDJWT_PEER_VERSION, "OpenSSL or GnuTLS, as it was built",
                                "parses the PEM each time; refuses typ at+jwt: its tokens say JWT"},
                               simdjwt::peers::prepare);
}
