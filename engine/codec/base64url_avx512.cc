// 64 characters in one register: the values are looked up in a table of 128 bytes that two registers hold (vpermi2b),
// two shifts of every byte by its own distance (vpmultishiftqb) bring the parts of each decoded byte to their place,
// and a byte permutation squeezes out the two empty bytes of each eight. Whole registers are stored, whose upper
// quarter is overwritten by the next. What is left at the end, and a short input as a whole, is loaded and stored under
// a mask.
//
// No multiplication: in registers of 512 bits it makes some CPUs clock lower for the better part of a millisecond, and
// the signature that follows pays for that (docs/performance.md).
#include <immintrin.h>

#include "codec/base64url_kernel.h"

namespace simdjwt {
namespace {

struct alignas(64) Bytes128 {
  std::uint8_t byte[128];
};

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// The value of each ASCII character; what is not in the alphabet has the top bit set.
constexpr Bytes128 make_values() {
  Bytes128 values{};
  for (auto& value : values.byte) value = 0x80;
  for (std::uint8_t i = 0; i < 64; ++i) values.byte[static_cast<unsigned char>(kAlphabet[i])] = i;
  return values;
}
constexpr Bytes128 kValues = make_values();

struct alignas(64) Bytes64 {
  std::uint8_t byte[64];
};

// Four characters a, b, c, d of 6 bits stand in the low bits of four bytes, and become three: a:b/4, b%16:c/4, c%4:d.
// Eight characters, a quadword, become bytes 0 to 5 of it. The upper part of each byte comes from one character and the
// lower from the next: entry i of `upper` and `lower` is the bit of the quadword that goes to bit 0 of byte i for its
// upper or lower part, and `from_upper` has the bits of the upper part set.
struct Shifts {
  Bytes64 upper, lower, from_upper;
};
constexpr Shifts make_shifts() {
  constexpr std::uint8_t kUpperBits[3] = {0xfc, 0xf0, 0xc0};
  Shifts shifts{};
  for (unsigned i = 0; i < 64; ++i) {
    const unsigned byte = i % 8 % 6, part = byte % 3, character = byte / 3 * 32 + part * 8;
    shifts.upper.byte[i] = static_cast<std::uint8_t>((character + 64 - 2 * (part + 1)) % 64);
    shifts.lower.byte[i] = static_cast<std::uint8_t>(character + 8 + 2 * (2 - part));
    shifts.from_upper.byte[i] = kUpperBits[part];
  }
  return shifts;
}
constexpr Shifts kShifts = make_shifts();

// The six bytes of each quadword in a row; the last quarter is of no matter.
constexpr Bytes64 make_order() {
  Bytes64 order{};
  for (unsigned i = 0; i < 48; ++i) order.byte[i] = static_cast<std::uint8_t>(i / 6 * 8 + i % 6);
  return order;
}
constexpr Bytes64 kOrder = make_order();

struct Decoder {
  __m512i low = _mm512_load_si512(kValues.byte);
  __m512i high = _mm512_load_si512(kValues.byte + 64);
  __m512i order = _mm512_load_si512(kOrder.byte);
  __m512i bad = _mm512_setzero_si512();  // the top bit of any byte: a bad character was seen there

  // At most 64 characters to at most 48 bytes.
  __m512i bytes(__m512i in) {
    // The permutation looks at seven bits of a character only; the eighth makes it bad by itself.
    const __m512i values = _mm512_permutex2var_epi8(low, in, high);
    bad = _mm512_ternarylogic_epi32(bad, in, values, 0xfe);  // bad | in | values
    const __m512i upper = _mm512_multishift_epi64_epi8(_mm512_load_si512(kShifts.upper.byte), values);
    const __m512i lower = _mm512_multishift_epi64_epi8(_mm512_load_si512(kShifts.lower.byte), values);
    const __m512i lanes = _mm512_ternarylogic_epi32(_mm512_load_si512(kShifts.from_upper.byte), upper, lower,
                                                    0xca);  // from_upper ? upper : lower
    return _mm512_permutexvar_epi8(order, lanes);
  }
};

bool decode(const char* in, std::size_t n, std::uint8_t* out) noexcept {
  Decoder decoder;
  // The bytes of 86 characters make room for a whole register.
#pragma GCC unroll 4
  for (; n >= 86; n -= 64, in += 64, out += 48) _mm512_storeu_si512(out, decoder.bytes(_mm512_loadu_si512(in)));
  if (n >= 64) {
    const __m512i bytes = decoder.bytes(_mm512_loadu_si512(in));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm512_castsi512_si256(bytes));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 32), _mm512_extracti32x4_epi32(bytes, 2));
    n -= 64, in += 64, out += 48;
  }
  if (n != 0) {
    // Up to 63 characters, filled up with 'A', the value 0. Bytes under a cleared mask bit are not touched.
    const __mmask64 characters = _bzhi_u64(~0ull, static_cast<unsigned>(n));
    const __mmask64 whole_bytes = _bzhi_u64(~0ull, static_cast<unsigned>(n * 3 / 4));
    const __m512i bytes = decoder.bytes(_mm512_mask_loadu_epi8(_mm512_set1_epi8('A'), characters, in));
    _mm512_mask_storeu_epi8(out, whole_bytes, bytes);
  }
  return _mm512_movepi8_mask(decoder.bad) == 0;
}

}  // namespace

constinit const Base64Kernel kBase64Avx512 = {"avx512", CpuLevel::avx512, &decode};

}  // namespace simdjwt
