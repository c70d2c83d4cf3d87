// The client against servers on the loopback address: what is asked, what is taken for an answer, and every bound.
#include <atomic>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <future>
#include <thread>

#include "unit/fetch/fixture.h"
#include "unit/fetch/server.h"

namespace simdjwt::test {
namespace {

using fetch::HttpAnswer;
using fetch::HttpRequest;
using std::chrono::seconds;
using Then = Script::Then;

std::string ok(const std::string& body, const std::string& fields = {}) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + fields + "\r\n" + body;
}

std::string redirect(int status, const std::string& to) {
  return "HTTP/1.1 " + std::to_string(status) + " Moved\r\nLocation: " + to + "\r\nContent-Length: 0\r\n\r\n";
}

class HttpClientTest : public FetchTest {
 protected:
  // One fetch of /jwks from a server that always answers so.
  HttpAnswer answer_to(Script script, HttpRequest request = {{}, "application/json", {}}) {
    Server server(io_, [&](const std::string&) { return script; });
    request.url = server.url("http", "127.0.0.1");
    HttpAnswer answer = get(request);
    requests_ = server.requests();
    return answer;
  }

  std::vector<std::string> requests_;
};

TEST_F(HttpClientTest, AsksForOneThingAndTakesIt) {
  const HttpAnswer answer = answer_to({ok("{}", "ETag: \"v1\"\r\nCache-Control: max-age=60\r\nAge: 10\r\n")});
  EXPECT_EQ(answer.error, SIMDJWT_OK) << answer.detail;
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.body, "{}");
  EXPECT_EQ(answer.etag, "\"v1\"");
  EXPECT_EQ(answer.max_age, seconds(50));
  ASSERT_EQ(requests_.size(), 1U);
  const std::string& request = requests_[0];
  EXPECT_TRUE(request.starts_with("GET /jwks HTTP/1.1\r\nHost: 127.0.0.1:")) << request;
  for (const char* field : {"\r\nAccept: application/json\r\n", "\r\nAccept-Encoding: identity\r\n",
                            "\r\nConnection: close\r\n", "\r\nUser-Agent: simdjwt/0.1"}) {
    EXPECT_NE(request.find(field), std::string::npos) << field << " is not in\n" << request;
  }
  EXPECT_EQ(request.find("If-None-Match"), std::string::npos);
}

TEST_F(HttpClientTest, NotModifiedAnswersOnlyWhoAskedForIt) {
  const std::string not_modified = "HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n";
  const HttpAnswer conditional = answer_to({not_modified}, {{}, "application/json", "\"v1\""});
  EXPECT_EQ(conditional.error, SIMDJWT_OK) << conditional.detail;
  EXPECT_EQ(conditional.status, 304U);
  EXPECT_NE(requests_.at(0).find("\r\nIf-None-Match: \"v1\"\r\n"), std::string::npos);
  EXPECT_EQ(answer_to({not_modified}).error, SIMDJWT_FETCH_HTTP);
  // What is no entity-tag does not become part of a request.
  EXPECT_EQ(answer_to({ok("{}")}, {{}, "application/json", "\"v1\r\nX: y\""}).error, SIMDJWT_OK);
  EXPECT_EQ(requests_.at(0).find("X: y"), std::string::npos);
}

TEST_F(HttpClientTest, AnHtmlPageIsAnAnswerStill) {
  EXPECT_EQ(answer_to({ok("<html>", "Content-Type: text/html\r\n")}).body, "<html>");
}

