// 32 characters in one register: a character's class, its high half but for those that end in 15, is found by one
// look-up and an average; two look-ups, by low half and by class, say whether it is in the alphabet, a third what makes
// it a value; two multiplications bring four values together to 24 bits a lane, and a permutation squeezes out the
// empty bytes. What is left at the end is decoded by a block that overlaps the one before.
#include <immintrin.h>

#include "codec/base64url_kernel.h"

namespace simdjwt {
namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// The look-up of bytes works in each half of a register by itself, so every table stands in both.
struct alignas(32) Tables {
  // The class of a character is (to_class[its low half] + its upper five bits + 1) / 2: one more than its high half;
  // for a low half of 15, where '_' stands between letters, four and a half more, so that it has a class of its own.
  std::uint8_t to_class[32];
  // A character is in the alphabet if by_low[its low half] & by_class[its class] is not zero. A byte from 0x80 up finds
  // zero in the first, whatever its class.
  std::uint8_t by_low[32];
  std::uint8_t by_class[32];
  std::uint8_t to_value[32];  // by class: what to add to a character
};

constexpr unsigned class_of(const Tables& tables, unsigned c) {
  return (tables.to_class[c & 15] + (c >> 3) + 1) / 2;
}

// The characters of a class differ in their low halves alone. Classes that take the same low halves share a bit, and so
// do those that only a low half of 15 leads to.
constexpr std::uint8_t kBit[16] = {0, 0, 0, 1, 2, 4, 8, 4, 8, 16, 16, 16, 0, 0, 0, 0};

constexpr Tables make_tables() {
  Tables tables{};
  for (unsigned i = 0; i < 32; ++i) {
    tables.to_class[i] = i % 16 == 15 ? 8 : i % 16 < 8 ? 1 : 0;
    tables.by_class[i] = kBit[i % 16];
  }
  for (unsigned half = 0; half < 32; half += 16) {
    for (unsigned i = 0; i < 64; ++i) {
      const auto c = static_cast<unsigned char>(kAlphabet[i]);
      const unsigned low = half + (c & 15), its_class = class_of(tables, c);
      tables.by_low[low] = static_cast<std::uint8_t>(tables.by_low[low] | kBit[its_class]);
      tables.to_value[half + its_class] = static_cast<std::uint8_t>(i - c);
    }
  }
  return tables;
}
constexpr Tables kTables = make_tables();

constexpr bool tables_hold() {
  for (unsigned c = 0; c < 128; ++c) {
    unsigned value = 64;
    for (unsigned i = 0; i < 64; ++i) value = kAlphabet[i] == static_cast<char>(c) ? i : value;
    const unsigned its_class = class_of(kTables, c);
    const bool is_good = (kTables.by_low[c & 15] & kTables.by_class[its_class]) != 0;
    if (is_good != (value < 64)) return false;
    if (is_good && static_cast<std::uint8_t>(c + kTables.to_value[its_class]) != value) return false;
  }
  return true;
}
static_assert(tables_hold());

__m256i load_table(const std::uint8_t* table) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(table));
}

struct Decoder {
  __m256i to_class = load_table(kTables.to_class);
  __m256i by_low = load_table(kTables.by_low);
  __m256i by_class = load_table(kTables.by_class);
  __m256i to_value = load_table(kTables.to_value);
  __m256i good = _mm256_set1_epi8(-1);  // a byte becomes zero when a bad character is seen there

  // 32 characters to 12 bytes at the low end of each half.
  __m256i halves(__m256i in) {
    // The shift brings bits of the next character to the top three of each byte: the average stays below 128, and a
    // look-up takes its lowest four bits, which they do not reach. (A byte from 0xc0 up may find nothing: it is bad.)
    const __m256i its_class = _mm256_avg_epu8(_mm256_shuffle_epi8(to_class, in), _mm256_srli_epi32(in, 3));
    good = _mm256_min_epu8(good,
                           _mm256_and_si256(_mm256_shuffle_epi8(by_low, in), _mm256_shuffle_epi8(by_class, its_class)));
    const __m256i values = _mm256_add_epi8(in, _mm256_shuffle_epi8(to_value, its_class));
    const __m256i pairs = _mm256_maddubs_epi16(values, _mm256_set1_epi32(0x01400140));  // a << 6 | b, 12 bits
    const __m256i lanes = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));      // ab << 12 | cd
    return _mm256_shuffle_epi8(lanes, _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1,  //
                                                       2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
  }
  // ... and to 24 bytes in a row.
  __m256i bytes(__m256i in) {
    return _mm256_permutevar8x32_epi32(halves(in), _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
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
  bool is_good() const { return _mm256_movemask_epi8(_mm256_cmpeq_epi8(good, _mm256_setzero_si256())) == 0; }
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
    // Two halves stored one over the end of the other, without a permutation across: that is the unit with the most to
    // do. The bytes of 38 characters make room for both; the four too many are overwritten by what comes next.
    for (; in_end - in >= 38; in += 32, out += 24) {
      const __m256i halves = decoder.halves(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(in)));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm256_castsi256_si128(halves));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 12), _mm256_extracti128_si256(halves, 1));
    }
    if (in_end - in > 32) decoder.block32(in, out);
    decoder.block32(in_end - 32, out_end - 24);
  }
  return decoder.is_good() && (n == whole || kBase64Scalar.decode(in_end, n - whole, out_end));
}

}  // namespace

constinit const Base64Kernel kBase64Avx2 = {"avx2", CpuLevel::avx2, &decode};

}  // namespace simdjwt
