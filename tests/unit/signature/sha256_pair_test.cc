#include "signature/sha256_pair.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/cpu.h"
#include "signature/hmac.h"
#include "support/keys.h"

namespace simdjwt {
namespace {

using test::from_hex;
using test::Octets;

// The kernels that this machine runs, whatever the environment says.
std::vector<const Sha256PairKernel*> kernels() {
  std::vector<const Sha256PairKernel*> found;
#if defined(__x86_64__)
  if (cpu_supports_sha()) found.push_back(&kSha256PairShani);
#endif
  return found;
}

Octets openssl(ByteView before, ByteView message) {
  Octets out(kSha256Size), whole(before.begin(), before.end());
  whole.insert(whole.end(), message.begin(), message.end());
  EXPECT_EQ(EVP_Digest(whole.data(), whole.size(), out.data(), nullptr, EVP_sha256(), nullptr), 1);
  return out;
}

Octets alone(const Sha256Chain* after_block, ByteView message) {
  Octets out(kSha256Size);
  sha256_openssl({after_block, message, out.data()});
  return out;
}

// Where a hash stands after a block, and the block.
struct Start {
  Octets block;
  Sha256Chain chain;

  // An HMAC key of zeros has a block of 0x36 and a block of 0x5c (RFC 2104 §2).
  static std::array<Start, 2> make() {
    std::array<Start, 2> starts{Start{Octets(kSha256Block, 0x36), {}}, Start{Octets(kSha256Block, 0x5c), {}}};
    HmacKey(Hash::sha256, {}).copy_chains(starts[0].chain, starts[1].chain);
    return starts;
  }
};

Octets pattern(std::size_t size, unsigned seed) {
  Octets out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>((i * 131 + seed * 17 + i / 256) & 255);
  return out;
}

TEST(Sha256Pair, TheKernelInUseIsOneOfThisMachineAndNotWithScalar) {
  const Sha256PairKernel* const chosen = sha256_pair_kernel();
  if (cpu_level() == CpuLevel::scalar) {
    EXPECT_EQ(chosen, nullptr);
  } else if (chosen != nullptr) {
    EXPECT_NE(std::find(kernels().begin(), kernels().end(), chosen), kernels().end());
  }
  EXPECT_EQ(chosen != nullptr, cpu_level() != CpuLevel::scalar && !kernels().empty());
}

// FIPS 180-4, examples of NIST's "SHA-256 Test Data": in either place, beside each other.
TEST(Sha256Pair, VectorsOfFips180) {
  const std::pair<std::string, std::string_view> vectors[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {std::string(1000000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  for (const auto& [a, expected_a] : vectors) {
    EXPECT_EQ(alone(nullptr, as_bytes(a)), from_hex(expected_a));
    for (const auto& [b, expected_b] : vectors) {
      for (const Sha256PairKernel* kernel : kernels()) {
        Octets out_a(kSha256Size), out_b(kSha256Size);
        sha256_pair(*kernel, {nullptr, as_bytes(a), out_a.data()}, {nullptr, as_bytes(b), out_b.data()});
        EXPECT_EQ(out_a, from_hex(expected_a)) << kernel->name;
        EXPECT_EQ(out_b, from_hex(expected_b)) << kernel->name;
      }
    }
  }
}

// All lengths beside all lengths, from the beginning and after a block.
TEST(Sha256Pair, EveryTwoLengthsAsOpenSslHashesThem) {
  constexpr std::size_t kLengths = 301;
  const std::array<Start, 2> starts = Start::make();
  // [after a block][length]
  std::vector<Octets> messages_a, messages_b, expected_a[2], expected_b[2];
  for (std::size_t length = 0; length < kLengths; ++length) {
    messages_a.push_back(pattern(length, 1));
    messages_b.push_back(pattern(length, 2));
    for (const bool after : {false, true}) {
      const Octets &block_a = after ? starts[0].block : Octets(), &block_b = after ? starts[1].block : Octets();
      expected_a[after].push_back(openssl(block_a, messages_a.back()));
      expected_b[after].push_back(openssl(block_b, messages_b.back()));
      ASSERT_EQ(alone(after ? &starts[0].chain : nullptr, messages_a.back()), expected_a[after].back()) << length;
    }
  }
  for (const Sha256PairKernel* kernel : kernels()) {
    for (std::size_t a = 0; a < kLengths; ++a) {
      for (std::size_t b = 0; b < kLengths; ++b) {
        for (unsigned after = 0; after < 4; ++after) {
          const bool after_a = after & 1, after_b = after & 2;
          Octets out_a(kSha256Size), out_b(kSha256Size);
          sha256_pair(*kernel, {after_a ? &starts[0].chain : nullptr, messages_a[a], out_a.data()},
                      {after_b ? &starts[1].chain : nullptr, messages_b[b], out_b.data()});
          ASSERT_EQ(out_a, expected_a[after_a][a]) << kernel->name << " " << a << " " << b << " " << after;
          ASSERT_EQ(out_b, expected_b[after_b][b]) << kernel->name << " " << a << " " << b << " " << after;
        }
      }
    }
  }
}

TEST(Sha256Pair, MessagesAndResultsMayLieAnywhere) {
  if (kernels().empty()) GTEST_SKIP() << "no kernel on this machine";
  for (const Sha256PairKernel* kernel : kernels()) {
    for (std::size_t at_a = 0; at_a < 64; ++at_a) {
      for (std::size_t at_b = 0; at_b < 64; at_b += 7) {
        const std::size_t size_a = 200 + 3 * at_b, size_b = 128 + 5 * at_a;
        // Each ends where its memory ends, so that a sanitizer sees a byte too many.
        const Octets a = pattern(at_a + size_a, 3), b = pattern(at_b + size_b, 4);
        const ByteView message_a = ByteView(a).subspan(at_a), message_b = ByteView(b).subspan(at_b);
        Octets out_a(at_a + kSha256Size, 0xee), out_b(at_b + kSha256Size, 0xee);
        sha256_pair(*kernel, {nullptr, message_a, out_a.data() + at_a}, {nullptr, message_b, out_b.data() + at_b});
        ASSERT_EQ(Octets(out_a.begin() + static_cast<std::ptrdiff_t>(at_a), out_a.end()), openssl({}, message_a));
        ASSERT_EQ(Octets(out_b.begin() + static_cast<std::ptrdiff_t>(at_b), out_b.end()), openssl({}, message_b));
        ASSERT_EQ(std::count(out_a.begin(), out_a.begin() + static_cast<std::ptrdiff_t>(at_a), 0xee),
                  static_cast<std::ptrdiff_t>(at_a));
      }
    }
  }
}

TEST(Sha256Pair, AResultMayTakeThePlaceOfEitherMessage) {
  for (const Sha256PairKernel* kernel : kernels()) {
    for (const std::size_t size : {32u, 64u, 100u, 700u}) {
      const Octets a = pattern(size, 5), b = pattern(size + 70, 6);
      Octets own_a = a, own_b = b, crossed_a = a, crossed_b = b, one = a;
      sha256_pair(*kernel, {nullptr, own_a, own_a.data()}, {nullptr, own_b, own_b.data()});
      sha256_pair(*kernel, {nullptr, crossed_a, crossed_b.data()}, {nullptr, crossed_b, crossed_a.data()});
      sha256_openssl({nullptr, one, one.data()});
      for (Octets* out : {&own_a, &own_b, &crossed_a, &crossed_b, &one}) out->resize(kSha256Size);
      EXPECT_EQ(own_a, openssl({}, a));
      EXPECT_EQ(own_b, openssl({}, b));
      EXPECT_EQ(crossed_b, openssl({}, a));
      EXPECT_EQ(crossed_a, openssl({}, b));
      EXPECT_EQ(one, openssl({}, a));
    }
  }
}

// The lengths in bits fill more than 32 bits only from 512 MiB on; the counts of blocks are what grows before that.
TEST(Sha256Pair, LongBesideShort) {
  if (kernels().empty()) GTEST_SKIP() << "no kernel on this machine";
  const Octets message = pattern(3000001, 7), brief = pattern(11, 8);
  for (const Sha256PairKernel* kernel : kernels()) {
    Octets out_a(kSha256Size), out_b(kSha256Size);
    sha256_pair(*kernel, {nullptr, message, out_a.data()}, {nullptr, brief, out_b.data()});
    EXPECT_EQ(out_a, openssl({}, message));
    EXPECT_EQ(out_b, openssl({}, brief));
    sha256_pair(*kernel, {nullptr, brief, out_a.data()}, {nullptr, message, out_b.data()});
    EXPECT_EQ(out_a, openssl({}, brief));
    EXPECT_EQ(out_b, openssl({}, message));
  }
}

struct HmacVector {
  Octets key;
  std::string data;
  std::string_view tag;
};

// RFC 4231 §4, but for §4.6, whose tag is cut.
const std::vector<HmacVector>& rfc4231() {
  static const std::vector<HmacVector> vectors = {
      {Octets(20, 0x0b), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {from_hex("4a656665"), "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {Octets(20, 0xaa), std::string(50, '\xdd'), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {from_hex("0102030405060708090a0b0c0d0e0f10111213141516171819"), std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {Octets(131, 0xaa), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {Octets(131, 0xaa),
       "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
       "hashed "
       "before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  return vectors;
}

TEST(Sha256Pair, TagsOfRfc4231InTwoHashesEach) {
  struct Tag {
    Sha256Chain inner, outer;
    Octets value = Octets(kSha256Size);
    explicit Tag(const HmacVector& vector) { HmacKey(Hash::sha256, vector.key).copy_chains(inner, outer); }
    Sha256Job finish() { return {&outer, value, value.data()}; }
  };
  for (const HmacVector& a : rfc4231()) {
    Tag one(a);
    sha256_openssl({&one.inner, as_bytes(a.data), one.value.data()});
    sha256_openssl(one.finish());
    EXPECT_EQ(one.value, from_hex(a.tag)) << a.data;
    for (const HmacVector& b : rfc4231()) {
      for (const Sha256PairKernel* kernel : kernels()) {
        Tag of_a(a), of_b(b);
        sha256_pair(*kernel, {&of_a.inner, as_bytes(a.data), of_a.value.data()},
                    {&of_b.inner, as_bytes(b.data), of_b.value.data()});
        sha256_pair(*kernel, of_a.finish(), of_b.finish());
        EXPECT_EQ(of_a.value, from_hex(a.tag)) << kernel->name << " " << a.data;
        EXPECT_EQ(of_b.value, from_hex(b.tag)) << kernel->name << " " << b.data;
      }
    }
  }
}

}  // namespace
}  // namespace simdjwt
