/* And a handle of another kind is refused by a C compiler that treats its warnings as errors. */
/* expect: (incompatible pointer type|incompatible-pointer-types) */
#include <simdjwt/simdjwt.h>

void use(simdjwt_ruleset* ruleset, simdjwt_validator* validator);

void use(simdjwt_ruleset* ruleset, simdjwt_validator* validator) {
#ifdef MISUSE
  simdjwt_ruleset_free(validator);
  (void)ruleset;
#else
  simdjwt_ruleset_free(ruleset);
  (void)validator;
#endif
}
