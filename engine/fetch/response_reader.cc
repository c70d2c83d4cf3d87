#include "fetch/response_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/string_body.hpp>
#include <limits>
#include <utility>

#include "fetch/response_fields.h"

namespace simdjwt::fetch {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using Parser = http::response_parser<http::string_body>;
using Code = beast::error_code;

// Chunks of one byte each, every one with its own line: more than this around a body is no answer but a flood.
constexpr std::uint64_t kMaxFraming = 16;
constexpr std::string_view kLastChunk = "0\r\n\r\n";

simdjwt_error error_of(const Code& code) {
  if (code == http::error::header_limit) return SIMDJWT_FETCH_HEADER_TOO_LARGE;
  if (code == http::error::body_limit || code == http::error::buffer_overflow) return SIMDJWT_FETCH_BODY_TOO_LARGE;
  if (code == http::error::partial_message || code == http::error::end_of_stream) return SIMDJWT_FETCH_RESET;
  return SIMDJWT_FETCH_HTTP;
}

std::string joined(const http::fields& fields, http::field name) {
  std::string out;
  const auto [first, last] = fields.equal_range(name);
  for (auto field = first; field != last; ++field) {
    if (field != first) out += ", ";
    out.append(field->value().data(), field->value().size());
  }
  return out;
}

bool is_each(const std::string& list, std::string_view only) {
  for (const auto& token : http::token_list(list)) {
    if (!beast::iequals(token, beast::string_view(only.data(), only.size()))) return false;
  }
  return true;
}

}  // namespace

struct ResponseReader::Impl {
  Kind kind;
  ResponseLimits limits;
  bool is_conditional;
  std::optional<Parser> parser;
  std::string pending;  // what the parser has not consumed
  std::uint64_t header_bytes = 0;
  std::uint64_t total_bytes = 0;  // that the parser has consumed
  bool has_header = false;
  bool is_done = false;
  HttpAnswer answer;
  std::optional<std::string> location;

  void restart() {
    parser.emplace();
    parser->header_limit(limits.header_bytes);
    // Until the status says whether there is a body to read. Beast of Boost 1.74 takes boost::none for zero.
    parser->body_limit(std::numeric_limits<std::uint64_t>::max());
    has_header = false;
  }

  void fail(simdjwt_error error, std::string detail) {
    answer.error = error;
    answer.detail = std::move(detail);
    is_done = true;
  }

  void take(std::string_view bytes) {
    pending += bytes;
    while (!is_done && !pending.empty() && step()) {
    }
  }

  // False when the parser wants more bytes.
  bool step() {
    // Whatever ends a chunked body has kLastChunk bytes, and Beast of Boost 1.74 asserts that it sees them together.
    if (has_header && parser->chunked() && pending.size() < kLastChunk.size()) return false;
    Code code;
    const std::size_t used = parser->put(boost::asio::buffer(pending.data(), pending.size()), code);
    pending.erase(0, used);
    total_bytes += used;
    if (!has_header) {
      header_bytes += used;
      if (header_bytes + (parser->is_header_done() ? 0 : pending.size()) > limits.header_bytes) {
        code = http::error::header_limit;
      }
    } else if (code == http::error::need_more && pending.size() > limits.header_bytes) {
      code = http::error::header_limit;  // a chunk extension or a trailer without end
    } else if (total_bytes > limits.header_bytes + kMaxFraming * (std::uint64_t{limits.body_bytes} + 1)) {
      code = http::error::body_limit;
    }
    if (code && code != http::error::need_more) {
      fail(error_of(code), "answer: " + code.message());
      return false;
    }
    if (!has_header && parser->is_header_done()) on_header();
    if (!is_done && has_header && parser->is_done()) finish_body();
    return !code;
  }

