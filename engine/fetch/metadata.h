// An issuer's metadata: where they are, and the one thing that is read from them, where its keys are.
//
// Ownership: values. Thread-safety: stateless. Cost: O(n) of the document; allocates. RFC 8414, OpenID Connect
// Discovery 1.0.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "simdjwt/fetch.h"

namespace simdjwt::fetch {

// In the order of trial. OpenID Connect's place first, for nearly every server that has metadata has them there, OAuth
// servers too; RFC 8414's own second.
inline constexpr std::size_t kWellKnownCount = 2;

// Values of Accept (RFC 7517 §8.5.2, RFC 8414 §3.2).
inline constexpr const char* kAcceptKeys = "application/jwk-set+json, application/json";
inline constexpr const char* kAcceptMetadata = "application/json";

// The places of an issuer's metadata; both take away a "/" at the end of the issuer first.
//   [0]  issuer + /.well-known/openid-configuration             (OpenID Connect Discovery 1.0 §4.1)
//   [1]  /.well-known/oauth-authorization-server before its path (RFC 8414 §3.1)
// Empty texts when the issuer is no URL without query and fragment (RFC 8414 §2).
std::array<std::string, kWellKnownCount> well_known_urls(std::string_view issuer);

struct Metadata {
  simdjwt_error error = SIMDJWT_OK;  // SIMDJWT_FETCH_METADATA, SIMDJWT_FETCH_ISSUER
  std::string detail;                // for a person, when there is an error
  std::string jwks_uri;
};

// What a fetch may be sent to: an absolute https URL (or http where that is allowed) with a host.
bool is_fetchable(std::string_view url, bool is_http_allowed);

// Metadata are taken only when their `issuer` is, byte for byte, the one that they were asked for (RFC 8414 §3.3).
Metadata parse_metadata(std::string_view json, std::string_view issuer);

// After this failure at one place: the host answered, and only this place of it has nothing, so another may.
bool may_be_elsewhere(simdjwt_error error, std::uint32_t status) noexcept;

}  // namespace simdjwt::fetch
