#!/usr/bin/env python3
"""Cross-compiles the base64url kernels for AArch64 and compares them under an emulator.

Usage: neon.py ROOT BUILD_DIR
"""
import os
import pathlib
import shutil
import subprocess
import sys

COMPILER = "aarch64-linux-gnu-g++"
EMULATORS = ("qemu-aarch64", "qemu-aarch64-static")
PACKAGES = "g++-aarch64-linux-gnu qemu-user"
EXIT_SKIPPED = 77  # what CTest is told to take for a skip

SOURCES = ("engine/base/cpu.cc", "engine/codec/base64url.cc", "engine/codec/base64url_scalar.cc",
           "engine/codec/base64url_neon.cc", "tests/differential/base64url.cc", "tests/differential/base64url_main.cc")
FLAGS = ("-std=c++20", "-O2", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Wno-sign-conversion",
         "-Wno-missing-field-initializers", "-Werror", "-static", "-Iengine", "-Itests")


def main(root, build):
    compiler = shutil.which(COMPILER)
    emulator = next(filter(None, map(shutil.which, EMULATORS)), None)
    if not compiler or not emulator:
        print(f"skipped: {COMPILER} or {EMULATORS[0]} is missing. To run it:\n  apt-get install {PACKAGES}")
        return EXIT_SKIPPED
    program = build / "base64url_aarch64"
    subprocess.run([compiler, *FLAGS, *SOURCES, "-o", program], cwd=root, check=True)
    # The second time the environment asks for the scalar kernel.
    for level in ("neon", "scalar"):
        subprocess.run([emulator, program, level], env={**os.environ, "SIMDJWT_CPU": level}, check=True)
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()))
