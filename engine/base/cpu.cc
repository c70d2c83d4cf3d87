#include "base/cpu.h"

#include <cstdlib>
#include <string_view>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace simdjwt {
namespace {

constexpr CpuLevel kBestFirst[] = {CpuLevel::avx512, CpuLevel::avx2, CpuLevel::neon, CpuLevel::scalar};

// At load, when no other thread can be changing the environment.
[[maybe_unused]] const CpuLevel kAtLoad = cpu_level();

}  // namespace

bool cpu_supports(CpuLevel level) noexcept {
#if defined(__x86_64__)
  // Each of these is true only if XCR0 says that the operating system saves the registers. The first call may come before
  // the constructor that would have filled in what they look at.
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  if (level == CpuLevel::avx2) return avx2;
  if (level == CpuLevel::avx512) {
    return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi");
  }
#elif defined(__aarch64__)
  if (level == CpuLevel::neon) return true;
#endif
  return level == CpuLevel::scalar;
}

// Not every compiler's __builtin_cpu_supports knows the name of these.
bool cpu_supports_sha() noexcept {
#if defined(__x86_64__)
  __builtin_cpu_init();
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  constexpr unsigned kSha = 1U << 29;  // leaf 7, EBX
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx & kSha) != 0 && __builtin_cpu_supports("ssse3") &&
         __builtin_cpu_supports("sse4.1");
#else
  return false;
#endif
}

CpuLevel cpu_level() noexcept {
  static const CpuLevel level = cpu_level_for(std::getenv("SIMDJWT_CPU"), &cpu_supports);
  return level;
}

CpuLevel cpu_level_for(const char* wanted, bool (*supports)(CpuLevel)) noexcept {
  CpuLevel limit = kBestFirst[0];
  for (const CpuLevel level : kBestFirst) {
    if (wanted != nullptr && std::string_view(wanted) == cpu_level_name(level)) limit = level;
  }
  for (const CpuLevel level : kBestFirst) {
    if (level <= limit && supports(level)) return level;
  }
  return CpuLevel::scalar;
}

const char* cpu_level_name(CpuLevel level) noexcept {
  switch (level) {
    case CpuLevel::scalar: return "scalar";
    case CpuLevel::neon: return "neon";
    case CpuLevel::avx2: return "avx2";
    case CpuLevel::avx512: return "avx512";
  }
  return "unknown";
}

}  // namespace simdjwt
