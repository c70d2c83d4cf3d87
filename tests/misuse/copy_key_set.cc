// A key set is handed around by shared_ptr: its index views its own keys.
// expect: (deleted function|deleted constructor)
#include "jwk/jwk_set.h"

std::shared_ptr<const simdjwt::JwkSet> use(const std::shared_ptr<const simdjwt::JwkSet>& set) {
#ifdef MISUSE
  return std::make_shared<const simdjwt::JwkSet>(simdjwt::JwkSet(*set));
#else
  return std::shared_ptr<const simdjwt::JwkSet>(set);
#endif
}
