// The C API of libsimdjwt_fetch: translation, and the wall between exceptions and C.
#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>
#include <system_error>

#include "base/text_field.h"
#include "fetch/fetch_once.h"
#include "fetch/fetcher.h"
#include "fetch/http_client_beast.h"
#include "fetch/plan.h"
#include "simdjwt/fetch.h"

struct simdjwt_fetcher {
  simdjwt::fetch::Fetcher fetcher;
};

namespace {

using namespace simdjwt::fetch;
using simdjwt::copy_text;

// A client that cannot be made, with what the caller is told.
class ClientFailure : public std::runtime_error {
 public:
  ClientFailure(simdjwt_error error, const std::string& detail) : std::runtime_error(detail), error_(error) {}
  simdjwt_error error() const noexcept { return error_; }

 private:
  simdjwt_error error_;
};

std::unique_ptr<HttpClient> make_client(boost::asio::io_context& io, const simdjwt_fetch_policy& policy,
                                        std::shared_ptr<Lookups> lookups) {
  BeastClient::Made made = BeastClient::make(io, policy, std::move(lookups));
  if (made.error != SIMDJWT_OK) throw ClientFailure(made.error, made.detail);
  return std::move(made.client);
}

std::shared_ptr<Lookups> new_lookups() {
  return std::make_shared<Lookups>(look_up_with_getaddrinfo);
}

bool knows_size(const simdjwt_diagnostic* diagnostic) noexcept {
  return diagnostic == nullptr || diagnostic->struct_size == sizeof(simdjwt_diagnostic);
}

simdjwt_error tell(simdjwt_diagnostic* diagnostic, simdjwt_error error, std::string_view path,
                   std::string_view expected) noexcept {
  if (diagnostic == nullptr) return error;
  diagnostic->error = error;
  diagnostic->offset = UINT32_MAX;
  copy_text(path, diagnostic->path);
  copy_text(expected, diagnostic->expected);
  return error;
}

// Runs `work`, which returns an error, and lets nothing out.
template <typename Work>
simdjwt_error guarded(simdjwt_diagnostic* diagnostic, const Work& work) noexcept {
  try {
    return work();
  } catch (const ClientFailure& failure) {
    return tell(diagnostic, failure.error(), failure.error() == SIMDJWT_FETCH_PROXY ? "fetch.proxy" : "fetch.ca_file",
                failure.what());
  } catch (const std::bad_alloc&) {
    return tell(diagnostic, SIMDJWT_OUT_OF_MEMORY, "", "more memory");
  } catch (const std::exception& failure) {
    // A thread, or the descriptors of an io_context, that the system does not give: a resource that ran out.
    return tell(diagnostic, SIMDJWT_OUT_OF_MEMORY, "", failure.what());
  } catch (...) {
    return tell(diagnostic, SIMDJWT_OUT_OF_MEMORY, "", "");
  }
}

// A policy that was not compiled from a document may leave out what cannot be nothing.
OwnedPolicy with_defaults(const simdjwt_fetch_policy* policy) {
  if (policy == nullptr) return OwnedPolicy();
  simdjwt_fetch_policy filled = *policy;
  const simdjwt_fetch_policy defaults = OwnedPolicy().view();
  if (filled.deadline_ms == 0) filled.deadline_ms = defaults.deadline_ms;
  if (filled.max_body_bytes == 0) filled.max_body_bytes = defaults.max_body_bytes;
  if (filled.max_header_bytes == 0) filled.max_header_bytes = defaults.max_header_bytes;
  return OwnedPolicy(filled);
}

}  // namespace

