#include "validator/token_steps.h"

#include <algorithm>

#include "codec/base64url.h"

namespace simdjwt {
namespace {

std::uint32_t offset_in(std::string_view token, std::string_view segment) noexcept {
  return static_cast<std::uint32_t>(segment.data() - token.data());
}

}  // namespace

Decoded decode_segment(std::string_view token, std::string_view segment, std::uint8_t* out) noexcept {
  const Base64Result decoded = base64url_decode(segment, out);
  if (decoded.error != Error::ok) {
    return {{decoded.error, offset_in(token, segment) + static_cast<std::uint32_t>(decoded.position), {}}, {}};
  }
  return {{}, ByteView(out, decoded.size)};
}

StepResult read_json(std::string_view token, std::string_view segment, ByteView bytes, const Limits& limits,
                     JsonReader& reader) noexcept {
  const JsonResult read = reader.read(as_text(bytes), limits.max_json_depth, limits.max_json_nodes);
  if (read.error == Error::ok) return {};
  // Byte n stands in characters 4n/3 and on.
  const auto position = static_cast<std::uint32_t>(std::uint64_t{read.offset} * 4 / 3);
  return {read.error, offset_in(token, segment) + position, {}};
}

StepResult decode_header(Lane& lane, std::string_view token) noexcept {
  const Decoded decoded = decode_segment(token, lane.jws.header, lane.header_bytes.get());
  lane.header_size = decoded.bytes.size();
  return decoded.result;
}

StepResult read_header(Lane& lane, std::string_view token, const Limits& limits) noexcept {
  const ByteView bytes(lane.header_bytes.get(), lane.header_size);
  return read_json(token, lane.jws.header, bytes, limits, lane.header_reader);
}

StepResult parse_header_members(Lane& lane, const Limits& limits) noexcept {
  const std::span<const JsonNode> nodes = lane.header_reader.nodes();
  const HeaderResult parsed = parse_header(nodes, limits.max_kid_bytes, lane.header);
  lane.header_json = nodes[0].json;
  return {parsed.error, UINT32_MAX, parsed.member};
}

Error check_algorithm(const VerifyContext& context, Algorithm algorithm, AlgorithmSet allowed) noexcept {
  if (!allowed.has(algorithm)) return Error::alg_not_allowed;
  return context.supports(algorithm) ? Error::ok : Error::unsupported_algorithm;
}

KeyChoice choose_keys(const JwkSet& keys, const JoseHeader& header, std::uint32_t max) noexcept {
  if (!header.has_kid) {
    const std::span<const Jwk* const> fitting = keys.fitting(header.algorithm);
    if (fitting.empty()) return {Error::key_unknown, {}};
    return {Error::ok, fitting.first(std::min<std::size_t>(fitting.size(), max))};
  }
  const std::span<const Jwk* const> found = keys.find(header.kid);
  if (found.empty()) return {Error::key_unknown, {}};
  const bool any_fits =
      std::any_of(found.begin(), found.end(), [&](const Jwk* key) { return key->algorithms.has(header.algorithm); });
  return {any_fits ? Error::ok : Error::key_alg_mismatch, found};
}

Verification SignatureStep::try_keys(VerifyContext& context, const Lane& lane, std::span<const Jwk* const> keys,
                                     ByteView signature, Error before) noexcept {
  Verification result{.error = before};
  for (const Jwk* key : keys) {
    if (!key->algorithms.has(lane.header.algorithm)) continue;
    result.error = context.verify(*key, lane.header.algorithm, as_bytes(lane.jws.signing_input), signature);
    if (result.error != Error::ok) continue;
    result.token = VerifiedToken(lane.claims);
    break;
  }
  return result;
}

Verification SignatureStep::verify(VerifyContext& context, const Lane& lane, std::span<const Jwk* const> keys,
                                   ByteView signature) noexcept {
  return try_keys(context, lane, keys, signature, Error::key_alg_mismatch);
}

SignatureCheck SignatureStep::first_check(const Lane& lane, std::span<const Jwk* const> keys,
                                          ByteView signature) noexcept {
  const Algorithm algorithm = lane.header.algorithm;
  const auto fits = [algorithm](const Jwk* key) { return key->algorithms.has(algorithm); };
  const auto first = std::find_if(keys.begin(), keys.end(), fits);
  return {first != keys.end() ? *first : nullptr, algorithm, as_bytes(lane.jws.signing_input), signature};
}

Verification SignatureStep::go_on(VerifyContext& context, const Lane& lane, std::span<const Jwk* const> keys,
                                  ByteView signature, const SignatureCheck& first) noexcept {
  const auto tried = std::find(keys.begin(), keys.end(), first.key());
  // What was found out about another token, or with another key, says nothing here.
  if (tried == keys.end() || !first.is_of(as_bytes(lane.jws.signing_input), signature)) {
    return verify(context, lane, keys, signature);
  }
  if (first.error() == Error::ok) return {Error::ok, VerifiedToken(lane.claims)};
  return try_keys(context, lane, keys.subspan(static_cast<std::size_t>(tried - keys.begin()) + 1), signature,
                  first.error());
}

}  // namespace simdjwt
