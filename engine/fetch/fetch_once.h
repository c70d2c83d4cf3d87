// One key set, now: the requests of one attempt, one after the other.
//
// Ownership: values. Thread-safety: that of the client. Cost: blocks for the deadline of each request: one for keys,
// before it at most two for metadata.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "fetch/http_client.h"
#include "fetch/keys.h"

namespace simdjwt::fetch {

// Sends a request and comes back with its answer.
using Ask = std::function<HttpAnswer(HttpRequest)>;

struct OnceResult {
  simdjwt_error error = SIMDJWT_OK;
  std::string detail;
  std::string jwks_uri;
  JwksPtr jwks;  // also with SIMDJWT_FETCH_NO_KEYS, when the document was a set
};

// With `is_issuer`, `url` is an issuer whose metadata say where its keys are.
OnceResult fetch_once(const Ask& ask, std::string_view url, bool is_issuer, const simdjwt_fetch_policy& policy);

}  // namespace simdjwt::fetch
