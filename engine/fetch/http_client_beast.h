// The HttpClient of libsimdjwt_fetch: Boost.Asio for the network, Boost.Beast's parser for the answers, OpenSSL for
// TLS.
//
// Ownership: the client holds on to nothing of the policy; the io_context outlives it. Thread-safety: everything on the
// thread of the io_context. Cost: reads the trusted roots when it is made; a connection, and perhaps a thread for the
// look-up of the name, for each request. docs/decisions/0013 says why.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <unordered_map>

#include "fetch/http_client.h"
#include "fetch/name_resolver.h"
#include "simdjwt/simdjwt.h"

namespace simdjwt::fetch {

class HttpExchange;
struct HttpSettings;

class BeastClient final : public HttpClient {
 public:
  struct Made {
    simdjwt_error error = SIMDJWT_OK;  // SIMDJWT_FETCH_TLS: the ca_file; SIMDJWT_FETCH_PROXY: the proxy's URL
    std::string detail;
    std::unique_ptr<BeastClient> client;
  };
  // Every member of the policy counts as it stands: zero is zero, not the default.
  static Made make(boost::asio::io_context& io, const simdjwt_fetch_policy& policy,
                   std::shared_ptr<Lookups> lookups = std::make_shared<Lookups>(look_up_with_getaddrinfo));

  ~BeastClient() override;
  BeastClient(const BeastClient&) = delete;
  BeastClient& operator=(const BeastClient&) = delete;

  Id get(HttpRequest request, Done done) override;
  void cancel(Id id) override;

 private:
  BeastClient(boost::asio::io_context& io, std::shared_ptr<const HttpSettings> settings,
              std::shared_ptr<Lookups> lookups);

  boost::asio::io_context& io_;
  const std::shared_ptr<const HttpSettings> settings_;
  const std::shared_ptr<NameResolver> resolver_;
  std::unordered_map<Id, std::shared_ptr<HttpExchange>> exchanges_;
  Id last_id_ = 0;
};

}  // namespace simdjwt::fetch
