/* Keys under terms, withdrawn, and wanted; and what the policy says of fetching them. */
#include <stddef.h>
#include <string.h>

#include "check.h"

#define ISSUER TOKENS_ISSUER, strlen(TOKENS_ISSUER)
#define FETCH_POLICY                                                                                                   \
  "{\"version\":1,\"fetch\":{\"deadline_ms\":1500,\"allow_http\":true,\"proxy\":\"http://proxy:3128\"},"               \
  "\"issuers\":[{\"issuer\":\"https://as.example\",\"profile\":\"access-token\",\"audiences\":[\"x\"],"                \
  "\"discovery\":true},{\"issuer\":\"two\",\"profile\":\"access-token\",\"audiences\":[\"x\"],\"jwks\":" TOKENS_JWKS_A \
  "}]}"

static uint32_t wanted(const fixture* f) {
  uint32_t reasons = 99;
  CHECK_ERROR(simdjwt_keys_wanted(f->validator, ISSUER, &reasons), SIMDJWT_OK);
  return reasons;
}

static void test_terms(void) {
  fixture f = fixture_new(TOKENS_POLICY);
  simdjwt_keys_terms terms = SIMDJWT_KEYS_TERMS_INIT;
  CHECK_NUMBER(terms.fresh_until, INT64_MAX);
  CHECK_ERROR(simdjwt_keys_publish_for(f.validator, ISSUER, f.jwks, &terms), SIMDJWT_OK);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_A).error, SIMDJWT_OK);
  CHECK_NUMBER(simdjwt_keys_wanted_total(f.validator), 0);
  CHECK_NUMBER(wanted(&f), 0);

  terms.fresh_until = TOKENS_NOW;
  CHECK_ERROR(simdjwt_keys_publish_for(f.validator, ISSUER, f.jwks, &terms), SIMDJWT_OK);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_A).error, SIMDJWT_OK);
  CHECK_NUMBER(simdjwt_keys_wanted_total(f.validator), 1);
  CHECK_NUMBER(wanted(&f), SIMDJWT_WANTED_STALE);
  CHECK_NUMBER(wanted(&f), 0);

  terms.usable_until = TOKENS_NOW;
  CHECK_ERROR(simdjwt_keys_publish_for(f.validator, ISSUER, f.jwks, &terms), SIMDJWT_OK);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_A).error, SIMDJWT_KEYS_UNAVAILABLE);
  CHECK_NUMBER(wanted(&f), SIMDJWT_WANTED_MISSING);

  CHECK_ERROR(simdjwt_keys_publish_for(f.validator, ISSUER, f.jwks, NULL), SIMDJWT_OK);
  CHECK_ERROR(validate(&f, TOKENS_UNKNOWN_KID).error, SIMDJWT_KEY_UNKNOWN);
  CHECK_NUMBER(wanted(&f), SIMDJWT_WANTED_UNKNOWN_KID);

  CHECK_ERROR(simdjwt_keys_withdraw(f.validator, ISSUER), SIMDJWT_OK);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_A).error, SIMDJWT_KEYS_UNAVAILABLE);
  CHECK_ERROR(simdjwt_keys_publish(f.validator, ISSUER, f.jwks), SIMDJWT_OK);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_A).error, SIMDJWT_OK);
  CHECK_NUMBER(simdjwt_keys_wanted_total(f.validator), 3);
  fixture_free(&f);
}

static void test_arguments(void) {
  fixture f = fixture_new(TOKENS_POLICY);
  simdjwt_keys_terms terms = SIMDJWT_KEYS_TERMS_INIT;
  uint32_t reasons = 99;
  CHECK_ERROR(simdjwt_keys_publish_for(NULL, ISSUER, f.jwks, NULL), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_keys_publish_for(f.validator, NULL, 0, f.jwks, NULL), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_keys_publish_for(f.validator, ISSUER, NULL, NULL), SIMDJWT_INVALID_ARGUMENT);
  terms.struct_size = 8;
  CHECK_ERROR(simdjwt_keys_publish_for(f.validator, ISSUER, f.jwks, &terms), SIMDJWT_STRUCT_SIZE_UNKNOWN);
  CHECK_ERROR(simdjwt_keys_withdraw(NULL, ISSUER), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_keys_withdraw(f.validator, NULL, 0), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_keys_withdraw(f.validator, "nobody", 6), SIMDJWT_NOT_FOUND);
  CHECK_NUMBER(simdjwt_keys_wanted_total(NULL), 0);
  CHECK_ERROR(simdjwt_keys_wanted(NULL, ISSUER, &reasons), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_keys_wanted(f.validator, NULL, 0, &reasons), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_keys_wanted(f.validator, ISSUER, NULL), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_keys_wanted(f.validator, "nobody", 6, &reasons), SIMDJWT_NOT_FOUND);
  CHECK_NUMBER(reasons, 99);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_A).error, SIMDJWT_OK);
  fixture_free(&f);
}

