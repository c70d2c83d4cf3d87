/* The checks of check.h, and main(): runs every test and prints how many checks were made. */
#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static unsigned checks;
static unsigned failures;

void check_true(int condition, const char* what, const char* file, int line) {
  ++checks;
  if (condition) return;
  ++failures;
  printf("%s:%d: not true: %s\n", file, line, what);
}

void check_number(int64_t actual, int64_t expected, const char* what, const char* wanted, const char* file, int line) {
  ++checks;
  if (actual == expected) return;
  ++failures;
  printf("%s:%d: %s is %" PRId64 ", not %s (%" PRId64 ")\n", file, line, what, actual, wanted, expected);
}

void check_error(simdjwt_error actual, simdjwt_error expected, const char* what, const char* file, int line) {
  ++checks;
  if (actual == expected) return;
  ++failures;
  printf("%s:%d: %s is %s, not %s\n", file, line, what, simdjwt_error_name(actual), simdjwt_error_name(expected));
}

void check_text(const char* actual, const char* expected, const char* what, const char* file, int line) {
  ++checks;
  if (actual != NULL && strcmp(actual, expected) == 0) return;
  ++failures;
  printf("%s:%d: %s is '%s', not '%s'\n", file, line, what, actual ? actual : "(null)", expected);
}

void check_view(simdjwt_str actual, const char* expected, const char* what, const char* file, int line) {
  ++checks;
  if (actual.data != NULL && actual.size == strlen(expected) && memcmp(actual.data, expected, strlen(expected)) == 0) {
    return;
  }
  ++failures;
  printf("%s:%d: %s is '%.*s', not '%s'\n", file, line, what, (int)actual.size, actual.data ? actual.data : "(missing)",
         expected);
}

simdjwt_str str(const char* text) {
  simdjwt_str view;
  view.data = text;
  view.size = strlen(text);
  return view;
}

simdjwt_jwks* parse_jwks(const char* json) {
  simdjwt_jwks* jwks = NULL;
  CHECK_ERROR(simdjwt_jwks_parse(json, strlen(json), &jwks, NULL), SIMDJWT_OK);
  return jwks;
}

simdjwt_ruleset* compile(const char* policy) {
  simdjwt_ruleset* ruleset = NULL;
  simdjwt_diagnostic diagnostic = SIMDJWT_DIAGNOSTIC_INIT;
  CHECK_ERROR(simdjwt_ruleset_compile(policy, strlen(policy), &ruleset, &diagnostic), SIMDJWT_OK);
  CHECK_TEXT(diagnostic.path, "");
  return ruleset;
}

fixture fixture_new(const char* policy) {
  fixture f;
  memset(&f, 0, sizeof f);
  f.ruleset = compile(policy);
  f.jwks = parse_jwks(TOKENS_JWKS);
  CHECK_ERROR(simdjwt_validator_new(f.ruleset, &f.validator), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_keys_publish(f.validator, TOKENS_ISSUER, strlen(TOKENS_ISSUER), f.jwks), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_scratch_new(f.validator, 0, &f.scratch), SIMDJWT_OK);
  return f;
}

void fixture_free(fixture* f) {
  simdjwt_scratch_free(f->scratch);
  simdjwt_validator_free(f->validator);
  simdjwt_jwks_free(f->jwks);
  simdjwt_ruleset_free(f->ruleset);
}

simdjwt_request request_of(const char* token) {
  simdjwt_request request = SIMDJWT_REQUEST_INIT;
  request.token = str(token);
  request.now = TOKENS_NOW;
  return request;
}

simdjwt_verdict validate(const fixture* f, const char* token) {
  const simdjwt_request request = request_of(token);
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  const simdjwt_error error = simdjwt_validate(f->validator, f->scratch, &request, &verdict);
  CHECK_ERROR(error, verdict.error);
  return verdict;
}

int main(void) {
  test_errors();
  test_jwks();
  test_ruleset();
  test_validator();
  test_keys();
  test_validate();
  test_claims();
  test_signatures();
  test_http();
  test_lifetimes();
  test_replay();
  printf("%u checks, %u failed\n", checks, failures);
  return failures == 0 ? 0 : 1;
}
