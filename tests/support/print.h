// How a failed assertion shows the engine's enums: by name, not as bytes.
#pragma once

#include <ostream>

#include "base/error.h"
#include "validator/check.h"

namespace simdjwt {

inline void PrintTo(Error error, std::ostream* out) {
  *out << error_name(error);
}
inline void PrintTo(Check check, std::ostream* out) {
  *out << check_name(check);
}

}  // namespace simdjwt
