/* In C too, a verdict that nobody looks at is a mistake. */
/* expect: (ignoring return value|unused-result) */
#include <simdjwt/simdjwt.h>

int use(const simdjwt_validator* validator, simdjwt_scratch* scratch, const simdjwt_request* request);

int use(const simdjwt_validator* validator, simdjwt_scratch* scratch, const simdjwt_request* request) {
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
#ifdef MISUSE
  simdjwt_validate(validator, scratch, request, &verdict);
  return 1;
#else
  return simdjwt_validate(validator, scratch, request, &verdict) == SIMDJWT_OK;
#endif
}
