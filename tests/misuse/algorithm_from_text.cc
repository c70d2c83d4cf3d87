// A token's alg is text until it was looked up in the table.
// expect: (cannot convert|could not convert|no viable conversion)
#include "jose/header.h"

simdjwt::Algorithm use(const simdjwt::JoseHeader& header) {
#ifdef MISUSE
  return header.alg;
#else
  return simdjwt::find_algorithm(header.alg);
#endif
}
