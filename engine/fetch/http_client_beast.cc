#include "fetch/http_client_beast.h"

#include <utility>

#include "fetch/http_exchange.h"
#include "fetch/tls.h"

namespace simdjwt::fetch {
namespace {

std::string text_of(const simdjwt_str& view) {
  return view.data == nullptr ? std::string() : std::string(view.data, view.size);
}

}  // namespace

BeastClient::Made BeastClient::make(boost::asio::io_context& io, const simdjwt_fetch_policy& policy,
                                    std::shared_ptr<Lookups> lookups) {
  Made made;
  auto settings = std::make_shared<HttpSettings>();
  settings->limits = {policy.max_header_bytes, policy.max_body_bytes};
  settings->max_redirects = policy.max_redirects;
  settings->allow_cross_origin_redirects = policy.allow_cross_origin_redirects != 0;
  settings->allow_private_addresses = policy.allow_private_addresses != 0;
  settings->allow_http = policy.allow_http != 0;
  if (const std::string proxy = text_of(policy.proxy); !proxy.empty()) {
    settings->proxy = parse_url(proxy);
    if (!settings->proxy || settings->proxy->is_https || settings->proxy->target != "/") {
      made.error = SIMDJWT_FETCH_PROXY;
      made.detail = "proxy: not http://host:port";
      return made;
    }
  }
  settings->tls = make_tls_context(text_of(policy.ca_file), made.detail);
  if (!settings->tls) {
    made.error = SIMDJWT_FETCH_TLS;
    return made;
  }
  made.client.reset(new BeastClient(io, std::move(settings), std::move(lookups)));
  return made;
}

BeastClient::BeastClient(boost::asio::io_context& io, std::shared_ptr<const HttpSettings> settings,
                         std::shared_ptr<Lookups> lookups)
    : io_(io), settings_(std::move(settings)), resolver_(std::make_shared<NameResolver>(io, std::move(lookups))) {}

BeastClient::~BeastClient() {
  for (const auto& [id, exchange] : exchanges_) exchange->stop();
  // Handlers of theirs that are still queued share the resolver, and go only with the io_context.
  resolver_->stop();
}

HttpClient::Id BeastClient::get(HttpRequest request, Done done) {
  const Id id = ++last_id_;
  // Alive when it is called: an exchange that the client has stopped calls nothing.
  const auto on_end = [this, id, done = std::move(done)](HttpAnswer answer) {
    exchanges_.erase(id);
    done(std::move(answer));
  };
  const auto exchange = std::make_shared<HttpExchange>(io_, settings_, resolver_, std::move(request), on_end);
  exchanges_.emplace(id, exchange);
  exchange->start();
  return id;
}

void BeastClient::cancel(Id id) {
  const auto found = exchanges_.find(id);
  if (found == exchanges_.end()) return;
  found->second->stop();
  exchanges_.erase(found);
}

}  // namespace simdjwt::fetch
