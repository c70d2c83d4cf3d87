// Where the tokens of a JSON text begin, found by simdjson's stage 1.
//
// A position is that of a bracket, brace, comma, colon, opening quote, or of the first character of whatever else stands
// outside strings. What is left to the reader: between one position and the next there is one token and white space, a
// string's token ends with its closing quote, and no token but a string holds structure. Found here already: invalid
// UTF-8, control characters in strings, a string that is not closed.
//
// Ownership: owns the positions, which live until the next find(). Thread-safety: one per thread. Cost: O(n), a fraction
// of a nanosecond a byte with AVX-512; no allocation after construction.
// The only user of simdjson in the project.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/error.h"

namespace simdjwt {

class JsonStructure {
 public:
  // For texts of up to `max_bytes`. Throws std::bad_alloc.
  explicit JsonStructure(std::uint32_t max_bytes);
  ~JsonStructure();
  JsonStructure(JsonStructure&&) noexcept;
  JsonStructure& operator=(JsonStructure&&) noexcept;

  // json_utf8, json_string, json_end (no token at all, or an open string), or json_syntax for what else simdjson finds.
  // `json` is within max_bytes and followed by JsonReader::kPadding readable bytes.
  Error find(std::string_view json) noexcept;

  // After a find() that went well: the positions in ascending order, at least one. One more can be read behind them: the
  // size of the text.
  std::span<const std::uint32_t> positions() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace simdjwt
