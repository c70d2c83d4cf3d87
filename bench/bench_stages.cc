// Each stage of a validation by itself, on the sample token (ES256, about 800 bytes, 12 claims).

#include <benchmark/benchmark.h>

#include <vector>

#include "claims/claims_check.h"
#include "codec/base64url.h"
#include "jose/compact.h"
#include "jose/header.h"
#include "json/json_reader.h"
#include "policy/scope.h"
#include "signature/ecdsa_der.h"
#include "support/floor.h"
#include "support/sample.h"

namespace simdjwt::bench {
namespace {

const Sample& es256() { return sample(Algorithm::ES256); }

std::string padded(std::string text) {
  text.resize(text.size() + JsonReader::kPadding);
  return text;
}

void Split(benchmark::State& state) {
  CompactJws jws;
  for (auto _ : state) benchmark::DoNotOptimize(split_compact(es256().token, jws));
}
BENCHMARK(Split);

void DecodeBase64url(benchmark::State& state) {
  const std::string text = test::b64(std::string(static_cast<std::size_t>(state.range(0)) * 3 / 4, 'x'));
  std::vector<std::uint8_t> out(text.size());
  for (auto _ : state) benchmark::DoNotOptimize(base64url_decode(text, out.data()));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(DecodeBase64url)->Arg(64)->Arg(512)->Arg(4096);

void ReadHeader(benchmark::State& state) {
  const std::string json = padded(es256().header);
  JsonReader reader{JsonLimits{}};
  JoseHeader header;
  for (auto _ : state) {
    benchmark::DoNotOptimize(reader.read({json.data(), es256().header.size()}));
    benchmark::DoNotOptimize(parse_header(reader.nodes(), 256, header));
  }
}
BENCHMARK(ReadHeader);

void ReadPayload(benchmark::State& state) {
  const std::string json = padded(es256().payload);
  JsonReader reader{JsonLimits{}};
  for (auto _ : state) benchmark::DoNotOptimize(reader.read({json.data(), es256().payload.size()}));
}
BENCHMARK(ReadPayload);

void ParseClaims(benchmark::State& state) {
  const std::string json = padded(es256().payload);
  JsonReader reader{JsonLimits{}};
  if (reader.read({json.data(), es256().payload.size()}).error != Error::ok) return state.SkipWithError("payload");
  UnverifiedClaims claims;
  for (auto _ : state) benchmark::DoNotOptimize(claims.parse(reader.nodes()));
}
BENCHMARK(ParseClaims);

void CheckClaims(benchmark::State& state) {
  const std::string json = padded(es256().payload);
  JsonReader reader{JsonLimits{}};
  UnverifiedClaims claims;
  if (reader.read({json.data(), es256().payload.size()}).error != Error::ok ||
      claims.parse(reader.nodes()).error != Error::ok) {
    return state.SkipWithError("payload");
  }
  const auto ruleset = es256().validator->ruleset();
  for (auto _ : state) {
    const ClaimsCheck check(claims, ruleset->issuers()[0].claims, kNow);
    benchmark::DoNotOptimize(check.expiry());
    benchmark::DoNotOptimize(check.not_before());
    benchmark::DoNotOptimize(check.issued_at());
    benchmark::DoNotOptimize(check.audience());
    benchmark::DoNotOptimize(check.required());
    benchmark::DoNotOptimize(check.expected());
    benchmark::DoNotOptimize(check.others());
  }
}
BENCHMARK(CheckClaims);

void FindKey(benchmark::State& state) {
  std::string document = R"({"keys":[)";
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    if (i != 0) document += ',';
    document += es256().key.jwk(R"("kid":"key-)" + std::to_string(i) + "\"");
  }
  const auto set = JwkSet::parse(document + "]}").set;
  for (auto _ : state) benchmark::DoNotOptimize(set->find("key-0"));
}
BENCHMARK(FindKey)->Arg(1)->Arg(100)->Arg(1000);

void EcdsaToDer(benchmark::State& state) {
  const auto signature = test::unb64(std::string_view(es256().token).substr(es256().token.rfind('.') + 1));
  std::uint8_t der[kMaxEcdsaDer];
  for (auto _ : state) benchmark::DoNotOptimize(ecdsa_to_der(signature, der));
}
BENCHMARK(EcdsaToDer);

void HasScope(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(has_scope("orders:read orders:write profile", "profile"));
}
BENCHMARK(HasScope);

void ImportKey(benchmark::State& state) {
  const Sample& s = sample(static_cast<Algorithm>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(JwkSet::parse(s.jwks));
  state.SetLabel(std::string(info(s.algorithm).name));
}
BENCHMARK(ImportKey)
    ->Arg(static_cast<int>(Algorithm::HS256))
    ->Arg(static_cast<int>(Algorithm::RS256))
    ->Arg(static_cast<int>(Algorithm::ES256))
    ->Arg(static_cast<int>(Algorithm::Ed25519));

// Everything but the signature: the same token, expired, is refused after all that comes before it.
void RejectBeforeSignature(benchmark::State& state) {
  const auto scratch = es256().validator->make_scratch(0);
  for (auto _ : state) {
    const Verdict verdict = es256().validator->validate(*scratch, {.token = es256().token, .now = kNow + 1000000});
    if (verdict.error != Error::token_expired) return state.SkipWithError("not expired");
  }
}
BENCHMARK(RejectBeforeSignature);

}  // namespace
}  // namespace simdjwt::bench

BENCHMARK_MAIN();
