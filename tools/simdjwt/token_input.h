// Where a token comes from: the command line, standard input or a file; and its parts, decoded but not verified.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "json_document.h"

namespace CLI {
class App;
}

namespace simdjwt::cli {

inline constexpr std::size_t kMaxTokenBytes = 4U << 20U;

class TokenInput {
 public:
  void add_to(CLI::App& command);

  // The token, with the scheme of an Authorization header field taken off (RFC 6750 §2.1). Throws Failure when there is
  // none.
  std::string read() const;

 private:
  std::string argument_;
  std::string file_;
};

// What went wrong with a segment: a stable name, and where in the segment.
struct SegmentError {
  simdjwt::Error error = Error::ok;
  std::size_t position = 0;
};

// One of the three segments.
struct Segment {
  std::string_view text;             // as it stands in the token
  SegmentError encoding;             // of the base64url
  std::string bytes;                 // decoded; empty when that failed
  std::optional<JsonDocument> json;  // header and payload, when decoded; look at ok()
};

// A token in parts. Nothing here has been verified.
struct TokenParts {
  std::size_t dots = 0;
  bool three() const noexcept { return dots == 2; }
  Segment header;
  Segment payload;
  Segment signature;
};

// Views into `token`, which must outlive the result. Decodes only a token of three segments.
TokenParts take_apart(std::string_view token);

}  // namespace simdjwt::cli
