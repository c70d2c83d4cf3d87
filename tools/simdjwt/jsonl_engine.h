// One line of the line protocol in, one line out (simdjwt.1, LINE PROTOCOL).
//
// Keys and policies are parsed once and found again by their bytes; both caches are bounded, and so is everything else.
// Ownership: owns its caches and scratches. Thread-safety: one thread. Cost: a line's JSON, a comparison of the key
// set's bytes, and one validation.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace simdjwt::cli {

inline constexpr std::size_t kLongestLine = 16U << 20U;

class LineEngine {
 public:
  LineEngine();
  ~LineEngine();

  // Appends the answer, with its line end. `line` must be followed by JsonReader::kPadding readable bytes. Never throws
  // for anything a line holds.
  void answer(std::string_view line, std::string& out);

  // The answer to a line longer than kLongestLine.
  void answer_too_long(std::string& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace simdjwt::cli
