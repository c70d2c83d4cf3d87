// Compares every kernel that this machine supports with the scalar one: the whole of a test that is cross-compiled.
#include <cstdio>
#include <cstring>

#include "codec/base64url.h"
#include "differential/base64url.h"

// Usage: base64url_main KERNEL      fails unless KERNEL is there and chosen
int main(int argc, char** argv) {
  using namespace simdjwt;
  if (argc != 2 || std::strcmp(base64url_chosen_kernel().name, argv[1]) != 0) {
    std::printf("chosen: %s\n", base64url_chosen_kernel().name);
    return 1;
  }
  for (const Base64Kernel* kernel : base64url_kernels()) {
    if (!cpu_supports(kernel->level)) continue;
    const std::string difference = test::first_difference(*kernel);
    std::printf("%s: %s\n", kernel->name, difference.empty() ? "as scalar" : difference.c_str());
    if (!difference.empty()) return 1;
  }
  return 0;
}
