#!/usr/bin/env python3
"""Builds consumer/ against an installed prefix in one way, and runs it on a good, a bad and an expired token; with
the libraries on top of libsimdjwt that the prefix has.

Usage: check_install.py WAY PREFIX WORK CC CXX CMAKE GENERATOR
WAY: cmake-shared, cmake-static, pkg-config-shared or pkg-config-static; WORK is a folder to build in, replaced.
"""
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent / "consumer"
ISSUER = "https://as.example"
NOW = 1800000000  # tests/capi/make_tokens.py
ON_TOP = ("fetch", "fleet", "journal")


def run(*command, **named):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **named)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def with_cmake(target, prefix, work, cc, cxx, cmake, generator):
    run(cmake, "-G", generator, "-S", HERE, "-B", work, f"-DCMAKE_PREFIX_PATH={prefix}", f"-DSIMDJWT_TARGET={target}",
        f"-DCMAKE_C_COMPILER={cc}", f"-DCMAKE_CXX_COMPILER={cxx}", "-DCMAKE_C_FLAGS=-Wall -Wextra -Werror "
        "-Wno-missing-field-initializers", "-DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF")
    run(cmake, "--build", work)
    return work / "example", {}


def with_pkg_config(is_static, prefix, work, cc):
    work.mkdir()
    library = build_with_pkg_config("simdjwt", "simdjwt", "example", is_static, prefix, work, cc)
    for name in ON_TOP:
        if list(prefix.rglob(f"simdjwt-{name}.pc")):
            build_with_pkg_config(f"simdjwt-{name}", f"simdjwt_{name}", name, is_static, prefix, work, cc)
    return work / "example", {} if is_static else {"LD_LIBRARY_PATH": str(library)}


def build_with_pkg_config(package, name, program, is_static, prefix, work, cc):
    """The folder of the library."""
    found = list(prefix.rglob(f"{package}.pc"))
    if len(found) != 1:
        sys.exit(f"{package}.pc is {len(found)} times in {prefix}")
    env = {**os.environ, "PKG_CONFIG_PATH": str(found[0].parent)}
    # The prefix was chosen when it was installed, after the file had been written.
    flags = run("pkg-config", "--define-prefix", *(["--static"] if is_static else []), "--cflags", "--libs", package, env=env).split()
    library = found[0].parent.parent
    if is_static:
        ours = {f"-l{one}": str(library / f"lib{one}.a") for one in ("simdjwt", name)}
        flags = [ours.get(flag, flag) for flag in flags]
    run(cc, "-std=c99", "-D_POSIX_C_SOURCE=200809L", HERE / f"{program}.c", "-o", work / program, *flags)
    return library


def answer(program, env, token, now):
    done = subprocess.run([program, HERE / "policy.json", HERE / "jwks.json", ISSUER, token, str(now)],
                          env={**os.environ, **env}, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip() or done.stderr


def main(way, prefix, work, cc, cxx, cmake, generator):
    prefix, work = pathlib.Path(prefix), pathlib.Path(work)
    shutil.rmtree(work, ignore_errors=True)
    if way.startswith("cmake"):
        target = "simdjwt::static" if way == "cmake-static" else "simdjwt::simdjwt"
        program, env = with_cmake(target, prefix, work, cc, cxx, cmake, generator)
    else:
        program, env = with_pkg_config(way == "pkg-config-static", prefix, work, cc)
    token = (HERE / "token").read_bytes()
    forged = work / "forged"
    forged.write_bytes(token[:-4] + (b"AAAA" if token[-4:] != b"AAAA" else b"BBBA"))
    for name in ON_TOP:
        if not (work / name).exists() and list(prefix.rglob(f"{name}.h")):
            return f"nothing was built with libsimdjwt_{name}"
    linked = "libsimdjwt.so" in run("ldd", program, env={**os.environ, **env})
    for what, actual, expected in (
            ("a good token", answer(program, env, HERE / "token", NOW), (0, f"alice may call until {NOW + 3600}")),
            ("after its end", answer(program, env, HERE / "token", NOW + 3600), (1, "rejected: the token has expired")),
            ("a forged token", answer(program, env, forged, NOW), (1, "rejected: the signature does not verify")),
            ("linked with the shared library", linked, way.endswith("shared"))):
        if actual != expected:
            return f"{what}: {actual}, not {expected}"
        print(f"{what}: {actual}")
    for name in ON_TOP:
        if (work / name).exists():
            run(work / name, env={**os.environ, **env})
            print(f"with libsimdjwt_{name}: runs")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