simdjwt_error simdjwt_fetcher_new(simdjwt_validator* validator, const simdjwt_ruleset* ruleset, void* io_context,
                                  simdjwt_fetcher** out, simdjwt_diagnostic* diagnostic) noexcept {
  if (!knows_size(diagnostic)) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  if (validator == nullptr || ruleset == nullptr || out == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  return guarded(diagnostic, [&] {
    PlanResult planned = make_plan(ruleset);
    if (planned.error != SIMDJWT_OK) return tell(diagnostic, planned.error, planned.path, planned.expected);
    const auto make = [lookups = new_lookups()](boost::asio::io_context& io, const simdjwt_fetch_policy& policy) {
      return make_client(io, policy, lookups);
    };
    *out = new simdjwt_fetcher{{std::make_unique<ValidatorKeys>(validator), std::move(planned.plan),
                                static_cast<boost::asio::io_context*>(io_context), make}};
    return tell(diagnostic, SIMDJWT_OK, "", "");
  });
}

void simdjwt_fetcher_free(simdjwt_fetcher* fetcher) noexcept {
  delete fetcher;
}

simdjwt_error simdjwt_fetcher_swap_ruleset(simdjwt_fetcher* fetcher, const simdjwt_ruleset* ruleset,
                                           simdjwt_diagnostic* diagnostic) noexcept {
  if (!knows_size(diagnostic)) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  if (fetcher == nullptr || ruleset == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  return guarded(diagnostic, [&] {
    PlanResult planned = make_plan(ruleset);
    if (planned.error != SIMDJWT_OK) return tell(diagnostic, planned.error, planned.path, planned.expected);
    fetcher->fetcher.swap(std::move(planned.plan));
    return tell(diagnostic, SIMDJWT_OK, "", "");
  });
}

simdjwt_error simdjwt_fetcher_wait(simdjwt_fetcher* fetcher, const char* issuer, uint64_t issuer_size,
                                   uint32_t deadline_ms) noexcept {
  if (fetcher == nullptr || (issuer == nullptr && issuer_size != 0)) return SIMDJWT_INVALID_ARGUMENT;
  return guarded(nullptr, [&] {
    return fetcher->fetcher.wait({issuer, static_cast<std::size_t>(issuer_size)}, Millis(deadline_ms));
  });
}

const char* simdjwt_fetch_state_name(simdjwt_fetch_state state) noexcept {
  switch (state) {
    case SIMDJWT_FETCH_STARTING:
      return "starting";
    case SIMDJWT_FETCH_READY:
      return "ready";
    case SIMDJWT_FETCH_FAILING:
      return "failing";
    case SIMDJWT_FETCH_DOWN:
      return "down";
    default:
      return "unknown";
  }
}

uint32_t simdjwt_fetcher_issuer_count(const simdjwt_fetcher* fetcher) noexcept {
  return fetcher == nullptr ? 0 : fetcher->fetcher.board().count();
}

simdjwt_error simdjwt_fetcher_health(const simdjwt_fetcher* fetcher, uint32_t index,
                                     simdjwt_issuer_health* health) noexcept {
  if (fetcher == nullptr || health == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  if (health->struct_size != sizeof(simdjwt_issuer_health)) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  return fetcher->fetcher.board().read(index, Clock::now(), *health) ? SIMDJWT_OK : SIMDJWT_NOT_FOUND;
}

uint32_t simdjwt_fetcher_ready(const simdjwt_fetcher* fetcher) noexcept {
  return fetcher != nullptr && fetcher->fetcher.board().is_ready() ? 1 : 0;
}

simdjwt_error simdjwt_fetch_jwks(const char* url, uint64_t url_size, uint32_t discover,
                                 const simdjwt_fetch_policy* policy, simdjwt_jwks** out, char* jwks_uri,
                                 uint64_t jwks_uri_capacity, simdjwt_diagnostic* diagnostic) noexcept {
  if (!knows_size(diagnostic)) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  if (policy != nullptr && policy->struct_size != sizeof(simdjwt_fetch_policy)) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  if (url == nullptr || out == nullptr || (jwks_uri == nullptr && jwks_uri_capacity != 0)) {
    return SIMDJWT_INVALID_ARGUMENT;
  }
  return guarded(diagnostic, [&] {
    const OwnedPolicy owned = with_defaults(policy);
    boost::asio::io_context io(1);
    const std::unique_ptr<HttpClient> client = make_client(io, owned.view(), new_lookups());
    const Ask ask = [&](HttpRequest request) {
      HttpAnswer answer;
      bool is_done = false;
      client->get(std::move(request), [&](HttpAnswer got) {
        answer = std::move(got);
        is_done = true;
      });
      io.restart();
      while (!is_done && io.run_one() != 0) {
      }
      return answer;
    };
    OnceResult result = fetch_once(ask, {url, static_cast<std::size_t>(url_size)}, discover != 0, owned.view());
    if (jwks_uri_capacity != 0) {
      const std::size_t size =
          std::min<std::size_t>(result.jwks_uri.size(), static_cast<std::size_t>(jwks_uri_capacity - 1));
      std::memcpy(jwks_uri, result.jwks_uri.data(), size);  // of a string, so never of nullptr
      jwks_uri[size] = '\0';
    }
    if (result.error == SIMDJWT_OK || result.error == SIMDJWT_FETCH_NO_KEYS) *out = result.jwks.release();
    return tell(diagnostic, result.error, "", result.error == SIMDJWT_OK ? std::string_view{} : result.detail);
  });
}
