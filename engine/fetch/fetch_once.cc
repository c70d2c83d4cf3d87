#include "fetch/fetch_once.h"

#include "fetch/backoff.h"
#include "fetch/metadata.h"

namespace simdjwt::fetch {
namespace {

OnceResult failure(simdjwt_error error, std::string detail) {
  return {error, std::move(detail), {}, {}};
}

HttpAnswer get(const Ask& ask, std::string url, const char* accept, const simdjwt_fetch_policy& policy) {
  HttpAnswer answer = ask({std::move(url), accept, {}, Millis(policy.deadline_ms)});
  if (answer.error == SIMDJWT_OK && answer.status != 200) {
    answer.error = SIMDJWT_FETCH_STATUS;
    answer.detail = "status " + std::to_string(answer.status) + " to a request without a condition";
  }
  return answer;
}

OnceResult discover(const Ask& ask, std::string_view issuer, const simdjwt_fetch_policy& policy) {
  OnceResult told;
  for (const std::string& place : well_known_urls(issuer)) {
    if (!is_fetchable(place, policy.allow_http != 0)) return failure(SIMDJWT_FETCH_URL, "the issuer is no such URL");
    HttpAnswer answer = get(ask, place, kAcceptMetadata, policy);
    if (answer.error == SIMDJWT_OK) {
      Metadata metadata = parse_metadata(answer.body, issuer);
      if (metadata.error == SIMDJWT_OK) return {SIMDJWT_OK, {}, std::move(metadata.jwks_uri), {}};
      answer.error = metadata.error;
      answer.detail = std::move(metadata.detail);
    }
    // That a place has nothing says less than what is wrong with the one that has something.
    if (told.error == SIMDJWT_OK || answer.error != SIMDJWT_FETCH_STATUS) told = failure(answer.error, answer.detail);
    if (!may_be_elsewhere(answer.error, answer.status)) break;
  }
  return told;
}

}  // namespace

OnceResult fetch_once(const Ask& ask, std::string_view url, bool is_issuer, const simdjwt_fetch_policy& policy) {
  OnceResult result;
  result.jwks_uri = url;
  if (is_issuer) result = discover(ask, url, policy);
  if (result.error != SIMDJWT_OK) return result;
  if (!is_fetchable(result.jwks_uri, policy.allow_http != 0)) {
    result.error = SIMDJWT_FETCH_URL;
    result.detail = "not an absolute URL of an allowed scheme";
    return result;
  }
  HttpAnswer answer = get(ask, result.jwks_uri, kAcceptKeys, policy);
  if (answer.error != SIMDJWT_OK) {
    result.error = answer.error;
    result.detail = std::move(answer.detail);
    return result;
  }
  KeySet keys = parse_keys(answer.body);
  result.error = keys.error;
  result.detail = std::move(keys.detail);
  result.jwks = std::move(keys.jwks);
  return result;
}

}  // namespace simdjwt::fetch
