#include "fetch/http_exchange.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "fetch/address_rule.h"
#include "fetch/response_fields.h"

namespace simdjwt::fetch {
namespace {

namespace asio = boost::asio;

bool is_private(const asio::ip::address& address) {
  return address.is_v4() ? is_private_address(address.to_v4().to_bytes())
                         : is_private_address(address.to_v6().to_bytes());
}

}  // namespace

HttpExchange::HttpExchange(asio::io_context& io, std::shared_ptr<const HttpSettings> settings,
                           std::shared_ptr<NameResolver> resolver, HttpRequest request, HttpClient::Done done)
    : io_(io),
      settings_(std::move(settings)),
      resolver_(std::move(resolver)),
      request_(std::move(request)),
      done_(std::move(done)),
      deadline_(io),
      attempt_limit_(io) {}

// A step that does nothing once this is over, and whose exceptions end it.
template <typename Step>
auto HttpExchange::guarded(Step step) {
  return [self = shared_from_this(), step = std::move(step)](auto&&... with) {
    if (!self->done_) return;
    try {
      step(with...);
    } catch (const std::exception&) {
      HttpAnswer answer;
      answer.error = SIMDJWT_OUT_OF_MEMORY;
      self->finish(std::move(answer));
    }
  };
}

void HttpExchange::start() {
  asio::post(io_, guarded([this] { begin(); }));
}

void HttpExchange::stop() {
  done_ = nullptr;
  deadline_.cancel();
  attempt_limit_.cancel();
  if (connection_) connection_->close();
}

void HttpExchange::begin() {
  deadline_.expires_after(request_.deadline);
  deadline_.async_wait(guarded([this](const Connection::Code& code) {
    if (!code) fail(SIMDJWT_FETCH_DEADLINE, "deadline");
  }));
  const std::optional<Url> url = parse_url(request_.url);
  if (!url) return fail(SIMDJWT_FETCH_URL, "not an absolute https URL");
  etag_url_ = request_.etag_url.empty() ? print_url(*url) : request_.etag_url;
  follow(*url);
}

void HttpExchange::follow(const Url& url) {
  url_ = url;
  if (!url.is_https && !settings_->allow_http) return fail(SIMDJWT_FETCH_URL, "http is not allowed");
  const bool is_name = url.kind == Url::Host::name;
  if (!settings_->allow_private_addresses &&
      (is_name ? is_loopback_name(url.host) : is_private(asio::ip::make_address(url.host)))) {
    return fail(SIMDJWT_FETCH_ADDRESS_PRIVATE, "address: " + url.host);
  }
  const Url& next = settings_->proxy ? *settings_->proxy : url;
  if (next.kind != Url::Host::name) return on_resolved({{asio::ip::make_address(next.host)}, {}});
  // The look-up may outlast this exchange, on a thread of its own: it must not be what keeps it alive.
  resolver_->resolve(next.host, weak_from_this(), [this](const Lookup& lookup) {
    guarded([this](const Lookup& found) { on_resolved(found); })(lookup);
  });
}

void HttpExchange::on_resolved(const Lookup& lookup) {
  if (lookup.addresses.empty()) return fail(SIMDJWT_FETCH_RESOLVE, "resolve: " + lookup.failure);
  addresses_.assign(lookup.addresses.rbegin(), lookup.addresses.rend());
  // Where a proxy connects to is the proxy's to say; its own address is the policy's choice.
  if (!settings_->proxy && !settings_->allow_private_addresses) {
    addresses_.erase(std::remove_if(addresses_.begin(), addresses_.end(), is_private), addresses_.end());
    if (addresses_.empty()) {
      return fail(SIMDJWT_FETCH_ADDRESS_PRIVATE, "address: " + lookup.addresses.front().to_string());
    }
  }
  connect_next({});
}

void HttpExchange::connect_next(const std::string& last_failure) {
  if (addresses_.empty()) {
    return fail(settings_->proxy ? SIMDJWT_FETCH_PROXY : SIMDJWT_FETCH_CONNECT, "connect: " + last_failure);
  }
  const std::uint16_t port = settings_->proxy ? settings_->proxy->port : url_.port;
  const asio::ip::tcp::endpoint to(addresses_.back(), port);
  limit_attempt();
  addresses_.pop_back();
  connection_ = std::make_shared<Connection>(io_);
  connection_->connect(to, guarded([this](const Connection::Code& code) {
                         ++attempts_;
                         attempt_limit_.cancel();
                         if (code) return connect_next(code.message());
                         on_connected();
                       }));
}

// An address that swallows packets leaves time for the others: what is left of the deadline is shared evenly.
void HttpExchange::limit_attempt() {
  if (addresses_.size() < 2) return;
  const auto left = deadline_.expiry() - std::chrono::steady_clock::now();
  attempt_limit_.expires_after(left / static_cast<std::int64_t>(addresses_.size()));
  attempt_limit_.async_wait(guarded([this, attempt = attempts_](const Connection::Code& code) {
    if (!code && attempt == attempts_) connection_->close();
  }));
}

void HttpExchange::on_connected() {
  if (is_tunnelled()) return open_tunnel();
  if (url_.is_https) return start_tls();
  send_request();
}

// RFC 9110 §9.3.6. The port is always there (RFC 9112 §3.2.3).
void HttpExchange::open_tunnel() {
  const std::string host = url_.kind == Url::Host::ipv6 ? "[" + url_.host + "]" : url_.host;
  const std::string authority = host + ":" + std::to_string(url_.port);
  is_reading_tunnel_ = true;
  reader_.emplace(ResponseReader::Kind::tunnel, settings_->limits, false);
  connection_->write("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n",
                     guarded([this](const Connection::Code& code) {
                       if (code) return fail(SIMDJWT_FETCH_PROXY, "proxy: " + code.message());
                       read_more();
                     }));
}

void HttpExchange::start_tls() {
  connection_->start_tls(*settings_->tls, url_, guarded([this](const Connection::Code& code) {
    if (code) return fail(SIMDJWT_FETCH_TLS, connection_->tls_failure(code));
    send_request();
  }));
}

// Of this hop.
bool HttpExchange::is_conditional() const {
  return is_entity_tag(request_.etag) && print_url(url_) == etag_url_;
}

std::string HttpExchange::request_text() const {
  // RFC 9112 §3.2.2: a proxy that forwards is given the whole URL.
  std::string text = "GET " + (settings_->proxy && !url_.is_https ? print_url(url_) : url_.target) + " HTTP/1.1\r\n";
  text += "Host: " + print_authority(url_) + "\r\n";
  text += "User-Agent: simdjwt/" SIMDJWT_VERSION_STRING "\r\n";
  if (!request_.accept.empty()) text += "Accept: " + request_.accept + "\r\n";
  text += "Accept-Encoding: identity\r\n";
  if (is_conditional()) text += "If-None-Match: " + request_.etag + "\r\n";
  return text + "Connection: close\r\n\r\n";
}

void HttpExchange::send_request() {
  is_reading_tunnel_ = false;
  reader_.emplace(ResponseReader::Kind::answer, settings_->limits, is_conditional());
  connection_->write(request_text(), guarded([this](const Connection::Code& code) {
                       if (code) return fail(SIMDJWT_FETCH_RESET, "write: " + code.message());
                       read_more();
                     }));
}

void HttpExchange::read_more() {
  connection_->read(guarded([this](const Connection::Code& code, std::string_view bytes) { on_read(code, bytes); }));
}

void HttpExchange::on_read(const Connection::Code& code, std::string_view bytes) {
  if (reader_->take(bytes) == ResponseReader::Progress::done) return on_answer();
  if (!code) return read_more();
  // Without close_notify the end of a body is anybody's to choose (RFC 8446 §6.1): only an end in order is one.
  if (code != asio::error::eof) {
    return fail(is_reading_tunnel_ ? SIMDJWT_FETCH_PROXY : SIMDJWT_FETCH_RESET, "read: " + code.message());
  }
  reader_->end();
  on_answer();
}

void HttpExchange::on_answer() {
  if (is_reading_tunnel_) {
    const HttpAnswer answer = reader_->take_answer();
    // Bytes that come before the handshake's are not the origin's.
    if (answer.error == SIMDJWT_OK && answer.status / 100 == 2 && !reader_->has_rest()) return start_tls();
    return fail(SIMDJWT_FETCH_PROXY, answer.error == SIMDJWT_OK ? "proxy: status " + std::to_string(answer.status)
                                                                : "proxy: " + answer.detail);
  }
  if (reader_->is_redirect()) return redirect();
  HttpAnswer answer = reader_->take_answer();
  answer.url = print_url(url_);
  finish(std::move(answer));
}

void HttpExchange::redirect() {
  const std::optional<std::string> location = reader_->location();
  const std::optional<Url> next = location ? resolve_reference(url_, *location) : std::nullopt;
  std::string problem;
  if (!next) {
    problem = "without a place";
  } else if (url_.is_https && !next->is_https) {
    problem = "to http";
  } else if (!is_same_origin(url_, *next) && !settings_->allow_cross_origin_redirects) {
    problem = "to another origin";
  } else if (redirects_ == settings_->max_redirects) {
    problem = "one too many";
  }
  if (problem.empty()) {
    ++redirects_;
    connection_->close();
    return follow(*next);
  }
  HttpAnswer answer = reader_->take_answer();
  answer.error = SIMDJWT_FETCH_REDIRECT;
  answer.detail = "redirect: " + problem;
  answer.url = print_url(url_);
  finish(std::move(answer));
}

void HttpExchange::fail(simdjwt_error error, const std::string& detail) {
  HttpAnswer answer;
  answer.error = error;
  answer.detail = detail;
  if (!url_.host.empty()) answer.url = print_url(url_);
  finish(std::move(answer));
}

void HttpExchange::finish(HttpAnswer answer) {
  const HttpClient::Done done = std::exchange(done_, nullptr);
  stop();
  if (done) done(std::move(answer));  // empty: it has been called, and has thrown
}

}  // namespace simdjwt::fetch
