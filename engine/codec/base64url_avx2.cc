// 32 characters in one register: two look-ups by the halves of a character say whether it is in the alphabet, one by its
// range what makes it a value; two multiplications bring four values together to 24 bits a lane, and two permutations
// squeeze out the empty byte of each lane. What is left at the end is decoded by a block that overlaps the one before.
#include <immintrin.h>

#include "codec/base64url_kernel.h"

namespace simdjwt {
namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// The look-up of bytes works in each half of a register by itself, so every table stands in both.
struct alignas(32) Tables {
  // A character is in the alphabet if by_low[its low half] & by_high[its high half] is not zero: there is one bit for each
  // high half, 2 to 7. A byte from 0x80 up finds zero, whatever its low half.
  std::uint8_t by_low[32];
  std::uint8_t by_high[32];
  // What to add to a character, by its range: its high half, and one more beyond 'Z', which parts '_' from 'P' to 'Z'.
  std::uint8_t to_value[32];
};

constexpr Tables make_tables() {
  Tables tables{};
  for (unsigned half = 0; half < 32; half += 16) {
    for (unsigned i = 0; i < 64; ++i) {
      const auto c = static_cast<unsigned char>(kAlphabet[i]);
      const unsigned high = c >> 4;
      tables.by_low[half + (c & 15)] = static_cast<std::uint8_t>(tables.by_low[half + (c & 15)] | 1u << high);
      tables.by_high[half + high] = static_cast<std::uint8_t>(1u << high);
      tables.to_value[half + high + (c > 'Z')] = static_cast<std::uint8_t>(i - c);
    }
  }
  return tables;
}
constexpr Tables kTables = make_tables();

__m256i load_table(const std::uint8_t* table) { return _mm256_load_si256(reinterpret_cast<const __m256i*>(table)); }

struct Decoder {
  __m256i by_low = load_table(kTables.by_low);
  __m256i by_high = load_table(kTables.by_high);
  __m256i to_value = load_table(kTables.to_value);
  __m256i good = _mm256_set1_epi8(-1);  // a byte becomes zero when a bad character is seen there

  // 32 characters to 24 bytes, at the low end.
  __m256i bytes(__m256i in) {
    const __m256i high = _mm256_and_si256(_mm256_srli_epi32(in, 4), _mm256_set1_epi8(15));
    good = _mm256_min_epu8(good, _mm256_and_si256(_mm256_shuffle_epi8(by_low, in), _mm256_shuffle_epi8(by_high, high)));
    const __m256i range = _mm256_sub_epi8(high, _mm256_cmpgt_epi8(in, _mm256_set1_epi8('Z')));
    const __m256i values = _mm256_add_epi8(in, _mm256_shuffle_epi8(to_value, range));
    const __m256i pairs = _mm256_maddubs_epi16(values, _mm256_set1_epi32(0x01400140));        // a << 6 | b, 12 bits
    const __m256i lanes = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));            // ab << 12 | cd
    const __m256i halves = _mm256_shuffle_epi8(                                               // 12 bytes in each half
        lanes, _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1,       //
                                2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
    return _mm256_permutevar8x32_epi32(halves, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
  }

  void block32(const char* in, std::uint8_t* out) {
    const __m256i b = bytes(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(in)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm256_castsi256_si128(b));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out + 16), _mm256_extracti128_si256(b, 1));
  }
  // The other half repeats the characters, so that a bad one is seen only where there is one.
  void block16(const char* in, std::uint8_t* out) {
    const __m128i half = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
    const __m128i b = _mm256_castsi256_si128(bytes(_mm256_broadcastsi128_si256(half)));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out), b);
    const int last = _mm_extract_epi32(b, 2);
    __builtin_memcpy(out + 8, &last, 4);
  }
  bool is_good() const {
    return _mm256_movemask_epi8(_mm256_cmpeq_epi8(good, _mm256_setzero_si256())) == 0;
  }
};

bool decode(const char* in, std::size_t n, std::uint8_t* out) noexcept {
  if (n < 16) return kBase64Scalar.decode(in, n, out);
  Decoder decoder;
  const std::size_t whole = n & ~std::size_t{3};
  const char* in_end = in + whole;
  std::uint8_t* out_end = out + whole / 4 * 3;
  if (whole < 32) {
    decoder.block16(in, out);
    decoder.block16(in_end - 16, out_end - 12);
  } else {
    // The bytes of 44 characters make room for a whole register; the eight too many are overwritten by what comes next.
    for (; in_end - in >= 44; in += 32, out += 24) {
      const __m256i bytes = decoder.bytes(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(in)));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), bytes);
    }
    if (in_end - in > 32) decoder.block32(in, out);
    decoder.block32(in_end - 32, out_end - 24);
  }
  return decoder.is_good() && (n == whole || kBase64Scalar.decode(in_end, n - whole, out_end));
}

}  // namespace

constinit const Base64Kernel kBase64Avx2 = {"avx2", CpuLevel::avx2, &decode};

}  // namespace simdjwt
