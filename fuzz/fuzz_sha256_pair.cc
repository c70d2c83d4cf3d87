// SHA-256 of two messages side by side: every kernel gives what OpenSSL gives, for hashes from the beginning, for
// hashes after a block, and for tags made of two of them.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <vector>

#include "base/cpu.h"
#include "check.h"
#include "signature/hmac.h"
#include "signature/sha256_pair.h"

namespace {

using namespace simdjwt;
using Octets = std::vector<std::uint8_t>;

// Of exactly its size.
struct Message {
  Octets bytes;
  bool has_block;
  Octets secret;  // of the HMAC key whose inner block comes before the message
  Sha256Chain inner{}, outer{};

  Message(ByteView text, ByteView key, bool has_key)
      : bytes(text.begin(), text.end()), has_block(has_key), secret(key.begin(), key.end()) {
    HmacKey(Hash::sha256, secret).copy_chains(inner, outer);
  }

  Sha256Job job(Octets& out) const { return {has_block ? &inner : nullptr, bytes, out.data()}; }
  // What makes a tag of the hash in `out`.
  Sha256Job outer_job(Octets& out) const { return {&outer, out, out.data()}; }

  Octets expected_hash() const {
    Octets out(kSha256Size);
    FUZZ_CHECK(EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, EVP_sha256(), nullptr) == 1);
    return out;
  }
  Octets expected_tag() const {
    Octets out(kSha256Size);
    const unsigned char none = 0;  // a null pointer is no key to OpenSSL
    FUZZ_CHECK(HMAC(EVP_sha256(), secret.empty() ? &none : secret.data(), static_cast<int>(secret.size()), bytes.data(),
                    bytes.size(), out.data(), nullptr) != nullptr);
    return out;
  }
};

void check_alone(const Message& message) {
  Octets out(kSha256Size);
  sha256_openssl(message.job(out));
  if (message.has_block) sha256_openssl(message.outer_job(out));
  FUZZ_CHECK(out == (message.has_block ? message.expected_tag() : message.expected_hash()));
}

void check_pair(const Sha256PairKernel& kernel, const Message& a, const Message& b) {
  Octets out_a(kSha256Size), out_b(kSha256Size), one_a(kSha256Size), one_b(kSha256Size);
  sha256_pair(kernel, a.job(out_a), b.job(out_b));
  sha256_openssl(a.job(one_a));
  sha256_openssl(b.job(one_b));
  FUZZ_CHECK(out_a == one_a && out_b == one_b);
  if (!a.has_block || !b.has_block) return;
  sha256_pair(kernel, a.outer_job(out_a), b.outer_job(out_b));
  FUZZ_CHECK(out_a == a.expected_tag() && out_b == b.expected_tag());
}

}  // namespace

// Which of the two begin after a block, the sizes of a secret and of the first message; then these and the second
// message.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  auto take = [rest = ByteView(data + 4, size - 4)](std::size_t most) mutable {
    const ByteView taken = rest.first(most < rest.size() ? most : rest.size());
    rest = rest.subspan(taken.size());
    return taken;
  };
  const ByteView secret = take(data[1]);
  const ByteView first = take(data[2] | std::size_t{data[3]} << 8);
  const Message a(first, secret, data[0] & 1), b(take(size), secret.first(secret.size() / 2), data[0] & 2);
  check_alone(a);
  check_alone(b);
#if defined(__x86_64__)
  if (cpu_supports_sha()) {
    check_pair(kSha256PairShani, a, b);
    check_pair(kSha256PairShani, b, a);
  }
#endif
  return 0;
}
