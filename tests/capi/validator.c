/* The validator: publishing keys, swapping rulesets, and the scratches that belong to it. */
#include <string.h>

#include "check.h"

#define INLINE_POLICY                                                                                          \
  "{\"version\":1,\"issuers\":[{\"issuer\":\"https://as.example\",\"profile\":\"access-token\",\"audiences\":" \
  "[\"https://api.example\"],\"jwks\":" TOKENS_JWKS_A "}]}"
#define OTHER_AUDIENCE_POLICY                                                                                  \
  "{\"version\":1,\"issuers\":[{\"issuer\":\"https://as.example\",\"profile\":\"access-token\",\"audiences\":" \
  "[\"https://elsewhere.example\"]}]}"
#define WIDE_POLICY                                                                                         \
  "{\"version\":1,\"limits\":{\"max_token_bytes\":65536,\"max_json_nodes\":8192},\"issuers\":[{\"issuer\":" \
  "\"https://as.example\",\"profile\":\"access-token\",\"audiences\":[\"https://api.example\"]}]}"

static simdjwt_error publish(const fixture* f, const char* issuer, const char* json) {
  simdjwt_jwks* const jwks = parse_jwks(json);
  const simdjwt_error error = simdjwt_keys_publish(f->validator, issuer, strlen(issuer), jwks);
  simdjwt_jwks_free(jwks);
  return error;
}

static void swap(const fixture* f, const char* policy) {
  simdjwt_ruleset* const ruleset = compile(policy);
  CHECK_ERROR(simdjwt_validator_swap_ruleset(f->validator, ruleset), SIMDJWT_OK);
  simdjwt_ruleset_free(ruleset);
}

static void test_publish(void) {
  fixture f = fixture_new(TOKENS_POLICY);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_A).error, SIMDJWT_OK);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_B).error, SIMDJWT_OK);
  CHECK_ERROR(publish(&f, TOKENS_ISSUER, TOKENS_JWKS_B), SIMDJWT_OK);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_A).error, SIMDJWT_KEY_UNKNOWN);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_B).error, SIMDJWT_OK);

  /* A failed fetch never replaces good keys. */
  CHECK_ERROR(publish(&f, TOKENS_ISSUER, "{\"keys\":[]}"), SIMDJWT_JWKS_SHAPE);
  CHECK_ERROR(publish(&f, TOKENS_ISSUER, "{\"keys\":[{\"kty\":\"nonsense\"}]}"), SIMDJWT_JWKS_SHAPE);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_B).error, SIMDJWT_OK);

  CHECK_ERROR(publish(&f, "https://as.example/", TOKENS_JWKS), SIMDJWT_NOT_FOUND);
  CHECK_ERROR(publish(&f, "", TOKENS_JWKS), SIMDJWT_NOT_FOUND);
  CHECK_ERROR(simdjwt_keys_publish(NULL, TOKENS_ISSUER, strlen(TOKENS_ISSUER), f.jwks), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_keys_publish(f.validator, NULL, 0, f.jwks), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_keys_publish(f.validator, TOKENS_ISSUER, strlen(TOKENS_ISSUER), NULL), SIMDJWT_INVALID_ARGUMENT);
  fixture_free(&f);
}

