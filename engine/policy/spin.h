// How a thread waits for a bit that another one holds for some tens of ns: it pauses, and lets others run when it has
// waited for so long that the holder is surely not running.
#pragma once

#include <thread>

namespace simdjwt {

class Spin {
 public:
  void pause() noexcept {
    if (++waited_ > kPauses) return std::this_thread::yield();
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }

 private:
  static constexpr int kPauses = 256;
  int waited_ = 0;
};

}  // namespace simdjwt
