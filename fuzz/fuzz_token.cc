// Whole tokens against fixed keys: nothing is accepted but the tokens that are known to be signed.
//
// The mutator takes a token apart, changes one segment as the bytes it decodes to, and encodes it again, so that
// changes reach JSON, header and claims instead of dying in base64url.
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "capi/tokens.h"
#include "check.h"
#include "codec/base64url.h"
#include "validator/validator.h"
#include "validator/verify_jws.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using namespace simdjwt;

// Everything that was ever signed with a key of TOKENS_JWKS. (A second signature that verifies, such as ECDSA's r, n -
// s, takes arithmetic that a fuzzer does not stumble on.)
constexpr std::array<std::string_view, 17> kSigned{
    TOKENS_GOOD_A,      TOKENS_GOOD_B,    TOKENS_GOOD_RSA,  TOKENS_GOOD_ED25519, TOKENS_EXPIRED, TOKENS_NOT_YET,
    TOKENS_FROM_FUTURE, TOKENS_WRONG_AUD, TOKENS_WRONG_ISS, TOKENS_WRONG_TYP,    TOKENS_NO_JTI,  TOKENS_NO_SCOPE,
    TOKENS_BOUND,       TOKENS_NONCE,     TOKENS_JWS,       TOKENS_UNKNOWN_KID,  TOKENS_FORGED};

// One policy that is strict and one that accepts all that it can and looks at single claims.
constexpr const char* kPolicies[] = {
    R"({"version":1,"limits":{"max_json_depth":8,"max_json_nodes":64},"issuers":[{"issuer":")" TOKENS_ISSUER
    R"(","profile":"access-token","audiences":[")" TOKENS_AUDIENCE R"("],"scopes":["read"],"max_age_s":600}]})",
    R"({"version":1,"issuers":[{"issuer":")" TOKENS_ISSUER
    R"(","algorithms":["ES256","RS256","Ed25519"],"allow_any_audience":true,"allow_any_typ":true,"allow_missing_exp":true,)"
    R"("allow_future_iat":true,"other_claims":"reject","leeway_s":86400,"claims":{"sub":{"one_of":["alice","bob"]},)"
    R"("nonce":"ignore","azp":"ignore","n":{"equals":7}}},{"issuer":"id","profile":"id-token","audiences":["a","b"]}]})"};

class Subject {
 public:
  explicit Subject(const char* policy) : validator_(Ruleset::compile(policy).ruleset) {
    FUZZ_CHECK(validator_.publish(TOKENS_ISSUER, JwkSet::parse(TOKENS_JWKS).set) == Error::ok);
    scratch_ = validator_.make_scratch(0);
  }

  void check(std::string_view token) {
    const Verdict verdict = validate(token, nullptr);
    check_verdict(token, verdict);
    check_same(verdict, validate(token, nullptr));
    Trace trace;
    const Verdict traced = validate(token, &trace);
    check_same(verdict, traced);
    check_trace(traced, trace);
  }

 private:
  Verdict validate(std::string_view token, Trace* trace) {
    return validator_.validate(*scratch_, {.token = token, .now = TOKENS_NOW, .nonce = "n-1", .trace = trace});
  }

  static void check_verdict(std::string_view token, const Verdict& verdict) {
    FUZZ_CHECK(verdict.offset == kNoOffset || verdict.offset <= token.size());
    FUZZ_CHECK((verdict.error == Error::ok) == (verdict.check == Check::none));
    const ErrorCategory category = category_of(verdict.error);
    FUZZ_CHECK(category == ErrorCategory::none || category == ErrorCategory::token ||
               category == ErrorCategory::scope || category == ErrorCategory::keys);
    if (verdict.verified) {
      FUZZ_CHECK(std::find(kSigned.begin(), kSigned.end(), token) != kSigned.end());
    } else {
      FUZZ_CHECK(verdict.error != Error::ok && category != ErrorCategory::scope);
      FUZZ_CHECK(!verdict.claims.data() && !verdict.header.data() && !verdict.issuer.data() && !verdict.subject.data());
      FUZZ_CHECK(verdict.exp == kNoTime && verdict.nbf == kNoTime && verdict.iat == kNoTime);
    }
  }

  static void check_same(const Verdict& a, const Verdict& b) {
    FUZZ_CHECK(a.error == b.error && a.check == b.check && a.offset == b.offset && a.member == b.member);
    FUZZ_CHECK(a.issuer_index == b.issuer_index || a.error != Error::ok);
  }

  static void check_trace(const Verdict& verdict, const Trace& trace) {
    FUZZ_CHECK(trace.count >= 1 && trace.count <= kCheckCount);
    const TraceEntry* first = nullptr;
    for (std::uint32_t i = 0; i < trace.count; ++i) {
      FUZZ_CHECK(i == 0 || trace.entries[i].check > trace.entries[i - 1].check);
      if (first == nullptr && trace.entries[i].error != Error::ok) first = &trace.entries[i];
    }
    FUZZ_CHECK((first == nullptr) == (verdict.error == Error::ok));
    if (first == nullptr) {
      FUZZ_CHECK(trace.count == kCheckCount);
    } else {
      FUZZ_CHECK(first->error == verdict.error && first->check == verdict.check && first->member == verdict.member);
    }
  }

  Validator validator_;
  std::unique_ptr<Scratch> scratch_;
};

void check_jws(std::string_view token) {
  static const auto keys = JwkSet::parse(TOKENS_JWKS).set;
  static Scratch scratch(Limits{}, std::make_shared<EpochDomain>());
  static const AlgorithmSet all = [] {
    AlgorithmSet set;
    for (const AlgorithmInfo& row : algorithms()) set.add(row.algorithm);
    return set;
  }();
  const Verdict verdict = verify_jws(*keys, all, scratch, token);
  FUZZ_CHECK(verdict.verified == (verdict.error == Error::ok));
  FUZZ_CHECK(!verdict.verified || std::find(kSigned.begin(), kSigned.end(), token) != kSigned.end());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Subject strict(kPolicies[0]), loose(kPolicies[1]);
  const std::string_view token = fuzz::text(data, size);
  strict.check(token);
  loose.check(token);
  check_jws(token);
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  const std::string token(fuzz::text(data, size));
  const std::size_t first = token.find('.'), second = token.find('.', first + 1);
  if (seed % 8 == 0 || second == std::string::npos) return LLVMFuzzerMutate(data, size, max_size);
  const std::size_t starts[] = {0, first + 1, second + 1}, ends[] = {first, second, token.size()};
  const std::size_t which = seed / 8 % 3;
  const std::string segment = token.substr(starts[which], ends[which] - starts[which]);
  std::vector<std::uint8_t> bytes(base64url_decoded_size(segment.size()) + 256);
  const Base64Result decoded = base64url_decode(segment, bytes.data());
  if (decoded.error != Error::ok) return LLVMFuzzerMutate(data, size, max_size);
  bytes.resize(LLVMFuzzerMutate(bytes.data(), decoded.size, bytes.size()));
  const std::string changed = token.substr(0, starts[which]) + base64url_encode(bytes) + token.substr(ends[which]);
  if (changed.size() > max_size) return size;
  std::memcpy(data, changed.data(), changed.size());
  return changed.size();
}
