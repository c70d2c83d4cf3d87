// Owners of the C API's objects, and the step between its views and std::string_view.
//
// Ownership: each handle frees its object; simdjwt.h allows any order. Thread-safety: as the objects themselves.
#pragma once

#include <simdjwt/simdjwt.h>

#include <memory>
#include <string_view>

namespace simdjwt::cli {

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

using Jwks = std::unique_ptr<simdjwt_jwks, FreeWith<simdjwt_jwks_free>>;
using Ruleset = std::unique_ptr<simdjwt_ruleset, FreeWith<simdjwt_ruleset_free>>;
using Validator = std::unique_ptr<simdjwt_validator, FreeWith<simdjwt_validator_free>>;
using Scratch = std::unique_ptr<simdjwt_scratch, FreeWith<simdjwt_scratch_free>>;

// A struct of the C API that starts with struct_size, zeroed. The _INIT macros would warn about missing initializers.
template <typename T>
T sized() noexcept {
  T value{};
  value.struct_size = sizeof(T);
  return value;
}

inline std::string_view view(simdjwt_str text) noexcept {
  return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}

inline simdjwt_str str(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

}  // namespace simdjwt::cli
