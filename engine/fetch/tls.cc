#include "fetch/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace simdjwt::fetch {

namespace ssl = boost::asio::ssl;

std::shared_ptr<ssl::context> make_tls_context(const std::string& ca_file, std::string& detail) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  boost::system::error_code error;
  if (ca_file.empty()) {
    context->set_default_verify_paths(error);
  } else {
    context->load_verify_file(ca_file, error);
  }
  if (!error) context->set_verify_mode(ssl::verify_peer, error);
  if (!error && SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION) == 1) return context;
  detail = "TLS: no roots in " + (ca_file.empty() ? "the system's places" : ca_file) + ": " + error.message();
  return nullptr;
}

bool expect_host(SSL* connection, const Url& url) {
  X509_VERIFY_PARAM* const expected = SSL_get0_param(connection);
  // RFC 9525 §6.3 and §2: no "f*.example", and no name out of the subject.
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (url.kind != Url::Host::name) return X509_VERIFY_PARAM_set1_ip_asc(expected, url.host.c_str()) == 1;
  // A literal address is no name for SNI (RFC 6066 §3).
  return X509_VERIFY_PARAM_set1_host(expected, url.host.data(), url.host.size()) == 1 &&
         SSL_set_tlsext_host_name(connection, url.host.c_str()) == 1;
}

std::string handshake_failure(SSL* connection, const std::string& otherwise) {
  const long result = SSL_get_verify_result(connection);
  return "TLS: " + (result == X509_V_OK ? otherwise : std::string(X509_verify_cert_error_string(result)));
}

}  // namespace simdjwt::fetch
