// A certification authority of a test's own, and certificates of it, made with OpenSSL alone.
#pragma once

#include <openssl/x509.h>

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

namespace simdjwt::test {

class Authority {
 public:
  Authority();
  ~Authority();

  // PEM file of the root.
  const std::string& file() const { return file_; }
  // For a server: a certificate with the subjectAltName ("DNS:a.example", "IP:127.0.0.1"), valid from an hour before
  // `end_s` from now.
  boost::asio::ssl::context server(const std::string& names, long end_s = 3600) const;
  // A certificate that has the host in its subject alone (RFC 9525 §2).
  boost::asio::ssl::context server_named_by_subject(const std::string& host) const;

 private:
  boost::asio::ssl::context certified(const std::string& names, const std::string& subject, long end_s) const;

  EVP_PKEY* key_;
  X509* root_;
  std::string file_;
};

}  // namespace simdjwt::test
