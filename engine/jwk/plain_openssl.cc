#include "jwk/plain_openssl.h"

#include <openssl/evp.h>
#include <openssl/provider.h>

#include <string_view>

#include "jwk/error_mark.h"

namespace simdjwt {

// SHA-256 stands for all: every provider of cryptography has it.
bool plain_openssl_is_allowed() noexcept {
  if (EVP_default_properties_is_fips_enabled(nullptr) != 0) return false;
  const ErrorMark mark;
  EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (md == nullptr) return false;
  const bool is_default = std::string_view(OSSL_PROVIDER_get0_name(EVP_MD_get0_provider(md))) == "default";
  EVP_MD_free(md);
  return is_default;
}

}  // namespace simdjwt
