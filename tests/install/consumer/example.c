/* Validates one token: example POLICY JWKS ISSUER TOKEN [NOW]. ISSUER is a name, NOW is in Unix seconds, the rest are
 * files. */
#include <inttypes.h>
#include <simdjwt/simdjwt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static simdjwt_str read_file(const char* path) {
  static char buffers[3][65536];
  static int used = 0;
  char* const buffer = buffers[used++];
  FILE* const file = fopen(path, "rb");
  simdjwt_str text = {buffer, 0};
  if (file == NULL) exit(2);
  text.size = fread(buffer, 1, sizeof buffers[0], file);
  fclose(file);
  return text;
}

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  const simdjwt_str policy = read_file(argv[1]), keys = read_file(argv[2]), token = read_file(argv[4]);
  simdjwt_ruleset* ruleset = NULL;
  simdjwt_jwks* jwks = NULL;
  simdjwt_validator* validator = NULL;
  simdjwt_scratch* scratch = NULL;
  simdjwt_diagnostic why = SIMDJWT_DIAGNOSTIC_INIT;

  /* Once: compile the policy, parse the keys, make a validator; and a scratch for each thread. */
  if (simdjwt_ruleset_compile(policy.data, policy.size, &ruleset, &why) != SIMDJWT_OK ||
      simdjwt_jwks_parse(keys.data, keys.size, &jwks, &why) != SIMDJWT_OK) {
    return fprintf(stderr, "%s: expected %s\n", why.path, why.expected), 2;
  }
  if (simdjwt_validator_new(ruleset, &validator) != SIMDJWT_OK ||
      simdjwt_keys_publish(validator, argv[3], strlen(argv[3]), jwks) != SIMDJWT_OK ||
      simdjwt_scratch_new(validator, 0, &scratch) != SIMDJWT_OK) {
    return 2;
  }

  /* For each request: validate. */
  simdjwt_request request = SIMDJWT_REQUEST_INIT;
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  request.token = token;
  request.now = argc > 5 ? strtoll(argv[5], NULL, 10) : (int64_t)time(NULL);
  const simdjwt_error error = simdjwt_validate(validator, scratch, &request, &verdict);
  if (error == SIMDJWT_OK) {
    printf("%.*s may call until %" PRId64 "\n", (int)verdict.subject.size, verdict.subject.data, verdict.exp);
  } else {
    printf("rejected: %s\n", simdjwt_error_text(error));
  }

  simdjwt_scratch_free(scratch);
  simdjwt_validator_free(validator);
  simdjwt_jwks_free(jwks);
  simdjwt_ruleset_free(ruleset);
  return error == SIMDJWT_OK ? 0 : 1;
}
