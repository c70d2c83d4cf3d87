#include "journal/outcome.h"

#include <system_error>

namespace simdjwt::journal {

Outcome system_failure(simdjwt_error error, std::string_view what, int number) {
  return {error, std::string(what) + ": " + std::generic_category().message(number)};
}

}  // namespace simdjwt::journal
