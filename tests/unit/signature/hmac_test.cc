#include "signature/hmac.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstring>
#include <string>

namespace simdjwt {
namespace {

std::string bytes(std::size_t size, unsigned seed) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>((i * 131 + seed * 17) & 255);
  return out;
}

// RFC 2104 §2: keys shorter than a block, of a block, and longer, which are hashed first.
TEST(HmacKey, TagsAreOpenSslsForEverySizeOfKeyAndMessage) {
  const std::pair<Hash, const EVP_MD*> hashes[] = {
      {Hash::sha256, EVP_sha256()}, {Hash::sha384, EVP_sha384()}, {Hash::sha512, EVP_sha512()}};
  for (const auto& [hash, md] : hashes) {
    for (std::size_t key_size = 0; key_size < 300; key_size += key_size < 140 ? 1 : 37) {
      const std::string secret = bytes(key_size, 1);
      const HmacKey key(hash, as_bytes(secret));
      for (std::size_t size = 0; size < 280; size += 7) {
        const std::string message = bytes(size, 2);
        std::uint8_t tag[kMaxHash], expected[EVP_MAX_MD_SIZE];
        unsigned expected_size = 0;
        ASSERT_NE(HMAC(md, secret.data(), static_cast<int>(key_size), as_bytes(message).data(), size, expected, &expected_size),
                  nullptr);
        key.tag(as_bytes(message), tag);
        ASSERT_EQ(expected_size, hash_size(hash));
        ASSERT_EQ(std::memcmp(tag, expected, expected_size), 0) << key_size << " " << size;
      }
    }
  }
}

// RFC 4231 §4.3, test case 2.
TEST(HmacKey, AVectorOfRfc4231) {
  const HmacKey key(Hash::sha256, as_bytes(std::string_view("Jefe")));
  std::uint8_t tag[kMaxHash];
  key.tag(as_bytes(std::string_view("what do ya want for nothing?")), tag);
  constexpr std::uint8_t expected[] = {0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24,
                                       0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27,
                                       0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43};
  EXPECT_EQ(std::memcmp(tag, expected, sizeof(expected)), 0);
}

}  // namespace
}  // namespace simdjwt
