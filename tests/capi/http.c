/* The Authorization field and the answer to it (RFC 6750 §2.1, §3; RFC 9728 §5.1). */
#include <string.h>

#include "check.h"

#define REALM_POLICY                                                                                       \
  "{\"version\":1,\"challenge\":{\"realm\":\"api\",\"resource_metadata\":\"https://api.example/meta\"},"   \
  "\"issuers\":[{\"issuer\":\"https://as.example\",\"profile\":\"access-token\",\"audiences\":[\"https://" \
  "api.example\"],\"scopes\":[\"read\",\"audit\"]}]}"

static simdjwt_error bearer(const char* value, simdjwt_str* token) {
  return simdjwt_bearer_token(value, strlen(value), token);
}

static void test_bearer(void) {
  simdjwt_str token = str("untouched");
  CHECK_ERROR(simdjwt_bearer_token(NULL, 0, &token), SIMDJWT_CREDENTIALS_MISSING);
  CHECK_ERROR(bearer("Basic dXNlcjpwYXNz", &token), SIMDJWT_CREDENTIALS_MISSING);
  CHECK_ERROR(bearer("Bearer", &token), SIMDJWT_REQUEST_MALFORMED);
  CHECK_ERROR(bearer("Bearer a b", &token), SIMDJWT_REQUEST_MALFORMED);
  CHECK_ERROR(bearer("Bearer a,b", &token), SIMDJWT_REQUEST_MALFORMED);
  CHECK_VIEW(token, "untouched");
  CHECK_ERROR(bearer("Bearer a.b.c", &token), SIMDJWT_OK);
  CHECK_VIEW(token, "a.b.c");
  CHECK_ERROR(bearer("bEARER   x", &token), SIMDJWT_OK);
  CHECK_VIEW(token, "x");
  CHECK_ERROR(simdjwt_bearer_token(NULL, 3, &token), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_bearer_token("Bearer x", 8, NULL), SIMDJWT_INVALID_ARGUMENT);
}

typedef struct answer {
  char value[1024];
  uint64_t size;
  uint32_t status;
} answer;

static answer challenge_of(const fixture* f, simdjwt_error error, const simdjwt_request* request) {
  answer a;
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  verdict.error = error;
  verdict.issuer_index = UINT32_MAX;
  memset(&a, 0, sizeof a);
  CHECK_ERROR(simdjwt_challenge(f->ruleset, &verdict, request, a.value, sizeof a.value - 1, &a.size, &a.status),
              SIMDJWT_OK);
  CHECK_NUMBER(strlen(a.value), a.size);
  return a;
}

static void test_challenge(void) {
  fixture f = fixture_new(REALM_POLICY);
  answer a = challenge_of(&f, SIMDJWT_TOKEN_EXPIRED, NULL);
  CHECK_NUMBER(a.status, 401);
  CHECK(strncmp(a.value, "Bearer ", 7) == 0);
  CHECK(strstr(a.value, "realm=\"api\"") != NULL);
  CHECK(strstr(a.value, "error=\"invalid_token\"") != NULL);
  CHECK(strstr(a.value, "error_description=\"the token has expired\"") != NULL);
  CHECK(strstr(a.value, "resource_metadata=\"https://api.example/meta\"") != NULL);

  a = challenge_of(&f, SIMDJWT_CREDENTIALS_MISSING, NULL); /* RFC 6750 §3.1: no error code */
  CHECK_NUMBER(a.status, 401);
  CHECK(strstr(a.value, "error=") == NULL);
  a = challenge_of(&f, SIMDJWT_REQUEST_MALFORMED, NULL);
  CHECK_NUMBER(a.status, 400);
  CHECK(strstr(a.value, "error=\"invalid_request\"") != NULL);

  CHECK_NUMBER(challenge_of(&f, SIMDJWT_OK, NULL).status, 200);
  CHECK_NUMBER(challenge_of(&f, SIMDJWT_OK, NULL).size, 0);
  CHECK_NUMBER(challenge_of(&f, SIMDJWT_KEYS_UNAVAILABLE, NULL).status, 503);
  CHECK_NUMBER(challenge_of(&f, SIMDJWT_KEYS_UNAVAILABLE, NULL).size, 0);
  CHECK_NUMBER(challenge_of(&f, SIMDJWT_SCRATCH_IN_USE, NULL).status, 500);
  CHECK_NUMBER(challenge_of(&f, UINT32_MAX, NULL).status, 500); /* never 200 for what is not known */
  CHECK_NUMBER(challenge_of(&f, 0x10000, NULL).status, 500);
  fixture_free(&f);
}

