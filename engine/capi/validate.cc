#include <algorithm>
#include <array>
#include <span>

#include "capi/handles.h"
#include "policy/scope.h"
#include "validator/verify_jws.h"

using namespace simdjwt;
using namespace simdjwt::capi;

namespace {

constexpr std::uint32_t kMaxRequiredScopes = 64;
constexpr std::size_t kMaxBatchScopes = 1024;

void write_verdict(const Verdict& from, simdjwt_verdict& to) noexcept {
  to.error = code(from.error);
  to.check = static_cast<simdjwt_check>(from.check);
  to.offset = from.offset;
  to.member = view(from.member);
  to.missing_scope = view(from.missing_scope);
  to.issuer_index = from.issuer_index;
  to.verified = from.verified ? 1 : 0;
  to.alg = view(from.alg);
  to.kid = view(from.kid);
  to.header = view(from.header);
  to.claims = view(from.claims);
  to.issuer = view(from.issuer);
  to.subject = view(from.subject);
  to.jti = view(from.jti);
  to.client_id = view(from.client_id);
  to.scope = view(from.scope);
  to.exp = from.exp;
  to.nbf = from.nbf;
  to.iat = from.iat;
  to.replay_record = write_record(from.replay_record);
}

static_assert(SIMDJWT_REPLAY_CONSUME == static_cast<unsigned>(ReplayUse::consume));
static_assert(SIMDJWT_REPLAY_CHECK == static_cast<unsigned>(ReplayUse::check));
static_assert(SIMDJWT_REPLAY_DEFER == static_cast<unsigned>(ReplayUse::defer));

// The caller's mistakes are told in the verdict too, so that a verdict that is read is never one of an earlier call.
simdjwt_error mistake(simdjwt_error error, simdjwt_verdict* verdict) noexcept {
  if (verdict != nullptr && knows_size(verdict)) write_verdict({.error = static_cast<Error>(error)}, *verdict);
  return error;
}

void write_trace(const Trace& from, simdjwt_trace& to) noexcept {
  to.count = from.count;
  for (std::uint32_t i = 0; i < from.count; ++i) {
    const TraceEntry& entry = from.entries[i];
    to.entries[i] = {static_cast<simdjwt_check>(entry.check), code(entry.error), view(entry.member)};
  }
}

// The scopes of a request, translated to the start of `room`, which is moved behind them.
bool read_scopes(const simdjwt_request& request, std::span<std::string_view>& room,
                 std::span<const std::string_view>& out) noexcept {
  const std::size_t count = request.required_scope_count;
  if (count > kMaxRequiredScopes || count > room.size()) return false;
  if (count != 0 && request.required_scopes == nullptr) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_valid(request.required_scopes[i])) return false;
    room[i] = text(request.required_scopes[i]);
    if (!is_scope_token(room[i])) return false;
  }
  out = room.first(count);
  room = room.subspan(count);
  return true;
}

simdjwt_error check_structs(const simdjwt_request* request, const simdjwt_verdict* verdict) noexcept {
  if (request == nullptr || verdict == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  if (!knows_size(request) || !knows_size(verdict)) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  if (request->trace != nullptr && !knows_size(request->trace)) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  if (request->replay > SIMDJWT_REPLAY_DEFER) return SIMDJWT_INVALID_ARGUMENT;
  return is_valid(request->token) && is_valid(request->nonce) ? SIMDJWT_OK : SIMDJWT_INVALID_ARGUMENT;
}

// But for the scopes.
Request translate(const simdjwt_request& request) noexcept {
  return {.token = text(request.token),
          .now = request.now,
          .nonce = text(request.nonce),
          .replay = static_cast<ReplayUse>(request.replay)};
}

simdjwt_error answer(const simdjwt_validator& validator, simdjwt_scratch& scratch, const simdjwt_request& request,
                     Request& translated, simdjwt_verdict& verdict) noexcept {
  if (request.trace == nullptr) {
    write_verdict(validator.validator.validate(*scratch.scratch, translated), verdict);
    return verdict.error;
  }
  Trace trace;
  translated.trace = &trace;
  write_verdict(validator.validator.validate(*scratch.scratch, translated), verdict);
  write_trace(trace, *request.trace);
  return verdict.error;
}

// `room` is for the scopes of all.
simdjwt_error answer_batch(const simdjwt_validator& validator, simdjwt_scratch& scratch,
                           std::span<const simdjwt_request> requests, std::span<std::string_view> room,
                           simdjwt_verdict* verdicts) noexcept {
  std::array<Request, Scratch::kMaxLanes> translated;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    translated[i] = translate(requests[i]);
    if (!read_scopes(requests[i], room, translated[i].required_scopes)) return SIMDJWT_INVALID_ARGUMENT;
  }
  std::array<Verdict, Scratch::kMaxLanes> found;
  const Error error = validator.validator.validate_batch(*scratch.scratch, std::span(translated).first(requests.size()),
                                                         std::span(found).first(requests.size()));
  if (error != Error::ok) return code(error);
  for (std::size_t i = 0; i < requests.size(); ++i) write_verdict(found[i], verdicts[i]);
  return SIMDJWT_OK;
}

}  // namespace

