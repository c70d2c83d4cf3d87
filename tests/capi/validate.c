/* simdjwt_validate: known tokens, the whole verdict, the trace, scopes, the nonce, and wrong calls. */
#include <string.h>

#include "check.h"

#define ID_TOKEN_POLICY                                                                                     \
  "{\"version\":1,\"issuers\":[{\"issuer\":\"https://as.example\",\"profile\":\"id-token\",\"algorithms\":" \
  "[\"ES256\"],\"audiences\":[\"https://api.example\"]}]}"

static void test_good(void) {
  fixture f = fixture_new(TOKENS_POLICY);
  const simdjwt_verdict verdict = validate(&f, TOKENS_GOOD_A);
  CHECK_ERROR(verdict.error, SIMDJWT_OK);
  CHECK_NUMBER(verdict.check, SIMDJWT_CHECK_NONE);
  CHECK_NUMBER(verdict.offset, UINT32_MAX);
  CHECK_MISSING(verdict.member);
  CHECK_MISSING(verdict.missing_scope);
  CHECK_NUMBER(verdict.issuer_index, 0);
  CHECK_NUMBER(verdict.verified, 1);
  CHECK_VIEW(verdict.alg, "ES256");
  CHECK_VIEW(verdict.kid, "a");
  CHECK_VIEW(verdict.header, "{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"a\"}");
  CHECK(verdict.claims.size > 100 && verdict.claims.data[0] == '{');
  CHECK_VIEW(verdict.issuer, TOKENS_ISSUER);
  CHECK_VIEW(verdict.subject, "alice");
  CHECK_VIEW(verdict.jti, "jti-1");
  CHECK_VIEW(verdict.client_id, "app");
  CHECK_VIEW(verdict.scope, "read write");
  CHECK_NUMBER(verdict.exp, TOKENS_NOW + 3600);
  CHECK_NUMBER(verdict.nbf, TOKENS_NOW - 60);
  CHECK_NUMBER(verdict.iat, TOKENS_NOW - 60);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_B).error, SIMDJWT_OK);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_RSA).error, SIMDJWT_OK);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_ED25519).error, SIMDJWT_OK);
  fixture_free(&f);
}

typedef struct rejection {
  const char* token;
  simdjwt_error error;
  simdjwt_check check;
  const char* member; /* NULL: none */
} rejection;

static void test_rejected(void) {
  static const rejection table[] = {
      {TOKENS_FORGED, SIMDJWT_SIGNATURE_INVALID, SIMDJWT_CHECK_SIGNATURE, NULL},
      {TOKENS_UNKNOWN_KID, SIMDJWT_KEY_UNKNOWN, SIMDJWT_CHECK_KEY, "kid"},
      {TOKENS_EXPIRED, SIMDJWT_TOKEN_EXPIRED, SIMDJWT_CHECK_EXPIRY, "exp"},
      {TOKENS_NOT_YET, SIMDJWT_TOKEN_NOT_YET_VALID, SIMDJWT_CHECK_NOT_BEFORE, "nbf"},
      {TOKENS_FROM_FUTURE, SIMDJWT_IAT_IN_FUTURE, SIMDJWT_CHECK_ISSUED_AT, "iat"},
      {TOKENS_WRONG_AUD, SIMDJWT_AUD_MISMATCH, SIMDJWT_CHECK_AUDIENCE, "aud"},
      {TOKENS_WRONG_ISS, SIMDJWT_ISS_UNKNOWN, SIMDJWT_CHECK_ISSUER, "iss"},
      {TOKENS_WRONG_TYP, SIMDJWT_TYP_MISMATCH, SIMDJWT_CHECK_TYP, "typ"},
      {TOKENS_NO_JTI, SIMDJWT_CLAIM_MISSING, SIMDJWT_CHECK_REQUIRED_CLAIMS, "jti"},
      {TOKENS_MAC, SIMDJWT_ALG_NOT_ALLOWED, SIMDJWT_CHECK_ALGORITHM, "alg"},
      {TOKENS_JWS, SIMDJWT_JSON_NOT_AN_OBJECT, SIMDJWT_CHECK_PAYLOAD_JSON, NULL},
      {"", SIMDJWT_TOKEN_SEGMENTS, SIMDJWT_CHECK_STRUCTURE, NULL},
      {"a.b.c.d", SIMDJWT_TOKEN_SEGMENTS, SIMDJWT_CHECK_STRUCTURE, NULL},
      {".b.c", SIMDJWT_TOKEN_EMPTY_SEGMENT, SIMDJWT_CHECK_STRUCTURE, NULL},
      {"e30=.e30.AA", SIMDJWT_BASE64URL_CHARACTER, SIMDJWT_CHECK_HEADER_ENCODING, NULL},
      {"e30.e30.AA", SIMDJWT_HEADER_ALG_MISSING, SIMDJWT_CHECK_HEADER_MEMBERS, "alg"},
      {"eyJhbGciOiJub25lIn0.e30.AA", SIMDJWT_ALG_NONE, SIMDJWT_CHECK_HEADER_MEMBERS, "alg"},
  };
  fixture f = fixture_new(TOKENS_POLICY);
  size_t i;
  for (i = 0; i < sizeof table / sizeof *table; ++i) {
    const simdjwt_verdict verdict = validate(&f, table[i].token);
    CHECK_ERROR(verdict.error, table[i].error);
    CHECK_NUMBER(verdict.check, table[i].check);
    if (table[i].member != NULL) CHECK_VIEW(verdict.member, table[i].member);
    /* Nothing read from the token leaves the validator before the signature has been verified. */
    CHECK_NUMBER(verdict.verified, 0);
    CHECK_MISSING(verdict.alg);
    CHECK_MISSING(verdict.kid);
    CHECK_MISSING(verdict.header);
    CHECK_MISSING(verdict.claims);
    CHECK_MISSING(verdict.issuer);
    CHECK_MISSING(verdict.subject);
    CHECK_MISSING(verdict.jti);
    CHECK_MISSING(verdict.client_id);
    CHECK_MISSING(verdict.scope);
    CHECK_NUMBER(verdict.exp, SIMDJWT_NO_TIME);
    CHECK_NUMBER(verdict.nbf, SIMDJWT_NO_TIME);
    CHECK_NUMBER(verdict.iat, SIMDJWT_NO_TIME);
  }
  CHECK_NUMBER(validate(&f, "e30=.e30.AA").offset, 3);
  CHECK_ERROR(validate(&f, TOKENS_BOUND).error, SIMDJWT_BINDING_MISSING);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_A).error, SIMDJWT_OK); /* and the scratch is as good as before */
  fixture_free(&f);
}

