// What was compiled does not change under the threads that read it.
// expect: (no match for .operator=|no viable overloaded)
#include "validator/ruleset.h"

std::string use(const std::shared_ptr<const simdjwt::Ruleset>& ruleset) {
#ifdef MISUSE
  ruleset->issuers()[0].issuer = "https://evil.example";
  return {};
#else
  return ruleset->issuers()[0].issuer;
#endif
}
