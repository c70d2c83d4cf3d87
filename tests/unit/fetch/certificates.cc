#include "unit/fetch/certificates.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace simdjwt::test {
namespace {

// A test that cannot make its input has nothing to say.
void need(bool is_done) {
  if (!is_done) std::abort();
}

EVP_PKEY* make_key() {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  need(key != nullptr);
  return key;
}

void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  need(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

X509* make_certificate(EVP_PKEY* key, const std::string& subject, X509* issuer, long end_s) {
  static long serial = 0;
  X509* const made = X509_new();
  need(made != nullptr && X509_set_version(made, 2) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(made), end_s - 2 * 3600);
  X509_gmtime_adj(X509_getm_notAfter(made), end_s);
  need(X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                                  reinterpret_cast<const unsigned char*>(subject.c_str()), -1, -1, 0) == 1);
  need(X509_set_issuer_name(made, X509_get_subject_name(issuer == nullptr ? made : issuer)) == 1);
  need(X509_set_pubkey(made, key) == 1);
  return made;
}

}  // namespace

Authority::Authority() : key_(make_key()), root_(make_certificate(key_, "test root", nullptr, 3600)) {
  extend(root_, root_, NID_basic_constraints, "critical,CA:TRUE");
  extend(root_, root_, NID_key_usage, "critical,keyCertSign");
  need(X509_sign(root_, key_, EVP_sha256()) != 0);
  file_ = ::testing::TempDir() + "simdjwt_root_XXXXXX";
  const int descriptor = mkstemp(file_.data());
  need(descriptor >= 0);
  std::FILE* const file = fdopen(descriptor, "w");
  need(file != nullptr && PEM_write_X509(file, root_) == 1 && std::fclose(file) == 0);
}

Authority::~Authority() {
  unlink(file_.c_str());
  X509_free(root_);
  EVP_PKEY_free(key_);
}

boost::asio::ssl::context Authority::server(const std::string& names, long end_s) const {
  return certified(names, "server", end_s);
}

boost::asio::ssl::context Authority::server_named_by_subject(const std::string& host) const {
  return certified({}, host, 3600);
}

boost::asio::ssl::context Authority::certified(const std::string& names, const std::string& subject, long end_s) const {
  EVP_PKEY* const key = make_key();
  X509* const certificate = make_certificate(key, subject, root_, end_s);
  if (!names.empty()) extend(certificate, root_, NID_subject_alt_name, names);
  need(X509_sign(certificate, key_, EVP_sha256()) != 0);
  boost::asio::ssl::context context(boost::asio::ssl::context::tls_server);
  need(SSL_CTX_use_certificate(context.native_handle(), certificate) == 1);
  need(SSL_CTX_use_PrivateKey(context.native_handle(), key) == 1);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return context;
}

}  // namespace simdjwt::test
