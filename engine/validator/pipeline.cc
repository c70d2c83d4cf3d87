#include "validator/pipeline.h"

#include <new>
#include <optional>

#include "claims/claims_check.h"
#include "policy/scope.h"
#include "validator/cached_verdict.h"

namespace simdjwt {
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

KnownHeader* remember_header(Scratch& scratch, Lane& lane, std::uint64_t generation) noexcept {
  const ByteView decoded(lane.header_bytes.get(), lane.header_size);
  return scratch.known_headers.remember(lane.jws.header, decoded, lane.header, lane.header_json, generation);
}

KeyChoice choose(const JwkSet& keys, const JoseHeader& header, const Limits& limits, std::uint32_t issuer,
                 KnownHeader* known) noexcept {
  if (known == nullptr) return choose_keys(keys, header, limits.max_key_candidates);
  if (const KeyChoice* choice = known->choice(issuer)) return *choice;
  const KeyChoice choice = choose_keys(keys, header, limits.max_key_candidates);
  known->remember_choice(issuer, choice);
  return choice;
}

// A claim that is missing is named by the ruleset, which may be gone before the verdict is read.
ClaimResult keep(Lane& lane, const ClaimResult& result) noexcept {
  return {result.error, result.error == Error::ok ? std::string_view() : lane.keep(result.claim)};
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

void fill(const Lane& lane, const Claims& claims, Verdict& verdict) noexcept {
  verdict.verified = true;
  verdict.alg = lane.header.alg;
  verdict.kid = lane.header.kid;
  verdict.header = lane.header_json;
  verdict.claims = lane.payload_reader.nodes()[0].json;
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

// A trace wants to see every check made, and a nonce is this request's alone: neither goes by the cache.
Validation::Validation(const Snapshot& snapshot, Scratch& scratch, Lane& lane, const Request& request,
                       Verdict& verdict) noexcept
    : snapshot_(snapshot),
      scratch_(scratch),
      lane_(lane),
      request_(request),
      verdict_(verdict),
      checks_(verdict, request.trace),
      cache_(request.trace == nullptr && request.nonce.data() == nullptr ? snapshot.cache.get() : nullptr),
      hash_(cache_ != nullptr ? cache_->hash(request.token) : 0) {}

void Validation::prefetch_place() const noexcept {
  if (cache_ != nullptr) cache_->prefetch(hash_);
}

void Validation::prefetch_entry() const noexcept {
  if (cache_ != nullptr) cache_->prefetch_entry(hash_, request_.token.size());
}

bool Validation::begin() noexcept {
  const std::string_view token = request_.token;
  const Limits& limits = snapshot_.ruleset->limits();
  lane_.begin();

  // Shape: nothing is decoded before the token is known to be small and to have three segments.
  if (checks_.stop(Check::size, token.size() <= limits.max_token_bytes ? Error::ok : Error::token_too_large))
    return false;
  if (!scratch_.fits(token.size(), limits)) {
    verdict_ = {.error = Error::scratch_too_small};
    return false;
  }
  lane_.use(token.size());
  if (cache_ != nullptr && recall()) return false;
  if (checks_.stop(Check::structure, split_jwt(token, lane_.jws))) return false;

  KnownHeader* known = nullptr;
  if (!resolve_header(known) || !read_payload() || !choose_rule(known) || !check_claims()) return false;

  const Decoded signature = decode_segment(token, lane_.jws.signature, lane_.signature_bytes.get());
  if (checks_.stop(Check::signature_encoding, signature.result)) return false;
  signature_ = signature.bytes;
  return choice_.error == Error::ok;
}

bool Validation::resolve_header(KnownHeader*& known) noexcept {
  known = scratch_.known_headers.find(lane_.jws.header, snapshot_.generation);
  if (known != nullptr) {
    lane_.header = known->header();
    lane_.header_json = known->json();
    checks_.pass(Check::header_encoding, Check::algorithm);
    return true;
  }
  const std::string_view token = request_.token;
  const Limits& limits = snapshot_.ruleset->limits();
  if (checks_.stop(Check::header_encoding, decode_header(lane_, token))) return false;
  if (checks_.stop(Check::header_json, read_header(lane_, token, limits))) return false;
  if (checks_.stop(Check::header_members, parse_header_members(lane_, limits))) return false;
  const Error allowed = check_algorithm(scratch_.verify, lane_.header.algorithm, snapshot_.ruleset->algorithms());
  if (checks_.fails(Check::algorithm, allowed, "alg")) return false;
  if (allowed == Error::ok) known = remember_header(scratch_, lane_, snapshot_.generation);
  return true;
}

// What is read here may only reject until the signature has been verified.
bool Validation::read_payload() noexcept {
  const std::string_view token = request_.token, segment = lane_.jws.payload;
  const Decoded payload = decode_segment(token, segment, lane_.payload_bytes.get());
  if (checks_.stop(Check::payload_encoding, payload.result)) return false;
  lane_.payload_size = payload.bytes.size();
  const StepResult read = read_json(token, segment, payload.bytes, snapshot_.ruleset->limits(), lane_.payload_reader);
  if (checks_.stop(Check::payload_json, read)) return false;
  return !checks_.stop(Check::claim_types, lane_.claims.parse(lane_.payload_reader.nodes()));
}

bool Validation::choose_rule(KnownHeader* known) noexcept {
  const Ruleset& ruleset = *snapshot_.ruleset;
  const std::string_view issuer = lane_.claims.unverified_issuer();
  const std::uint32_t index = ruleset.find(issuer, scratch_.last_issuer);
  const Error unknown = issuer.data() == nullptr ? Error::iss_missing : Error::iss_unknown;
  if (checks_.stop(Check::issuer, index != Ruleset::kNoIssuer ? Error::ok : unknown, "iss")) return false;
  verdict_.issuer_index = scratch_.last_issuer = index;
  rule_ = &ruleset.issuers()[index];
  const Error allowed = rule_->algorithms.has(algorithm()) ? Error::ok : Error::alg_not_allowed;
  if (checks_.fails(Check::issuer_algorithm, allowed, "alg")) return false;
  if (checks_.fails(Check::typ, check_typ(*rule_, lane_.header))) return false;
  choose_keys_of(index, known);
  return !checks_.fails(Check::key, choice_.error, lane_.header.has_kid ? "kid" : "alg");
}

// Keys are asked for by tokens that all checks up to here let pass: with a trace others come this far too.
void Validation::choose_keys_of(std::uint32_t issuer, KnownHeader* known) noexcept {
  const IssuerKeys& keys = snapshot_.keys[issuer];
  const bool is_usable = keys.is_usable(request_.now);
  choice_ = is_usable ? choose(*keys.set, lane_.header, snapshot_.ruleset->limits(), issuer, known)
                      : KeyChoice{Error::keys_unavailable, {}};
  if (keys.demand == nullptr || verdict_.error != Error::ok) return;
  const DemandLimits& limits = snapshot_.ruleset->fetch().demand;
  if (!is_usable) return keys.demand->want_missing(request_.now, limits);
  want_fresh(keys);
  if (choice_.error != Error::key_unknown) return;
  if (lane_.header.has_kid) return keys.demand->want_kid(lane_.header.kid, request_.now, limits);
  keys.demand->want_algorithm(lane_.header.alg, request_.now, limits);
}

void Validation::want_fresh(const IssuerKeys& keys) const noexcept {
  if (keys.demand == nullptr || keys.is_fresh(request_.now)) return;
  keys.demand->want_stale(request_.now, snapshot_.ruleset->fetch().demand);
}

// Claims are cheap to check: they can only say no.
bool Validation::check_claims() noexcept {
  const ClaimsCheck claims(lane_.claims, rule_->claims, request_.now);
  if (checks_.fails(Check::expiry, claims.expiry()) || checks_.fails(Check::not_before, claims.not_before()) ||
      checks_.fails(Check::issued_at, claims.issued_at()) || checks_.fails(Check::audience, claims.audience()) ||
      checks_.fails(Check::required_claims, keep(lane_, claims.required())) ||
      checks_.fails(Check::expected_claims, keep(lane_, claims.expected())) ||
      checks_.fails(Check::other_claims, claims.others()) ||
      checks_.fails(Check::authorized_party, claims.authorized_party()) ||
      checks_.fails(Check::nonce, claims.nonce(request_.nonce))) {
    return false;
  }
  if (rule_->claims.once) expect_use(claims.fingerprint(replay_issuer().hash));
  return true;
}

void Validation::verify() noexcept {
  take(SignatureStep::verify(scratch_.verify, lane_, choice_.keys, signature_));
}

SignatureCheck& Validation::first_check() noexcept {
  first_check_ = SignatureStep::first_check(lane_, choice_.keys, signature_);
  return first_check_;
}

void Validation::verify_rest() noexcept {
  take(SignatureStep::go_on(scratch_.verify, lane_, choice_.keys, signature_, first_check_));
}

void Validation::take(const Verification& verification) noexcept {
  if (checks_.stop(Check::signature, verification.error)) return;
  lane_.verified = true;
  fill(lane_, verification.token->claims(), verdict_);
  const Error bound = verification.token->claims().cnf != nullptr ? Error::binding_missing : Error::ok;
  verified_ = !checks_.fails(Check::binding, bound, "cnf");
}

bool Validation::finish() noexcept {
  if (!verified_) return false;
  check_scope();
  if (verdict_.error != Error::ok) return false;
  if (cache_ != nullptr && !lane_.unread) remember();  // unread: it was the cache that said so
  if (rule_->claims.once) return use();
  checks_.pass(Check::replay, Check::replay);
  return false;
}

// RFC 6750 §3.1.
void Validation::check_scope() noexcept {
  const std::string_view missing = find_missing_scope(*rule_, request_, verdict_.scope);
  verdict_.missing_scope = lane_.keep(missing);
  checks_.stop(Check::scope, missing.data() == nullptr ? Error::ok : Error::insufficient_scope, "scope");
}

// The token is the same to the last byte as one that was accepted: its shape, encoding and signature need no second
// look. What may have changed since does: the policy, the keys, the time, and what this request asks for. A header that
// this thread does not know makes the token be validated once more, after which it does.
bool Validation::recall() noexcept {
  const std::string_view token = request_.token;
  const std::span<const std::byte> record = cache_->find(token, hash_);
  if (record.size() != sizeof(CachedVerdict)) return false;
  const auto& cached = *std::launder(reinterpret_cast<const CachedVerdict*>(record.data()));
  if (cached.ruleset_generation != snapshot_.ruleset_generation) return false;
  const IssuerKeys& keys = snapshot_.keys[cached.issuer_index];
  if (cached.keys_generation != keys.generation || !keys.is_usable(request_.now) || !cached.times.hold(request_.now)) {
    return false;
  }
  const KnownHeader* const known =
      scratch_.known_headers.find(token.substr(0, cached.header_size), snapshot_.generation);
  if (known == nullptr) return false;
  const std::string_view payload = token.substr(cached.header_size + 1, cached.payload_size);
  const Decoded decoded = decode_segment(token, payload, lane_.payload_bytes.get());
  if (decoded.result.error != Error::ok) return false;

  want_fresh(keys);
  lane_.payload_size = decoded.bytes.size();
  lane_.verified = lane_.unread = true;
  cached.restore(as_text(decoded.bytes).data(), verdict_);
  verdict_.alg = known->header().alg;
  verdict_.kid = known->header().kid;
  verdict_.header = known->json();
  rule_ = &snapshot_.ruleset->issuers()[cached.issuer_index];
  const ClaimRules& rules = rule_->claims;
  if (rules.once) {
    expect_use(hash_jti(replay_issuer().hash, rules.unique_per, verdict_.subject, verdict_.client_id, verdict_.jti));
  }
  verified_ = true;
  return true;
}

void Validation::remember() noexcept {
  std::optional<CachedVerdict> cached = CachedVerdict::make(lane_, verdict_);
  if (!cached) return;
  cached->ruleset_generation = snapshot_.ruleset_generation;
  cached->keys_generation = snapshot_.keys[verdict_.issuer_index].generation;
  cached->times = ClaimsCheck(lane_.claims, rule_->claims, request_.now).valid_times();
  // Refused when the cache is busy or full for the moment: the next validation of this token tries again.
  (void)cache_->insert(request_.token, std::as_bytes(std::span(&*cached, 1)), hash_);
}

}  // namespace simdjwt