static void test_before_publishing(void) {
  fixture f = fixture_new(TOKENS_POLICY);
  simdjwt_validator* validator = NULL;
  simdjwt_scratch* scratch = NULL;
  const simdjwt_request request = request_of(TOKENS_GOOD_A);
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  CHECK_ERROR(simdjwt_validator_new(f.ruleset, &validator), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_scratch_new(validator, 0, &scratch), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_validate(validator, scratch, &request, &verdict), SIMDJWT_KEYS_UNAVAILABLE);
  CHECK_NUMBER(verdict.verified, 0);

  /* A scratch belongs to the validator it was made for. */
  CHECK_ERROR(simdjwt_validate(validator, f.scratch, &request, &verdict), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(verdict.error, SIMDJWT_INVALID_ARGUMENT);
  simdjwt_scratch_free(scratch);
  simdjwt_validator_free(validator);
  fixture_free(&f);
}

static void test_swap(void) {
  fixture f = fixture_new(TOKENS_POLICY);
  swap(&f, OTHER_AUDIENCE_POLICY);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_A).error, SIMDJWT_AUD_MISMATCH);
  swap(&f, TOKENS_POLICY); /* the published keys are still in force */
  CHECK_ERROR(validate(&f, TOKENS_GOOD_A).error, SIMDJWT_OK);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_B).error, SIMDJWT_OK);

  /* Keys in the rule take the place of published ones, and take no others. */
  swap(&f, INLINE_POLICY);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_A).error, SIMDJWT_OK);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_B).error, SIMDJWT_KEY_UNKNOWN);
  CHECK_ERROR(publish(&f, TOKENS_ISSUER, TOKENS_JWKS), SIMDJWT_NOT_FOUND);

  CHECK_ERROR(simdjwt_validator_swap_ruleset(NULL, f.ruleset), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_validator_swap_ruleset(f.validator, NULL), SIMDJWT_INVALID_ARGUMENT);
  fixture_free(&f);
}

static void test_new(void) {
  simdjwt_ruleset* const ruleset = compile(TOKENS_POLICY);
  simdjwt_validator* validator = NULL;
  CHECK_ERROR(simdjwt_validator_new(NULL, &validator), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_validator_new(ruleset, NULL), SIMDJWT_INVALID_ARGUMENT);
  CHECK(validator == NULL);
  simdjwt_validator_free(NULL);
  simdjwt_ruleset_free(ruleset);
}

static void test_scratch(void) {
  fixture f = fixture_new(TOKENS_POLICY);
  const simdjwt_request request = request_of(TOKENS_GOOD_A);
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  simdjwt_scratch* scratch = NULL;
  CHECK_ERROR(simdjwt_scratch_new(f.validator, 0, NULL), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_scratch_new(f.validator, (1 << 20) + 1, &scratch), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_scratch_new(NULL, UINT64_C(1) << 32, &scratch), SIMDJWT_INVALID_ARGUMENT);
  CHECK(scratch == NULL);
  CHECK_ERROR(simdjwt_scratch_new(f.validator, 1 << 20, &scratch), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_validate(f.validator, scratch, &request, &verdict), SIMDJWT_OK);
  simdjwt_scratch_free(scratch);

  /* Too small for the token that the policy allows: the caller's mistake, not the token's. */
  CHECK_ERROR(simdjwt_scratch_new(f.validator, 64, &scratch), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_validate(f.validator, scratch, &request, &verdict), SIMDJWT_SCRATCH_TOO_SMALL);
  CHECK_ERROR(verdict.error, SIMDJWT_SCRATCH_TOO_SMALL);
  CHECK_NUMBER(verdict.verified, 0);
  simdjwt_scratch_free(scratch);

  /* And so is one that was made before the limits grew. */
  swap(&f, WIDE_POLICY);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_A).error, SIMDJWT_SCRATCH_TOO_SMALL);
  simdjwt_scratch_free(f.scratch);
  CHECK_ERROR(simdjwt_scratch_new(f.validator, 0, &f.scratch), SIMDJWT_OK);
  CHECK_ERROR(validate(&f, TOKENS_GOOD_A).error, SIMDJWT_OK);

  /* A scratch without a validator validates nothing. */
  CHECK_ERROR(simdjwt_scratch_new(NULL, 0, &scratch), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_validate(f.validator, scratch, &request, &verdict), SIMDJWT_INVALID_ARGUMENT);
  simdjwt_scratch_free(scratch);
  simdjwt_scratch_free(NULL);
  fixture_free(&f);
}

#define BATCH 3