static void test_size_limit(void) {
  static char token[16385];
  fixture f = fixture_new(TOKENS_POLICY);
  simdjwt_request request = SIMDJWT_REQUEST_INIT;
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  memset(token, 'A', sizeof token);
  request.token.data = token;
  request.token.size = sizeof token;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_TOKEN_TOO_LARGE);
  request.token.size = sizeof token - 1;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_TOKEN_SEGMENTS);
  request.token.size = UINT64_MAX; /* nothing is read before the size has been checked */
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_TOKEN_TOO_LARGE);
  fixture_free(&f);
}

static void test_time(void) {
  fixture f = fixture_new(TOKENS_POLICY);
  simdjwt_request request = request_of(TOKENS_GOOD_A);
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  request.now = TOKENS_NOW + 3599;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_OK);
  request.now = TOKENS_NOW + 3600;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_TOKEN_EXPIRED);
  request.now = TOKENS_NOW - 61;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_TOKEN_NOT_YET_VALID);
  request.now = INT64_MAX;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_TOKEN_EXPIRED);
  request.now = INT64_MIN;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_TOKEN_NOT_YET_VALID);
  fixture_free(&f);
}

static void test_scopes(void) {
  fixture f = fixture_new(TOKENS_POLICY);
  simdjwt_request request = request_of(TOKENS_GOOD_A);
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  simdjwt_str scopes[65];
  size_t i;
  scopes[0] = str("write");
  scopes[1] = str("admin");
  request.required_scopes = scopes;
  request.required_scope_count = 1;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_OK);
  request.required_scope_count = 2;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_INSUFFICIENT_SCOPE);
  CHECK_VIEW(verdict.missing_scope, "admin");
  CHECK_NUMBER(verdict.check, SIMDJWT_CHECK_SCOPE);
  CHECK_NUMBER(verdict.verified, 1);
  CHECK_VIEW(verdict.subject, "alice");
  scopes[0] = str("rea"); /* a prefix is another scope */
  request.required_scope_count = 1;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_INSUFFICIENT_SCOPE);

  for (i = 0; i < 65; ++i) scopes[i] = str("read");
  request.required_scope_count = 64;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_OK);
  request.required_scope_count = 65;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_INVALID_ARGUMENT);
  request.required_scope_count = 1;
  scopes[0] = str("read write"); /* not a scope token */
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_INVALID_ARGUMENT);
  scopes[0].data = NULL;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_INVALID_ARGUMENT);
  request.required_scopes = NULL;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_INVALID_ARGUMENT);
  fixture_free(&f);
}

