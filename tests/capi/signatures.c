/* Signatures alone: a JWS of any payload, and a raw signature. */
#include <string.h>

#include "check.h"

typedef struct tools {
  simdjwt_jwks* jwks;
  simdjwt_scratch* scratch;
} tools;

static simdjwt_error verify(const tools* t, const char* algorithms, const char* token, simdjwt_verdict* verdict) {
  return simdjwt_verify_jws(t->jwks, t->scratch, algorithms, strlen(algorithms), token, strlen(token), verdict);
}

static void test_jws(const tools* t) {
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  simdjwt_claim found = SIMDJWT_CLAIM_INIT;
  simdjwt_scratch* small = NULL;
  CHECK_ERROR(verify(t, "ES256", TOKENS_JWS, &verdict), SIMDJWT_OK);
  CHECK_NUMBER(verdict.verified, 1);
  CHECK_VIEW(verdict.claims, "any bytes at all");
  CHECK_VIEW(verdict.alg, "ES256");
  CHECK_VIEW(verdict.kid, "a");
  CHECK_MISSING(verdict.issuer);
  CHECK_NUMBER(verdict.exp, SIMDJWT_NO_TIME);
  CHECK_NUMBER(verdict.issuer_index, UINT32_MAX);
  CHECK_ERROR(simdjwt_verified_claim(t->scratch, "sub", 3, &found), SIMDJWT_NOT_FOUND);

  CHECK_ERROR(verify(t, "RS256 ES256", TOKENS_EXPIRED, &verdict), SIMDJWT_OK); /* no claim is looked at */
  CHECK_ERROR(verify(t, "RS256", TOKENS_JWS, &verdict), SIMDJWT_ALG_NOT_ALLOWED);
  CHECK_ERROR(verify(t, "", TOKENS_JWS, &verdict), SIMDJWT_ALG_NOT_ALLOWED);
  CHECK_ERROR(verify(t, "none ES256", "eyJhbGciOiJub25lIn0.e30.AA", &verdict), SIMDJWT_ALG_NONE);
  CHECK_ERROR(verify(t, "ES256", TOKENS_FORGED, &verdict), SIMDJWT_SIGNATURE_INVALID);
  CHECK_NUMBER(verdict.verified, 0);
  CHECK_MISSING(verdict.claims);
  CHECK_ERROR(verify(t, "ES256", "a.b", &verdict), SIMDJWT_TOKEN_SEGMENTS);
  CHECK_ERROR(verify(t, "HS256", TOKENS_MAC, &verdict), SIMDJWT_KEY_UNKNOWN);

  CHECK_ERROR(simdjwt_scratch_new(NULL, 64, &small), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_verify_jws(t->jwks, small, "ES256", 5, TOKENS_JWS, strlen(TOKENS_JWS), &verdict),
              SIMDJWT_TOKEN_TOO_LARGE);
  simdjwt_scratch_free(small);
}

