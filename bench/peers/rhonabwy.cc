// rhonabwy (Debian's librhonabwy): JOSE over GnuTLS and nettle. The key is imported once from its JWK; verification
// takes the key explicitly, header keys are not looked at. Its own check of aud knows no array: exp, nbf, iss and aud
// are looked at in claims.h. "decode" is r_jwt_advanced_parsen without a key.

#include <rhonabwy.h>

#include <cstdlib>

#include "peers/claims.h"

namespace simdjwt::peers {
namespace {

struct Free {
  void operator()(jwt_t* jwt) const { r_jwt_free(jwt); }
};
using Jwt = std::unique_ptr<jwt_t, Free>;

Jwt parse(const std::string& token) {
  jwt_t* jwt = nullptr;
  if (r_jwt_init(&jwt) != RHN_OK) return nullptr;
  Jwt owned(jwt);
  if (r_jwt_advanced_parsen(jwt, token.data(), token.size(), R_PARSE_NONE, 0) != RHN_OK) return nullptr;
  return owned;
}

Validation prepare(const Material& material, const std::string& alg, const std::string& token_case) {
  const std::string token = material.token(alg, token_case, "at+jwt");
  if (token_case == "decode") {
    return [token] { return parse(token) != nullptr; };
  }
  jwk_t* imported = nullptr;
  if (r_jwk_init(&imported) != RHN_OK ||
      r_jwk_import_from_json_str(imported, material.file(alg, "public.jwk").c_str()) != RHN_OK) {
    throw Unsupported{"does not import the JWK"};
  }
  const std::shared_ptr<jwk_t> key(imported, r_jwk_free);
  const jwa_alg wanted = r_str_to_jwa_alg(alg == "Ed25519" ? "EdDSA" : alg.c_str());
  return [token, key, wanted, material] {
    const Jwt jwt = parse(token);
    if (jwt == nullptr || r_jwt_get_sign_alg(jwt.get()) != wanted) return false;
    if (r_jwt_verify_signature(jwt.get(), key.get(), 0) != RHN_OK) return false;
    const std::unique_ptr<json_t, void (*)(json_t*)> claims(r_jwt_get_full_claims_json_t(jwt.get()), json_decref);
    return claims_hold(claims.get(), material);
  };
}

}  // namespace
}  // namespace simdjwt::peers

int main(int argc, char** argv) {
  r_global_init();
  const int status = simdjwt::peers::serve(
      argc, argv, {"rhonabwy", RHONABWY_VERSION_STR, "GnuTLS and nettle", "claims checked by the caller"},
      simdjwt::peers::prepare);
  r_global_close();
  return status;
}
