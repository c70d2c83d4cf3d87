// The HTTP ends: any Authorization field, and a challenge for any error, scopes and room.
//
// The first three bytes choose the error, the ruleset and the room; the rest is the field, and its words are scopes.
#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "capi/tokens.h"
#include "check.h"
#include "simdjwt/simdjwt.h"

namespace {

constexpr const char* kPolicies[] = {
    TOKENS_POLICY, R"({"version":1,"challenge":{"realm":"api","resource_metadata":"https://api.example/m"},"issuers":[)"
                   R"({"issuer":"a","profile":"access-token","audiences":["x"],"scopes":["read","write"]}]})"};

void check_bearer(std::string_view value) {
  simdjwt_str token = {nullptr, 0};
  const simdjwt_error error = simdjwt_bearer_token(value.data(), value.size(), &token);
  if (error != SIMDJWT_OK) {
    FUZZ_CHECK((error == SIMDJWT_CREDENTIALS_MISSING || error == SIMDJWT_REQUEST_MALFORMED) && token.data == nullptr);
    return;
  }
  FUZZ_CHECK(token.size > 0 && value.ends_with(std::string_view(token.data, token.size)));
  FUZZ_CHECK(token.data + token.size == value.data() + value.size());
  const std::string_view head = value.substr(0, value.size() - token.size);
  FUZZ_CHECK(head.size() >= 7 && head.find_first_not_of(' ', 6) == std::string_view::npos);
  for (const char c : std::string_view(token.data, token.size)) FUZZ_CHECK(c > ' ' && c < 0x7f && c != ',' && c != '"');
}

std::vector<simdjwt_str> words(std::string_view value) {
  std::vector<simdjwt_str> found;
  while (!value.empty() && found.size() < 66) {
    const std::size_t end = std::min(value.find(' '), value.size());
    found.push_back({value.data(), end});
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return found;
}

// auth-param values are quoted and hold no quote, and nothing but printable ASCII comes out.
void check_value(std::string_view value) {
  FUZZ_CHECK(value.starts_with("Bearer"));
  std::size_t quotes = 0;
  for (const char c : value) {
    FUZZ_CHECK(c >= 0x20 && c < 0x7f && c != '\\');
    quotes += c == '"';
  }
  FUZZ_CHECK(quotes % 2 == 0 && (value == "Bearer" || value.back() == '"'));
}

struct Answer {
  simdjwt_error error;
  std::uint32_t status = 0;
  std::uint64_t size = 0;
  std::vector<char> value;  // exactly as long as the room
};

Answer challenge(const simdjwt_ruleset* ruleset, const simdjwt_verdict& verdict, const simdjwt_request& request,
                 std::size_t room) {
  Answer answer{0, 0, 0, std::vector<char>(room)};
  answer.error =
      simdjwt_challenge(ruleset, &verdict, &request, answer.value.data(), room, &answer.size, &answer.status);
  return answer;
}

void check_challenge(const simdjwt_ruleset* ruleset, simdjwt_error error, std::size_t room, std::string_view value) {
  const std::vector<simdjwt_str> scopes = words(value);
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  simdjwt_request request = SIMDJWT_REQUEST_INIT;
  verdict.error = error;
  verdict.issuer_index = static_cast<std::uint32_t>(room % 3);
  request.required_scopes = scopes.data();
  request.required_scope_count = static_cast<std::uint32_t>(scopes.size());
  const Answer small = challenge(ruleset, verdict, request, room);
  if (small.error == SIMDJWT_INVALID_ARGUMENT) return;  // a word that is no scope token, or too many
  FUZZ_CHECK(small.error == (small.size <= room ? SIMDJWT_OK : SIMDJWT_BUFFER_TOO_SMALL));
  FUZZ_CHECK(small.status == simdjwt_error_http_status(error));
  FUZZ_CHECK((small.size != 0) == (small.status == 400 || small.status == 401 || small.status == 403));
  const Answer whole = challenge(ruleset, verdict, request, small.size);
  FUZZ_CHECK(whole.error == SIMDJWT_OK && whole.size == small.size && whole.status == small.status);
  if (whole.size != 0) check_value({whole.value.data(), whole.value.size()});
  const std::size_t common = std::min(room, whole.value.size());
  FUZZ_CHECK(common == 0 || std::memcmp(small.value.data(), whole.value.data(), common) == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Pointers in an array: still there when LeakSanitizer looks.
  static const std::array<simdjwt_ruleset*, 2> rulesets = [] {
    std::array<simdjwt_ruleset*, 2> compiled{};
    for (std::size_t i = 0; i < compiled.size(); ++i) {
      FUZZ_CHECK(simdjwt_ruleset_compile(kPolicies[i], std::strlen(kPolicies[i]), &compiled[i], nullptr) == SIMDJWT_OK);
    }
    return compiled;
  }();
  if (size < 3) return 0;
  const std::string_view value = simdjwt::fuzz::text(data + 3, size - 3);
  check_bearer(value);
  check_challenge(rulesets[data[1] % rulesets.size()], simdjwt_error_at(data[0]), data[2], value);
  return 0;
}
