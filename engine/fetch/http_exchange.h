// One request of an HttpClient, from its URL to its answer: resolve, connect, tunnel, handshake, ask, read, and again
// for each redirect, all under one deadline.
//
// Ownership: shared by its operations under way; stop() ends them, and `done` is not called then. Thread-safety:
// everything on the thread of the io_context. Cost: allocates. What `done` throws is lost. RFC 9110 §9.3.6 (CONNECT),
// §15.4 (redirects); RFC 9112 §3.2.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fetch/connection.h"
#include "fetch/http_client.h"
#include "fetch/name_resolver.h"
#include "fetch/response_reader.h"
#include "fetch/url.h"

namespace simdjwt::fetch {

// What all requests of a client share.
struct HttpSettings {
  ResponseLimits limits;
  std::uint32_t max_redirects = 0;
  bool allow_cross_origin_redirects = false;
  bool allow_private_addresses = false;
  bool allow_http = false;
  std::optional<Url> proxy;
  std::shared_ptr<boost::asio::ssl::context> tls;
};

class HttpExchange : public std::enable_shared_from_this<HttpExchange> {
 public:
  HttpExchange(boost::asio::io_context& io, std::shared_ptr<const HttpSettings> settings,
               std::shared_ptr<NameResolver> resolver, HttpRequest request, HttpClient::Done done);

  void start();
  void stop();

 private:
  template <typename Step>
  auto guarded(Step step);

  void begin();
  void follow(const Url& url);
  void on_resolved(const Lookup& lookup);
  void connect_next(const std::string& last_failure);
  void limit_attempt();
  void on_connected();
  void open_tunnel();
  void start_tls();
  void send_request();
  void read_more();
  void on_read(const Connection::Code& code, std::string_view bytes);
  void on_answer();
  void redirect();
  bool is_conditional() const;
  std::string request_text() const;
  bool is_tunnelled() const { return settings_->proxy && url_.is_https; }

  void fail(simdjwt_error error, const std::string& detail);
  void finish(HttpAnswer answer);

  boost::asio::io_context& io_;
  const std::shared_ptr<const HttpSettings> settings_;
  const std::shared_ptr<NameResolver> resolver_;
  const HttpRequest request_;
  HttpClient::Done done_;  // empty: this is over
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer attempt_limit_;
  std::uint64_t attempts_ = 0;  // connections tried and settled
  std::uint32_t redirects_ = 0;
  std::string etag_url_;
  Url url_;
  std::vector<boost::asio::ip::address> addresses_;  // not tried yet, last first
  std::shared_ptr<Connection> connection_;
  std::optional<ResponseReader> reader_;
  bool is_reading_tunnel_ = false;
};

}  // namespace simdjwt::fetch
