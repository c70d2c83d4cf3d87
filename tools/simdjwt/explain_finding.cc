#include "explain_finding.h"

#include "text.h"

namespace simdjwt::cli {
namespace {

const JsonNode* member_of(const Segment& segment, std::string_view name) noexcept {
  return segment.json && segment.json->ok() ? segment.json->find(name) : nullptr;
}

}  // namespace

const JsonNode* ExplainInput::header(std::string_view name) const noexcept {
  return member_of(parts.header, name);
}

const JsonNode* ExplainInput::claim(std::string_view name) const noexcept {
  return member_of(parts.payload, name);
}

std::string shown(const JsonNode* node) {
  if (node == nullptr) return "missing";
  if (node->kind == JsonKind::string) return quote(node->text.substr(0, 256));
  return printable(compact_json(node->json), 256);
}

Finding find_out(const ExplainInput& input, const simdjwt_trace_entry& entry) {
  switch (entry.check) {
    case SIMDJWT_CHECK_SIZE:
    case SIMDJWT_CHECK_STRUCTURE:
    case SIMDJWT_CHECK_HEADER_ENCODING:
    case SIMDJWT_CHECK_HEADER_JSON:
    case SIMDJWT_CHECK_PAYLOAD_ENCODING:
    case SIMDJWT_CHECK_PAYLOAD_JSON:
    case SIMDJWT_CHECK_SIGNATURE_ENCODING:
      return explain_form(input, entry);
    case SIMDJWT_CHECK_HEADER_MEMBERS:
    case SIMDJWT_CHECK_ALGORITHM:
    case SIMDJWT_CHECK_ISSUER_ALGORITHM:
    case SIMDJWT_CHECK_TYP:
      return explain_header(input, entry);
    case SIMDJWT_CHECK_EXPIRY:
    case SIMDJWT_CHECK_NOT_BEFORE:
    case SIMDJWT_CHECK_ISSUED_AT:
      return explain_times(input, entry);
    case SIMDJWT_CHECK_KEY:
      return explain_key(input, entry);
    case SIMDJWT_CHECK_SIGNATURE:
      return explain_signature(input, entry);
    default:
      return explain_claims(input, entry);
  }
}

}  // namespace simdjwt::cli