simdjwt_error simdjwt_scratch_new(const simdjwt_validator* validator, uint64_t max_token_bytes,
                                  simdjwt_scratch** out) noexcept {
  return simdjwt_scratch_new_batch(validator, max_token_bytes, 1, out);
}

simdjwt_error simdjwt_scratch_new_batch(const simdjwt_validator* validator, uint64_t max_token_bytes, uint32_t lanes,
                                        simdjwt_scratch** out) noexcept {
  static_assert(SIMDJWT_MAX_LANES == Scratch::kMaxLanes);
  if (out == nullptr || max_token_bytes > Scratch::kMaxTokenBytes) return SIMDJWT_INVALID_ARGUMENT;
  if (lanes == 0 || lanes > Scratch::kMaxLanes) return SIMDJWT_INVALID_ARGUMENT;
  try {
    std::unique_ptr<Scratch> scratch;
    const auto size = static_cast<std::uint32_t>(max_token_bytes);
    if (validator != nullptr) {
      scratch = validator->validator.make_scratch(size, lanes);
    } else {
      Limits limits;
      if (size != 0) limits.max_token_bytes = size;
      scratch = std::make_unique<Scratch>(limits, std::make_shared<EpochDomain>(), lanes);
    }
    *out = new simdjwt_scratch{std::move(scratch)};
    return SIMDJWT_OK;
  } catch (const std::bad_alloc&) {
    return SIMDJWT_OUT_OF_MEMORY;
  }
}

void simdjwt_scratch_free(simdjwt_scratch* scratch) noexcept {
  delete scratch;
}

simdjwt_error simdjwt_validate(const simdjwt_validator* validator, simdjwt_scratch* scratch,
                               const simdjwt_request* request, simdjwt_verdict* verdict) noexcept {
  if (const simdjwt_error error = check_structs(request, verdict); error != SIMDJWT_OK) return mistake(error, verdict);
  if (validator == nullptr || scratch == nullptr) return mistake(SIMDJWT_INVALID_ARGUMENT, verdict);
  Request translated = translate(*request);
  if (request->required_scope_count == 0) return answer(*validator, *scratch, *request, translated, *verdict);
  std::array<std::string_view, kMaxRequiredScopes> scopes;
  std::span<std::string_view> room(scopes);
  if (!read_scopes(*request, room, translated.required_scopes)) return mistake(SIMDJWT_INVALID_ARGUMENT, verdict);
  return answer(*validator, *scratch, *request, translated, *verdict);
}

