# Sourced by tools/demo, tools/test and .ci/run: makes sure that the Debian packages named are installed.
#
#   need_packages PACKAGE...    as root installs what is missing; otherwise says what to install and exits with 2

# What the engine and the command line are built from and with.
SIMDJWT_BUILD_PACKAGES=(g++ cmake ninja-build pkg-config libssl-dev libsimdjson-dev libabsl-dev libboost-dev
                        libhiredis-dev libcli11-dev)
# What the tests need besides. A static libcrypto of Debian 13 is linked with zlib and zstd.
SIMDJWT_TEST_PACKAGES=(libgtest-dev libgmock-dev libbenchmark-dev python3 python3-jwcrypto openssl man-db groff
                       zlib1g-dev libzstd-dev)
# What the tests of another architecture's kernels need besides; without it they are skipped.
SIMDJWT_CROSS_PACKAGES=(g++-aarch64-linux-gnu qemu-user)
# The servers that the end-to-end tests run besides; without one its test is skipped. npm, where there is none.
SIMDJWT_E2E_PACKAGES=(nginx redis-server)
SIMDJWT_NPM_PACKAGES=(nodejs npm)
# What the benchmarks need besides, and the libraries that bench/report measures beside ours.
SIMDJWT_BENCH_PACKAGES=(libbenchmark-dev python3)
SIMDJWT_PEER_PACKAGES=(libcjose-dev libjwt-dev librhonabwy-dev libjansson-dev python3-jwt python3-cryptography)
# What the fuzzers need besides.
SIMDJWT_FUZZ_PACKAGES=(clang libclang-rt-dev)

need_packages() {
  local missing=() package
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] || missing+=("$package")
  done
  ((${#missing[@]} == 0)) && return 0
  if [[ $(id -u) != 0 ]]; then
    echo "These Debian packages are missing. Install them, then run this again:" >&2
    echo "  apt-get install ${missing[*]}" >&2
    exit 2
  fi
  echo "installing ${missing[*]}" >&2
  local log
  log=$(mktemp)
  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    "${missing[@]}"; } >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    exit 2
  fi
  rm -f "$log"
}
