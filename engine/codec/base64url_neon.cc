// 64 characters in four registers, which the load parts by their place in a group of four: two look-ups in 64 bytes each
// give the values, shifts make three registers of bytes of them, and the store puts those in order again.
#include <arm_neon.h>

#include "codec/base64url_kernel.h"

namespace simdjwt {
namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kBad = 0xff;

struct Bytes128 {
  std::uint8_t byte[128];
};

// The value of each ASCII character.
constexpr Bytes128 make_values() {
  Bytes128 values{};
  for (auto& value : values.byte) value = kBad;
  for (std::uint8_t i = 0; i < 64; ++i) values.byte[static_cast<unsigned char>(kAlphabet[i])] = i;
  return values;
}
constexpr Bytes128 kValues = make_values();

struct Decoder {
  uint8x16x4_t low = vld1q_u8_x4(kValues.byte);
  uint8x16x4_t high = vld1q_u8_x4(kValues.byte + 64);
  uint8x16_t seen = vdupq_n_u8(0);  // every value so far, ORed: more than 63 where one was bad

  // An index beyond the table leaves what was there: of the two look-ups one finds a character, and none a byte from 0x80.
  uint8x16_t values(uint8x16_t in) {
    const uint8x16_t found = vqtbx4q_u8(vdupq_n_u8(kBad), low, in);
    const uint8x16_t values = vqtbx4q_u8(found, high, veorq_u8(in, vdupq_n_u8(64)));
    seen = vorrq_u8(seen, values);
    return values;
  }

  // 64 characters to 48 bytes.
  void block(const std::uint8_t* in, std::uint8_t* out) {
    const uint8x16x4_t characters = vld4q_u8(in);
    const uint8x16_t a = values(characters.val[0]), b = values(characters.val[1]);
    const uint8x16_t c = values(characters.val[2]), d = values(characters.val[3]);
    uint8x16x3_t bytes;
    bytes.val[0] = vorrq_u8(vshlq_n_u8(a, 2), vshrq_n_u8(b, 4));
    bytes.val[1] = vorrq_u8(vshlq_n_u8(b, 4), vshrq_n_u8(c, 2));
    bytes.val[2] = vorrq_u8(vshlq_n_u8(c, 6), d);
    vst3q_u8(out, bytes);
  }
};

bool decode(const char* text, std::size_t n, std::uint8_t* out) noexcept {
  const auto* in = reinterpret_cast<const std::uint8_t*>(text);
  Decoder decoder;
  for (; n >= 64; n -= 64, in += 64, out += 48) decoder.block(in, out);
  if (n != 0) {
    std::uint8_t characters[64], bytes[48];
    __builtin_memset(characters, 'A', sizeof characters);  // the value 0
    __builtin_memcpy(characters, in, n);
    decoder.block(characters, bytes);
    __builtin_memcpy(out, bytes, n * 3 / 4);
  }
  return vmaxvq_u8(decoder.seen) < 64;
}

}  // namespace

constinit const Base64Kernel kBase64Neon = {"neon", CpuLevel::neon, &decode};

}  // namespace simdjwt
