// The plain functions, which OpenSSL 3 calls deprecated in favour of contexts; docs/decisions/0010 says why they are
// here.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "signature/hmac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <cstddef>
#include <cstring>
#include <type_traits>

namespace simdjwt {
namespace {

struct Sha256 {
  using State = SHA256_CTX;
  static constexpr std::size_t kBlock = SHA256_CBLOCK;
  static constexpr std::size_t kSize = SHA256_DIGEST_LENGTH;
  static void init(State& state) noexcept { SHA256_Init(&state); }
  static void update(State& state, ByteView bytes) noexcept { SHA256_Update(&state, bytes.data(), bytes.size()); }
  static void final(State& state, std::uint8_t* out) noexcept { SHA256_Final(out, &state); }
};

struct Sha512 {
  using State = SHA512_CTX;
  static constexpr std::size_t kBlock = SHA512_CBLOCK;
  static constexpr std::size_t kSize = SHA512_DIGEST_LENGTH;
  static void init(State& state) noexcept { SHA512_Init(&state); }
  static void update(State& state, ByteView bytes) noexcept { SHA512_Update(&state, bytes.data(), bytes.size()); }
  static void final(State& state, std::uint8_t* out) noexcept { SHA512_Final(out, &state); }
};

// SHA-512 with other initial values and a shorter result, which OpenSSL keeps in the state.
struct Sha384 : Sha512 {
  static constexpr std::size_t kSize = SHA384_DIGEST_LENGTH;
  static void init(State& state) noexcept { SHA384_Init(&state); }
};

template <typename Function>
auto with(Hash hash, Function&& function) noexcept {
  switch (hash) {
    case Hash::sha384:
      return function(Sha384{});
    case Hash::sha512:
      return function(Sha512{});
    default:
      return function(Sha256{});
  }
}

template <typename Sha>
typename Sha::State load(const std::uint8_t* from) noexcept {
  static_assert(std::is_trivially_copyable_v<typename Sha::State>);
  typename Sha::State state;
  std::memcpy(&state, from, sizeof(state));
  return state;
}

// RFC 2104 §2: the key, padded to a block, with each byte changed by `pad`.
template <typename Sha>
void absorb(const std::uint8_t (&key)[Sha::kBlock], std::uint8_t pad, std::uint8_t* to) noexcept {
  std::uint8_t block[Sha::kBlock];
  for (std::size_t i = 0; i < Sha::kBlock; ++i) block[i] = key[i] ^ pad;
  typename Sha::State state;
  Sha::init(state);
  Sha::update(state, block);
  std::memcpy(to, &state, sizeof(state));
  OPENSSL_cleanse(&state, sizeof(state));
  OPENSSL_cleanse(block, sizeof(block));
}

}  // namespace

HmacKey::HmacKey(Hash hash, ByteView secret) noexcept : hash_(hash) {
  static_assert(sizeof(SHA256_CTX) <= kState && sizeof(SHA512_CTX) <= kState);
  with(hash, [&](auto sha) noexcept {
    using Sha = decltype(sha);
    std::uint8_t key[Sha::kBlock] = {};
    if (secret.size() > sizeof(key)) {
      // RFC 2104 §2: a key longer than a block is hashed first.
      typename Sha::State state;
      Sha::init(state);
      Sha::update(state, secret);
      Sha::final(state, key);
    } else if (!secret.empty()) {
      std::memcpy(key, secret.data(), secret.size());
    }
    absorb<Sha>(key, 0x36, inner_);
    absorb<Sha>(key, 0x5c, outer_);
    OPENSSL_cleanse(key, sizeof(key));
  });
}

HmacKey::~HmacKey() {
  OPENSSL_cleanse(inner_, sizeof(inner_));
  OPENSSL_cleanse(outer_, sizeof(outer_));
}

void HmacKey::tag(ByteView message, std::uint8_t* out) const noexcept {
  with(hash_, [&](auto sha) noexcept {
    using Sha = decltype(sha);
    auto inner = load<Sha>(inner_);
    Sha::update(inner, message);
    Sha::final(inner, out);
    auto outer = load<Sha>(outer_);
    Sha::update(outer, ByteView(out, Sha::kSize));
    Sha::final(outer, out);
    // SHA*_Final wipes the state's block; the chaining values of a finished state give away the tag alone.
  });
}

void HmacKey::copy_chains(Sha256Chain& inner, Sha256Chain& outer) const noexcept {
  using Context = Sha256::State;
  static_assert(sizeof(inner.h) == sizeof(Context::h));
  std::memcpy(inner.h, inner_ + offsetof(Context, h), sizeof(inner.h));
  std::memcpy(outer.h, outer_ + offsetof(Context, h), sizeof(outer.h));
}

}  // namespace simdjwt
