// Makes what every contestant reads: for each algorithm one key, and the sample token with times around now.
//
//   bench_material DIR
//
//   DIR/material.json                 {"issuer":...,"audience":...,"made":UNIX_SECONDS}
//   DIR/ALG/{accept,forged,expired}.{at,jwt}.token   typ at+jwt, and typ JWT for libraries that refuse the former
//   DIR/ALG/public.pem, public.jwk, jwks.json        HS256: secret.bin in place of the PEM
//
// A forged token bears the signature of another message by the same key: right in form and length, so that it costs a
// whole verification. An expired one is signed rightly. Ed25519 is named EdDSA in the header, as all libraries know it.

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/keys.h"
#include "support/sample.h"

namespace simdjwt::bench {
namespace {

constexpr const char* kIssuer = "https://login.example.com/tenant-4711";
constexpr const char* kAudience = "https://api.example.com/orders";
constexpr std::int64_t kLifetime = 24 * 3600;

void write(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) {
    std::fprintf(stderr, "cannot write %s\n", path.c_str());
    std::exit(1);
  }
}

void replace(std::string& text, std::string_view old, const std::string& with) {
  const auto at = text.find(old);
  if (at == std::string::npos) {
    std::fprintf(stderr, "the sample has no %s\n", std::string(old).c_str());
    std::exit(1);
  }
  text.replace(at, old.size(), with);
}

// The sample's claims, issued at `now`.
std::string payload(std::int64_t now) {
  std::string text = sample_payload();
  replace(text, "\"exp\":1760003600", "\"exp\":" + std::to_string(now + kLifetime));
  replace(text, "\"nbf\":1760000000", "\"nbf\":" + std::to_string(now));
  replace(text, "\"iat\":1760000000", "\"iat\":" + std::to_string(now));
  replace(text, "\"auth_time\":1759999990", "\"auth_time\":" + std::to_string(now - 10));
  return text;
}

std::string pem(EVP_PKEY* key) {
  BIO* out = BIO_new(BIO_s_mem());
  if (out == nullptr || PEM_write_bio_PUBKEY(out, key) != 1) std::abort();
  char* text = nullptr;
  const long size = BIO_get_mem_data(out, &text);
  std::string copy(text, static_cast<std::size_t>(size));
  BIO_free(out);
  return copy;
}

void make(const std::filesystem::path& folder, const char* name, std::int64_t now) {
  const Algorithm algorithm = find_algorithm(name);
  const test::SigningKey key = test::SigningKey::for_algorithm(algorithm);
  const std::string header_alg = algorithm == Algorithm::Ed25519 ? "EdDSA" : name;
  std::filesystem::create_directories(folder);
  for (const auto& [typ, suffix] : {std::pair{"at+jwt", ".at.token"}, std::pair{"JWT", ".jwt.token"}}) {
    const std::string header = R"({"alg":")" + header_alg + R"(","typ":")" + typ + R"(","kid":"2025-10-key-1"})";
    const std::string good = test::sign_token(header, payload(now), key, algorithm);
    std::string other = payload(now);
    replace(other, "user-8f14e45fceea167a", "user-0000000000000000");
    write(folder / ("accept" + std::string(suffix)), good);
    write(folder / ("forged" + std::string(suffix)),
          test::join_token(header, other, test::unb64(std::string_view(good).substr(good.rfind('.') + 1))));
    write(folder / ("expired" + std::string(suffix)),
          test::sign_token(header, payload(now - 10 * kLifetime), key, algorithm));
  }
  const std::string jwk = key.jwk(R"("kid":"2025-10-key-1","use":"sig")");
  write(folder / "public.jwk", jwk);
  write(folder / "jwks.json", R"({"keys":[)" + jwk + "]}");
  if (key.pkey() != nullptr) {
    write(folder / "public.pem", pem(key.pkey()));
  } else {
    write(folder / "secret.bin", {reinterpret_cast<const char*>(key.secret().data()), key.secret().size()});
  }
}

}  // namespace
}  // namespace simdjwt::bench

int main(int argc, char** argv) {
  using namespace simdjwt::bench;
  if (argc != 2) {
    std::fprintf(stderr, "usage: bench_material DIR\n");
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  const std::int64_t now = time(nullptr);
  for (const char* name : {"HS256", "RS256", "PS256", "ES256", "ES384", "Ed25519"}) make(folder / name, name, now);
  write(folder / "material.json", std::string("{\"issuer\":\"") + kIssuer + "\",\"audience\":\"" + kAudience +
                                      "\",\"made\":" + std::to_string(now) + "}\n");
  return 0;
}
