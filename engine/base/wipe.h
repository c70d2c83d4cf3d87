// Wipes bytes that may be secret, in a way the compiler does not elide before a free.
#pragma once

#include <string.h>

#include <cstddef>

namespace simdjwt {

inline void wipe(void* bytes, std::size_t size) noexcept {
  if (size != 0) explicit_bzero(bytes, size);
}

}  // namespace simdjwt
