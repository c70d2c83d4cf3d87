#include "fetch/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <new>
#include <utility>

#include "fetch/tls.h"

namespace simdjwt::fetch {

namespace asio = boost::asio;

Connection::Connection(asio::io_context& io) : socket_(io) {}

void Connection::connect(const asio::ip::tcp::endpoint& to, Done done) {
  socket_.async_connect(to, [self = shared_from_this(), done = std::move(done)](const Code& code) { done(code); });
}

void Connection::start_tls(asio::ssl::context& context, const Url& url, Done done) {
  tls_.emplace(socket_, context);
  if (!expect_host(tls_->native_handle(), url)) throw std::bad_alloc();
  tls_->async_handshake(asio::ssl::stream_base::client,
                        [self = shared_from_this(), done = std::move(done)](const Code& code) { done(code); });
}

std::string Connection::tls_failure(const Code& code) {
  return handshake_failure(tls_->native_handle(), code.message());
}

void Connection::write(std::string bytes, Done done) {
  output_ = std::move(bytes);
  const auto on_end = [self = shared_from_this(), done = std::move(done)](const Code& code, std::size_t) {
    done(code);
  };
  if (tls_) {
    asio::async_write(*tls_, asio::buffer(output_), on_end);
  } else {
    asio::async_write(socket_, asio::buffer(output_), on_end);
  }
}

void Connection::read(std::function<void(const Code&, std::string_view)> done) {
  const auto on_end = [self = shared_from_this(), done = std::move(done)](const Code& code, std::size_t size) {
    done(code, {self->input_.data(), size});
  };
  if (tls_) {
    tls_->async_read_some(asio::buffer(input_), on_end);
  } else {
    socket_.async_read_some(asio::buffer(input_), on_end);
  }
}

void Connection::close() {
  Code ignored;
  socket_.close(ignored);
}

}  // namespace simdjwt::fetch