simdjwt_error simdjwt_validate_batch(const simdjwt_validator* validator, simdjwt_scratch* scratch,
                                     const simdjwt_request* requests, uint32_t count,
                                     simdjwt_verdict* verdicts) noexcept {
  if (validator == nullptr || scratch == nullptr) return SIMDJWT_INVALID_ARGUMENT;
  if (count != 0 && (requests == nullptr || verdicts == nullptr)) return SIMDJWT_INVALID_ARGUMENT;
  if (count > scratch->scratch->lanes()) return SIMDJWT_INVALID_ARGUMENT;
  const std::span all(requests, count);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (const simdjwt_error error = check_structs(&requests[i], &verdicts[i]); error != SIMDJWT_OK) return error;
    if (requests[i].trace != nullptr) return SIMDJWT_INVALID_ARGUMENT;
  }
  const auto has_scopes = [](const simdjwt_request& request) { return request.required_scope_count != 0; };
  if (std::none_of(all.begin(), all.end(), has_scopes)) return answer_batch(*validator, *scratch, all, {}, verdicts);
  std::array<std::string_view, kMaxBatchScopes> scopes;
  return answer_batch(*validator, *scratch, all, scopes, verdicts);
}

simdjwt_error simdjwt_verified_claim(const simdjwt_scratch* scratch, const char* name, uint64_t name_size,
                                     simdjwt_claim* claim) noexcept {
  return simdjwt_verified_claim_at(scratch, 0, name, name_size, claim);
}

simdjwt_error simdjwt_verified_claim_at(const simdjwt_scratch* scratch, uint32_t lane, const char* name,
                                        uint64_t name_size, simdjwt_claim* claim) noexcept {
  if (scratch == nullptr || claim == nullptr || !is_valid(name, name_size)) return SIMDJWT_INVALID_ARGUMENT;
  if (!knows_size(claim)) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  if (lane >= scratch->scratch->lanes()) return SIMDJWT_INVALID_ARGUMENT;
  if (lane >= scratch->scratch->answered()) return SIMDJWT_NOT_FOUND;
  Lane& inner = scratch->scratch->lane(lane);
  if (!inner.verified || !inner.read_claims()) return SIMDJWT_NOT_FOUND;
  const JsonNode* node = find_member(inner.payload_reader.nodes(), 0, text(name, name_size));
  if (node == nullptr) return SIMDJWT_NOT_FOUND;
  claim->kind = static_cast<uint32_t>(node->kind);
  claim->json = view(node->json);
  claim->text = view(node->text);
  return SIMDJWT_OK;
}

simdjwt_error simdjwt_verify_jws(const simdjwt_jwks* jwks, simdjwt_scratch* scratch, const char* algorithms_list,
                                 uint64_t algorithms_size, const char* token, uint64_t token_size,
                                 simdjwt_verdict* verdict) noexcept {
  if (jwks == nullptr || scratch == nullptr || verdict == nullptr || !is_valid(algorithms_list, algorithms_size) ||
      !is_valid(token, token_size)) {
    return mistake(SIMDJWT_INVALID_ARGUMENT, verdict);
  }
  if (!knows_size(verdict)) return SIMDJWT_STRUCT_SIZE_UNKNOWN;
  const std::string_view names = text(algorithms_list, algorithms_size);
  AlgorithmSet allowed;
  for (const AlgorithmInfo& row : algorithms()) {
    if (has_scope(names, row.name)) allowed.add(row.algorithm);
  }
  write_verdict(verify_jws(*jwks->set, allowed, *scratch->scratch, text(token, token_size)), *verdict);
  return verdict->error;
}

simdjwt_error simdjwt_verify_signature(const simdjwt_jwks* jwks, simdjwt_scratch* scratch, uint32_t index,
                                       const char* alg, uint64_t alg_size, const void* message, uint64_t message_size,
                                       const void* signature, uint64_t signature_size) noexcept {
  if (jwks == nullptr || scratch == nullptr || !is_valid(alg, alg_size) || !is_valid(message, message_size) ||
      !is_valid(signature, signature_size)) {
    return SIMDJWT_INVALID_ARGUMENT;
  }
  if (index >= jwks->set->entries().size()) return SIMDJWT_NOT_FOUND;
  const std::string_view name = text(alg, alg_size);
  const Algorithm algorithm = find_algorithm(name);
  if (algorithm == Algorithm::unknown) return name == "none" ? SIMDJWT_ALG_NONE : SIMDJWT_ALG_UNKNOWN;
  return code(verify_signature(jwks->set->entries()[index], algorithm, *scratch->scratch,
                               as_bytes(text(static_cast<const char*>(message), message_size)),
                               as_bytes(text(static_cast<const char*>(signature), signature_size))));
}
