#!/usr/bin/env python3
"""Compiles one case twice: as its good twin, which must compile, and with -DMISUSE, which must not.

Usage: check_misuse.py FILE COMPILER [FLAG...]

The case names its diagnostic in a comment, `expect: REGEX`, that fits every supported compiler. The twin shows that the
case fails for the reason it names and not for a typing mistake.
"""
import os
import pathlib
import re
import subprocess
import sys


# Not -fsyntax-only: GCC finds an ignored result of a C function only later.
def compile_case(path, command, *flags):
    return subprocess.run([*command, *flags, "-c", "-o", "/dev/null", path], capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C"}, check=False)


def main(path, *command):
    expected = re.search(r"expect: (.+?)\s*(?:\*/)?$", pathlib.Path(path).read_text(encoding="utf-8"), re.MULTILINE)
    if not expected:
        return f"{path} names no expected diagnostic"
    twin = compile_case(path, command)
    if twin.returncode != 0:
        return f"the good twin does not compile:\n{twin.stderr}"
    misuse = compile_case(path, command, "-DMISUSE")
    if misuse.returncode == 0:
        return "the misuse compiles"
    errors = [line for line in misuse.stderr.splitlines() if "error:" in line]
    if not any(re.search(expected[1], line) for line in errors):
        return f"it fails, but not with '{expected[1]}':\n{misuse.stderr}"
    print(errors[0])
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