TEST_F(HttpClientTest, BodiesByChunksAndByTheEnd) {
  EXPECT_EQ(answer_to({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"}).body, "{}");
  EXPECT_EQ(answer_to({"HTTP/1.1 200 OK\r\n\r\n{}"}).body, "{}");
}

TEST_F(HttpClientTest, StatusesAndWhenToComeBack) {
  const HttpAnswer busy = answer_to({"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 9\r\n\r\n"});
  EXPECT_EQ(busy.error, SIMDJWT_FETCH_STATUS);
  EXPECT_EQ(busy.status, 503U);
  EXPECT_EQ(busy.retry_after, seconds(7));
  EXPECT_EQ(answer_to({"HTTP/1.1 500 No\r\n\r\n"}).error, SIMDJWT_FETCH_STATUS);
  EXPECT_EQ(answer_to({"HTTP/1.1 204 No Content\r\n\r\n"}).error, SIMDJWT_FETCH_STATUS);
}

TEST_F(HttpClientTest, ContentCodingsWereNotAskedFor) {
  EXPECT_EQ(answer_to({ok("xx", "Content-Encoding: gzip\r\n")}).error, SIMDJWT_FETCH_ENCODING);
  EXPECT_EQ(answer_to({ok("xx", "Content-Encoding: identity\r\n")}).error, SIMDJWT_OK);
}

TEST_F(HttpClientTest, WhatEndsEarlyIsNoAnswer) {
  const std::string half = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{";
  EXPECT_EQ(answer_to({half}).error, SIMDJWT_FETCH_RESET);
  EXPECT_EQ(answer_to({half, Then::reset}).error, SIMDJWT_FETCH_RESET);
  EXPECT_EQ(answer_to({"HTTP/1.1 200 OK\r\n\r\n{", Then::reset}).error, SIMDJWT_FETCH_RESET);
  EXPECT_EQ(answer_to({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}"}).error, SIMDJWT_FETCH_RESET);
  EXPECT_EQ(answer_to({""}).error, SIMDJWT_FETCH_RESET);
}

TEST_F(HttpClientTest, SizesAreBounded) {
  EXPECT_EQ(answer_to({ok(std::string(4096, ' '))}).error, SIMDJWT_OK);
  EXPECT_EQ(answer_to({ok(std::string(4097, ' '))}).error, SIMDJWT_FETCH_BODY_TOO_LARGE);
  EXPECT_EQ(answer_to({"HTTP/1.1 200 OK\r\n\r\n" + std::string(2000, 'x'), Then::repeat}).error,
            SIMDJWT_FETCH_BODY_TOO_LARGE);
  EXPECT_EQ(answer_to({ok("{}", "X: " + std::string(2000, 'x') + "\r\n")}).error, SIMDJWT_FETCH_HEADER_TOO_LARGE);
  // The second repeat begins within the header of the first.
  EXPECT_EQ(answer_to({"HTTP/1.1 200 OK\r\nX: " + std::string(500, 'x'), Then::repeat}).error,
            SIMDJWT_FETCH_HEADER_TOO_LARGE);
}

TEST_F(HttpClientTest, ASlowServerMeetsTheDeadline) {
  for (const Script& script : {Script{"", Then::hold}, Script{"HTTP/1.1 200 OK\r\n\r\n", Then::trickle}}) {
    const HttpAnswer answer = answer_to(script, {{}, "application/json", {}, std::chrono::milliseconds(40)});
    EXPECT_EQ(answer.error, SIMDJWT_FETCH_DEADLINE) << answer.detail;
  }
}

TEST_F(HttpClientTest, ANameServerThatHangsMeetsTheDeadlineToo) {
  const auto gate = std::make_shared<std::promise<void>>();
  const auto opened = gate->get_future().share();
  look_up_ = [opened](const std::string& host) {
    opened.wait();
    return look_up_loopback(host);
  };
  const HttpAnswer answer = get({"http://slow.example/", "application/json", {}, std::chrono::milliseconds(20)});
  EXPECT_EQ(answer.error, SIMDJWT_FETCH_DEADLINE);
  gate->set_value();
  EXPECT_EQ(get("http://nowhere.example/").error, SIMDJWT_FETCH_RESOLVE);
}

TEST_F(HttpClientTest, NamesThatHangDoNotDelayOthers) {
  const auto gate = std::make_shared<std::promise<void>>();
  const auto opened = gate->get_future().share();
  look_up_ = [opened](const std::string& host) {
    if (host == "slow.example") opened.wait();
    return look_up_loopback(host);
  };
  Server server(io_, [](const std::string&) { return Script{ok("{}")}; });
  fetch::BeastClient::Made made = make_client();
  bool is_slow_answered = false;
  std::optional<HttpAnswer> answer;
  made.client->get({"http://slow.example/", "application/json", {}},
                   [&](const HttpAnswer&) { is_slow_answered = true; });
  made.client->get({server.url("http", "quick.example"), "application/json", {}},
                   [&](HttpAnswer came) { answer = came; });
  while (!answer && io_.run_one() != 0) {
  }
  EXPECT_EQ(answer->error, SIMDJWT_OK) << answer->detail;
  EXPECT_FALSE(is_slow_answered);
  gate->set_value();
}

TEST_F(HttpClientTest, ANameThatHangsHoldsOneThread) {
  const auto gate = std::make_shared<std::promise<void>>();
  const auto opened = gate->get_future().share();
  const auto calls = std::make_shared<std::atomic<unsigned>>(0);
  const auto lookups = std::make_shared<fetch::Lookups>([opened, calls](const std::string& host) {
    if (host == "slow.example") {
      ++*calls;
      opened.wait();
    }
    return look_up_loopback(host);
  });
  Server server(io_, [](const std::string&) { return Script{ok("{}")}; });
  const HttpRequest slow{server.url("http", "slow.example"), "application/json", {}};
  unsigned slow_answers = 0;
  // More than there may be look-ups, by clients that replace each other as those of a fetcher do.
  for (unsigned clients = 0; clients < 2; ++clients) {
    fetch::BeastClient::Made made = fetch::BeastClient::make(io_, policy_, lookups);
    for (std::size_t i = 0; i < fetch::Lookups::kMaxLookups; ++i) {
      const auto id = made.client->get(slow, [&](const HttpAnswer&) { ++slow_answers; });
      io_.restart();
      io_.poll();
      if (i != 0) made.client->cancel(id);
    }
  }
  fetch::BeastClient::Made made = fetch::BeastClient::make(io_, policy_, lookups);
  std::vector<HttpAnswer> answers;
  const auto take = [&](HttpAnswer came) { answers.push_back(std::move(came)); };
  made.client->get({server.url("http", "quick.example"), "application/json", {}}, take);
  while (answers.empty() && io_.run_one() != 0) {
  }
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].error, SIMDJWT_OK) << answers[0].detail;
  for (int i = 0; i < 2; ++i) made.client->get(slow, take);
  io_.restart();
  io_.poll();
  gate->set_value();
  while (answers.size() < 3 && io_.run_one() != 0) {
  }
  ASSERT_EQ(answers.size(), 3U);
  for (const HttpAnswer& answer : answers) EXPECT_EQ(answer.error, SIMDJWT_OK) << answer.detail;
  EXPECT_EQ(*calls, 1U);
  EXPECT_EQ(slow_answers, 0U);
}

TEST_F(HttpClientTest, DifferentNamesThatHangAreBounded) {
  const auto gate = std::make_shared<std::promise<void>>();
  const auto opened = gate->get_future().share();
  look_up_ = [opened](const std::string& host) {
    opened.wait();
    return look_up_loopback(host);
  };
  fetch::BeastClient::Made made = make_client();
  std::optional<HttpAnswer> answer;
  for (std::size_t i = 0; i <= fetch::Lookups::kMaxLookups; ++i) {
    made.client->get({"http://h" + std::to_string(i) + ".example/", "application/json", {}},
                     [&](HttpAnswer came) { answer = std::move(came); });
  }
  while (!answer && io_.run_one() != 0) {
  }
  EXPECT_EQ(answer->error, SIMDJWT_FETCH_RESOLVE) << answer->detail;
  gate->set_value();
}

// A look-up that comes back between the end of its client and that of the io_context must not touch the latter: the
// exchange, and with it the resolver, lives on in the aborted handler of its deadline.
TEST_F(HttpClientTest, ALookUpThatOutlivesItsClientIsNotHeard) {
  const auto gate = std::make_shared<std::promise<void>>();
  const auto opened = gate->get_future().share();
  const auto lookups = std::make_shared<fetch::Lookups>([opened](const std::string& host) {
    opened.wait();
    return look_up_loopback(host);
  });
  fetch::BeastClient::Made made = fetch::BeastClient::make(io_, policy_, lookups);
  const long idle = lookups.use_count();
  made.client->get({"http://slow.example/", "application/json", {}}, [](const HttpAnswer&) {});
  io_.poll();
  EXPECT_EQ(lookups.use_count(), idle + 1) << "the look-up's thread";
  made.client.reset();
  gate->set_value();
  while (lookups.use_count() > idle) std::this_thread::yield();
  io_.restart();
  EXPECT_EQ(io_.poll(), 1U) << "the deadline's handler alone";
}

TEST_F(HttpClientTest, PrivateAddressesAreRefusedByDefault) {
  policy_.allow_private_addresses = 0;
  for (const char* url : {"http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest", "http://localhost/",
                          "http://[::ffff:10.0.0.1]/", "http://rebound.example/"}) {
    EXPECT_EQ(get(std::string(url)).error, SIMDJWT_FETCH_ADDRESS_PRIVATE) << url;
  }
}

TEST_F(HttpClientTest, UrlsThatAreNone) {
  policy_.allow_http = 0;
  for (const char* url :
       {"", "jwks", "http://a.example/", "ftp://a.example/", "https://a@b.example/", "https://127.1/"}) {
    EXPECT_EQ(get(std::string(url)).error, SIMDJWT_FETCH_URL) << url;
  }
}

TEST_F(HttpClientTest, EveryAddressIsTried) {
  Server server(io_, [](const std::string&) { return Script{ok("{}")}; });
  look_up_ = [](const std::string&) {
    // Nobody listens at the first.
    return fetch::Lookup{{boost::asio::ip::make_address("127.0.0.2"), boost::asio::ip::make_address("127.0.0.1")}, {}};
  };
  EXPECT_EQ(get(server.url("http", "a.example")).error, SIMDJWT_OK);
}

TEST_F(HttpClientTest, NobodyListens) {
  std::string url;
  {
    Server server(io_, [](const std::string&) { return Script{}; });
    url = server.url("http", "127.0.0.1");
  }
  EXPECT_EQ(get(url).error, SIMDJWT_FETCH_CONNECT);
}

TEST_F(HttpClientTest, RedirectsWithinTheOrigin) {
  Server server(io_, [](const std::string& request) {
    if (request.starts_with("GET /jwks ")) return Script{redirect(302, "/two/../three?x#y")};
    if (request.starts_with("GET /three?x ")) return Script{redirect(308, "four")};
    return Script{ok(request.substr(0, request.find('\r')))};
  });
  const HttpAnswer answer = get(server.url("http", "127.0.0.1"));
  EXPECT_EQ(answer.error, SIMDJWT_OK) << answer.detail;
  EXPECT_EQ(answer.body, "GET /four HTTP/1.1");
  EXPECT_EQ(answer.url, server.url("http", "127.0.0.1", "/four"));
  policy_.max_redirects = 1;
  EXPECT_EQ(get(server.url("http", "127.0.0.1")).error, SIMDJWT_FETCH_REDIRECT);
}

// RFC 9110 §8.8.3: an entity-tag is of one resource; to another it says nothing.
TEST_F(HttpClientTest, AConditionGoesToThePlaceOfItsEntityTagOnly) {
  Server server(io_, [](const std::string& request) {
    if (request.starts_with("GET /jwks ")) return Script{redirect(302, "/moved")};
    if (request.find("If-None-Match") == std::string::npos) return Script{ok("{}", "ETag: \"v1\"\r\n")};
    return Script{"HTTP/1.1 304 Not Modified\r\n\r\n"};
  });
  const std::string url = server.url("http", "127.0.0.1");
  const HttpAnswer first = get({url, "application/json", {}});
  ASSERT_EQ(first.etag, "\"v1\"") << first.detail;
  HttpRequest again{url, "application/json", first.etag};
  again.etag_url = first.url;
  EXPECT_EQ(get(again).status, 304U);
  again.etag_url.clear();
  EXPECT_EQ(get(again).status, 200U);
  ASSERT_EQ(server.requests().size(), 6U);
  const auto is_conditional = [&](std::size_t i) {
    return server.requests()[i].find("\r\nIf-None-Match: \"v1\"\r\n") != std::string::npos;
  };
  EXPECT_FALSE(is_conditional(2));
  EXPECT_TRUE(is_conditional(3));
  EXPECT_TRUE(is_conditional(4));
  EXPECT_FALSE(is_conditional(5));
}

TEST_F(HttpClientTest, A304OfAnotherPlaceThanTheEntityTagsIsNone) {
  const std::string not_modified = "HTTP/1.1 304 Not Modified\r\n\r\n";
  HttpRequest request{{}, "application/json", "\"v1\""};
  request.etag_url = "http://127.0.0.1/elsewhere";
  EXPECT_EQ(answer_to({not_modified}, request).error, SIMDJWT_FETCH_HTTP);
}

TEST_F(HttpClientTest, RedirectsThatAreNotFollowed) {
  Script script;
  Server server(io_, [&](const std::string&) { return script; });
  const std::string url = server.url("http", "127.0.0.1");
  for (const std::string& to :
       {server.url("http", "localhost"), url /* a loop */, std::string("http://127.0.0.1/"),
        std::string("https://127.0.0.1/"), std::string("//other.example/"), std::string("a b")}) {
    script.bytes = redirect(301, to);
    const HttpAnswer answer = get(url);
    EXPECT_EQ(answer.error, SIMDJWT_FETCH_REDIRECT) << to;
    EXPECT_EQ(answer.status, 301U);
  }
  script.bytes = "HTTP/1.1 307 Moved\r\n\r\n";
  EXPECT_EQ(get(url).error, SIMDJWT_FETCH_REDIRECT);
  script.bytes = "HTTP/1.1 302 Moved\r\nLocation: /a\r\nLocation: /b\r\n\r\n";
  EXPECT_EQ(get(url).error, SIMDJWT_FETCH_REDIRECT);
  script.bytes = redirect(304, "/a");
  EXPECT_EQ(get(url).error, SIMDJWT_FETCH_HTTP);
}

TEST_F(HttpClientTest, AnotherOriginWhereThatIsAllowed) {
  policy_.allow_cross_origin_redirects = 1;
  Server last(io_, [](const std::string&) { return Script{ok("{}")}; });
  Server first(io_, [&](const std::string&) { return Script{redirect(301, last.url("http", "other.example"))}; });
  const HttpAnswer answer = get(first.url("http", "a.example"));
  EXPECT_EQ(answer.error, SIMDJWT_OK) << answer.detail;
  EXPECT_EQ(answer.url, last.url("http", "other.example"));
}

TEST_F(HttpClientTest, WhatIsCancelledIsNotAnswered) {
  Server server(io_, [](const std::string&) { return Script{"", Then::hold}; });
  fetch::BeastClient::Made made = make_client();
  unsigned answers = 0;
  const auto count = [&](const HttpAnswer&) { ++answers; };
  const HttpRequest request{server.url("http", "127.0.0.1"), "application/json", {}};
  made.client->cancel(made.client->get(request, count));  // before it has begun
  const auto id = made.client->get(request, count);
  made.client->get({server.url("http", "a.example"), "application/json", {}}, count);
  while (server.requests().size() < 2) io_.run_one();
  made.client->cancel(id);
  made.client->cancel(id);
  made.client.reset();  // with one under way
  io_.poll();
  EXPECT_EQ(answers, 0U);
}

TEST_F(HttpClientTest, TheAnswerMayEndTheClient) {
  Server server(io_, [](const std::string&) { return Script{ok("{}")}; });
  fetch::BeastClient::Made made = make_client();
  bool is_answered = false;
  made.client->get({server.url("http", "127.0.0.1"), "application/json", {}}, [&](const HttpAnswer& answer) {
    is_answered = answer.error == SIMDJWT_OK;
    made.client.reset();
  });
  while (made.client && io_.run_one() != 0) {
  }
  EXPECT_TRUE(is_answered);
}

TEST_F(HttpClientTest, WhatDoneThrowsIsLost) {
  Server server(io_, [](const std::string&) { return Script{ok("{}")}; });
  fetch::BeastClient::Made made = make_client();
  int calls = 0;
  made.client->get({server.url("http", "127.0.0.1"), "application/json", {}}, [&](const HttpAnswer&) {
    ++calls;
    throw std::bad_alloc();
  });
  EXPECT_NO_THROW({
    while (calls == 0 && io_.run_one() != 0) {
    }
    io_.poll();
  });
  EXPECT_EQ(calls, 1);
}

TEST_F(HttpClientTest, ThroughAProxyTheWholeUrl) {
  Server proxy(io_, [](const std::string&) { return Script{ok("{}")}; });
  const std::string at = proxy.url("http", "127.0.0.1", "");
  policy_.proxy = {at.data(), at.size()};
  policy_.allow_private_addresses = 0;
  const HttpAnswer answer = get(std::string("http://as.example/jwks"));
  EXPECT_EQ(answer.error, SIMDJWT_OK) << answer.detail;
  EXPECT_TRUE(proxy.requests().at(0).starts_with("GET http://as.example/jwks HTTP/1.1\r\nHost: as.example\r\n"));
  // The address rule still holds for what the URL itself says.
  EXPECT_EQ(get(std::string("http://10.0.0.1/")).error, SIMDJWT_FETCH_ADDRESS_PRIVATE);
  EXPECT_EQ(get(std::string("http://app.localhost/")).error, SIMDJWT_FETCH_ADDRESS_PRIVATE);
  EXPECT_EQ(proxy.requests().size(), 1U);
}

TEST_F(HttpClientTest, TheAddressRuleHoldsForEveryHop) {
  Server proxy(io_, [](const std::string&) { return Script{redirect(302, "http://169.254.169.254/latest")}; });
  const std::string at = proxy.url("http", "127.0.0.1", "");
  policy_.proxy = {at.data(), at.size()};
  policy_.allow_private_addresses = 0;
  policy_.allow_cross_origin_redirects = 1;
  EXPECT_EQ(get(std::string("http://as.example/jwks")).error, SIMDJWT_FETCH_ADDRESS_PRIVATE);
  EXPECT_EQ(proxy.requests().size(), 1U);
}

TEST_F(HttpClientTest, ProxiesThatRefuseOrAreNone) {
  Script script{"HTTP/1.1 403 No\r\n\r\n"};
  Server proxy(io_, [&](const std::string&) { return script; });
  const std::string at = proxy.url("http", "127.0.0.1", "");
  policy_.proxy = {at.data(), at.size()};
  const HttpAnswer answer = get(std::string("https://as.example/jwks"));
  EXPECT_EQ(answer.error, SIMDJWT_FETCH_PROXY);
  EXPECT_EQ(answer.status, 0U) << "the proxy's status is not the origin's";
  EXPECT_TRUE(proxy.requests().at(0).starts_with("CONNECT as.example:443 HTTP/1.1\r\n"));
  script.bytes = "HTTP/1.1 200 OK\r\n\r\nbytes of the proxy's own";
  EXPECT_EQ(get(std::string("https://as.example/jwks")).error, SIMDJWT_FETCH_PROXY);
  for (const std::string wrong : {"https://proxy.example", "proxy.example:8080", "http://proxy.example/path"}) {
    policy_.proxy = {wrong.data(), wrong.size()};
    EXPECT_EQ(fetch::BeastClient::make(io_, policy_).error, SIMDJWT_FETCH_PROXY) << wrong;
  }
}

}  // namespace
}  // namespace simdjwt::test
