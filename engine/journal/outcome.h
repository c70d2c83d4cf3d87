// An error of a journal with what a person is told of it.
//
// Ownership: values. Thread-safety: values.
#pragma once

#include <string>
#include <string_view>

#include "simdjwt/journal.h"

namespace simdjwt::journal {

struct Outcome {
  simdjwt_error error = SIMDJWT_OK;
  std::string detail;  // what was expected, or what the system said

  bool is_ok() const noexcept { return error == SIMDJWT_OK; }
};

// "write /var/lib/x: No space left on device".
Outcome system_failure(simdjwt_error error, std::string_view what, int number);

}  // namespace simdjwt::journal
