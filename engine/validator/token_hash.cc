#include "validator/token_hash.h"

#include <unistd.h>
#ifdef __APPLE__
#include <sys/random.h>
#endif

#include <new>

namespace simdjwt {

TokenHash TokenHash::random() {
  Key key;
  static_assert(sizeof key <= 256, "more than getentropy() gives at once");
  if (getentropy(key.data(), sizeof key) != 0) throw std::bad_alloc();
  return TokenHash(key);
}

}  // namespace simdjwt
