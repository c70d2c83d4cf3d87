// One GET over HTTP/1.1, bounded in every direction: what it was asked for comes back, or one error that says why not.
//
// Ownership: a client owns its requests under way; cancel() or its destructor ends them, and their `done` is not called
// then. Thread-safety: everything on the thread of the io_context. Cost: allocates; never more than the caps of its
// policy. RFC 9110, RFC 9112; HTTPS with the host's name checked (RFC 9110 §4.3.4).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "simdjwt/fetch.h"

namespace simdjwt::fetch {

struct HttpRequest {
  std::string url;
  std::string accept;  // value of Accept
  std::string etag;    // as it came; empty: an unconditional request. For If-None-Match (RFC 9110 §13.1.2)
  std::chrono::milliseconds deadline{5000};  // for all of it, redirects included
  // HttpAnswer::url of the answer that the etag came with; empty: `url`. No other place is sent it: an entity-tag means
  // something of one resource only (RFC 9110 §8.8.3).
  std::string etag_url{};
};

struct HttpAnswer {
  simdjwt_error error = SIMDJWT_OK;  // SIMDJWT_FETCH_*; SIMDJWT_OK: status is 200 or 304
  std::string detail;                // for a person, when there is an error
  std::uint32_t status = 0;          // of the last answer that came; 0 without one
  std::string body;                  // of a 200
  std::string etag;
  std::optional<std::chrono::seconds>
      max_age;  // RFC 9111 §5.2.2.1 less Age (§5.1), never negative; no-store and no-cache: 0
  std::optional<std::chrono::seconds> retry_after;  // RFC 9110 §10.2.3, when given in seconds
  std::string url;                                  // where the answer came from, after redirects
};

class HttpClient {
 public:
  using Id = std::uint64_t;
  using Done = std::function<void(HttpAnswer)>;
  virtual ~HttpClient() = default;

  // `done` is called once, later, unless the request is cancelled first.
  virtual Id get(HttpRequest request, Done done) = 0;
  virtual void cancel(Id id) = 0;
};

}  // namespace simdjwt::fetch
