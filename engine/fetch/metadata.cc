#include "fetch/metadata.h"

#include <algorithm>

#include "base/padded_text.h"
#include "fetch/url.h"
#include "json/json_reader.h"

namespace simdjwt::fetch {
namespace {

constexpr std::size_t kMaxBytes = 256 * 1024;
constexpr std::uint32_t kMaxNodes = 8192;
constexpr std::size_t kMaxUriBytes = 8192;

Metadata failure(simdjwt_error error, std::string detail) {
  return {error, std::move(detail), {}};
}

bool is_uri_text(std::string_view text) {
  return !text.empty() && text.size() <= kMaxUriBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

std::array<std::string, kWellKnownCount> well_known_urls(std::string_view issuer) {
  const std::size_t scheme = issuer.find("://");
  if (scheme == std::string_view::npos || scheme == 0 || !is_uri_text(issuer) ||
      issuer.find_first_of("?#") != std::string_view::npos) {
    return {};
  }
  if (issuer.back() == '/') issuer.remove_suffix(1);
  const std::size_t host = scheme + 3;
  const std::size_t path = std::min(issuer.find('/', host), issuer.size());
  if (path <= host) return {};
  std::string openid(issuer);
  openid += "/.well-known/openid-configuration";
  std::string oauth(issuer.substr(0, path));
  oauth += "/.well-known/oauth-authorization-server";
  oauth += issuer.substr(path);
  return {std::move(openid), std::move(oauth)};
}

Metadata parse_metadata(std::string_view json, std::string_view issuer) {
  if (json.size() > kMaxBytes) return failure(SIMDJWT_FETCH_METADATA, "metadata: too long");
  const PaddedText text(json, JsonReader::kPadding);
  JsonLimits limits;
  limits.max_bytes = static_cast<std::uint32_t>(std::max<std::size_t>(json.size(), 1));
  limits.max_nodes = kMaxNodes;
  JsonReader reader(limits);
  const JsonResult result = reader.read(text.view());
  if (result.error != Error::ok) {
    return failure(SIMDJWT_FETCH_METADATA,
                   "metadata: " + std::string(error_text(result.error)) + " at byte " + std::to_string(result.offset));
  }
  const auto nodes = reader.nodes();
  const JsonNode* name = find_member(nodes, 0, "issuer");
  // RFC 8414 §3.3: metadata whose issuer is not identical MUST NOT be used.
  if (name == nullptr || name->kind != JsonKind::string) {
    return failure(SIMDJWT_FETCH_ISSUER, "metadata: no issuer");
  }
  if (name->text != issuer) {
    return failure(SIMDJWT_FETCH_ISSUER, "metadata: of the issuer " + std::string(name->json.substr(0, 160)));
  }
  const JsonNode* uri = find_member(nodes, 0, "jwks_uri");
  if (uri == nullptr || uri->kind != JsonKind::string || !is_uri_text(uri->text)) {
    return failure(SIMDJWT_FETCH_METADATA, "metadata: no jwks_uri");
  }
  return {SIMDJWT_OK, {}, std::string(uri->text)};
}

bool is_fetchable(std::string_view url, bool is_http_allowed) {
  const std::optional<Url> parsed = parse_url(url);
  return parsed && (parsed->is_https || is_http_allowed);
}

bool may_be_elsewhere(simdjwt_error error, std::uint32_t status) noexcept {
  switch (error) {
    case SIMDJWT_FETCH_STATUS:
      return status >= 400 && status < 500 && status != 429;
    case SIMDJWT_FETCH_REDIRECT:
    case SIMDJWT_FETCH_METADATA:
    case SIMDJWT_FETCH_ISSUER:
      return true;
    default:
      return false;
  }
}

}  // namespace simdjwt::fetch
