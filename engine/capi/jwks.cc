#include "capi/handles.h"

using namespace simdjwt;
using namespace simdjwt::capi;

namespace simdjwt::capi {

bool write_diagnostic(simdjwt_diagnostic* diagnostic, Error error, std::uint32_t offset, std::string_view path,
                      std::string_view expected) noexcept {
  if (diagnostic == nullptr) return true;
  if (!knows_size(diagnostic)) return false;
  diagnostic->error = code(error);
  diagnostic->offset = offset;
  copy_text(path, diagnostic->path);
  copy_text(expected, diagnostic->expected);
  return true;
}

}  // namespace simdjwt::capi

namespace {

// The names of a set of algorithms, separated by spaces.
template <std::size_t N>
void write_algorithms(AlgorithmSet set, char (&out)[N]) noexcept {
  std::size_t size = 0;
  for (const AlgorithmInfo& row : algorithms()) {
    if (!set.has(row.algorithm) || size + row.name.size() + 2 > N) continue;
    if (size != 0) out[size++] = ' ';
    std::memcpy(out + size, row.name.data(), row.name.size());
    size += row.name.size();
  }
  out[size] = '\0';
}

}  // namespace

simdjwt_error simdjwt_jwks_parse(const char* json, uint64_t size, simdjwt_jwks** out,
                                 simdjwt_diagnostic* diagnostic) noexcept {
  if (json == nullptr || out == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  if (!write_diagnostic(diagnostic, Error::ok, UINT32_MAX, {}, {})) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  try {
    JwkSetResult parsed = JwkSet::parse(text(json, size));
    if (parsed.error != Error::ok) {
      const bool is_json = parsed.error == Error::jwks_json;
      write_diagnostic(diagnostic, parsed.error, is_json ? parsed.offset : UINT32_MAX, {},
                       is_json ? error_text(parsed.json_error) : "a JWK Set or a JWK");
      return code(parsed.error);
    }
    *out = new simdjwt_jwks{std::move(parsed.set)};
    return SIMDJWT_OK;
  } catch (const std::bad_alloc&) {
    return SIMDJWT_OUT_OF_MEMORY;
  }
}

void simdjwt_jwks_free(simdjwt_jwks* jwks) noexcept { delete jwks; }

uint32_t simdjwt_jwks_count(const simdjwt_jwks* jwks) noexcept {
  return jwks == nullptr ? 0 : static_cast<uint32_t>(jwks->set->entries().size());
}

simdjwt_error simdjwt_jwks_key(const simdjwt_jwks* jwks, uint32_t index, simdjwt_key_info* info) noexcept {
  if (jwks == nullptr || info == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  if (!knows_size(info)) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  if (index >= jwks->set->entries().size()) return SIMDJWT_NOT_FOUND;
  const Jwk& key = jwks->set->entries()[index];
  info->error = code(key.error);
  info->member = optional_view(!key.member.empty(), key.member);
  info->kid = optional_view(key.has_kid, key.kid);
  info->kty = optional_view(!key.kty.empty(), key.kty);
  info->crv = optional_view(!key.crv.empty(), key.crv);
  info->alg = optional_view(!key.alg.empty(), key.alg);
  info->use = optional_view(!key.use.empty(), key.use);
  info->bits = key.bits;
  info->has_private = key.has_private ? 1 : 0;
  copy_text(key.thumbprint, info->thumbprint);
  write_algorithms(key.algorithms, info->algorithms);
  return SIMDJWT_OK;
}
