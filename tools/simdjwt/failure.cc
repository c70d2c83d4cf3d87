#include "failure.h"

#include <cstdint>

namespace simdjwt::cli {

Failure document_failure(const std::string& document, simdjwt_error error, const simdjwt_diagnostic& diagnostic) {
  std::string message = document;
  if (diagnostic.path[0] != '\0') message += std::string(": ") + diagnostic.path;
  if (diagnostic.offset != UINT32_MAX) message += ": byte " + std::to_string(diagnostic.offset);
  if (diagnostic.expected[0] != '\0') message += std::string(": expected ") + diagnostic.expected;
  message += std::string(" (") + simdjwt_error_name(error) + ": " + simdjwt_error_text(error) + ")";
  return Failure(message);
}

void require_ok(simdjwt_error error, const char* what) {
  if (error == SIMDJWT_OK) return;
  throw Failure(std::string(what) + ": " + simdjwt_error_name(error) + " (" + simdjwt_error_text(error) + ")");
}

}  // namespace simdjwt::cli
