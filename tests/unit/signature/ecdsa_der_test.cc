#include "signature/ecdsa_der.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/keys.h"

namespace simdjwt {
namespace {

using test::Octets;

void expect_as_openssl(const Octets& r_and_s) {
  Octets out(kMaxEcdsaDer + 1, 0xee);
  const std::size_t size = ecdsa_to_der(r_and_s, out.data());
  ASSERT_LE(size, kMaxEcdsaDer);
  EXPECT_EQ(out[size], 0xee) << "a byte beyond the end was written";
  out.resize(size);
  EXPECT_EQ(out, test::openssl_ecdsa_der(r_and_s));
}

Octets number(std::size_t size, std::size_t zeros, std::uint8_t head, std::uint8_t tail) {
  Octets out(size, tail);
  std::fill_n(out.begin(), std::min(zeros, size), std::uint8_t{0});
  if (zeros < size) out[zeros] = head;
  return out;
}

// RFC 3279 §2.2.3, X.690 §8.3.2: the fewest octets, a zero before a top bit that is set.
TEST(EcdsaDer, EveryHeadOfANumberIsAsOpenSslWritesIt) {
  for (const std::size_t n : {32u, 48u, 66u}) {
    for (std::size_t zeros = 0; zeros < n; ++zeros) {
      for (const int head : {0x01, 0x7f, 0x80, 0xff}) {
        const Octets odd = number(n, zeros, static_cast<std::uint8_t>(head), 0xa5), plain = number(n, 0, 0x42, 0x17);
        for (const auto& [r, s] : {std::pair(odd, plain), std::pair(plain, odd), std::pair(odd, odd)}) {
          Octets both = r;
          both.insert(both.end(), s.begin(), s.end());
          expect_as_openssl(both);
        }
      }
    }
  }
}

TEST(EcdsaDer, TheLargestNumbersFit) {
  Octets largest(132, 0xff);
  expect_as_openssl(largest);
  Octets out(kMaxEcdsaDer);
  EXPECT_EQ(ecdsa_to_der(largest, out.data()), kMaxEcdsaDer);
}

TEST(EcdsaDer, RandomNumbers) {
  for (const std::size_t n : {32u, 48u, 66u}) {
    for (int i = 0; i < 300; ++i) expect_as_openssl(test::random_octets(2 * n));
  }
}

}  // namespace
}  // namespace simdjwt
