#include "validator/cached_verdict.h"

#include "base/bytes.h"

namespace simdjwt {
namespace {

using Slice = CachedVerdict::Slice;

std::string_view text_at(const Slice& slice, const char* payload) noexcept {
  if (slice.offset == Slice::kMissing) return {};
  return {payload + slice.offset, slice.size};
}

// False when `text` is there and not within the payload.
bool make_slice(std::string_view text, std::string_view payload, Slice& out) noexcept {
  if (text.data() == nullptr) return true;
  const std::optional<std::size_t> at = offset_within(text, payload);
  if (!at) return false;
  out = {static_cast<std::uint32_t>(*at), static_cast<std::uint32_t>(text.size())};
  return true;
}

}  // namespace

std::optional<CachedVerdict> CachedVerdict::make(const Lane& lane, const Verdict& verdict) noexcept {
  CachedVerdict out;
  const std::string_view payload(reinterpret_cast<const char*>(lane.payload_bytes.get()), lane.payload_size);
  if (!make_slice(verdict.claims, payload, out.claims) || !make_slice(verdict.issuer, payload, out.issuer) ||
      !make_slice(verdict.subject, payload, out.subject) || !make_slice(verdict.jti, payload, out.jti) ||
      !make_slice(verdict.client_id, payload, out.client_id) || !make_slice(verdict.scope, payload, out.scope)) {
    return std::nullopt;
  }
  out.exp = verdict.exp;
  out.nbf = verdict.nbf;
  out.iat = verdict.iat;
  out.issuer_index = verdict.issuer_index;
  out.header_size = static_cast<std::uint32_t>(lane.jws.header.size());
  out.payload_size = static_cast<std::uint32_t>(lane.jws.payload.size());
  return out;
}

void CachedVerdict::restore(const char* payload, Verdict& verdict) const noexcept {
  verdict.verified = true;
  verdict.issuer_index = issuer_index;
  verdict.claims = text_at(claims, payload);
  verdict.issuer = text_at(issuer, payload);
  verdict.subject = text_at(subject, payload);
  verdict.jti = text_at(jti, payload);
  verdict.client_id = text_at(client_id, payload);
  verdict.scope = text_at(scope, payload);
  verdict.exp = exp;
  verdict.nbf = nbf;
  verdict.iat = iat;
}

}  // namespace simdjwt
