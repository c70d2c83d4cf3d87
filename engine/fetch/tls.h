// TLS for a client: 1.2 or later, the chain verified up to trusted roots, and the host's own name in the certificate.
//
// Thread-safety: a context is shared by the connections of one thread. Cost: reads the roots once.
// RFC 8446, RFC 9325, RFC 9525 (names), RFC 6066 §3 (SNI).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/ssl/context.hpp>

#include "fetch/url.h"

namespace simdjwt::fetch {

// The roots are those of `ca_file` alone, or the system's when it is empty. nullptr, and `detail` for a person, when
// the file cannot be read.
std::shared_ptr<boost::asio::ssl::context> make_tls_context(const std::string& ca_file, std::string& detail);

// Before the handshake: which host it has to be. False when OpenSSL is out of memory.
bool expect_host(SSL* connection, const Url& url);

// After a failed handshake: what was wrong with the certificate, or else `otherwise`.
std::string handshake_failure(SSL* connection, const std::string& otherwise);

}  // namespace simdjwt::fetch
