#include "unit/fetch/server.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <optional>
#include <utility>

namespace simdjwt::test {

namespace asio = boost::asio;
using asio::ip::tcp;
using Code = boost::system::error_code;

class Server::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Server& server, tcp::socket socket) : server_(&server), socket_(std::move(socket)), timer_(server.io_) {}

  void start(asio::ssl::context* tls) {
    if (tls == nullptr) return read();
    tls_.emplace(socket_, *tls);
    tls_->async_handshake(asio::ssl::stream_base::server, [self = shared_from_this()](const Code& code) {
      if (!code) self->read();
    });
  }

  void leave() {
    server_ = nullptr;
    timer_.cancel();
    Code ignored;
    socket_.close(ignored);
  }

 private:
  void read() {
    const auto on_end = [self = shared_from_this()](const Code& code, std::size_t size) {
      if (!code && self->server_ != nullptr) self->answer(size);
    };
    if (tls_) {
      asio::async_read_until(*tls_, asio::dynamic_buffer(input_), "\r\n\r\n", on_end);
    } else {
      asio::async_read_until(socket_, asio::dynamic_buffer(input_), "\r\n\r\n", on_end);
    }
  }

  void answer(std::size_t size) {
    server_->requests_.push_back(input_.substr(0, size));
    input_.clear();
    script_ = server_->answer_(server_->requests_.back());
    write();
  }

  void write() {
    const auto on_end = [self = shared_from_this()](const Code& code, std::size_t) {
      if (!code && self->server_ != nullptr) self->end();
    };
    if (tls_) {
      asio::async_write(*tls_, asio::buffer(script_.bytes), on_end);
    } else {
      asio::async_write(socket_, asio::buffer(script_.bytes), on_end);
    }
  }

  void end() {
    Code ignored;
    if (!tls_ && server_->proxied_tls_ != nullptr && script_.then == Script::Then::hold) {
      return start(server_->proxied_tls_);
    }
    switch (script_.then) {
      case Script::Then::close:
        if (tls_) return tls_->async_shutdown([self = shared_from_this()](const Code&) { self->leave(); });
        [[fallthrough]];
      case Script::Then::cut:
        return leave();
      case Script::Then::reset:
        socket_.set_option(asio::socket_base::linger(true, 0), ignored);
        return leave();
      case Script::Then::repeat:
        return write();
      case Script::Then::trickle:
        script_.bytes = " ";
        timer_.expires_after(std::chrono::milliseconds(5));
        return timer_.async_wait([self = shared_from_this()](const Code& code) {
          if (!code) self->write();
        });
      case Script::Then::hold:
        return read();
    }
  }

  Server* server_;
  tcp::socket socket_;
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
  asio::steady_timer timer_;
  std::string input_;
  Script script_;
};

Server::Server(asio::io_context& io, Answer answer, asio::ssl::context* tls, asio::ssl::context* proxied_tls)
    : io_(io),
      acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      answer_(std::move(answer)),
      tls_(tls),
      proxied_tls_(proxied_tls) {
  accept();
}

Server::~Server() {
  for (const auto& session : sessions_) {
    if (const auto still = session.lock()) still->leave();
  }
}

std::string Server::url(const std::string& scheme, const std::string& host, const std::string& target) const {
  return scheme + "://" + host + ":" + std::to_string(port()) + target;
}

void Server::accept() {
  acceptor_.async_accept([this](const Code& code, tcp::socket socket) {
    if (code) return;
    const auto session = std::make_shared<Session>(*this, std::move(socket));
    sessions_.push_back(session);
    session->start(tls_);
    accept();
  });
}

}  // namespace simdjwt::test
