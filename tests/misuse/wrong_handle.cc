// The handles of the C API are types of their own: in C++ one does not pass for another.
// expect: (cannot convert|no matching function)
#include <simdjwt/simdjwt.h>

void use(simdjwt_ruleset* ruleset, simdjwt_validator* validator) {
#ifdef MISUSE
  simdjwt_ruleset_free(validator);
#else
  simdjwt_validator_free(validator);
#endif
  (void)ruleset;
}
