// The plain functions, which OpenSSL 3 calls deprecated in favour of contexts (docs/decisions/0010).
#define OPENSSL_SUPPRESS_DEPRECATED
#include "signature/sha256_pair.h"

#include <openssl/sha.h>

#include <algorithm>
#include <cstring>

#include "base/cpu.h"
#include "base/wipe.h"

namespace simdjwt {
namespace {

// FIPS 180-4 §5.3.3.
constexpr Sha256Chain kInitial = {
    {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};

SHA256_CTX context_after(const Sha256Chain& chain) noexcept {
  SHA256_CTX ctx;
  SHA256_Init(&ctx);
  static_assert(sizeof(ctx.h) == sizeof(chain.h));
  std::memcpy(ctx.h, chain.h, sizeof(ctx.h));
  return ctx;
}

void put_big_endian(std::uint32_t word, std::uint8_t* out) noexcept {
  for (unsigned i = 0; i < 4; ++i) out[i] = static_cast<std::uint8_t>(word >> (24 - 8 * i));
}

// A message as blocks: those that it fills, where it lies, then one or two with what is left and the padding.
class Blocks {
 public:
  explicit Blocks(const Sha256Job& job) noexcept
      : chain(job.after_block != nullptr ? *job.after_block : kInitial),
        at_(job.message.data()),
        whole_(job.message.size() / kSha256Block) {
    // FIPS 180-4 §5.1.1: a bit that is set, zeros, and the length in bits at the end of the last block.
    const std::size_t rest = job.message.size() % kSha256Block;
    padded_ = rest < kSha256Block - sizeof(std::uint64_t) ? 1 : 2;
    std::memset(last_, 0, sizeof(last_));
    if (rest != 0) std::memcpy(last_, job.message.data() + whole_ * kSha256Block, rest);
    last_[rest] = 0x80;
    const std::uint64_t before = job.after_block != nullptr ? kSha256Block : 0;
    const std::uint64_t bits = 8 * (before + job.message.size());
    std::uint8_t* const end = last_ + padded_ * kSha256Block;
    put_big_endian(static_cast<std::uint32_t>(bits >> 32), end - 8);
    put_big_endian(static_cast<std::uint32_t>(bits), end - 4);
    if (whole_ == 0) start_last();
  }
  // What is left in last_ may be an HMAC's inner hash.
  ~Blocks() {
    wipe(&chain, sizeof(chain));
    wipe(last_, sizeof(last_));
  }
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;

  // How many stand in a row at at(); none when all are done.
  std::size_t count() const noexcept { return whole_; }
  const std::uint8_t* at() const noexcept { return at_; }
  void skip(std::size_t blocks) noexcept {
    at_ += blocks * kSha256Block;
    whole_ -= blocks;
    if (whole_ == 0) start_last();
  }

  void write(std::uint8_t* out) const noexcept {
    for (std::size_t i = 0; i < 8; ++i) put_big_endian(chain.h[i], out + 4 * i);
  }

  Sha256Chain chain;

 private:
  void start_last() noexcept {
    at_ = last_;
    whole_ = padded_;
    padded_ = 0;
  }

  const std::uint8_t* at_;
  std::size_t whole_;
  std::size_t padded_;  // blocks in last_ that are still to come after those
  std::uint8_t last_[2 * kSha256Block];
};

void absorb_alone(Blocks& blocks) noexcept {
  if (blocks.count() == 0) return;
  SHA256_CTX ctx = context_after(blocks.chain);
  for (; blocks.count() != 0; blocks.skip(blocks.count())) {
    SHA256_Update(&ctx, blocks.at(), blocks.count() * kSha256Block);
  }
  std::memcpy(blocks.chain.h, ctx.h, sizeof(ctx.h));
  wipe(&ctx, sizeof(ctx));
}

}  // namespace

const Sha256PairKernel* sha256_pair_kernel() noexcept {
#if defined(__x86_64__)
  if (cpu_level() != CpuLevel::scalar && cpu_supports_sha()) return &kSha256PairShani;
#endif
  return nullptr;
}

void sha256_pair(const Sha256PairKernel& kernel, const Sha256Job& a, const Sha256Job& b) noexcept {
  Blocks of_a(a), of_b(b);
  while (const std::size_t both = std::min(of_a.count(), of_b.count())) {
    kernel.absorb(of_a.chain, of_b.chain, of_a.at(), of_b.at(), both);
    of_a.skip(both);
    of_b.skip(both);
  }
  absorb_alone(of_a);
  absorb_alone(of_b);
  of_a.write(a.out);
  of_b.write(b.out);
}

void sha256_openssl(const Sha256Job& job) noexcept {
  // Built in place: assigned, it would leave a copy behind.
  SHA256_CTX ctx = context_after(job.after_block != nullptr ? *job.after_block : kInitial);
  if (job.after_block != nullptr) ctx.Nl = 8 * kSha256Block;
  SHA256_Update(&ctx, job.message.data(), job.message.size());
  SHA256_Final(job.out, &ctx);
  // SHA256_Final wipes the block; the chaining value that is left is what was written to `out`.
  wipe(ctx.h, sizeof(ctx.h));
}

}  // namespace simdjwt