static void test_fetch_policy(void) {
  simdjwt_ruleset* const ruleset = compile(FETCH_POLICY);
  simdjwt_ruleset* const plain = compile(TOKENS_POLICY);
  simdjwt_fetch_policy policy = SIMDJWT_FETCH_POLICY_INIT, defaults = SIMDJWT_FETCH_POLICY_INIT;
  simdjwt_issuer_info info = SIMDJWT_ISSUER_INFO_INIT;
  CHECK_ERROR(simdjwt_ruleset_fetch(ruleset, &policy), SIMDJWT_OK);
  CHECK_NUMBER(policy.deadline_ms, 1500);
  CHECK_NUMBER(policy.allow_http, 1);
  CHECK_NUMBER(policy.allow_private_addresses, 0);
  CHECK_VIEW(policy.proxy, "http://proxy:3128");
  CHECK_MISSING(policy.ca_file);
  CHECK_ERROR(simdjwt_ruleset_fetch(plain, &policy), SIMDJWT_OK);
  CHECK_NUMBER(policy.deadline_ms, 5000);
  CHECK_NUMBER(policy.max_body_bytes, 1048576);
  CHECK_NUMBER(policy.max_header_bytes, 16384);
  CHECK_NUMBER(policy.max_redirects, 2);
  CHECK_NUMBER(policy.allow_cross_origin_redirects, 0);
  CHECK_NUMBER(policy.allow_http, 0);
  CHECK_NUMBER(policy.min_refresh_s, 60);
  CHECK_NUMBER(policy.max_refresh_s, 600);
  CHECK_NUMBER(policy.max_stale_s, 86400);
  CHECK_NUMBER(policy.cooldown_s, 31);
  CHECK_NUMBER(policy.unknown_kid_ttl_s, 300);
  CHECK_NUMBER(policy.min_backoff_ms, 500);
  CHECK_NUMBER(policy.max_backoff_s, 30);
  CHECK_NUMBER(policy.host_requests_per_minute, 120);
  CHECK_MISSING(policy.proxy);
  CHECK_MISSING(policy.state_dir);
  CHECK_ERROR(simdjwt_fetch_policy_defaults(&defaults), SIMDJWT_OK);
  CHECK(memcmp(&defaults, &policy, sizeof policy) == 0);
  CHECK_ERROR(simdjwt_fetch_policy_defaults(NULL), SIMDJWT_INVALID_ARGUMENT);
  defaults.struct_size = 4;
  CHECK_ERROR(simdjwt_fetch_policy_defaults(&defaults), SIMDJWT_STRUCT_SIZE_UNKNOWN);
  CHECK_ERROR(simdjwt_ruleset_fetch(NULL, &policy), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_ruleset_fetch(ruleset, NULL), SIMDJWT_INVALID_ARGUMENT);
  policy.struct_size = 4;
  CHECK_ERROR(simdjwt_ruleset_fetch(ruleset, &policy), SIMDJWT_STRUCT_SIZE_UNKNOWN);

  CHECK_ERROR(simdjwt_ruleset_issuer(ruleset, 0, &info), SIMDJWT_OK);
  CHECK_NUMBER(info.has_discovery, 1);
  CHECK_MISSING(info.jwks_uri);
  CHECK_ERROR(simdjwt_ruleset_issuer(ruleset, 1, &info), SIMDJWT_OK);
  CHECK_NUMBER(info.has_discovery, 0);
  /* A program from before the struct had this member. */
  info.struct_size = offsetof(simdjwt_issuer_info, has_discovery);
  info.has_discovery = 77;
  CHECK_ERROR(simdjwt_ruleset_issuer(ruleset, 0, &info), SIMDJWT_OK);
  CHECK_VIEW(info.issuer, "https://as.example");
  CHECK_NUMBER(info.has_discovery, 77);
  simdjwt_ruleset_free(plain);
  simdjwt_ruleset_free(ruleset);
}

void test_keys(void) {
  test_terms();
  test_arguments();
  test_fetch_policy();
}