static void test_scopes(void) {
  fixture f = fixture_new(REALM_POLICY);
  simdjwt_request request = request_of(TOKENS_GOOD_A);
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  simdjwt_str scope = str("delete");
  char value[1024];
  uint64_t size = 0;
  uint32_t status = 0;
  request.required_scopes = &scope;
  request.required_scope_count = 1;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_INSUFFICIENT_SCOPE);
  CHECK_VIEW(verdict.missing_scope, "audit");
  CHECK_ERROR(simdjwt_challenge(f.ruleset, &verdict, &request, value, sizeof value - 1, &size, &status), SIMDJWT_OK);
  value[size] = '\0';
  CHECK_NUMBER(status, 403);
  CHECK(strstr(value, "error=\"insufficient_scope\"") != NULL);
  CHECK(strstr(value, "scope=\"read audit delete\"") != NULL);
  scope = str("quo\"te");
  CHECK_ERROR(simdjwt_challenge(f.ruleset, &verdict, &request, value, sizeof value, &size, &status),
              SIMDJWT_INVALID_ARGUMENT);
  fixture_free(&f);
}

/* Whatever the room, the size is told, what fits is right, and nothing beyond the room is written. */
static void test_small_buffers(void) {
  fixture f = fixture_new(REALM_POLICY);
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  const answer whole = challenge_of(&f, SIMDJWT_TOKEN_EXPIRED, NULL);
  uint64_t capacity;
  verdict.error = SIMDJWT_TOKEN_EXPIRED;
  verdict.issuer_index = UINT32_MAX;
  for (capacity = 0; capacity <= whole.size; ++capacity) {
    char value[1024];
    uint64_t size = 0;
    uint32_t status = 0;
    memset(value, '#', sizeof value);
    CHECK_ERROR(simdjwt_challenge(f.ruleset, &verdict, NULL, value, capacity, &size, &status),
                capacity < whole.size ? SIMDJWT_BUFFER_TOO_SMALL : SIMDJWT_OK);
    CHECK_NUMBER(size, whole.size);
    CHECK_NUMBER(status, 401);
    CHECK(value[capacity] == '#');
    if (capacity == whole.size) CHECK(memcmp(value, whole.value, capacity) == 0);
  }
  {
    uint64_t size = 0;
    uint32_t status = 0;
    CHECK_ERROR(simdjwt_challenge(f.ruleset, &verdict, NULL, NULL, 0, &size, &status), SIMDJWT_BUFFER_TOO_SMALL);
    CHECK_NUMBER(size, whole.size);
  }
  fixture_free(&f);
}

static void test_wrong_calls(void) {
  fixture f = fixture_new(REALM_POLICY);
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  simdjwt_request request = SIMDJWT_REQUEST_INIT;
  char value[64];
  uint64_t size = 0;
  uint32_t status = 0;
  CHECK_ERROR(simdjwt_challenge(NULL, &verdict, NULL, value, 64, &size, &status), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_challenge(f.ruleset, NULL, NULL, value, 64, &size, &status), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_challenge(f.ruleset, &verdict, NULL, NULL, 64, &size, &status), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_challenge(f.ruleset, &verdict, NULL, value, 64, NULL, &status), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_challenge(f.ruleset, &verdict, NULL, value, 64, &size, NULL), SIMDJWT_INVALID_ARGUMENT);
  request.required_scope_count = 1;
  CHECK_ERROR(simdjwt_challenge(f.ruleset, &verdict, &request, value, 64, &size, &status), SIMDJWT_INVALID_ARGUMENT);
  request.required_scope_count = 65;
  CHECK_ERROR(simdjwt_challenge(f.ruleset, &verdict, &request, value, 64, &size, &status), SIMDJWT_INVALID_ARGUMENT);
  request.struct_size = 1;
  CHECK_ERROR(simdjwt_challenge(f.ruleset, &verdict, &request, value, 64, &size, &status), SIMDJWT_STRUCT_SIZE_UNKNOWN);
  verdict.struct_size = 1;
  CHECK_ERROR(simdjwt_challenge(f.ruleset, &verdict, NULL, value, 64, &size, &status), SIMDJWT_STRUCT_SIZE_UNKNOWN);
  fixture_free(&f);
}

void test_http(void) {
  test_bearer();
  test_challenge();
  test_scopes();
  test_small_buffers();
  test_wrong_calls();
}
