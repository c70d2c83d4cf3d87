// Key sets: every entry is either usable and complete or dropped with a reason, and the indexes hold only usable keys.
#include <algorithm>

#include "check.h"
#include "jwk/jwk_set.h"

namespace {

using namespace simdjwt;

void check_entry(const Jwk& key) {
  if (key.usable()) {
    FUZZ_CHECK(key.material && !key.algorithms.empty() && key.thumbprint.size() == 43 && key.bits > 0);
    FUZZ_CHECK(key.type != KeyType::unknown && key.member.empty());
    for (const AlgorithmInfo& row : algorithms()) {
      FUZZ_CHECK(!key.algorithms.has(row.algorithm) || row.kty == key.type);  // the kty decides the family
      FUZZ_CHECK(!key.algorithms.has(row.algorithm) || key.alg.empty() || key.alg == row.name ||
                 (row.family == AlgorithmFamily::eddsa));
    }
    FUZZ_CHECK(key.use.empty() || key.use == "sig");
    FUZZ_CHECK(key.type != KeyType::rsa || (key.bits >= 2048 && key.bits <= 8192));
  } else {
    FUZZ_CHECK(category_of(key.error) == ErrorCategory::jwk || key.error == Error::unsupported_algorithm);
    FUZZ_CHECK(!key.material && key.thumbprint.empty() && key.algorithms.empty());
  }
  FUZZ_CHECK(key.kid.size() <= kMaxKidBytes && (key.has_kid || key.kid.empty()));
}

void check_indexes(const JwkSet& set) {
  for (const Jwk& key : set.entries()) {
    const auto found = set.find(key.kid);
    const bool is_found = std::find(found.begin(), found.end(), &key) != found.end();
    FUZZ_CHECK(is_found == (key.usable() && key.has_kid));
    for (const Jwk* other : found) FUZZ_CHECK(other->usable() && other->has_kid && other->kid == key.kid);
  }
  for (const AlgorithmInfo& row : algorithms()) {
    const auto fitting = set.fitting(row.algorithm);
    for (const Jwk* key : fitting) FUZZ_CHECK(key->usable() && key->algorithms.has(row.algorithm));
    const auto fits = [&](const Jwk& key) { return key.usable() && key.algorithms.has(row.algorithm); };
    FUZZ_CHECK(fitting.size() ==
               static_cast<std::size_t>(std::count_if(set.entries().begin(), set.entries().end(), fits)));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 1 << 15) return 0;
  const JwkSetResult result = JwkSet::parse(fuzz::text(data, size));
  FUZZ_CHECK((result.error == Error::ok) == (result.set != nullptr));
  if (!result.set) {
    FUZZ_CHECK(result.error == Error::jwks_json || result.error == Error::jwks_shape ||
               result.error == Error::jwks_too_large);
    FUZZ_CHECK(result.offset <= size);
    return 0;
  }
  const auto entries = result.set->entries();
  std::for_each(entries.begin(), entries.end(), check_entry);
  check_indexes(*result.set);
  FUZZ_CHECK(result.set->has_usable() ==
             std::any_of(entries.begin(), entries.end(), [](const Jwk& key) { return key.usable(); }));

  const JwkSetResult again = JwkSet::parse(fuzz::text(data, size));
  FUZZ_CHECK(again.set && again.set->entries().size() == entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    FUZZ_CHECK(again.set->entries()[i].error == entries[i].error &&
               again.set->entries()[i].thumbprint == entries[i].thumbprint);
  }
  return 0;
}
