// A domain knows its slots by address: they are neither copied nor moved.
// expect: (deleted function|deleted constructor)
#include "base/epoch.h"

#include <utility>

void use(simdjwt::EpochSlot& slot, std::shared_ptr<simdjwt::EpochDomain> domain) {
#ifdef MISUSE
  const simdjwt::EpochSlot other(std::move(slot));
#else
  const simdjwt::EpochSlot other(domain);
#endif
  (void)slot;
  (void)other.domain();
}
