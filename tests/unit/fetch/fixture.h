// What tests of the HTTP client share: a policy that lets them reach the loopback address, and one fetch from start to
// end.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>

#include "fetch/http_client_beast.h"

namespace simdjwt::test {

inline simdjwt_fetch_policy loopback_policy() {
  simdjwt_fetch_policy policy = SIMDJWT_FETCH_POLICY_INIT;
  policy.max_body_bytes = 4096;
  policy.max_header_bytes = 1024;
  policy.max_redirects = 2;
  policy.allow_private_addresses = 1;
  policy.allow_http = 1;
  return policy;
}

// All names but one are at the loopback address.
inline fetch::Lookup look_up_loopback(const std::string& host) {
  if (host == "nowhere.example") return {{}, "Name or service not known"};
  return {{boost::asio::ip::make_address("127.0.0.1")}, {}};
}

class FetchTest : public ::testing::Test {
 protected:
  fetch::BeastClient::Made make_client() {
    return fetch::BeastClient::make(io_, policy_, std::make_shared<fetch::Lookups>(look_up_));
  }
  fetch::HttpAnswer get(const fetch::HttpRequest& request) {
    fetch::BeastClient::Made made = make_client();
    EXPECT_EQ(made.error, SIMDJWT_OK) << made.detail;
    if (!made.client) return {};
    std::optional<fetch::HttpAnswer> answer;
    made.client->get(request, [&](fetch::HttpAnswer came) { answer = std::move(came); });
    EXPECT_FALSE(answer) << "answered within get()";
    io_.restart();
    while (!answer && io_.run_one() != 0) {
    }
    EXPECT_TRUE(answer) << "never answered";
    return answer.value_or(fetch::HttpAnswer{});
  }
  fetch::HttpAnswer get(const std::string& url) { return get(fetch::HttpRequest{url, "application/json", {}}); }

  boost::asio::io_context io_;
  simdjwt_fetch_policy policy_ = loopback_policy();
  fetch::LookupFunction look_up_ = look_up_loopback;
};

}  // namespace simdjwt::test
