// A handle is opaque: it comes from the library alone.
// expect: (incomplete type|storage size)
#include <simdjwt/simdjwt.h>

simdjwt_error use(const simdjwt_ruleset* ruleset) {
#ifdef MISUSE
  simdjwt_validator validator;
  (void)ruleset;
  (void)validator;
  return SIMDJWT_OK;
#else
  simdjwt_validator* validator = nullptr;
  return simdjwt_validator_new(ruleset, &validator);
#endif
}
