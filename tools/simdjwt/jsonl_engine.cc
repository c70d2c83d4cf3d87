#include "jsonl_engine.h"

#include <algorithm>
#include <bit>
#include <exception>
#include <optional>

#include "codec/base64url.h"
#include "failure.h"
#include "json/json_reader.h"
#include "json_writer.h"
#include "jsonl_caches.h"
#include "jsonl_policy.h"

namespace simdjwt::cli {
namespace {

constexpr std::uint64_t kDefaultTokenBytes = 16384;

// A reader pays for its limits when it is made: the usual one is small, the other is made as large as a line calls for.
constexpr JsonLimits kUsualLimits{256U << 10U, 64, 1U << 14U, DuplicateMembers::mark};
constexpr std::uint32_t kMostNodes = 1U << 20U;

JsonLimits limits_for(std::string_view line) noexcept {
  JsonLimits limits = kUsualLimits;
  limits.max_bytes = static_cast<std::uint32_t>(std::bit_ceil(line.size()));
  // Every node but the root stands behind one of these.
  const auto openers = std::count_if(line.begin(), line.end(), [](char c) { return c == ',' || c == '{' || c == '['; });
  limits.max_nodes = std::min(kMostNodes, std::bit_ceil(static_cast<std::uint32_t>(openers) + 1));
  return limits;
}

bool is_string(const JsonNode* node) noexcept {
  return node != nullptr && node->kind == JsonKind::string;
}

bool is_absent(const JsonNode* node) noexcept {
  return node == nullptr || node->kind == JsonKind::null;
}

}  // namespace

struct LineEngine::Impl {
  void answer(std::string_view line, std::string& out);
  void answer_too_long(std::string& out) {
    id_ = {};  // that of the line before
    bad_request(out, "the line is longer than 16 MiB");
  }

 private:
  bool read(std::string_view line, std::string& out);
  JsonReader& large_reader(std::string_view line);
  const JsonNode* member(std::string_view name) const noexcept { return find_member(nodes_, 0, name); }
  void dispatch(std::string& out);
  void validate(std::string& out);
  void validate_jwt(const LinePolicy& policy, std::string_view token, std::string& out);
  void verify_jws(const LinePolicy& policy, std::string_view token, std::string& out);
  void raw_verify(std::string& out);

  const CachedKeys* keys_of(const JsonNode* node);
  simdjwt_scratch* scratch_for(std::uint64_t max_token_bytes);

  JsonWriter open(std::string& out, bool ok) const;
  static void close(JsonWriter& json, std::string& out);
  void bad_request(std::string& out, std::string_view detail) const;
  void refuse(std::string& out, const char* error, std::string_view at = {}, std::string_view expected = {}) const;
  void refuse_document(std::string& out, simdjwt_error error, const simdjwt_diagnostic& diagnostic) const;
  void report(std::string& out, const simdjwt_verdict& verdict, simdjwt_error error) const;

