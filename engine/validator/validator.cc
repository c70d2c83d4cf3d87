#include "validator/validator.h"

#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "policy/scope.h"
#include "validator/cached_verdict.h"
#include "validator/checks.h"
#include "validator/pin.h"
#include "validator/token_steps.h"
#include "validator/verdict_cache.h"

namespace simdjwt {

// A ruleset and the keys of its issuers, in force together: a validation sees one snapshot from start to end.
struct Validator::Snapshot {
  std::uint64_t generation = 1;  // of this validator: what is remembered under another one holds no longer
  std::shared_ptr<const Ruleset> ruleset;
  std::vector<std::shared_ptr<const JwkSet>> keys;  // by issuer; null until published
  // Generations of the parts: what a verdict was made under. A part that is carried over keeps its own.
  std::uint64_t ruleset_generation = 1;
  std::vector<std::uint64_t> keys_generation;  // by issuer
  std::shared_ptr<VerdictCache> cache;         // null: no verdict is remembered
};

Validator::Validator(std::shared_ptr<const Ruleset> ruleset) : domain_(std::make_shared<EpochDomain>()) {
  auto snapshot = std::make_shared<Snapshot>();
  for (const IssuerRule& rule : ruleset->issuers()) snapshot->keys.push_back(rule.keys);
  snapshot->keys_generation.resize(snapshot->keys.size());
  snapshot->cache = make_cache(*ruleset);
  snapshot->ruleset = std::move(ruleset);
  current_ = std::move(snapshot);
  snapshot_.store(current_.get());
}

Validator::~Validator() = default;

std::shared_ptr<const Ruleset> Validator::ruleset() const {
  const std::lock_guard lock(writer_);
  return current_->ruleset;
}

void Validator::install(std::shared_ptr<Snapshot> next) {
  next->generation = current_->generation + 1;
  domain_->reserve();
  snapshot_.store(next.get());
  domain_->retire(std::exchange(current_, std::shared_ptr<const Snapshot>(std::move(next))));
}

void Validator::swap_ruleset(std::shared_ptr<const Ruleset> ruleset) {
  const std::lock_guard lock(writer_);
  auto next = std::make_shared<Snapshot>();
  for (const IssuerRule& rule : ruleset->issuers()) {
    const std::uint32_t before = current_->ruleset->find(rule.issuer);
    const bool published = before != Ruleset::kNoIssuer && !current_->ruleset->issuers()[before].keys;
    next->keys.push_back(rule.keys || !published ? rule.keys : current_->keys[before]);
  }
  // Under another ruleset nothing that is remembered holds: the keys may count anew.
  next->ruleset_generation = current_->ruleset_generation + 1;
  next->keys_generation.resize(next->keys.size());
  const bool same_size = ruleset->limits().verdict_cache_bytes == current_->ruleset->limits().verdict_cache_bytes;
  next->cache = same_size ? current_->cache : make_cache(*ruleset);
  next->ruleset = std::move(ruleset);
  install(std::move(next));
}

Error Validator::publish(std::string_view issuer, std::shared_ptr<const JwkSet> keys) {
  if (!keys->has_usable()) return Error::jwks_shape;
  const std::lock_guard lock(writer_);
  const std::uint32_t index = current_->ruleset->find(issuer);
  if (index == Ruleset::kNoIssuer || current_->ruleset->issuers()[index].keys) return Error::not_found;
  auto next = std::make_shared<Snapshot>(*current_);
  next->keys[index] = std::move(keys);
  ++next->keys_generation[index];
  install(std::move(next));
  return Error::ok;
}

std::shared_ptr<VerdictCache> Validator::make_cache(const Ruleset& ruleset) const {
  const std::uint64_t bytes = ruleset.limits().verdict_cache_bytes;
  return bytes == 0 ? nullptr : std::make_shared<VerdictCache>(bytes, domain_);
}

std::unique_ptr<Scratch> Validator::make_scratch(std::uint32_t max_token_bytes) const {
  Limits limits = ruleset()->limits();
  if (max_token_bytes != 0) limits.max_token_bytes = max_token_bytes;
  return std::make_unique<Scratch>(limits, domain_);
}

namespace {

// A JWS may sign nothing, a JWT has claims.
StepResult split_jwt(std::string_view token, CompactJws& jws) noexcept {
  const SplitResult split = split_compact(token, jws);
  if (split.error != Error::ok) return {split.error, split.offset, {}};
  if (!jws.payload.empty()) return {};
  return {Error::token_empty_segment, static_cast<std::uint32_t>(jws.header.size() + 1), {}};
}

bool accepts_typ(const IssuerRule& rule, std::string_view typ) noexcept {
  const std::string_view canonical = canonical_typ(typ);
  for (const std::string& accepted : rule.typs) {
    if (accepted == canonical) return true;
  }
  return false;
}

// RFC 8725 §3.11.
StepResult check_typ(const IssuerRule& rule, const JoseHeader& header) noexcept {
  if (rule.any_typ) return {};
  if (!header.has_typ) return {Error::typ_missing, UINT32_MAX, "typ"};
  return {accepts_typ(rule, header.typ) ? Error::ok : Error::typ_mismatch, UINT32_MAX, "typ"};
}

KnownHeader* remember_header(Scratch& scratch, std::uint64_t generation) noexcept {
  const ByteView decoded(scratch.header_bytes.get(), scratch.header_size);
  return scratch.known_headers.remember(scratch.jws.header, decoded, scratch.header, scratch.header_json, generation);
}

KeyChoice choose(const JwkSet* keys, const JoseHeader& header, const Limits& limits, std::uint32_t issuer,
                 KnownHeader* known) noexcept {
  if (keys == nullptr) return {Error::keys_unavailable, {}};
  if (known == nullptr) return choose_keys(*keys, header, limits.max_key_candidates);
  if (const KeyChoice* choice = known->choice(issuer)) return *choice;
  const KeyChoice choice = choose_keys(*keys, header, limits.max_key_candidates);
  known->remember_choice(issuer, choice);
  return choice;
}

// A claim that is missing is named by the ruleset, which may be gone before the verdict is read.
ClaimResult keep(Scratch& scratch, const ClaimResult& result) noexcept {
  return {result.error, result.error == Error::ok ? std::string_view() : scratch.keep(result.claim)};
}

// The first scope that is needed and not there; data() null when all are.
std::string_view find_missing_scope(const IssuerRule& rule, const Request& request, std::string_view scopes) noexcept {
  for (const std::string& wanted : rule.scopes) {
    if (!has_scope(scopes, wanted)) return wanted;
  }
  for (const std::string_view wanted : request.required_scopes) {
    if (!has_scope(scopes, wanted)) return wanted;
  }
  return {};
}

// RFC 6750 §3.1.
void check_scope(Scratch& scratch, const IssuerRule& rule, const Request& request, Checks& checks, Verdict& verdict) noexcept {
  const std::string_view missing = find_missing_scope(rule, request, verdict.scope);
  verdict.missing_scope = scratch.keep(missing);
  checks.stop(Check::scope, missing.data() == nullptr ? Error::ok : Error::insufficient_scope, "scope");
}

void fill(const Scratch& scratch, const Claims& claims, Verdict& verdict) noexcept {
  verdict.verified = true;
  verdict.alg = scratch.header.alg;
  verdict.kid = scratch.header.kid;
  verdict.header = scratch.header_json;
  verdict.claims = scratch.payload_reader.nodes()[0].json;
  verdict.issuer = text_of(claims.iss);
  verdict.subject = text_of(claims.sub);
  verdict.jti = text_of(claims.jti);
  verdict.client_id = text_of(claims.client_id ? claims.client_id : claims.azp);
  verdict.scope = text_of(claims.scope);
  if (claims.exp) verdict.exp = ceil(claims.exp_value);
  if (claims.nbf) verdict.nbf = ceil(claims.nbf_value);
  if (claims.iat) verdict.iat = claims.iat_value.floor;
}

}  // namespace

// The token is the same to the last byte as one that was accepted: its shape, encoding and signature need no second look.
// What may have changed since does: the policy, the keys, the time, and what this request asks for. A header that this
// thread does not know makes the token be validated once more, after which it does.
bool Validator::recall(const Snapshot& snapshot, Scratch& scratch, const Request& request, Verdict& verdict) noexcept {
  const std::string_view token = request.token;
  const std::span<const std::byte> record = snapshot.cache->find(token);
  if (record.size() != sizeof(CachedVerdict)) return false;
  CachedVerdict cached;
  std::memcpy(&cached, record.data(), sizeof(cached));
  if (cached.ruleset_generation != snapshot.ruleset_generation ||
      cached.keys_generation != snapshot.keys_generation[cached.issuer_index] || !cached.times.hold(request.now)) {
    return false;
  }
  const KnownHeader* const known = scratch.known_headers.find(token.substr(0, cached.header_size), snapshot.generation);
  if (known == nullptr) return false;
  const std::string_view payload = token.substr(cached.header_size + 1, cached.payload_size);
  const Decoded decoded = decode_segment(token, payload, scratch.payload_bytes.get());
  if (decoded.result.error != Error::ok) return false;

  scratch.payload_size = decoded.bytes.size();
  scratch.verified = scratch.unread = true;
  cached.restore(as_text(decoded.bytes).data(), verdict);
  verdict.alg = known->header().alg;
  verdict.kid = known->header().kid;
  verdict.header = known->json();
  Checks checks(verdict, nullptr);
  check_scope(scratch, snapshot.ruleset->issuers()[cached.issuer_index], request, checks, verdict);
  return true;
}

void Validator::remember(const Snapshot& snapshot, const Scratch& scratch, const Request& request,
                         const ValidTimes& times, const Verdict& verdict) noexcept {
  std::optional<CachedVerdict> cached = CachedVerdict::make(scratch, verdict);
  if (!cached) return;
  cached->ruleset_generation = snapshot.ruleset_generation;
  cached->keys_generation = snapshot.keys_generation[verdict.issuer_index];
  cached->times = times;
  // Refused when the cache is busy or full for the moment: the next validation of this token tries again.
  (void)snapshot.cache->insert(request.token, std::as_bytes(std::span(&*cached, 1)));
}

Verdict Validator::validate(Scratch& scratch, const Request& request) const noexcept {
  if (scratch.slot.domain() != domain_.get()) return {.error = Error::invalid_argument};
  const Pin pin(scratch.slot);
  if (!pin.held()) return {.error = Error::scratch_in_use};
  const Snapshot& snapshot = *snapshot_.load();
  const Ruleset& ruleset = *snapshot.ruleset;
  const Limits& limits = ruleset.limits();
  const std::string_view token = request.token;
  scratch.begin();

  Verdict verdict;
  Checks checks(verdict, request.trace);

  // Shape: nothing is decoded before the token is known to be small and to have three segments.
  if (checks.stop(Check::size, token.size() <= limits.max_token_bytes ? Error::ok : Error::token_too_large)) return verdict;
  if (!scratch.fits(token.size(), limits)) return {.error = Error::scratch_too_small};
  scratch.use(token.size());
  // A trace wants to see every check made, and a nonce is this request's alone.
  const bool cacheable = snapshot.cache != nullptr && request.trace == nullptr && request.nonce.data() == nullptr;
  if (cacheable && recall(snapshot, scratch, request, verdict)) return verdict;
  if (checks.stop(Check::structure, split_jwt(token, scratch.jws))) return verdict;

  // Header.
  KnownHeader* known = scratch.known_headers.find(scratch.jws.header, snapshot.generation);
  if (known != nullptr) {
    scratch.header = known->header();
    scratch.header_json = known->json();
    checks.pass(Check::header_encoding, Check::algorithm);
  } else {
    if (checks.stop(Check::header_encoding, decode_header(scratch, token))) return verdict;
    if (checks.stop(Check::header_json, read_header(scratch, token, limits))) return verdict;
    if (checks.stop(Check::header_members, parse_header_members(scratch, limits))) return verdict;
    const Error allowed = check_algorithm(scratch, ruleset.algorithms());
    if (checks.fails(Check::algorithm, allowed, "alg")) return verdict;
    if (allowed == Error::ok) known = remember_header(scratch, snapshot.generation);
  }
  const Algorithm algorithm = scratch.header.algorithm;

  // Payload. What is read here may only reject until the signature has been verified.
  const Decoded payload = decode_segment(token, scratch.jws.payload, scratch.payload_bytes.get());
  if (checks.stop(Check::payload_encoding, payload.result)) return verdict;
  scratch.payload_size = payload.bytes.size();
  if (checks.stop(Check::payload_json,
                  read_json(token, scratch.jws.payload, payload.bytes, limits, scratch.payload_reader))) {
    return verdict;
  }
  if (checks.stop(Check::claim_types, scratch.claims.parse(scratch.payload_reader.nodes()))) return verdict;

  // Rule and key.
  const std::string_view issuer = scratch.claims.unverified_issuer();
  const std::uint32_t index = ruleset.find(issuer);
  if (checks.stop(Check::issuer, index != Ruleset::kNoIssuer        ? Error::ok
                                 : issuer.data() == nullptr ? Error::iss_missing
                                                            : Error::iss_unknown,
                  "iss")) {
    return verdict;
  }
  verdict.issuer_index = index;
  const IssuerRule& rule = ruleset.issuers()[index];
  if (checks.fails(Check::issuer_algorithm, rule.algorithms.has(algorithm) ? Error::ok : Error::alg_not_allowed, "alg")) {
    return verdict;
  }
  if (checks.fails(Check::typ, check_typ(rule, scratch.header))) return verdict;
  const KeyChoice choice = choose(snapshot.keys[index].get(), scratch.header, limits, index, known);
  if (checks.fails(Check::key, choice.error, scratch.header.has_kid ? "kid" : "alg")) return verdict;

  // Claims that are cheap to check: they can only say no.
  const ClaimsCheck claims(scratch.claims, rule.claims, request.now);
  if (checks.fails(Check::expiry, claims.expiry())) return verdict;
  if (checks.fails(Check::not_before, claims.not_before())) return verdict;
  if (checks.fails(Check::issued_at, claims.issued_at())) return verdict;
  if (checks.fails(Check::audience, claims.audience())) return verdict;
  if (checks.fails(Check::required_claims, keep(scratch, claims.required()))) return verdict;
  if (checks.fails(Check::expected_claims, keep(scratch, claims.expected()))) return verdict;
  if (checks.fails(Check::other_claims, claims.others())) return verdict;
  if (checks.fails(Check::authorized_party, claims.authorized_party())) return verdict;
  if (checks.fails(Check::nonce, claims.nonce(request.nonce))) return verdict;

  // Signature.
  const Decoded signature = decode_segment(token, scratch.jws.signature, scratch.signature_bytes.get());
  if (checks.stop(Check::signature_encoding, signature.result)) return verdict;
  if (choice.error != Error::ok) return verdict;
  const Verification verification = SignatureStep::verify(scratch, choice.keys, signature.bytes);
  if (checks.stop(Check::signature, verification.error)) return verdict;
  const VerifiedToken& verified = *verification.token;
  scratch.verified = true;

  // Policy, on claims that are now known to be the issuer's.
  fill(scratch, verified.claims(), verdict);
  if (checks.fails(Check::binding, verified.claims().cnf ? Error::binding_missing : Error::ok, "cnf")) return verdict;
  check_scope(scratch, rule, request, checks, verdict);
  if (cacheable && verdict.error == Error::ok) remember(snapshot, scratch, request, claims.valid_times(), verdict);
  return verdict;
}

}  // namespace simdjwt
