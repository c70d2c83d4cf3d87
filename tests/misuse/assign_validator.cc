// A validator in use cannot be overwritten: its ruleset is swapped instead.
// expect: (deleted function|deleted operator)
#include "validator/validator.h"

void use(simdjwt::Validator& validator, const simdjwt::Validator& other) {
#ifdef MISUSE
  validator = other;
#else
  (void)validator.swap_ruleset(other.ruleset());
#endif
}