static void test_jws_calls(const tools* t) {
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  CHECK_ERROR(simdjwt_verify_jws(NULL, t->scratch, "ES256", 5, "a", 1, &verdict), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(verdict.error, SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_verify_jws(t->jwks, NULL, "ES256", 5, "a", 1, &verdict), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_verify_jws(t->jwks, t->scratch, NULL, 5, "a", 1, &verdict), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_verify_jws(t->jwks, t->scratch, "ES256", 5, NULL, 1, &verdict), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_verify_jws(t->jwks, t->scratch, "ES256", 5, "a", 1, NULL), SIMDJWT_INVALID_ARGUMENT);
  verdict.struct_size = 0;
  CHECK_ERROR(simdjwt_verify_jws(t->jwks, t->scratch, "ES256", 5, "a", 1, &verdict), SIMDJWT_STRUCT_SIZE_UNKNOWN);
}

/* RFC 8032 §7.1, TEST 2: an Ed25519 key, one byte of message, and the signature. */
static void test_raw(void) {
  static const unsigned char message[] = {0x72};
  static const unsigned char signature[64] = {
      0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8, 0x72, 0x0e, 0x82, 0x0b, 0x5f, 0x64, 0x25, 0x40,
      0xa2, 0xb2, 0x7b, 0x54, 0x16, 0x50, 0x3f, 0x8f, 0xb3, 0x76, 0x22, 0x23, 0xeb, 0xdb, 0x69, 0xda,
      0x08, 0x5a, 0xc1, 0xe4, 0x3e, 0x15, 0x99, 0x6e, 0x45, 0x8f, 0x36, 0x13, 0xd0, 0xf1, 0x1d, 0x8c,
      0x38, 0x7b, 0x2e, 0xae, 0xb4, 0x30, 0x2a, 0xee, 0xb0, 0x0d, 0x29, 0x16, 0x12, 0xbb, 0x0c, 0x00};
  simdjwt_jwks* const jwks = parse_jwks(
      "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw\"},"
      "{\"kty\":\"EC\",\"crv\":\"P-999\"}]}");
  simdjwt_scratch* scratch = NULL;
  CHECK_ERROR(simdjwt_scratch_new(NULL, 0, &scratch), SIMDJWT_OK);
#define VERIFY(index, alg, message_size, signature_size) \
  simdjwt_verify_signature(jwks, scratch, index, alg, strlen(alg), message, message_size, signature, signature_size)
  CHECK_ERROR(VERIFY(0, "EdDSA", 1, 64), SIMDJWT_OK);
  CHECK_ERROR(VERIFY(0, "Ed25519", 1, 64), SIMDJWT_OK);
  CHECK_ERROR(VERIFY(0, "EdDSA", 0, 64), SIMDJWT_SIGNATURE_INVALID);
  CHECK_ERROR(VERIFY(0, "EdDSA", 1, 63), SIMDJWT_SIGNATURE_LENGTH);
  CHECK_ERROR(VERIFY(0, "ES256", 1, 64), SIMDJWT_KEY_ALG_MISMATCH);
  CHECK_ERROR(VERIFY(0, "none", 1, 64), SIMDJWT_ALG_NONE);
  CHECK_ERROR(VERIFY(0, "eddsa", 1, 64), SIMDJWT_ALG_UNKNOWN);
  CHECK_ERROR(VERIFY(0, "", 1, 64), SIMDJWT_ALG_UNKNOWN);
  CHECK_ERROR(VERIFY(1, "EdDSA", 1, 64), SIMDJWT_JWK_CRV_UNKNOWN);
  CHECK_ERROR(VERIFY(2, "EdDSA", 1, 64), SIMDJWT_NOT_FOUND);
#undef VERIFY
  CHECK_ERROR(simdjwt_verify_signature(NULL, scratch, 0, "EdDSA", 5, message, 1, signature, 64),
              SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_verify_signature(jwks, NULL, 0, "EdDSA", 5, message, 1, signature, 64), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_verify_signature(jwks, scratch, 0, NULL, 5, message, 1, signature, 64), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_verify_signature(jwks, scratch, 0, "EdDSA", 5, NULL, 1, signature, 64), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_verify_signature(jwks, scratch, 0, "EdDSA", 5, message, 1, NULL, 64), SIMDJWT_INVALID_ARGUMENT);
  simdjwt_scratch_free(scratch);
  simdjwt_jwks_free(jwks);
}

static void test_mac(void) {
  simdjwt_jwks* const jwks = parse_jwks(TOKENS_JWKS_MAC);
  simdjwt_scratch* scratch = NULL;
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  CHECK_ERROR(simdjwt_scratch_new(NULL, 0, &scratch), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_verify_jws(jwks, scratch, "HS256", 5, TOKENS_MAC, strlen(TOKENS_MAC), &verdict), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_verify_jws(jwks, scratch, "HS256", 5, TOKENS_MAC, strlen(TOKENS_MAC) - 3, &verdict),
              SIMDJWT_SIGNATURE_LENGTH);
  simdjwt_scratch_free(scratch);
  simdjwt_jwks_free(jwks);
}

void test_signatures(void) {
  tools t;
  t.jwks = parse_jwks(TOKENS_JWKS);
  t.scratch = NULL;
  CHECK_ERROR(simdjwt_scratch_new(NULL, 0, &t.scratch), SIMDJWT_OK);
  test_jws(&t);
  test_jws_calls(&t);
  simdjwt_scratch_free(t.scratch);
  simdjwt_jwks_free(t.jwks);
  test_raw();
  test_mac();
}
