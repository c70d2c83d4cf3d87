// An HTTP response, from its bytes to a key set: the bounds hold, and how the bytes are cut changes nothing but which
// bound is met first.
//
// The first byte says whether the request was conditional and into what pieces the rest, the response, is cut.
#include <algorithm>

#include "check.h"
#include "fetch/response_fields.h"
#include "fetch/response_reader.h"
#include "simdjwt/simdjwt.h"

namespace {

using namespace simdjwt::fetch;

constexpr ResponseLimits kLimits{1024, 2048};

HttpAnswer read_in_pieces(std::string_view bytes, bool is_conditional, std::size_t piece) {
  ResponseReader reader(ResponseReader::Kind::answer, kLimits, is_conditional);
  bool is_done = false;
  for (std::size_t at = 0; at < bytes.size() && !is_done; at += piece) {
    is_done = reader.take(bytes.substr(at, piece)) == ResponseReader::Progress::done;
  }
  if (!is_done) reader.end();
  return reader.take_answer();
}

void check_answer(const HttpAnswer& answer, bool is_conditional) {
  FUZZ_CHECK(answer.body.size() <= kLimits.body_bytes);
  FUZZ_CHECK(answer.etag.empty() || is_entity_tag(answer.etag));
  FUZZ_CHECK(!answer.max_age || (answer.max_age->count() >= 0 && *answer.max_age <= kMaxDeltaSeconds));
  FUZZ_CHECK(!answer.retry_after || (answer.retry_after->count() >= 0 && *answer.retry_after <= kMaxDeltaSeconds));
  if (answer.error == SIMDJWT_OK) {
    FUZZ_CHECK(answer.status == 200 || (answer.status == 304 && is_conditional && answer.body.empty()));
    FUZZ_CHECK(answer.detail.empty());
  } else {
    FUZZ_CHECK(answer.error >= SIMDJWT_FETCH_RESET && answer.error <= SIMDJWT_FETCH_ENCODING);
    FUZZ_CHECK(answer.error != SIMDJWT_FETCH_REDIRECT && !answer.detail.empty() && answer.body.empty());
  }
}

bool is_bound(const HttpAnswer& answer) {
  return answer.error == SIMDJWT_FETCH_HEADER_TOO_LARGE || answer.error == SIMDJWT_FETCH_BODY_TOO_LARGE;
}

void check_keys(std::string_view body) {
  simdjwt_jwks* keys = nullptr;
  const simdjwt_error error = simdjwt_jwks_parse(body.data(), body.size(), &keys, nullptr);
  FUZZ_CHECK((error == SIMDJWT_OK) == (keys != nullptr));
  simdjwt_jwks_free(keys);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool is_conditional = (data[0] & 1) != 0;
  const std::string_view bytes = simdjwt::fuzz::text(data + 1, size - 1);
  const HttpAnswer whole = read_response(bytes, kLimits, is_conditional);
  check_answer(whole, is_conditional);
  const HttpAnswer cut = read_in_pieces(bytes, is_conditional, 1 + data[0] / 2);
  check_answer(cut, is_conditional);
  if (!is_bound(whole) && !is_bound(cut)) {
    FUZZ_CHECK((whole.error == SIMDJWT_OK) == (cut.error == SIMDJWT_OK));
    if (whole.error == SIMDJWT_OK) {
      FUZZ_CHECK(whole.body == cut.body && whole.status == cut.status && whole.etag == cut.etag);
      FUZZ_CHECK(whole.max_age == cut.max_age && whole.retry_after == cut.retry_after);
    }
  }
  if (whole.error == SIMDJWT_OK && whole.status == 200) check_keys(whole.body);
  return 0;
}
