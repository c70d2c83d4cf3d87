// Starts a thread that takes no signals: they are for the threads of the program.
//
// Ownership: the caller's, to join. Thread-safety: everything from any thread; the mask of the calling thread is as it was
// afterwards. Throws what std::thread throws.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <thread>
#include <utility>

namespace simdjwt {

template <typename Work>
std::thread start_quiet_thread(Work&& work) {
  // A new thread inherits the mask.
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  try {
    std::thread thread(std::forward<Work>(work));
    pthread_sigmask(SIG_SETMASK, &old, nullptr);
    return thread;
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &old, nullptr);
    throw;
  }
}

}  // namespace simdjwt
