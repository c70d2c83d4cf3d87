// A scratch belongs to one thread: it cannot be copied.
// expect: (deleted function|deleted constructor)
#include "validator/scratch.h"

const simdjwt::Limits& use(const simdjwt::Scratch& scratch) {
#ifdef MISUSE
  static const simdjwt::Scratch copy(scratch);
#else
  static const simdjwt::Scratch copy(scratch.limits(), std::make_shared<simdjwt::EpochDomain>());
#endif
  return copy.limits();
}
