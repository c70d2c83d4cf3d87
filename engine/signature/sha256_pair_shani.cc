// The x86 SHA extensions. Two rounds wait for the two before them, and the unit that does them could begin others in
// the meantime: those of a second message, whose chain knows nothing of the first.
#include <immintrin.h>

#include "signature/sha256_pair_kernel.h"

namespace simdjwt {
namespace {

// FIPS 180-4 §4.2.2.
alignas(16) constexpr std::uint32_t kConstants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

inline __m128i load(const void* from) noexcept {
  return _mm_loadu_si128(static_cast<const __m128i*>(from));
}

// The working variables as the instructions want them, and the last sixteen words of the message schedule.
struct Lane {
  __m128i abef, cdgh, w0, w1, w2, w3;
};

inline void load_chain(const Sha256Chain& chain, Lane& lane) noexcept {
  const __m128i cdab = _mm_shuffle_epi32(load(chain.h), 0xb1), efgh = _mm_shuffle_epi32(load(chain.h + 4), 0x1b);
  lane.abef = _mm_alignr_epi8(cdab, efgh, 8);
  lane.cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
}

inline void store_chain(const Lane& lane, Sha256Chain& chain) noexcept {
  const __m128i feba = _mm_shuffle_epi32(lane.abef, 0x1b), dchg = _mm_shuffle_epi32(lane.cdgh, 0xb1);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(chain.h), _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(chain.h + 4), _mm_alignr_epi8(dchg, feba, 8));
}

// Words are big-endian (FIPS 180-4 §3.1).
inline void load_block(const std::uint8_t* block, Lane& lane) noexcept {
  const __m128i big_endian = _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
  lane.w0 = _mm_shuffle_epi8(load(block), big_endian);
  lane.w1 = _mm_shuffle_epi8(load(block + 16), big_endian);
  lane.w2 = _mm_shuffle_epi8(load(block + 32), big_endian);
  lane.w3 = _mm_shuffle_epi8(load(block + 48), big_endian);
}

// Four rounds of both, two and two: while one waits the other goes on.
inline void four_rounds(Lane& a, Lane& b, __m128i w_a, __m128i w_b, const std::uint32_t* constants) noexcept {
  const __m128i k = _mm_load_si128(reinterpret_cast<const __m128i*>(constants));
  const __m128i wk_a = _mm_add_epi32(w_a, k), wk_b = _mm_add_epi32(w_b, k);
  a.cdgh = _mm_sha256rnds2_epu32(a.cdgh, a.abef, wk_a);
  b.cdgh = _mm_sha256rnds2_epu32(b.cdgh, b.abef, wk_b);
  a.abef = _mm_sha256rnds2_epu32(a.abef, a.cdgh, _mm_shuffle_epi32(wk_a, 0x0e));
  b.abef = _mm_sha256rnds2_epu32(b.abef, b.cdgh, _mm_shuffle_epi32(wk_b, 0x0e));
}

// The next four words of the schedule, from the sixteen before, the oldest first; they take the place of the oldest.
inline void schedule(__m128i& w0, __m128i w1, __m128i w2, __m128i w3) noexcept {
  const __m128i partial = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
  w0 = _mm_sha256msg2_epu32(partial, w3);
}

inline void schedule_sixteen(Lane& lane) noexcept {
  schedule(lane.w0, lane.w1, lane.w2, lane.w3);
  schedule(lane.w1, lane.w2, lane.w3, lane.w0);
  schedule(lane.w2, lane.w3, lane.w0, lane.w1);
  schedule(lane.w3, lane.w0, lane.w1, lane.w2);
}

inline void sixteen_rounds(Lane& a, Lane& b, const std::uint32_t* constants) noexcept {
  four_rounds(a, b, a.w0, b.w0, constants);
  four_rounds(a, b, a.w1, b.w1, constants + 4);
  four_rounds(a, b, a.w2, b.w2, constants + 8);
  four_rounds(a, b, a.w3, b.w3, constants + 12);
}

void absorb(Sha256Chain& chain_a, Sha256Chain& chain_b, const std::uint8_t* a, const std::uint8_t* b,
            std::size_t blocks) noexcept {
  Lane lane_a, lane_b;
  load_chain(chain_a, lane_a);
  load_chain(chain_b, lane_b);
  for (; blocks != 0; --blocks, a += 64, b += 64) {
    const __m128i abef_a = lane_a.abef, cdgh_a = lane_a.cdgh, abef_b = lane_b.abef, cdgh_b = lane_b.cdgh;
    load_block(a, lane_a);
    load_block(b, lane_b);
    sixteen_rounds(lane_a, lane_b, kConstants);
    for (unsigned round = 16; round < 64; round += 16) {
      schedule_sixteen(lane_a);
      schedule_sixteen(lane_b);
      sixteen_rounds(lane_a, lane_b, kConstants + round);
    }
    lane_a.abef = _mm_add_epi32(lane_a.abef, abef_a);
    lane_a.cdgh = _mm_add_epi32(lane_a.cdgh, cdgh_a);
    lane_b.abef = _mm_add_epi32(lane_b.abef, abef_b);
    lane_b.cdgh = _mm_add_epi32(lane_b.cdgh, cdgh_b);
  }
  store_chain(lane_a, chain_a);
  store_chain(lane_b, chain_b);
}

}  // namespace

constinit const Sha256PairKernel kSha256PairShani = {"shani", &absorb};

}  // namespace simdjwt
