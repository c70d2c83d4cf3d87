// Holds a scratch for one call: pinned in its epoch, and refused to a second call at the same time.
#pragma once

#include "base/epoch.h"

namespace simdjwt {

class Pin {
 public:
  explicit Pin(EpochSlot& slot) noexcept : slot_(slot), held_(slot.pin()) {}
  ~Pin() {
    if (held_) slot_.unpin();
  }
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;
  bool held() const noexcept { return held_; }

 private:
  EpochSlot& slot_;
  bool held_;
};

}  // namespace simdjwt
