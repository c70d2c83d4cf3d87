// Each stage of a validation by itself, on the sample token (ES256, 685 bytes, 12 claims).

#define OPENSSL_SUPPRESS_DEPRECATED  // the plain functions are measured against contexts
#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <vector>

#include "claims/claims_check.h"
#include "codec/base64url.h"
#include "jose/compact.h"
#include "jose/header.h"
#include "json/json_reader.h"
#include "policy/scope.h"
#include "signature/ecdsa_der.h"
#include "signature/hmac.h"
#include "signature/sha256_pair.h"
#include "signature/verify.h"
#include "support/floor.h"
#include "support/on_demand_walk.h"
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

// The measure of the machine: the same payload by simdjson alone.
void OnDemandPayload(benchmark::State& state) {
  OnDemandWalk walk(es256().payload);
  std::int64_t sum = 0;
  for (auto _ : state) {
    if (!walk.read(sum)) return state.SkipWithError("payload");
    benchmark::DoNotOptimize(sum);
  }
}
BENCHMARK(OnDemandPayload);

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
    ->Arg(static_cast<int>(Algorithm::ES384))  // with the tables of the key
    ->Arg(static_cast<int>(Algorithm::ES512))
    ->Arg(static_cast<int>(Algorithm::ES256K))
    ->Arg(static_cast<int>(Algorithm::Ed25519));

// The hash that a signature covers, and the tag of HS256: by OpenSSL's plain functions and by contexts that are armed again.
void Sha256Plain(benchmark::State& state) {
  std::uint8_t out[kMaxHash];
  const ByteView message = as_bytes(es256().signing_input());
  for (auto _ : state) {
    SHA256_CTX ctx;
    SHA256_Init(&ctx);
    SHA256_Update(&ctx, message.data(), message.size());
    SHA256_Final(out, &ctx);
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK(Sha256Plain);

void Sha256Context(benchmark::State& state) {
  EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD_CTX* const ctx = EVP_MD_CTX_new();
  bool done = EVP_DigestInit_ex2(ctx, md, nullptr) == 1;
  const std::string_view message = es256().signing_input();
  std::uint8_t out[kMaxHash];
  for (auto _ : state) {
    done = EVP_DigestInit_ex2(ctx, nullptr, nullptr) == 1 && EVP_DigestUpdate(ctx, message.data(), message.size()) == 1 &&
           EVP_DigestFinal_ex(ctx, out, nullptr) == 1 && done;
    benchmark::DoNotOptimize(out);
  }
  if (!done) state.SkipWithError("OpenSSL");
  EVP_MD_CTX_free(ctx);
  EVP_MD_free(md);
}
BENCHMARK(Sha256Context);

// Two such hashes: side by side, and one after the other.
void Sha256PairKernelChosen(benchmark::State& state) {
  const Sha256PairKernel* const kernel = sha256_pair_kernel();
  if (kernel == nullptr) return state.SkipWithError("no kernel on this machine");
  std::uint8_t out[2][kSha256Size];
  const ByteView message = as_bytes(es256().signing_input());
  for (auto _ : state) {
    sha256_pair(*kernel, {nullptr, message, out[0]}, {nullptr, message, out[1]});
    benchmark::DoNotOptimize(out);
  }
  state.SetLabel(kernel->name);
}
BENCHMARK(Sha256PairKernelChosen);

void Sha256PairOpenSsl(benchmark::State& state) {
  std::uint8_t out[2][kSha256Size];
  const ByteView message = as_bytes(es256().signing_input());
  for (auto _ : state) {
    for (std::uint8_t* const one : out) sha256_openssl({nullptr, message, one});
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK(Sha256PairOpenSsl);

void HmacPlain(benchmark::State& state) {
  const Sample& s = sample(Algorithm::HS256);
  const HmacKey key(Hash::sha256, s.key.secret());
  std::uint8_t out[kMaxHash];
  for (auto _ : state) {
    key.tag(as_bytes(s.signing_input()), out);
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK(HmacPlain);

void HmacContext(benchmark::State& state) {
  const Sample& s = sample(Algorithm::HS256);
  Floor floor(s.key, Algorithm::HS256, test::unb64(std::string_view(s.token).substr(s.token.rfind('.') + 1)));
  for (auto _ : state) {
    if (!floor.verify(s.signing_input())) return state.SkipWithError("refused");
  }
}
BENCHMARK(HmacContext);

// The signature of the sample token 32 times, in one call and one by one; the figure is that of all 32.
void VerifySignatures(benchmark::State& state) {
  const Sample& s = sample(static_cast<Algorithm>(state.range(0)));
  const bool is_one_call = state.range(1) != 0;
  const auto keys = JwkSet::parse(s.jwks).set;
  const auto signature = test::unb64(std::string_view(s.token).substr(s.token.rfind('.') + 1));
  VerifyContext context;
  const Jwk& key = keys->entries()[0];
  const ByteView message = as_bytes(s.signing_input());
  std::vector<SignatureCheck> checks(32, {&key, s.algorithm, message, signature});
  std::vector<SignatureCheck*> all;
  for (SignatureCheck& check : checks) all.push_back(&check);
  bool is_good = true;
  for (auto _ : state) {
    if (is_one_call) {
      context.verify_all(all);
      for (const SignatureCheck& check : checks) is_good = check.error() == Error::ok && is_good;
    } else {
      for (std::size_t i = 0; i < checks.size(); ++i) {
        is_good = context.verify(key, s.algorithm, message, signature) == Error::ok && is_good;
      }
    }
  }
  if (!is_good) state.SkipWithError("refused");
  state.SetLabel(std::string(info(s.algorithm).name) + (is_one_call ? " in one call" : " one by one"));
}
BENCHMARK(VerifySignatures)
    ->ArgsProduct({{static_cast<int>(Algorithm::HS256), static_cast<int>(Algorithm::RS256),
                    static_cast<int>(Algorithm::ES256)},
                   {0, 1}});

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