  JsonReader usual_{kUsualLimits};
  std::optional<JsonReader> large_;
  JsonLimits large_limits_{0, kUsualLimits.max_depth, 0, DuplicateMembers::mark};
  std::span<const JsonNode> nodes_;
  std::string_view id_;  // as it stands in the line; empty while it is not known
  LineCaches caches_;
  Scratch scratch_;  // for signatures alone
  std::uint64_t scratch_bytes_ = 0;
};

// ---- Answers -------------------------------------------------------------------------------------------------------

JsonWriter LineEngine::Impl::open(std::string& out, bool ok) const {
  JsonWriter json(out);
  json.begin_object().key("id").raw(id_.empty() ? "null" : id_).member("ok", ok);
  return json;
}

void LineEngine::Impl::close(JsonWriter& json, std::string& out) {
  json.end_object();
  out += '\n';
}

void LineEngine::Impl::bad_request(std::string& out, std::string_view detail) const {
  JsonWriter json = open(out, false);
  json.member("error", "bad_request").member("detail", detail);
  close(json, out);
}

void LineEngine::Impl::refuse(std::string& out, const char* error, std::string_view at,
                              std::string_view expected) const {
  JsonWriter json = open(out, false);
  json.member("error", error);
  if (!at.empty()) json.member("member", at);
  if (!expected.empty()) json.member("expected", expected);
  close(json, out);
}

void LineEngine::Impl::refuse_document(std::string& out, simdjwt_error error,
                                       const simdjwt_diagnostic& diagnostic) const {
  refuse(out, simdjwt_error_name(error), diagnostic.path, diagnostic.expected);
}

void LineEngine::Impl::report(std::string& out, const simdjwt_verdict& verdict, simdjwt_error error) const {
  JsonWriter json = open(out, error == SIMDJWT_OK);
  if (error == SIMDJWT_OK) {
    json.member("alg", view(verdict.alg)).member("kid", view(verdict.kid)).member("sub", view(verdict.subject));
  } else {
    json.member("error", simdjwt_error_name(error)).member("check", simdjwt_check_name(verdict.check));
    json.member("member", view(verdict.member));
    json.member_number("status", simdjwt_error_http_status(error));
  }
  close(json, out);
}

// ---- Lines ---------------------------------------------------------------------------------------------------------

void LineEngine::Impl::answer(std::string_view line, std::string& out) {
  const std::size_t start = out.size();
  nodes_ = {};
  id_ = {};
  try {
    if (read(line, out)) dispatch(out);
  } catch (const std::exception& error) {
    // What is left is memory that ran out. The line still gets its answer, and the next one its chance.
    out.resize(start);
    JsonWriter json = open(out, false);
    json.member("error", simdjwt_error_name(SIMDJWT_OUT_OF_MEMORY)).member("detail", error.what());
    close(json, out);
  }
}

bool LineEngine::Impl::read(std::string_view line, std::string& out) {
  JsonReader* reader = &usual_;
  JsonResult result{Error::token_too_large, 0};
  if (line.size() <= kUsualLimits.max_bytes) result = reader->read(line);
  if (result.error == Error::token_too_large || result.error == Error::json_too_many_members) {
    reader = &large_reader(line);
    result = reader->read(line);
  }
  if (result.error != Error::ok) {
    bad_request(out, std::string(error_name(result.error)) + " at byte " + std::to_string(result.offset));
    return false;
  }
  nodes_ = reader->nodes();
  const JsonNode* id = member("id");
  if (nodes_[0].has_duplicate) {
    bad_request(out, "a member is given twice");
    return false;
  }
  if (id == nullptr || (id->kind != JsonKind::string && id->kind != JsonKind::number)) {
    bad_request(out, "id is missing or neither a string nor a number");
    return false;
  }
  id_ = id->json;
  return true;
}

// Grows with the largest line so far, which kLongestLine and kMostNodes bound.
JsonReader& LineEngine::Impl::large_reader(std::string_view line) {
  const JsonLimits needed = limits_for(line);
  if (!large_ || needed.max_bytes > large_limits_.max_bytes || needed.max_nodes > large_limits_.max_nodes) {
    large_.reset();  // first, so that never two of them are held
    large_limits_.max_bytes = std::max(large_limits_.max_bytes, needed.max_bytes);
    large_limits_.max_nodes = std::max(large_limits_.max_nodes, needed.max_nodes);
    large_.emplace(large_limits_);
  }
  return *large_;
}

void LineEngine::Impl::dispatch(std::string& out) {
  const JsonNode* op = member("op");
  if (op == nullptr) return validate(out);
  if (is_string(op) && op->text == "raw_verify") return raw_verify(out);
  bad_request(out, "op is not one this version knows");
}

void LineEngine::Impl::validate(std::string& out) {
  const JsonNode* policy = member("policy");
  const JsonNode* token = member("token");
  if (policy == nullptr || policy->kind != JsonKind::object) return bad_request(out, "policy is missing or no object");
  if (token == nullptr) return bad_request(out, "token is missing");
  const LinePolicy translated = translate_policy(nodes_, static_cast<std::uint32_t>(policy - nodes_.data()));
  if (translated.error != nullptr) return refuse(out, translated.error, translated.member);
  if (translated.skip) {
    JsonWriter json(out);
    json.begin_object().key("id").raw(id_).member("skip", true);
    return close(json, out);
  }
  // A token that is no string is not in compact form, whatever else it is (RFC 7519 §3).
  if (!is_string(token)) return refuse(out, simdjwt_error_name(SIMDJWT_TOKEN_SEGMENTS));
  if (translated.jws) return verify_jws(translated, token->text, out);
  validate_jwt(translated, token->text, out);
}

void LineEngine::Impl::validate_jwt(const LinePolicy& policy, std::string_view token, std::string& out) {
  CachedPolicy* compiled = caches_.policy(policy.document);
  if (compiled->error != SIMDJWT_OK) return refuse_document(out, compiled->error, compiled->diagnostic);
  const CachedKeys* keys = keys_of(member("jwks"));
  if (keys != nullptr && keys->error != SIMDJWT_OK) return refuse_document(out, keys->error, keys->diagnostic);
  ValidatorSlot& slot = caches_.slot(*compiled, policy.issuer, keys);
  auto request = sized<simdjwt_request>();
  request.token = str(token);
  request.now = policy.now;
  auto verdict = sized<simdjwt_verdict>();
  simdjwt_error error = simdjwt_validate(slot.validator.get(), slot.scratch.get(), &request, &verdict);
  // The line has brought the keys: that none of them is usable is an answer, not an outage.
  if (error == SIMDJWT_KEYS_UNAVAILABLE && keys != nullptr) error = SIMDJWT_KEY_UNKNOWN;
  report(out, verdict, error);
}

void LineEngine::Impl::verify_jws(const LinePolicy& policy, std::string_view token, std::string& out) {
  const CachedKeys* keys = keys_of(member("jwks"));
  if (keys == nullptr) return refuse(out, simdjwt_error_name(SIMDJWT_KEYS_UNAVAILABLE));
  if (keys->error != SIMDJWT_OK) return refuse_document(out, keys->error, keys->diagnostic);
  auto verdict = sized<simdjwt_verdict>();
  const simdjwt_error error =
      simdjwt_verify_jws(keys->set.get(), scratch_for(policy.max_token_bytes), policy.algorithms.data(),
                         policy.algorithms.size(), token.data(), token.size(), &verdict);
  report(out, verdict, error);
}

void LineEngine::Impl::raw_verify(std::string& out) {
  const JsonNode* alg = member("alg");
  const JsonNode* jwk = member("jwk");
  if (!is_string(alg)) return bad_request(out, "alg is missing or no string");
  if (is_absent(jwk)) return bad_request(out, "jwk is missing");
  std::string bytes[2];
  for (const std::string_view name : {"msg", "sig"}) {
    const JsonNode* text = member(name);
    if (!is_string(text)) return bad_request(out, std::string(name) + " is missing or no string");
    std::string& to = bytes[name == "sig" ? 1 : 0];
    to.resize(base64url_decoded_size(text->text.size()) + 1);
    const Base64Result result = base64url_decode(text->text, reinterpret_cast<std::uint8_t*>(to.data()));
    if (result.error != Error::ok) return refuse(out, std::string(error_name(result.error)).c_str(), name);
    to.resize(result.size);
  }
  const CachedKeys* keys = keys_of(jwk);
  if (keys->error != SIMDJWT_OK) return refuse_document(out, keys->error, keys->diagnostic);
  const simdjwt_error error =
      simdjwt_verify_signature(keys->set.get(), scratch_for(0), 0, alg->text.data(), alg->text.size(), bytes[0].data(),
                               bytes[0].size(), bytes[1].data(), bytes[1].size());
  if (error != SIMDJWT_OK) return refuse(out, simdjwt_error_name(error));
  JsonWriter json = open(out, true);
  close(json, out);
}

// The bytes of the document as they stand in the line: a JWK with a member twice must look to the engine as it is.
const CachedKeys* LineEngine::Impl::keys_of(const JsonNode* node) {
  if (is_absent(node)) return nullptr;
  return caches_.keys(node->text);
}

simdjwt_scratch* LineEngine::Impl::scratch_for(std::uint64_t max_token_bytes) {
  const std::uint64_t bytes = max_token_bytes == 0 ? kDefaultTokenBytes : max_token_bytes;
  if (scratch_ == nullptr || scratch_bytes_ != bytes) {
    simdjwt_scratch* scratch = nullptr;
    require_ok(simdjwt_scratch_new(nullptr, bytes, &scratch), "a scratch");
    scratch_.reset(scratch);
    scratch_bytes_ = bytes;
  }
  return scratch_.get();
}

LineEngine::LineEngine() : impl_(std::make_unique<Impl>()) {}
LineEngine::~LineEngine() = default;

void LineEngine::answer(std::string_view line, std::string& out) {
  impl_->answer(line, out);
}

void LineEngine::answer_too_long(std::string& out) {
  impl_->answer_too_long(out);
}

}  // namespace simdjwt::cli
