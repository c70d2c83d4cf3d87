// The client over TLS: whose certificate is believed (RFC 9110 §4.3.4, RFC 9525), and where a body ends.
#include "unit/fetch/certificates.h"
#include "unit/fetch/fixture.h"
#include "unit/fetch/server.h"

namespace simdjwt::test {
namespace {

using fetch::HttpAnswer;

class HttpClientTlsTest : public FetchTest {
 protected:
  HttpClientTlsTest() {
    policy_.ca_file = {authority_.file().data(), authority_.file().size()};
    policy_.allow_http = 0;
  }

  HttpAnswer answer_of(boost::asio::ssl::context tls, const std::string& host, Script script) {
    Server server(
        io_, [&](const std::string&) { return script; }, &tls);
    return get(server.url("https", host));
  }
  HttpAnswer answer_of(boost::asio::ssl::context tls, const std::string& host) {
    return answer_of(std::move(tls), host, {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"});
  }

  Authority authority_;
};

TEST_F(HttpClientTlsTest, TheHostsOwnCertificate) {
  const HttpAnswer by_name = answer_of(authority_.server("DNS:as.example"), "as.example");
  EXPECT_EQ(by_name.error, SIMDJWT_OK) << by_name.detail;
  EXPECT_EQ(by_name.body, "{}");
  const HttpAnswer by_address = answer_of(authority_.server("IP:127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(by_address.error, SIMDJWT_OK) << by_address.detail;
  EXPECT_EQ(answer_of(authority_.server("DNS:*.as.example"), "eu.as.example").error, SIMDJWT_OK);
}

TEST_F(HttpClientTlsTest, AnothersCertificate) {
  EXPECT_EQ(answer_of(authority_.server("DNS:as.example"), "other.example").error, SIMDJWT_FETCH_TLS);
  EXPECT_EQ(answer_of(authority_.server("DNS:as.example"), "127.0.0.1").error, SIMDJWT_FETCH_TLS);
  // A name that looks like the address does not stand for it (RFC 9525 §6.5).
  EXPECT_EQ(answer_of(authority_.server("DNS:127.0.0.1"), "127.0.0.1").error, SIMDJWT_FETCH_TLS);
  // RFC 9525 §6.3: a wildcard is a whole label. §2: the subject is not looked at.
  EXPECT_EQ(answer_of(authority_.server("DNS:a*.example"), "as.example").error, SIMDJWT_FETCH_TLS);
  EXPECT_EQ(answer_of(authority_.server_named_by_subject("as.example"), "as.example").error, SIMDJWT_FETCH_TLS);
}

TEST_F(HttpClientTlsTest, CertificatesThatAreNotBelieved) {
  const HttpAnswer expired = answer_of(authority_.server("DNS:as.example", -60), "as.example");
  EXPECT_EQ(expired.error, SIMDJWT_FETCH_TLS);
  EXPECT_NE(expired.detail.find("expired"), std::string::npos) << expired.detail;
  const Authority other;
  EXPECT_EQ(answer_of(other.server("DNS:as.example"), "as.example").error, SIMDJWT_FETCH_TLS);
  policy_.ca_file = {};
  EXPECT_EQ(answer_of(authority_.server("DNS:as.example"), "as.example").error, SIMDJWT_FETCH_TLS);
}

TEST_F(HttpClientTlsTest, OldVersionsOfTls) {
  boost::asio::ssl::context tls = authority_.server("DNS:as.example");
  SSL_CTX_set_security_level(tls.native_handle(), 0);
  ASSERT_EQ(SSL_CTX_set_max_proto_version(tls.native_handle(), TLS1_1_VERSION), 1);
  EXPECT_EQ(answer_of(std::move(tls), "as.example").error, SIMDJWT_FETCH_TLS);
}

TEST_F(HttpClientTlsTest, ABodyWithoutLengthEndsWithCloseNotify) {
  const std::string body = "HTTP/1.1 200 OK\r\n\r\n{}";
  EXPECT_EQ(answer_of(authority_.server("DNS:as.example"), "as.example", {body}).body, "{}");
  const HttpAnswer cut = answer_of(authority_.server("DNS:as.example"), "as.example", {body, Script::Then::cut});
  EXPECT_EQ(cut.error, SIMDJWT_FETCH_RESET);  // RFC 8446 §6.1
}

TEST_F(HttpClientTlsTest, NeverFromHttpsToHttp) {
  policy_.allow_http = 1;
  policy_.allow_cross_origin_redirects = 1;
  const Script script{"HTTP/1.1 301 Moved\r\nLocation: http://as.example/\r\n\r\n"};
  EXPECT_EQ(answer_of(authority_.server("DNS:as.example"), "as.example", script).error, SIMDJWT_FETCH_REDIRECT);
}

TEST_F(HttpClientTlsTest, ThroughAProxysTunnel) {
  boost::asio::ssl::context tls = authority_.server("DNS:as.example");
  Server proxy(
      io_,
      [](const std::string& request) {
        if (request.starts_with("CONNECT ")) return Script{"HTTP/1.1 200 OK\r\n\r\n", Script::Then::hold};
        return Script{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"};
      },
      nullptr, &tls);
  const std::string at = proxy.url("http", "127.0.0.1", "");
  policy_.proxy = {at.data(), at.size()};
  policy_.allow_private_addresses = 0;
  const HttpAnswer answer = get(std::string("https://as.example/jwks"));
  EXPECT_EQ(answer.error, SIMDJWT_OK) << answer.detail;
  EXPECT_TRUE(proxy.requests().at(0).starts_with("CONNECT as.example:443 HTTP/1.1\r\nHost: as.example:443\r\n"));
  EXPECT_TRUE(proxy.requests().at(1).starts_with("GET /jwks HTTP/1.1\r\nHost: as.example\r\n"));
  EXPECT_EQ(get(std::string("https://other.example/")).error, SIMDJWT_FETCH_TLS);
}

TEST_F(HttpClientTlsTest, RootsThatCannotBeRead) {
  const std::string file = authority_.file() + ".missing";
  policy_.ca_file = {file.data(), file.size()};
  const fetch::BeastClient::Made made = fetch::BeastClient::make(io_, policy_);
  EXPECT_EQ(made.error, SIMDJWT_FETCH_TLS);
  EXPECT_NE(made.detail.find(file), std::string::npos) << made.detail;
  EXPECT_EQ(made.client, nullptr);
}

}  // namespace
}  // namespace simdjwt::test
