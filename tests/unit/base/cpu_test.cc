#include "base/cpu.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace simdjwt {
namespace {

constexpr CpuLevel kLevels[] = {CpuLevel::scalar, CpuLevel::neon, CpuLevel::avx2, CpuLevel::avx512};

bool plain(CpuLevel level) { return level == CpuLevel::scalar; }
bool arm(CpuLevel level) { return level <= CpuLevel::neon; }
bool avx2(CpuLevel level) { return plain(level) || level == CpuLevel::avx2; }
bool avx512(CpuLevel level) { return avx2(level) || level == CpuLevel::avx512; }
bool nothing(CpuLevel) { return false; }

TEST(Cpu, WithoutAWishTheBestLevelIsTaken) {
  for (const char* wanted : {static_cast<const char*>(nullptr), "", "sse4", "AVX2", "avx", "avx512f", " scalar"}) {
    SCOPED_TRACE(wanted == nullptr ? "unset" : wanted);
    EXPECT_EQ(cpu_level_for(wanted, &plain), CpuLevel::scalar);
    EXPECT_EQ(cpu_level_for(wanted, &arm), CpuLevel::neon);
    EXPECT_EQ(cpu_level_for(wanted, &avx2), CpuLevel::avx2);
    EXPECT_EQ(cpu_level_for(wanted, &avx512), CpuLevel::avx512);
  }
}

TEST(Cpu, ASupportedLevelIsTakenAsAsked) {
  EXPECT_EQ(cpu_level_for("scalar", &avx512), CpuLevel::scalar);
  EXPECT_EQ(cpu_level_for("avx2", &avx512), CpuLevel::avx2);
  EXPECT_EQ(cpu_level_for("avx512", &avx512), CpuLevel::avx512);
  EXPECT_EQ(cpu_level_for("neon", &arm), CpuLevel::neon);
  EXPECT_EQ(cpu_level_for("scalar", &arm), CpuLevel::scalar);
}

TEST(Cpu, AnUnsupportedLevelBecomesTheBestOneBelow) {
  EXPECT_EQ(cpu_level_for("avx512", &avx2), CpuLevel::avx2);
  EXPECT_EQ(cpu_level_for("avx2", &plain), CpuLevel::scalar);
  EXPECT_EQ(cpu_level_for("avx512", &plain), CpuLevel::scalar);
  EXPECT_EQ(cpu_level_for("neon", &avx512), CpuLevel::scalar);
  EXPECT_EQ(cpu_level_for("avx512", &arm), CpuLevel::neon);
  EXPECT_EQ(cpu_level_for("avx512", &nothing), CpuLevel::scalar);
}

// ctest runs this under each value of SIMDJWT_CPU.
TEST(Cpu, TheLevelInUseIsWhatTheEnvironmentMakesOfWhatIsSupported) {
  EXPECT_EQ(cpu_level(), cpu_level_for(std::getenv("SIMDJWT_CPU"), &cpu_supports));
  EXPECT_TRUE(cpu_supports(cpu_level()));
}

TEST(Cpu, NamesAreTheValuesOfTheEnvironmentVariable) {
  for (const CpuLevel level : kLevels) {
    EXPECT_EQ(cpu_level_for(cpu_level_name(level), [](CpuLevel) { return true; }), level);
  }
}

TEST(Cpu, EveryMachineSupportsScalarAndNoneMixesArchitectures) {
  EXPECT_TRUE(cpu_supports(CpuLevel::scalar));
  EXPECT_FALSE(cpu_supports(CpuLevel::neon) && cpu_supports(CpuLevel::avx2));
  EXPECT_TRUE(cpu_supports(CpuLevel::avx2) || !cpu_supports(CpuLevel::avx512));
}

TEST(Cpu, ShaBelongsToX86) {
#if !defined(__x86_64__)
  EXPECT_FALSE(cpu_supports_sha());
#endif
  EXPECT_FALSE(cpu_supports_sha() && cpu_supports(CpuLevel::neon));
}

}  // namespace
}  // namespace simdjwt
