// A ruleset is compiled from a document and cannot be put together by hand.
// expect: private
#include "validator/ruleset.h"

std::shared_ptr<const simdjwt::Ruleset> use() {
#ifdef MISUSE
  return std::shared_ptr<const simdjwt::Ruleset>(new simdjwt::Ruleset());
#else
  return simdjwt::Ruleset::compile("{}").ruleset;
#endif
}
