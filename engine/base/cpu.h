// The CPU's vector extensions: detected once, overruled by the environment; what every choice of a kernel is made by.
//
// SIMDJWT_CPU=scalar, neon, avx2 or avx512 forces a level, for tests and for comparisons; kernels differ in speed alone.
// Levels are ordered as in CpuLevel, and the best one at or below the one asked for that the machine has is taken:
// avx512 means avx2 on a CPU without AVX-512, neon means scalar on an x86. Any other value is as if none were set.
// Extensions that stand beside the levels, as x86's for SHA does, are used at every level but scalar.
//
// Ownership: every string is static. Thread-safety: any thread. The environment is read once, when the library is loaded
// or, by a call from another file's static initialisation, before. Cost: O(1), no allocation.
// ISA files include this: nothing in it may leave a symbol behind in them.
#pragma once

#include <cstdint>

namespace simdjwt {

enum class CpuLevel : std::uint8_t {
  scalar,  // whatever the compiler makes of plain C++
  neon,    // AArch64, where it is never missing
  avx2,    // x86-64: AVX2, BMI1 and BMI2
  avx512,  // x86-64: the above, and AVX-512 F, BW, DQ, VL and VBMI (Intel from Ice Lake on, AMD from Zen 4 on)
};

// Whether this machine runs code of a level: both the CPU and the operating system, which must save the registers.
bool cpu_supports(CpuLevel level) noexcept;

// Whether this machine runs the x86 SHA extensions, with the SSSE3 and SSE4.1 that their users need. They need no
// registers but those that every x86-64 system saves.
bool cpu_supports_sha() noexcept;

// The level in use: the best one supported, or what SIMDJWT_CPU makes of it.
CpuLevel cpu_level() noexcept;

// The level that `wanted`, a value of SIMDJWT_CPU or a null pointer, stands for on a machine that supports what
// `supports` says. The scalar level is always supported.
CpuLevel cpu_level_for(const char* wanted, bool (*supports)(CpuLevel)) noexcept;

// "scalar", "neon", "avx2" or "avx512".
const char* cpu_level_name(CpuLevel level) noexcept;

}  // namespace simdjwt
