// Bytes of a connection to one HTTP response, as they come: the only place that reads what a server says. The body of a
// 200 alone is read; of any other answer the header is enough. Interim answers (1xx) are skipped.
//
// Ownership: owns a copy of what it needs. Thread-safety: one thread. Cost: allocates; holds at most the limits.
// RFC 9112 §4 to §8, RFC 9110 §8.4, §15.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fetch/http_client.h"

namespace simdjwt::fetch {

struct ResponseLimits {
  std::uint32_t header_bytes = 16384;  // interim answers included
  std::uint32_t body_bytes = 1048576;
};

class ResponseReader {
 public:
  // tunnel: the answer to a CONNECT, which has no body (RFC 9110 §9.3.6).
  enum class Kind : std::uint8_t { answer, tunnel };
  enum class Progress : std::uint8_t { more, done };

  ResponseReader(Kind kind, const ResponseLimits& limits, bool is_conditional);
  ~ResponseReader();
  ResponseReader(ResponseReader&&) noexcept;
  ResponseReader& operator=(ResponseReader&&) noexcept;

  Progress take(std::string_view bytes);
  // The connection ended in order: over TLS, with close_notify.
  void end();

  // After `done` or end(). Without `url`. An answer that leads elsewhere is SIMDJWT_FETCH_STATUS here, for only who
  // asked knows whether to follow.
  HttpAnswer take_answer();
  // Of a redirect (RFC 9110 §15.4) that names one place; the text of its Location.
  const std::optional<std::string>& location() const;
  bool is_redirect() const;
  // Bytes after the response.
  bool has_rest() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A whole response at once, and then the end of the connection.
HttpAnswer read_response(std::string_view bytes, const ResponseLimits& limits, bool is_conditional);

}  // namespace simdjwt::fetch
