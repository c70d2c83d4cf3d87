// What ends a command: an exit code, and the exception that carries a message to main.
//
// The exit codes are documented in simdjwt.1 and never change meaning.
#pragma once

#include <simdjwt/simdjwt.h>

#include <stdexcept>
#include <string>

namespace simdjwt::cli {

enum ExitCode : int {
  kExitOk = 0,           // valid, or done
  kExitRejected = 1,     // the token was rejected, or a lint found something
  kExitUsage = 2,        // a bad option, file, policy or key: nothing was decided
  kExitUnavailable = 3,  // keys or store unavailable, keys not to be fetched: never blamed on the token
};

class Failure : public std::runtime_error {
 public:
  explicit Failure(const std::string& message, ExitCode code = kExitUsage) : std::runtime_error(message), code_(code) {}
  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

// "policy.json: issuers[0].leeway_s: expected an integer (policy_member_type: a member has the wrong type)".
Failure document_failure(const std::string& document, simdjwt_error error, const simdjwt_diagnostic& diagnostic);

// Turns an error of a call that only fails for want of memory or by a mistake of ours into a Failure.
void require_ok(simdjwt_error error, const char* what);

}  // namespace simdjwt::cli
