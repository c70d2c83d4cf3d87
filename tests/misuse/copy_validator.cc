// A validator is shared by reference: a copy would miss what is published to the other.
// expect: (deleted function|deleted constructor)
#include "validator/validator.h"

void use(const simdjwt::Validator& validator) {
#ifdef MISUSE
  const simdjwt::Validator copy = validator;
#else
  const simdjwt::Validator copy(validator.ruleset());
#endif
  (void)copy;
}
