// Where fetched keys go, and who asks for them: a validator, seen from the fetcher; and a parsed key set.
//
// Ownership: Keys does not own the validator; KeySet owns its set. Thread-safety: that of the C API. Cost: that of its
// calls.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "simdjwt/fetch.h"

namespace simdjwt::fetch {

class Keys {
 public:
  virtual ~Keys() = default;
  // `usable_until`: by the wall clock, Unix seconds.
  virtual simdjwt_error publish(std::string_view issuer, const simdjwt_jwks* jwks, std::int64_t usable_until) = 0;
  virtual simdjwt_error withdraw(std::string_view issuer) = 0;
  virtual std::uint64_t wanted_total() = 0;
  virtual std::uint32_t wanted(std::string_view issuer) = 0;  // SIMDJWT_WANTED_*, taken
};

// Through the C API.
class ValidatorKeys final : public Keys {
 public:
  explicit ValidatorKeys(simdjwt_validator* validator) noexcept : validator_(validator) {}
  simdjwt_error publish(std::string_view issuer, const simdjwt_jwks* jwks, std::int64_t usable_until) override;
  simdjwt_error withdraw(std::string_view issuer) override;
  std::uint64_t wanted_total() override;
  std::uint32_t wanted(std::string_view issuer) override;

 private:
  simdjwt_validator* validator_;
};

struct JwksFree {
  void operator()(simdjwt_jwks* jwks) const noexcept { simdjwt_jwks_free(jwks); }
};
using JwksPtr = std::unique_ptr<simdjwt_jwks, JwksFree>;

struct KeySet {
  simdjwt_error error = SIMDJWT_OK;  // SIMDJWT_FETCH_NO_KEYS, SIMDJWT_OUT_OF_MEMORY
  std::string detail;                // for a person, when there is an error
  JwksPtr jwks;                      // also with NO_KEYS, when the document was a set
  std::uint32_t usable = 0;
  std::uint32_t dropped = 0;
};

// A bad key is dropped and counted; a set without a usable one is none (docs/threat-model.md).
KeySet parse_keys(std::string_view json);

}  // namespace simdjwt::fetch
