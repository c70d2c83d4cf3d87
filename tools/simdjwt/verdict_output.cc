#include "verdict_output.h"

#include <array>
#include <cstdio>

#include "failure.h"
#include "text.h"
#include "time_text.h"

namespace simdjwt::cli {
namespace {

// A trace goes on past failures and may verify the signature of a token that is rejected all the same: its claims are
// not shown as if they stood.
bool claims_stand(const simdjwt_verdict& verdict) noexcept {
  const bool is_last = verdict.check == SIMDJWT_CHECK_SCOPE || verdict.check == SIMDJWT_CHECK_REPLAY;
  return verdict.verified != 0 && (verdict.error == SIMDJWT_OK || is_last);
}

void line(std::string& out, std::string_view name, std::string_view text) {
  if (text.data() == nullptr) return;
  out +=
      "  " + std::string(name) + std::string(name.size() < 10 ? 10 - name.size() : 1, ' ') + std::string(text) + "\n";
}

void shown(std::string& out, std::string_view name, simdjwt_str text) {
  if (text.data != nullptr) line(out, name, quote(view(text)));
}

void time_line(std::string& out, std::string_view name, std::int64_t time, std::int64_t now) {
  if (time == SIMDJWT_NO_TIME) return;
  line(out, name, std::to_string(time) + "  (" + date_text(time) + ", " + relative_text(time, now) + ")");
}

void write_time(JsonWriter& json, std::string_view name, std::int64_t time) {
  if (time != SIMDJWT_NO_TIME) json.member_number(name, time);
}

}  // namespace

HttpAnswer http_answer(const Session& session, const simdjwt_verdict& verdict, const simdjwt_request& request) {
  HttpAnswer answer;
  std::string value(1024, '\0');
  std::uint64_t size = 0;
  simdjwt_error error =
      simdjwt_challenge(session.ruleset(), &verdict, &request, value.data(), value.size(), &size, &answer.status);
  if (error == SIMDJWT_BUFFER_TOO_SMALL) {
    value.resize(size);
    error = simdjwt_challenge(session.ruleset(), &verdict, &request, value.data(), value.size(), &size, &answer.status);
  }
  require_ok(error, "the HTTP answer");
  value.resize(size);
  answer.www_authenticate = std::move(value);
  return answer;
}

int exit_code(simdjwt_error error) noexcept {
  if (error == SIMDJWT_OK) return kExitOk;
  if (simdjwt_error_http_status(error) == 503) return kExitUnavailable;
  const std::uint32_t category = error >> 8U;
  return category <= 3 ? kExitRejected : kExitUsage;
}

void write_verdict(JsonWriter& json, const simdjwt_verdict& verdict, const HttpAnswer& answer) {
  json.member("ok", verdict.error == SIMDJWT_OK);
  if (verdict.error != SIMDJWT_OK) {
    json.member("error", simdjwt_error_name(verdict.error));
    json.member("number", error_number(verdict.error));
    json.member("text", simdjwt_error_text(verdict.error));
    json.member("check", simdjwt_check_name(verdict.check));
    json.member("member", view(verdict.member));
    json.member("missing_scope", view(verdict.missing_scope));
    if (verdict.offset != UINT32_MAX) json.member_number("offset", verdict.offset);
  }
  if (claims_stand(verdict)) {
    json.member("alg", view(verdict.alg)).member("kid", view(verdict.kid)).member("issuer", view(verdict.issuer));
    json.member("sub", view(verdict.subject)).member("jti", view(verdict.jti));
    json.member("client_id", view(verdict.client_id)).member("scope", view(verdict.scope));
    write_time(json, "exp", verdict.exp);
    write_time(json, "nbf", verdict.nbf);
    write_time(json, "iat", verdict.iat);
    if (verdict.claims.data != nullptr) json.key("claims").raw(compact_json(view(verdict.claims)));
  }
  json.key("http").begin_object().member_number("status", answer.status);
  if (!answer.www_authenticate.empty()) json.member("www_authenticate", answer.www_authenticate);
  json.end_object();
}

std::string verdict_text(const simdjwt_verdict& verdict, const HttpAnswer& answer, std::int64_t now,
                         const Style& style) {
  std::string out;
  if (verdict.error == SIMDJWT_OK) {
    out += style.good("valid") + "\n";
  } else {
    const bool unavailable = exit_code(verdict.error) == kExitUnavailable;
    out += style.bad(unavailable ? "not decided" : "rejected") + ": " + simdjwt_error_name(verdict.error) + "\n";
    line(out, "reason", simdjwt_error_text(verdict.error));
    line(out, "check", std::string(simdjwt_check_name(verdict.check)) + ": " + simdjwt_check_text(verdict.check));
    shown(out, "member", verdict.member);
    shown(out, "missing", verdict.missing_scope);
    if (verdict.offset != UINT32_MAX) line(out, "at", "byte " + std::to_string(verdict.offset) + " of the token");
  }
  if (claims_stand(verdict)) {
    shown(out, "alg", verdict.alg);
    shown(out, "kid", verdict.kid);
    shown(out, "issuer", verdict.issuer);
    shown(out, "sub", verdict.subject);
    shown(out, "client_id", verdict.client_id);
    shown(out, "scope", verdict.scope);
    shown(out, "jti", verdict.jti);
    time_line(out, "exp", verdict.exp, now);
    time_line(out, "nbf", verdict.nbf, now);
    time_line(out, "iat", verdict.iat, now);
  }
  return out + answer_text(answer, style);
}

std::string answer_text(const HttpAnswer& answer, const Style& style) {
  std::string out = "  " + style.strong("HTTP " + std::to_string(answer.status)) + "\n";
  if (!answer.www_authenticate.empty()) out += "  WWW-Authenticate: " + printable(answer.www_authenticate) + "\n";
  return out;
}

std::string error_number(simdjwt_error error) {
  std::array<char, 16> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "0x%04x", error);
  return buffer.data();
}

}  // namespace simdjwt::cli
