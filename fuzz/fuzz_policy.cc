// Policy documents, through the C API: a verdict on the document, a diagnostic that is whole, and rules that can be
// used.
#include <cstring>

#include "capi/tokens.h"
#include "check.h"
#include "simdjwt/simdjwt.h"

namespace {

using simdjwt::fuzz::text;

template <std::size_t N>
bool is_terminated(const char (&field)[N]) {
  return std::memchr(field, '\0', N) != nullptr;
}

void check_diagnostic(const simdjwt_diagnostic& diagnostic, simdjwt_error error, std::size_t size) {
  FUZZ_CHECK(diagnostic.error == error && is_terminated(diagnostic.path) && is_terminated(diagnostic.expected));
  FUZZ_CHECK(diagnostic.offset == UINT32_MAX || diagnostic.offset <= size);
  FUZZ_CHECK((diagnostic.expected[0] != '\0') == (error != SIMDJWT_OK));
  const unsigned category = error >> 8;
  FUZZ_CHECK(error == SIMDJWT_OK || category == 7 || category == 8);
}

// A replay store is made with its validator: one that the machine may not have is none to try.
constexpr std::uint64_t kMostReplayBytes = 1 << 22;

simdjwt_replay_policy replay_of(const simdjwt_ruleset* ruleset) {
  simdjwt_replay_policy replay = SIMDJWT_REPLAY_POLICY_INIT;
  FUZZ_CHECK(simdjwt_ruleset_replay(ruleset, &replay) == SIMDJWT_OK);
  FUZZ_CHECK(replay.memory_bytes >= 1 << 20 && replay.max_retention_s >= 1 && replay.grace_s <= 86400);
  FUZZ_CHECK(replay.issuer_quota_percent >= 1 && replay.issuer_quota_percent <= 100);
  FUZZ_CHECK((replay.durability != SIMDJWT_DURABILITY_NONE) == (replay.directory.data != nullptr));
  FUZZ_CHECK((replay.fleet_node_count != 0) == (replay.fleet_key_file.data != nullptr));
  simdjwt_str node{};
  for (std::uint32_t i = 0; i < replay.fleet_node_count; ++i) {
    FUZZ_CHECK(simdjwt_ruleset_fleet_node(ruleset, i, &node) == SIMDJWT_OK && node.size >= 3);
  }
  FUZZ_CHECK(simdjwt_ruleset_fleet_node(ruleset, replay.fleet_node_count, &node) == SIMDJWT_NOT_FOUND);
  return replay;
}

// A policy that compiles can be used: whatever it says, the token that was signed with key b under key a's kid is
// refused, and one that may be used once is accepted no more than once.
void use(const simdjwt_ruleset* ruleset, const simdjwt_jwks* keys) {
  simdjwt_validator* validator = nullptr;
  simdjwt_scratch* scratch = nullptr;
  simdjwt_request request = SIMDJWT_REQUEST_INIT;
  simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
  FUZZ_CHECK(simdjwt_validator_new(ruleset, &validator) == SIMDJWT_OK);
  FUZZ_CHECK(simdjwt_scratch_new(validator, 2048, &scratch) == SIMDJWT_OK);
  const simdjwt_error published = simdjwt_keys_publish(validator, TOKENS_ISSUER, std::strlen(TOKENS_ISSUER), keys);
  FUZZ_CHECK(published == SIMDJWT_OK || published == SIMDJWT_NOT_FOUND);
  request.now = TOKENS_NOW;
  unsigned used = 0;
  for (const char* token : {TOKENS_GOOD_A, TOKENS_FORGED, TOKENS_GOOD_A}) {
    request.token = {token, std::strlen(token)};
    const simdjwt_error error = simdjwt_validate(validator, scratch, &request, &verdict);
    FUZZ_CHECK(error != SIMDJWT_OK || token == std::string_view(TOKENS_GOOD_A));
    FUZZ_CHECK(error != SIMDJWT_INVALID_ARGUMENT && error != SIMDJWT_SCRATCH_IN_USE);
    used += verdict.replay_record.forget_at != 0;
    FUZZ_CHECK(verdict.replay_record.forget_at == 0 || error == SIMDJWT_OK);
    FUZZ_CHECK(used <= 1 && (used == 0 || error != SIMDJWT_OK || verdict.replay_record.forget_at != 0));
  }
  simdjwt_scratch_free(scratch);
  simdjwt_validator_free(validator);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static simdjwt_jwks* const keys = [] {
    simdjwt_jwks* parsed = nullptr;
    FUZZ_CHECK(simdjwt_jwks_parse(TOKENS_JWKS, std::strlen(TOKENS_JWKS), &parsed, nullptr) == SIMDJWT_OK);
    return parsed;
  }();
  if (size == 0 || size > 1 << 15) return 0;
  const std::string_view policy = text(data, size);
  simdjwt_ruleset* ruleset = nullptr;
  simdjwt_diagnostic diagnostic = SIMDJWT_DIAGNOSTIC_INIT;
  std::memset(diagnostic.path, '#', sizeof diagnostic.path);
  std::memset(diagnostic.expected, '#', sizeof diagnostic.expected);
  const simdjwt_error error = simdjwt_ruleset_compile(policy.data(), policy.size(), &ruleset, &diagnostic);
  check_diagnostic(diagnostic, error, size);
  FUZZ_CHECK((error == SIMDJWT_OK) == (ruleset != nullptr));
  simdjwt_ruleset* again = nullptr;
  FUZZ_CHECK(simdjwt_ruleset_compile(policy.data(), policy.size(), &again, nullptr) == error);
  simdjwt_ruleset_free(again);
  if (ruleset != nullptr) {
    const std::uint32_t count = simdjwt_ruleset_issuer_count(ruleset);
    FUZZ_CHECK(count >= 1);
    for (std::uint32_t i = 0; i < count; ++i) {
      simdjwt_issuer_info info = SIMDJWT_ISSUER_INFO_INIT;
      FUZZ_CHECK(simdjwt_ruleset_issuer(ruleset, i, &info) == SIMDJWT_OK);
      FUZZ_CHECK(info.issuer.size > 0 && (!info.has_inline_keys || info.jwks_uri.data == nullptr));
      FUZZ_CHECK(!info.has_discovery || (!info.has_inline_keys && info.jwks_uri.data == nullptr));
    }
    simdjwt_fetch_policy fetch = SIMDJWT_FETCH_POLICY_INIT;
    FUZZ_CHECK(simdjwt_ruleset_fetch(ruleset, &fetch) == SIMDJWT_OK);
    FUZZ_CHECK(fetch.min_refresh_s <= fetch.max_refresh_s && fetch.max_refresh_s <= fetch.max_stale_s);
    FUZZ_CHECK(fetch.min_backoff_ms <= std::uint64_t{1000} * fetch.max_backoff_s && fetch.cooldown_s > 0);
    const simdjwt_replay_policy replay = replay_of(ruleset);
    if (replay.enabled == 0 || replay.memory_bytes <= kMostReplayBytes) use(ruleset, keys);
  }
  simdjwt_ruleset_free(ruleset);
  return 0;
}
