// One response from its bytes: framing (RFC 9112 §6), codings, interim answers, and the same answer however it is cut.
#include "fetch/response_reader.h"

#include <gtest/gtest.h>

namespace simdjwt::fetch {
namespace {

const ResponseLimits kLimits{512, 64};

HttpAnswer read(std::string_view bytes, bool is_conditional = false) {
  const HttpAnswer whole = read_response(bytes, kLimits, is_conditional);
  ResponseReader reader(ResponseReader::Kind::answer, kLimits, is_conditional);
  bool is_done = false;
  for (std::size_t i = 0; i < bytes.size() && !is_done; ++i) {
    is_done = reader.take(bytes.substr(i, 1)) == ResponseReader::Progress::done;
  }
  if (!is_done) reader.end();
  const HttpAnswer bytewise = reader.take_answer();
  EXPECT_EQ(bytewise.error, whole.error) << bytes;
  EXPECT_EQ(bytewise.status, whole.status) << bytes;
  EXPECT_EQ(bytewise.body, whole.body) << bytes;
  return whole;
}

TEST(ResponseReaderTest, Framing) {
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").body, "{}");
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}rest").body, "{}");
  EXPECT_EQ(read("HTTP/1.0 200 OK\r\n\r\n{}").body, "{}");
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").error, SIMDJWT_OK);
  EXPECT_EQ(
      read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\n{\r\n1\r\n}\r\n0\r\nETag: \"t\"\r\n\r\n")
          .body,
      "{}");
}

TEST(ResponseReaderTest, FieldsOfATrailerDoNotCount) {
  const HttpAnswer answer =
      read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nETag: \"t\"\r\nCache-Control: max-age=9\r\n\r\n");
  EXPECT_EQ(answer.error, SIMDJWT_OK);
  EXPECT_EQ(answer.etag, "");
  EXPECT_EQ(answer.max_age, std::nullopt);
}

TEST(ResponseReaderTest, InterimAnswersAreSkipped) {
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
  EXPECT_EQ(read("HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + ok).body, "{}");
  EXPECT_EQ(read("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n" + ok).error, SIMDJWT_FETCH_HTTP);
  std::string many;
  for (int i = 0; i < 50; ++i) many += "HTTP/1.1 102 Processing\r\n\r\n";
  EXPECT_EQ(read(many + ok).error, SIMDJWT_FETCH_HEADER_TOO_LARGE);
}

TEST(ResponseReaderTest, WhatBreaksTheGrammar) {
  for (const char* bytes : {"SSH-2.0-OpenSSH_9.2p1\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
                            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n\r\n",
                            // RFC 9112 §6.1: chunked in HTTP/1.0 is faulty framing.
                            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}) {
    EXPECT_EQ(read(bytes).error, SIMDJWT_FETCH_HTTP) << bytes;
  }
}

TEST(ResponseReaderTest, Codings) {
  const std::string start = "HTTP/1.1 200 OK\r\n", end = "\r\n{}";
  EXPECT_EQ(read(start + "Content-Encoding: identity\r\n" + end).error, SIMDJWT_OK);
  for (const char* field :
       {"Content-Encoding: gzip", "Content-Encoding: identity, br", "Transfer-Encoding: gzip",
        "Content-Encoding: identity\r\nContent-Encoding: gzip", "Transfer-Encoding: gzip, chunked"}) {
    EXPECT_EQ(read(start + field + "\r\n" + end).error, SIMDJWT_FETCH_ENCODING) << field;
  }
}

TEST(ResponseReaderTest, Bounds) {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n").error, SIMDJWT_FETCH_BODY_TOO_LARGE);
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n").error,
            SIMDJWT_FETCH_BODY_TOO_LARGE);
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\n\r\n" + std::string(65, 'x')).error, SIMDJWT_FETCH_BODY_TOO_LARGE);
  EXPECT_EQ(read(chunked + "40\r\n" + std::string(64, 'x') + "\r\n0\r\n\r\n").error, SIMDJWT_OK);
  EXPECT_EQ(read(chunked + "41\r\nxx").error, SIMDJWT_FETCH_BODY_TOO_LARGE);
  EXPECT_EQ(read(chunked + std::string(400, '0') + "1\r\n{\r\n0\r\n\r\n").body, "{");
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nX: " + std::string(512, 'x')).error, SIMDJWT_FETCH_HEADER_TOO_LARGE);
  EXPECT_NE(read(std::string(513, 'x')).error, SIMDJWT_OK);
}

// Which bound is met first depends on how the bytes come.
TEST(ResponseReaderTest, FramingWithoutEnd) {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& line : {std::string("1;xxxxxxxxx"), std::string("0\r\nX: xxxxxxxx"), std::string(100, '0')}) {
    ResponseReader reader(ResponseReader::Kind::answer, kLimits, false);
    std::size_t taken = 0;
    for (auto progress = reader.take(chunked + line); progress == ResponseReader::Progress::more && taken < 5000;
         ++taken) {
      progress = reader.take("0");
    }
    EXPECT_LT(taken, 5000U) << line;
    EXPECT_NE(reader.take_answer().error, SIMDJWT_OK) << line;
  }
  // Each chunk has one byte, and far more around it.
  std::string many = chunked;
  for (int i = 0; i < 20; ++i) many += "1;x=" + std::string(100, 'x') + "\r\n{\r\n";
  EXPECT_EQ(read(many + "0\r\n\r\n").error, SIMDJWT_FETCH_BODY_TOO_LARGE);
}

TEST(ResponseReaderTest, EndsThatComeTooEarly) {
  for (const char* bytes : {"", "HTTP/1.1", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"}) {
    EXPECT_EQ(read(bytes).error, SIMDJWT_FETCH_RESET) << bytes;
  }
}

TEST(ResponseReaderTest, OtherStatuses) {
  // The header alone decides: a body that is too long or cut short does not matter then.
  const HttpAnswer busy = read("HTTP/1.1 429 Slow down\r\nRetry-After: 9\r\nContent-Length: 999\r\n\r\nx");
  EXPECT_EQ(busy.error, SIMDJWT_FETCH_STATUS);
  EXPECT_EQ(busy.status, 429U);
  EXPECT_EQ(busy.retry_after, std::chrono::seconds(9));
  EXPECT_EQ(read("HTTP/1.1 304 Same\r\nETag: \"a\"\r\n\r\n", true).etag, "\"a\"");
  EXPECT_EQ(read("HTTP/1.1 304 Same\r\n\r\n").error, SIMDJWT_FETCH_HTTP);
}

}  // namespace
}  // namespace simdjwt::fetch
