// cjose (Debian's libcjose): a JWS library over OpenSSL and jansson. The key is imported once from its JWK; the alg of
// the header is compared by hand, since cjose takes what the token says; the claims are checked in claims.h. "decode"
// is cjose_jws_import, which decodes all three segments and parses the header, and jansson on the payload.

extern "C" {
#include <cjose/cjose.h>
}

#include <cstdlib>

#include "peers/claims.h"

namespace simdjwt::peers {
namespace {

struct Release {
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
  void operator()(json_t* json) const { json_decref(json); }
};
using Jws = std::unique_ptr<cjose_jws_t, Release>;
using Json = std::unique_ptr<json_t, Release>;

Json parse_payload(const cjose_jws_t* jws) {
  std::uint8_t* text = nullptr;
  std::size_t size = 0;
  if (!cjose_jws_get_plaintext(jws, &text, &size, nullptr)) return nullptr;
  return Json(json_loadb(reinterpret_cast<const char*>(text), size, 0, nullptr));
}

Validation prepare(const Material& material, const std::string& alg, const std::string& token_case) {
  if (alg == "Ed25519") throw Unsupported{"has no EdDSA"};
  const std::string token = material.token(alg, token_case, "at+jwt");
  if (token_case == "decode") {
    return [token] {
      const Jws jws(cjose_jws_import(token.data(), token.size(), nullptr));
      return jws != nullptr && parse_payload(jws.get()) != nullptr;
    };
  }
  const std::string jwk = material.file(alg, "public.jwk");
  const std::shared_ptr<cjose_jwk_t> key(cjose_jwk_import(jwk.data(), jwk.size(), nullptr), cjose_jwk_release);
  if (key == nullptr) throw Unsupported{"does not import the JWK"};
  return [token, key, alg, material] {
    const Jws jws(cjose_jws_import(token.data(), token.size(), nullptr));
    if (jws == nullptr) return false;
    const char* said = cjose_header_get(cjose_jws_get_protected(jws.get()), CJOSE_HDR_ALG, nullptr);
    if (said == nullptr || alg != said || !cjose_jws_verify(jws.get(), key.get(), nullptr)) return false;
    const Json claims = parse_payload(jws.get());
    return claims != nullptr && claims_hold(claims.get(), material);
  };
}

}  // namespace
}  // namespace simdjwt::peers

int main(int argc, char** argv) {
  return simdjwt::peers::serve(argc, argv,
                               {"cjose", cjose_version(), "OpenSSL", "claims checked by the caller with jansson"},
                               simdjwt::peers::prepare);
}
