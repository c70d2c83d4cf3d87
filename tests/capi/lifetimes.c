/* Objects may be freed in any order: every order of four, with what remains still used (ASan sees the rest). */
#include <string.h>

#include "check.h"

enum { RULESET, JWKS, VALIDATOR, SCRATCH, OBJECTS };

static void free_one(fixture* f, int object) {
  switch (object) {
    case RULESET:
      simdjwt_ruleset_free(f->ruleset);
      f->ruleset = NULL;
      break;
    case JWKS:
      simdjwt_jwks_free(f->jwks);
      f->jwks = NULL;
      break;
    case VALIDATOR:
      simdjwt_validator_free(f->validator);
      f->validator = NULL;
      break;
    default:
      simdjwt_scratch_free(f->scratch);
      f->scratch = NULL;
  }
}

/* Uses whatever is left. *has_claims: the last token in the scratch is a JWT, as it is until a JWS takes its place. */
static void use(const fixture* f, int* has_claims) {
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  simdjwt_claim found = SIMDJWT_CLAIM_INIT;
  if (f->validator != NULL && f->scratch != NULL) CHECK_ERROR(validate(f, TOKENS_GOOD_A).error, SIMDJWT_OK);
  /* The last token stays in the scratch, whatever became of the validator. */
  if (f->scratch != NULL) {
    CHECK_ERROR(simdjwt_verified_claim(f->scratch, "sub", 3, &found), *has_claims ? SIMDJWT_OK : SIMDJWT_NOT_FOUND);
  }
  if (f->jwks != NULL) CHECK_NUMBER(simdjwt_jwks_count(f->jwks), 4);
  if (f->ruleset != NULL) CHECK_NUMBER(simdjwt_ruleset_issuer_count(f->ruleset), 1);
  if (f->jwks != NULL && f->scratch != NULL && f->validator == NULL) {
    CHECK_ERROR(simdjwt_verify_jws(f->jwks, f->scratch, "ES256", 5, TOKENS_GOOD_A, strlen(TOKENS_GOOD_A), &verdict),
                SIMDJWT_OK);
    *has_claims = 0;
  }
}

void test_lifetimes(void) {
  int order;
  for (order = 0; order < OBJECTS * OBJECTS * OBJECTS * OBJECTS; ++order) {
    const int sequence[OBJECTS] = {order % OBJECTS, order / OBJECTS % OBJECTS, order / (OBJECTS * OBJECTS) % OBJECTS,
                                   order / (OBJECTS * OBJECTS * OBJECTS)};
    const unsigned seen = 1U << sequence[0] | 1U << sequence[1] | 1U << sequence[2] | 1U << sequence[3];
    fixture f;
    int i, has_claims = 1;
    if (seen != (1U << OBJECTS) - 1) continue;
    f = fixture_new(TOKENS_POLICY);
    use(&f, &has_claims);
    for (i = 0; i < OBJECTS; ++i) {
      free_one(&f, sequence[i]);
      use(&f, &has_claims);
    }
  }
}
