// A pin that was refused protects nothing.
// expect: (ignoring return(ed)? value|nodiscard)
#include "base/epoch.h"

void use(simdjwt::EpochSlot& slot) {
#ifdef MISUSE
  slot.pin();
#else
  if (!slot.pin()) return;
  slot.unpin();
#endif
}
