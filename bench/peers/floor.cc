// The floor: OpenSSL alone, contexts and digests reused, nothing decoded and no claim looked at (support/floor.h).

#include "support/floor.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>

#include <cstdlib>

#include "peers/contestant.h"
#include "support/keys.h"

namespace simdjwt::peers {
namespace {

std::shared_ptr<EVP_PKEY> read_pem(const std::string& pem) {
  BIO* in = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = PEM_read_bio_PUBKEY(in, nullptr, nullptr, nullptr);
  BIO_free(in);
  if (key == nullptr) std::abort();
  return {key, EVP_PKEY_free};
}

std::shared_ptr<bench::Floor> make_floor(const Material& material, const std::string& alg, std::string_view token) {
  const auto signature = test::unb64(token.substr(token.rfind('.') + 1));
  const Algorithm algorithm = find_algorithm(alg);
  if (info(algorithm).family == AlgorithmFamily::hmac) {
    return std::make_shared<bench::Floor>(nullptr, as_bytes(material.file(alg, "secret.bin")), algorithm, signature);
  }
  return std::make_shared<bench::Floor>(read_pem(material.file(alg, "public.pem")).get(), ByteView{}, algorithm,
                                        signature);
}

Validation prepare(const Material& material, const std::string& alg, const std::string& token_case) {
  if (token_case != "accept" && token_case != "forged") throw Unsupported{"verifies signatures alone"};
  const std::string token = material.token(alg, token_case, "at+jwt");
  return [floor = make_floor(material, alg, token), message = token.substr(0, token.rfind('.'))] {
    return floor->verify(message);
  };
}

}  // namespace
}  // namespace simdjwt::peers

int main(int argc, char** argv) {
  return simdjwt::peers::serve(
      argc, argv,
      {"floor", OpenSSL_version(OPENSSL_VERSION_STRING), "OpenSSL", "contexts reused; the signature, nothing else"},
      simdjwt::peers::prepare);
}
