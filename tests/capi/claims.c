/* simdjwt_verified_claim: only of a verified token, every kind, exact names. */
#include <string.h>

#include "check.h"

static simdjwt_error claim(const fixture* f, const char* name, simdjwt_claim* out) {
  return simdjwt_verified_claim(f->scratch, name, strlen(name), out);
}

static void expect(const fixture* f, const char* name, uint32_t kind, const char* json, const char* text) {
  simdjwt_claim found = SIMDJWT_CLAIM_INIT;
  CHECK_ERROR(claim(f, name, &found), SIMDJWT_OK);
  CHECK_NUMBER(found.kind, kind);
  CHECK_VIEW(found.json, json);
  CHECK_VIEW(found.text, text);
}

void test_claims(void) {
  fixture f = fixture_new(TOKENS_POLICY);
  simdjwt_claim found = SIMDJWT_CLAIM_INIT;
  CHECK_ERROR(claim(&f, "sub", &found), SIMDJWT_NOT_FOUND); /* nothing was validated yet */
  CHECK_ERROR(validate(&f, TOKENS_NONCE).error, SIMDJWT_OK);
  expect(&f, "sub", SIMDJWT_KIND_STRING, "\"alice\"", "alice");
  expect(&f, "text", SIMDJWT_KIND_STRING, "\"a\\u00e9\\n\\\"\"", "a\xc3\xa9\n\"");
  expect(&f, "number", SIMDJWT_KIND_NUMBER, "1.5", "1.5");
  expect(&f, "list", SIMDJWT_KIND_ARRAY, "[\"x\",\"y\"]", "[\"x\",\"y\"]");
  expect(&f, "map", SIMDJWT_KIND_OBJECT, "{\"k\":1}", "{\"k\":1}");
  expect(&f, "yes", SIMDJWT_KIND_BOOLEAN, "true", "true");
  expect(&f, "exp", SIMDJWT_KIND_NUMBER, "1800003600", "1800003600");
  CHECK_ERROR(claim(&f, "su", &found), SIMDJWT_NOT_FOUND);
  CHECK_ERROR(claim(&f, "SUB", &found), SIMDJWT_NOT_FOUND);
  CHECK_ERROR(claim(&f, "k", &found), SIMDJWT_NOT_FOUND); /* a member of a claim is not a claim */
  CHECK_ERROR(claim(&f, "", &found), SIMDJWT_NOT_FOUND);
  CHECK_ERROR(simdjwt_verified_claim(f.scratch, NULL, 0, &found), SIMDJWT_NOT_FOUND);
  CHECK_ERROR(simdjwt_verified_claim(f.scratch, NULL, 1, &found), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_verified_claim(NULL, "sub", 3, &found), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_verified_claim(f.scratch, "sub", 3, NULL), SIMDJWT_INVALID_ARGUMENT);
  found.struct_size = 3;
  CHECK_ERROR(claim(&f, "sub", &found), SIMDJWT_STRUCT_SIZE_UNKNOWN);
  found.struct_size = sizeof found;

  /* A token that was rejected before or by its signature has no claims, also not those of the one before. */
  CHECK_ERROR(validate(&f, TOKENS_FORGED).error, SIMDJWT_SIGNATURE_INVALID);
  CHECK_ERROR(claim(&f, "sub", &found), SIMDJWT_NOT_FOUND);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_A).error, SIMDJWT_OK);
  CHECK_ERROR(claim(&f, "sub", &found), SIMDJWT_OK);
  CHECK_ERROR(validate(&f, "").error, SIMDJWT_TOKEN_SEGMENTS);
  CHECK_ERROR(claim(&f, "sub", &found), SIMDJWT_NOT_FOUND);
  fixture_free(&f);
}
