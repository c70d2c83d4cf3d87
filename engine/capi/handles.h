// What the opaque types of the C API hold, and the translations that all of its files share.
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <string_view>

#include "base/error.h"
#include "base/text_field.h"
#include "jwk/jwk_set.h"
#include "simdjwt/simdjwt.h"
#include "validator/ruleset.h"
#include "validator/scratch.h"
#include "validator/validator.h"

struct simdjwt_jwks {
  std::shared_ptr<const simdjwt::JwkSet> set;
};

struct simdjwt_ruleset {
  std::shared_ptr<const simdjwt::Ruleset> ruleset;
};

struct simdjwt_validator {
  explicit simdjwt_validator(std::shared_ptr<const simdjwt::Ruleset> ruleset) : validator(std::move(ruleset)) {}
  simdjwt::Validator validator;
};

struct simdjwt_scratch {
  std::unique_ptr<simdjwt::Scratch> scratch;
};

namespace simdjwt::capi {

inline simdjwt_error code(Error error) noexcept {
  return static_cast<simdjwt_error>(error);
}

inline simdjwt_str view(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

// An empty string that is there, unlike one that is missing, must not look null.
inline simdjwt_str optional_view(bool present, std::string_view text) noexcept {
  return present ? view(text) : simdjwt_str{nullptr, 0};
}

inline std::string_view text(const char* data, std::uint64_t size) noexcept {
  return {data, static_cast<std::size_t>(size)};
}
inline std::string_view text(const simdjwt_str& str) noexcept {
  return text(str.data, str.size);
}

// A pointer without bytes is fine, bytes without a pointer are not.
inline bool is_valid(const void* data, std::uint64_t size) noexcept {
  return data != nullptr || size == 0;
}
inline bool is_valid(const simdjwt_str& str) noexcept {
  return is_valid(str.data, str.size);
}

template <typename Struct>
bool knows_size(const Struct* value) noexcept {
  return value->struct_size == sizeof(Struct);
}

// The fingerprint is bytes outside, in the same order on every machine.
simdjwt_replay_record write_record(const ReplayRecord& record) noexcept;
ReplayRecord read_record(const simdjwt_replay_record& record) noexcept;

// Fills a diagnostic that the caller may have left out. False when its struct_size is not known.
bool write_diagnostic(simdjwt_diagnostic* diagnostic, Error error, std::uint32_t offset, std::string_view path,
                      std::string_view expected) noexcept;

}  // namespace simdjwt::capi
