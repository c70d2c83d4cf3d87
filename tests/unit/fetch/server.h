// A server for tests of the HTTP client, on the client's own io_context: says what its script says, whatever it is
// asked.
//
// Ownership: a connection lives as long as its operations. Thread-safety: one thread. Cost: allocates.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <functional>
#include <string>
#include <vector>

namespace simdjwt::test {

struct Script {
  enum class Then { close, cut, reset, hold, repeat, trickle };

  std::string bytes;
  // close: in order, over TLS with close_notify; cut: TCP alone is closed; repeat: `bytes` without end; trickle: hold,
  // with one byte more every few milliseconds
  Then then = Then::close;
};

class Server {
 public:
  using Answer = std::function<Script(const std::string& request)>;

  // With `tls`, TLS from the start. With `proxied_tls`, a proxy: answers the first request, then speaks TLS.
  Server(boost::asio::io_context& io, Answer answer, boost::asio::ssl::context* tls = nullptr,
         boost::asio::ssl::context* proxied_tls = nullptr);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::string url(const std::string& scheme, const std::string& host, const std::string& target = "/jwks") const;
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  const std::vector<std::string>& requests() const { return requests_; }

 private:
  class Session;
  void accept();

  boost::asio::io_context& io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  Answer answer_;
  boost::asio::ssl::context* tls_;
  boost::asio::ssl::context* proxied_tls_;
  std::vector<std::string> requests_;
  std::vector<std::weak_ptr<Session>> sessions_;
};

}  // namespace simdjwt::test