static void test_batch(void) {
  fixture f = fixture_new(TOKENS_POLICY);
  simdjwt_scratch* scratch = NULL;
  CHECK_ERROR(simdjwt_scratch_new_batch(f.validator, 0, 0, &scratch), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_scratch_new_batch(f.validator, 0, SIMDJWT_MAX_LANES + 1, &scratch), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_scratch_new_batch(f.validator, 0, BATCH, &scratch), SIMDJWT_OK);

  const char* const tokens[BATCH] = {TOKENS_GOOD_A, TOKENS_FORGED, TOKENS_GOOD_RSA};
  simdjwt_request requests[BATCH];
  simdjwt_verdict verdicts[BATCH];
  for (int i = 0; i < BATCH; ++i) {
    requests[i] = request_of(tokens[i]);
    verdicts[i] = (simdjwt_verdict)SIMDJWT_VERDICT_INIT;
  }
  CHECK_ERROR(simdjwt_validate_batch(f.validator, scratch, requests, BATCH, verdicts), SIMDJWT_OK);
  simdjwt_claim claim = SIMDJWT_CLAIM_INIT;
  for (uint32_t i = 0; i < BATCH; ++i) {
    const simdjwt_verdict alone = validate(&f, tokens[i]);
    CHECK_ERROR(verdicts[i].error, alone.error);
    CHECK_NUMBER(verdicts[i].check, alone.check);
    CHECK_NUMBER(verdicts[i].verified, alone.verified);
    CHECK(verdicts[i].claims.size == alone.claims.size);
    CHECK_ERROR(simdjwt_verified_claim_at(scratch, i, "sub", 3, &claim), alone.verified ? SIMDJWT_OK : SIMDJWT_NOT_FOUND);
  }
  CHECK_ERROR(simdjwt_verified_claim_at(scratch, 2, "sub", 3, &claim), SIMDJWT_OK);
  CHECK_VIEW(claim.text, "alice");
  CHECK_ERROR(simdjwt_verified_claim_at(scratch, BATCH, "sub", 3, &claim), SIMDJWT_INVALID_ARGUMENT);

  /* A lane that the last call did not use has no claims, whatever it held before. */
  CHECK_ERROR(simdjwt_validate_batch(f.validator, scratch, requests, 1, verdicts), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_verified_claim_at(scratch, 0, "sub", 3, &claim), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_verified_claim_at(scratch, 2, "sub", 3, &claim), SIMDJWT_NOT_FOUND);
  CHECK_ERROR(simdjwt_validate_batch(f.validator, scratch, requests, BATCH, verdicts), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_validate(f.validator, scratch, &requests[0], &verdicts[0]), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_verified_claim_at(scratch, 2, "sub", 3, &claim), SIMDJWT_NOT_FOUND);
  CHECK_ERROR(simdjwt_validate_batch(f.validator, scratch, NULL, 0, NULL), SIMDJWT_OK);
  CHECK_ERROR(simdjwt_verified_claim(scratch, "sub", 3, &claim), SIMDJWT_NOT_FOUND);

  /* Refused as a whole. */
  CHECK_ERROR(simdjwt_validate_batch(NULL, scratch, requests, 1, verdicts), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_validate_batch(f.validator, NULL, requests, 1, verdicts), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_validate_batch(f.validator, scratch, NULL, 1, verdicts), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_validate_batch(f.validator, scratch, requests, 1, NULL), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_validate_batch(f.validator, scratch, requests, BATCH + 1, verdicts), SIMDJWT_INVALID_ARGUMENT);
  CHECK_ERROR(simdjwt_validate_batch(f.validator, f.scratch, requests, 2, verdicts), SIMDJWT_INVALID_ARGUMENT);
  simdjwt_trace trace = SIMDJWT_TRACE_INIT;
  requests[1].trace = &trace;
  CHECK_ERROR(simdjwt_validate_batch(f.validator, scratch, requests, 2, verdicts), SIMDJWT_INVALID_ARGUMENT);
  requests[1].trace = NULL;
  verdicts[1].struct_size = 8;
  CHECK_ERROR(simdjwt_validate_batch(f.validator, scratch, requests, 2, verdicts), SIMDJWT_STRUCT_SIZE_UNKNOWN);
  CHECK_ERROR(simdjwt_validate_batch(f.validator, scratch, NULL, 0, NULL), SIMDJWT_OK);
  simdjwt_scratch_free(scratch);
  fixture_free(&f);
}

void test_validator(void) {
  test_batch();
  test_new();
  test_before_publishing();
  test_publish();
  test_swap();
  test_scratch();
}
