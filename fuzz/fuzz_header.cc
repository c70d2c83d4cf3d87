// The JOSE header: whatever is accepted names one known algorithm and holds nothing that asks for more.
#include "jose/header.h"

#include "check.h"

namespace {

using namespace simdjwt;

constexpr std::uint32_t kMaxKid = 64;

void check_accepted(std::span<const JsonNode> nodes, const JoseHeader& header) {
  const JsonNode* const alg = find_member(nodes, 0, "alg");
  FUZZ_CHECK(alg != nullptr && alg->kind == JsonKind::string && alg->text == header.alg);
  FUZZ_CHECK(header.algorithm != Algorithm::unknown && find_algorithm(header.alg) == header.algorithm);
  FUZZ_CHECK(info(header.algorithm).name == header.alg);
  FUZZ_CHECK(find_member(nodes, 0, "crit") == nullptr);
  const JsonNode* const b64 = find_member(nodes, 0, "b64");
  FUZZ_CHECK(b64 == nullptr || b64->json == "true");
  const JsonNode* const kid = find_member(nodes, 0, "kid");
  FUZZ_CHECK((kid != nullptr) == header.has_kid && (kid == nullptr || kid->text == header.kid));
  FUZZ_CHECK(header.kid.size() <= kMaxKid);
  const JsonNode* const typ = find_member(nodes, 0, "typ");
  FUZZ_CHECK((typ != nullptr) == header.has_typ && (typ == nullptr || typ->text == header.typ));
  FUZZ_CHECK(header.typ.ends_with(canonical_typ(header.typ)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static JsonReader reader(JsonLimits{});
  const PaddedText input = fuzz::padded(fuzz::text(data, size));
  if (reader.read(input.view()).error != Error::ok) return 0;
  JoseHeader header, again;
  const HeaderResult result = parse_header(reader.nodes(), kMaxKid, header);
  const HeaderResult second = parse_header(reader.nodes(), kMaxKid, again);
  FUZZ_CHECK(result.error == second.error && result.member == second.member);
  if (result.error == Error::ok) {
    check_accepted(reader.nodes(), header);
  } else {
    FUZZ_CHECK(category_of(result.error) == ErrorCategory::token);
  }
  return 0;
}
