#!/usr/bin/env python3
"""Checks the symbols of the files that are compiled for one instruction set.

Usage: isa.py NM LIBRARY.a

Such a file defines its table entries, named k..., and no other symbol that the linker sees. A weak one above all would be
taken for the whole program, and then runs on a CPU that lacks the instructions.
"""
import re
import subprocess
import sys

import tree

ISA_OBJECT = re.compile(r"_(avx2|avx512|neon|shani)\.cc\.o:$")
ENTRY = re.compile(r"^[DR] simdjwt::k[A-Z]\w*$")
LOCAL = re.compile(r"[bdrt] ")


def check(listing):
    """Problems in what `nm --demangle --defined-only` prints of a library."""
    problems, objects, name = [], 0, None
    for line in listing.splitlines():
        if line.endswith(".o:"):
            name = line[:-1] if ISA_OBJECT.search(line) else None
            objects += name is not None
        elif name and line.strip():
            symbol = re.sub(r"^[0-9a-f]* *", "", line, count=1)
            if not LOCAL.match(symbol) and not ENTRY.match(symbol):
                problems.append(f"{name} exports {symbol}")
    if not objects:
        problems.append("no object for one instruction set was found")
    return problems


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    printed = subprocess.run([sys.argv[1], "--demangle", "--defined-only", sys.argv[2]], capture_output=True, text=True,
                             check=True).stdout
    tree.answer(check(printed), "every such file exports its table entries alone")
