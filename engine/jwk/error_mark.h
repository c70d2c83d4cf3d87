// Leaves the OpenSSL error queue of the thread as it was: a bad key or a forged signature is no error of the process, and
// the embedding program may have errors of its own queued.
#pragma once

#include <openssl/err.h>

namespace simdjwt {

class ErrorMark {
 public:
  ErrorMark() noexcept { ERR_set_mark(); }
  ~ErrorMark() { ERR_pop_to_mark(); }
  ErrorMark(const ErrorMark&) = delete;
  ErrorMark& operator=(const ErrorMark&) = delete;
};

}  // namespace simdjwt
