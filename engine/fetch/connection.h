// One TCP connection, with TLS over it when asked for.
//
// Ownership: shared by its operations under way, so that it may be let go at any time; close() ends them with an error.
// Thread-safety: everything on the thread of the io_context; one operation at a time. Cost: allocates.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fetch/url.h"

namespace simdjwt::fetch {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Code = boost::system::error_code;
  using Done = std::function<void(const Code&)>;

  explicit Connection(boost::asio::io_context& io);

  void connect(const boost::asio::ip::tcp::endpoint& to, Done done);
  // From here on everything is read and written through TLS. Throws when OpenSSL is out of memory.
  void start_tls(boost::asio::ssl::context& context, const Url& url, Done done);
  // Why the handshake failed, for a person.
  std::string tls_failure(const Code& code);
  void write(std::string bytes, Done done);
  // What has come, valid during the call of `done`. boost::asio::error::eof: the end, in order.
  void read(std::function<void(const Code&, std::string_view)> done);
  void close();

 private:
  boost::asio::ip::tcp::socket socket_;
  std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
  std::string output_;
  std::array<char, 8192> input_;
};

}  // namespace simdjwt::fetch
