// Metadata of an issuer: what is taken from them is what simdjson's DOM parser reads there, and the issuer is the one
// asked for; the places where they are looked for are of the issuer's own origin.
#include <simdjson.h>

#include "check.h"
#include "fetch/metadata.h"
#include "fetch/url.h"

namespace {

using namespace simdjwt;
using namespace simdjwt::fetch;

constexpr std::string_view kIssuer = "https://as.example";

void check_metadata(std::string_view json) {
  const Metadata metadata = parse_metadata(json, kIssuer);
  if (metadata.error != SIMDJWT_OK) {
    FUZZ_CHECK(metadata.error == SIMDJWT_FETCH_METADATA || metadata.error == SIMDJWT_FETCH_ISSUER);
    FUZZ_CHECK(metadata.jwks_uri.empty() && !metadata.detail.empty());
    return;
  }
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(json);
  simdjson::dom::object object;
  FUZZ_CHECK(parser.parse(padded).get(object) == simdjson::SUCCESS);
  std::string_view issuer, jwks_uri;
  FUZZ_CHECK(object["issuer"].get(issuer) == simdjson::SUCCESS && issuer == kIssuer);
  FUZZ_CHECK(object["jwks_uri"].get(jwks_uri) == simdjson::SUCCESS && jwks_uri == metadata.jwks_uri);
  for (const char c : jwks_uri) FUZZ_CHECK(c > 0x20 && c < 0x7f);
}

void check_places(std::string_view issuer) {
  const auto places = well_known_urls(issuer);
  FUZZ_CHECK(places[0].empty() == places[1].empty());
  const std::optional<Url> own = parse_url(issuer);
  for (const std::string& place : places) {
    const std::optional<Url> url = parse_url(place);
    FUZZ_CHECK(!url || (own && is_same_origin(*own, *url)));
    FUZZ_CHECK(!url || url->target.find("/.well-known/") != std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 1 << 15) return 0;
  check_metadata(fuzz::text(data, size));
  check_places(fuzz::text(data, size));
  return 0;
}