static void test_nonce(void) {
  fixture f = fixture_new(ID_TOKEN_POLICY);
  simdjwt_request request = request_of(TOKENS_NONCE);
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_OK);
  request.nonce = str("n-1");
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_OK);
  request.nonce = str("n-2");
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_NONCE_MISMATCH);
  request.nonce = str(""); /* empty is not missing */
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_NONCE_MISMATCH);
  request.nonce = str("n-1");
  request.token = str(TOKENS_GOOD_A);
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_NONCE_MISMATCH);
  fixture_free(&f);
}

static void test_trace(void) {
  fixture f = fixture_new(TOKENS_POLICY);
  simdjwt_request request = request_of(TOKENS_GOOD_A);
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  simdjwt_trace trace = SIMDJWT_TRACE_INIT;
  uint32_t i;
  request.trace = &trace;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_OK);
  CHECK_NUMBER(trace.count, SIMDJWT_CHECK_COUNT);
  for (i = 0; i < trace.count; ++i) {
    CHECK_NUMBER(trace.entries[i].check, i + 1);
    CHECK_ERROR(trace.entries[i].error, SIMDJWT_OK);
  }

  /* Wrong audience, and expired on top of it: both show, and the verdict is that of the first. */
  request.token = str(TOKENS_WRONG_AUD);
  request.now = TOKENS_NOW + 7200;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_TOKEN_EXPIRED);
  CHECK_NUMBER(trace.count, SIMDJWT_CHECK_COUNT - 1); /* all but replay, which comes to tokens without a fault */
  for (i = 0; i < trace.count; ++i) {
    const simdjwt_trace_entry* const entry = &trace.entries[i];
    if (entry->check == SIMDJWT_CHECK_EXPIRY) {
      CHECK_ERROR(entry->error, SIMDJWT_TOKEN_EXPIRED);
      CHECK_VIEW(entry->member, "exp");
    } else if (entry->check == SIMDJWT_CHECK_AUDIENCE) {
      CHECK_ERROR(entry->error, SIMDJWT_AUD_MISMATCH);
    } else {
      CHECK_ERROR(entry->error, SIMDJWT_OK);
    }
  }

  /* A token that cannot be read ends the trace. */
  request.token = str("a.b");
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_TOKEN_SEGMENTS);
  CHECK_NUMBER(trace.count, 2);

  trace.struct_size = 4;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_STRUCT_SIZE_UNKNOWN);
  fixture_free(&f);
}

static void test_wrong_calls(void) {
  fixture f = fixture_new(TOKENS_POLICY);
  simdjwt_request request = request_of(TOKENS_GOOD_A);
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_validate(NULL, f.scratch, &request, &verdict), SIMDJWT_INVALID_ARGUMENT);
  /* The verdict tells of this call: it is not left as the one before wrote it. */
  CHECK_ERROR(verdict.error, SIMDJWT_INVALID_ARGUMENT);
  CHECK_NUMBER(verdict.verified, 0);
  CHECK_MISSING(verdict.subject);
  CHECK_ERROR(simdjwt_validate(f.validator, NULL, &request, &verdict), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, NULL, &verdict), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, NULL), SIMDJWT_INVALID_ARGUMENT);
  request.struct_size = 12;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_STRUCT_SIZE_UNKNOWN);
  CHECK_ERROR(verdict.error, SIMDJWT_STRUCT_SIZE_UNKNOWN);
  request = request_of(TOKENS_GOOD_A);
  verdict.struct_size = 12;
  verdict.error = 77;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_STRUCT_SIZE_UNKNOWN);
  CHECK_NUMBER(verdict.error, 77); /* of a size that is not known nothing is written */
  verdict.struct_size = sizeof verdict;
  request.token.data = NULL;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_INVALID_ARGUMENT);
  request = request_of(TOKENS_GOOD_A);
  request.nonce.size = 3;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_INVALID_ARGUMENT);
  request.token.data = NULL; /* no bytes at all: a token that is not one */
  request.token.size = 0;
  request.nonce.size = 0;
  CHECK_ERROR(simdjwt_validate(f.validator, f.scratch, &request, &verdict), SIMDJWT_TOKEN_SEGMENTS);
  fixture_free(&f);
}

void test_validate(void) {
  test_good();
  test_rejected();
  test_size_limit();
  test_time();
  test_scopes();
  test_nonce();
  test_trace();
  test_wrong_calls();
}
