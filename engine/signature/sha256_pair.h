// SHA-256 of two messages side by side (FIPS 180-4 §6.2), and what OpenSSL makes of one, which says what is right.
//
// One hash is bound by the latency of its rounds; two whose rounds take turns cost less than one after the other
// (docs/decisions/0020). Both may be hashes of a message alone or begin where an HMAC key has left off (RFC 2104 §2).
//
// Ownership: messages are read during the call only; chaining values and copies of messages are wiped, save for what a
// compiler puts aside of its registers. Thread-safety: stateless. Cost: O(n), no allocation; the blocks that one message
// has more than the other are hashed alone.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "signature/sha256_pair_kernel.h"

namespace simdjwt {

inline constexpr std::size_t kSha256Block = 64;
inline constexpr std::size_t kSha256Size = 32;

struct Sha256Job {
  // Null: the hash begins as FIPS 180-4 §5.3.3 says. Else with this value, after one block that counts as part of the
  // message.
  const Sha256Chain* after_block = nullptr;
  ByteView message;
  std::uint8_t* out;  // kSha256Size bytes; may be where the message is
};

// The best kernel for this machine and SIMDJWT_CPU (base/cpu.h); null where there is none.
const Sha256PairKernel* sha256_pair_kernel() noexcept;

void sha256_pair(const Sha256PairKernel& kernel, const Sha256Job& a, const Sha256Job& b) noexcept;

// By OpenSSL's plain functions.
void sha256_openssl(const Sha256Job& job) noexcept;

}  // namespace simdjwt
