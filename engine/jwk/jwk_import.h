// Between jwk.cc, which reads the members all keys share, and the importer of each kty. Internal to jwk/.
//
// An importer reads the members of its kty, checks the numbers, and fills material, bits, curve and the algorithms that
// the key by itself could verify. On error it sets member and returns the error.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "jwk/jwk.h"

namespace simdjwt {

using Bytes = std::vector<std::uint8_t>;

struct JwkSource {
  std::span<const JsonNode> nodes;
  std::uint32_t index;

  const JsonNode* find(std::string_view name) const noexcept { return find_member(nodes, index, name); }
};

// A required member that is canonical base64url.
Error read_bytes(const JwkSource& source, std::string_view name, Jwk& jwk, Bytes& out);

Error import_rsa(const JwkSource& source, Jwk& jwk);
Error import_ec(const JwkSource& source, Jwk& jwk);
Error import_okp(const JwkSource& source, Jwk& jwk);
Error import_oct(const JwkSource& source, Jwk& jwk);
Error import_akp(const JwkSource& source, Jwk& jwk);

}  // namespace simdjwt
