// An Error that nobody looks at is a mistake.
// expect: (ignoring return(ed)? value|nodiscard)
#include "validator/validator.h"

void use(simdjwt::Validator& validator, std::shared_ptr<const simdjwt::JwkSet> keys) {
#ifdef MISUSE
  validator.publish("https://as.example", keys);
#else
  if (validator.publish("https://as.example", keys) != simdjwt::Error::ok) return;
#endif
}
