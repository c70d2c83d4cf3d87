#include "jwk/thumbprint.h"

#include <openssl/evp.h>

#include "codec/base64url.h"

namespace simdjwt {
namespace {

// RFC 7638 §3.2, RFC 8037 §2, RFC 9964 §6.
std::span<const std::string_view> required_members(KeyType type) {
  static constexpr std::string_view kRsa[] = {"e", "kty", "n"};
  static constexpr std::string_view kEc[] = {"crv", "kty", "x", "y"};
  static constexpr std::string_view kOkp[] = {"crv", "kty", "x"};
  static constexpr std::string_view kOct[] = {"k", "kty"};
  static constexpr std::string_view kAkp[] = {"alg", "kty", "pub"};
  switch (type) {
    case KeyType::rsa:
      return kRsa;
    case KeyType::ec:
      return kEc;
    case KeyType::okp:
      return kOkp;
    case KeyType::oct:
      return kOct;
    case KeyType::akp:
      return kAkp;
    default:
      return {};
  }
}

}  // namespace

std::string thumbprint(const JwkSource& source, const Jwk& jwk) {
  // The values are base64url or registered names, none of which JSON escapes.
  std::string canonical = "{";
  for (std::string_view name : required_members(jwk.type)) {
    if (canonical.size() > 1) canonical += ',';
    canonical.append("\"").append(name).append("\":\"").append(source.find(name)->text).append("\"");
  }
  canonical += '}';
  std::uint8_t digest[32];
  unsigned size = 0;
  if (EVP_Digest(canonical.data(), canonical.size(), digest, &size, EVP_sha256(), nullptr) != 1) return {};
  return base64url_encode(ByteView(digest, size));
}

}  // namespace simdjwt
