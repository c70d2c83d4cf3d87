#include "validator/verify_jws.h"

#include "validator/checks.h"
#include "validator/pin.h"
#include "validator/token_steps.h"

namespace simdjwt {

Verdict verify_jws(const JwkSet& keys, AlgorithmSet allowed, Scratch& scratch, std::string_view token) noexcept {
  const Pin pin(scratch.slot);
  if (!pin.held()) return {.error = Error::scratch_in_use};
  scratch.start(1);
  scratch.begin();
  const Limits& limits = scratch.limits();

  Verdict verdict;
  Checks checks(verdict, nullptr);
  if (checks.stop(Check::size, token.size() <= limits.max_token_bytes ? Error::ok : Error::token_too_large)) return verdict;
  scratch.use(token.size());
  const SplitResult split = split_compact(token, scratch.jws);
  if (checks.stop(Check::structure, {split.error, split.offset, {}})) return verdict;
  if (checks.stop(Check::header_encoding, decode_header(scratch, token))) return verdict;
  if (checks.stop(Check::header_json, read_header(scratch, token, limits))) return verdict;
  if (checks.stop(Check::header_members, parse_header_members(scratch, limits))) return verdict;
  if (checks.stop(Check::algorithm, check_algorithm(scratch.verify, scratch.header.algorithm, allowed), "alg")) return verdict;

  const Decoded payload = decode_segment(token, scratch.jws.payload, scratch.payload_bytes.get());
  if (checks.stop(Check::payload_encoding, payload.result)) return verdict;
  const KeyChoice choice = choose_keys(keys, scratch.header, limits.max_key_candidates);
  if (checks.stop(Check::key, choice.error, scratch.header.has_kid ? "kid" : "alg")) return verdict;
  const Decoded signature = decode_segment(token, scratch.jws.signature, scratch.signature_bytes.get());
  if (checks.stop(Check::signature_encoding, signature.result)) return verdict;
  if (checks.stop(Check::signature, SignatureStep::verify(scratch.verify, scratch, choice.keys, signature.bytes).error)) return verdict;

  verdict.verified = true;
  verdict.alg = scratch.header.alg;
  verdict.kid = scratch.header.kid;
  verdict.header = scratch.header_json;
  verdict.claims = as_text(payload.bytes);
  return verdict;
}

Error verify_signature(const Jwk& key, Algorithm algorithm, Scratch& scratch, ByteView message,
                       ByteView signature) noexcept {
  const Pin pin(scratch.slot);
  if (!pin.held()) return Error::scratch_in_use;
  scratch.start(1);
  scratch.begin();
  if (!scratch.verify.supports(algorithm)) return Error::unsupported_algorithm;
  if (!key.usable()) return key.error;
  return scratch.verify.verify(key, algorithm, message, signature);
}

}  // namespace simdjwt