  void on_header() {
    const auto& message = parser->get();
    answer.status = message.result_int();
    if (answer.status / 100 == 1 && answer.status != 101) return restart();
    has_header = true;
    parser->eager(true);
    if (kind == Kind::tunnel) {
      is_done = true;
      return;
    }
    read_fields(message);
    if (answer.status != 200) return finish_without_body();
    // Nothing but identity was asked for, and chunked, which is no content coding (RFC 9112 §6.1).
    if (!is_each(joined(message, http::field::content_encoding), "identity")) {
      return fail(SIMDJWT_FETCH_ENCODING, "answer: content coding " + joined(message, http::field::content_encoding));
    }
    if (parser->content_length().value_or(0) > limits.body_bytes) {
      return fail(SIMDJWT_FETCH_BODY_TOO_LARGE, "answer: the body exceeds its limit");
    }
    parser->body_limit(limits.body_bytes);
    const std::string transfer = joined(message, http::field::transfer_encoding);
    const bool has_transfer = message.count(http::field::transfer_encoding) != 0;
    if (has_transfer && !beast::iequals(transfer, "chunked")) {
      return fail(SIMDJWT_FETCH_ENCODING, "answer: transfer coding " + transfer);
    }
    // RFC 9112 §6.1: its framing cannot be believed.
    if (has_transfer && message.version() < 11) fail(SIMDJWT_FETCH_HTTP, "answer: chunked in HTTP/1.0");
  }

  void read_fields(const http::fields& fields) {
    const std::string etag = joined(fields, http::field::etag);
    if (is_entity_tag(etag)) answer.etag = etag;
    answer.max_age = remaining_age(joined(fields, http::field::cache_control), joined(fields, http::field::age));
    answer.retry_after = retry_delay(joined(fields, http::field::retry_after));
    if (fields.count(http::field::location) == 1) location = joined(fields, http::field::location);
  }

  void finish_without_body() {
    if (answer.status == 101) return fail(SIMDJWT_FETCH_HTTP, "answer: another protocol");
    if (answer.status != 304) return fail(SIMDJWT_FETCH_STATUS, "answer: status " + std::to_string(answer.status));
    if (!is_conditional) return fail(SIMDJWT_FETCH_HTTP, "answer: 304 to an unconditional request");
    is_done = true;
  }

  void finish_body() {
    answer.body = std::move(parser->get().body());
    is_done = true;
  }

  void end() {
    if (is_done) return;
    Code code = http::error::partial_message;
    if (has_header) {
      code = {};
      parser->put_eof(code);
    }
    if (code) return fail(error_of(code), "answer: the connection ended early");
    finish_body();
  }
};

ResponseReader::ResponseReader(Kind kind, const ResponseLimits& limits, bool is_conditional)
    : impl_(new Impl{kind, limits, is_conditional, {}, {}, 0, 0, false, false, {}, {}}) {
  impl_->restart();
}
ResponseReader::~ResponseReader() = default;
ResponseReader::ResponseReader(ResponseReader&&) noexcept = default;
ResponseReader& ResponseReader::operator=(ResponseReader&&) noexcept = default;

ResponseReader::Progress ResponseReader::take(std::string_view bytes) {
  if (!impl_->is_done) impl_->take(bytes);
  return impl_->is_done ? Progress::done : Progress::more;
}

void ResponseReader::end() {
  impl_->end();
}

HttpAnswer ResponseReader::take_answer() {
  return std::move(impl_->answer);
}

const std::optional<std::string>& ResponseReader::location() const {
  return impl_->location;
}

bool ResponseReader::is_redirect() const {
  const std::uint32_t status = impl_->answer.status;
  return impl_->answer.error == SIMDJWT_FETCH_STATUS &&
         (status == 301 || status == 302 || status == 303 || status == 307 || status == 308);
}

bool ResponseReader::has_rest() const {
  return !impl_->pending.empty();
}

HttpAnswer read_response(std::string_view bytes, const ResponseLimits& limits, bool is_conditional) {
  ResponseReader reader(ResponseReader::Kind::answer, limits, is_conditional);
  if (reader.take(bytes) != ResponseReader::Progress::done) reader.end();
  return reader.take_answer();
}

}  // namespace simdjwt::fetch
