// A verdict for people and for programs, with the HTTP answer that goes with it.
#pragma once

#include <cstdint>
#include <string>

#include "handles.h"
#include "json_writer.h"
#include "session.h"
#include "terminal.h"

namespace simdjwt::cli {

// What a resource server would answer (RFC 6750 §3).
struct HttpAnswer {
  std::uint32_t status = 0;
  std::string www_authenticate;  // empty when the answer has no such field
};

HttpAnswer http_answer(const Session& session, const simdjwt_verdict& verdict, const simdjwt_request& request);

// 0, 1, 2 or 3: see failure.h.
int exit_code(simdjwt_error error) noexcept;

// The members of the verdict and of the answer, into an object that is open.
void write_verdict(JsonWriter& json, const simdjwt_verdict& verdict, const HttpAnswer& answer);

// Several lines, the last ended.
std::string verdict_text(const simdjwt_verdict& verdict, const HttpAnswer& answer, std::int64_t now,
                         const Style& style);

// "HTTP 401" and the field, indented: the end of every report.
std::string answer_text(const HttpAnswer& answer, const Style& style);

// "0x025a".
std::string error_number(simdjwt_error error);

}  // namespace simdjwt::cli
