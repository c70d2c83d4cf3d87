// Encoded text and decoded bytes are different types: what is signed is never mixed up with what it decodes to.
// expect: (could not convert|cannot convert|no viable conversion)
#include "base/bytes.h"

simdjwt::ByteView use(std::string_view text) {
#ifdef MISUSE
  return text;
#else
  return simdjwt::as_bytes(text);
#endif
}
