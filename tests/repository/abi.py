#!/usr/bin/env python3
"""Checks the ABI: the symbols that the library exports, and every number that the header fixes.

Usage: abi.py ROOT LIBRARY CC [--update]

The exported symbols are the functions that simdjwt.h declares, with the version SIMDJWT_0, and nothing else. Sizes and
offsets of public structs, enumerators and prototypes stand in abi/simdjwt_0.1.txt; a change of them is a failure until
--update rewrites that file on purpose.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

import tree

VERSION = "SIMDJWT_0"
HEADER = "engine/include/simdjwt/simdjwt.h"
RECORD = "tests/repository/abi/simdjwt_0.1.txt"


def without_comments(header):
    return re.sub(r"/\*.*?\*/|//[^\n]*", " ", header, flags=re.DOTALL)


def declared_functions(header):
    """name -> prototype, white space made one."""
    found = {}
    for prototype in re.findall(r"SIMDJWT_API\s+(?:SIMDJWT_NODISCARD\s+)?([^;{}#]+?)\s*SIMDJWT_NOEXCEPT\s*;", header):
        found[re.search(r"(simdjwt_\w+)\s*\(", prototype)[1]] = re.sub(r"\s+", " ", prototype)
    return found


def member_name(member):
    """The name of a member, which may be an array or a pointer to a function."""
    pointer = re.search(r"\(\*(\w+)\)\s*\(", member)
    return pointer[1] if pointer else re.search(r"(\w+)\s*(?:\[[^\]]*\])?\s*$", member)[1]


def structs(header):
    """name -> members, in order."""
    found = {}
    for name, body in re.findall(r"typedef struct (simdjwt_\w+) \{(.*?)\}\s*\1\s*;", header, flags=re.DOTALL):
        found[name] = [member_name(member) for member in body.split(";") if member.strip()]
    return found


def enumerators(header):
    names = []
    for body in re.findall(r"enum \{(.*?)\}", header, flags=re.DOTALL):
        names += re.findall(r"(SIMDJWT_\w+)\s*=", body)
    return names


def exported_symbols(library):
    listing = subprocess.run(["nm", "-D", "--defined-only", "--with-symbol-versions", library], capture_output=True,
                             text=True, check=True).stdout
    return {line.split()[-1] for line in listing.splitlines()} - {VERSION, f"{VERSION}@@{VERSION}"}


def check_symbols(header, exported):
    expected = {f"{name}@@{VERSION}" for name in declared_functions(header)}
    return ([f"exported and not declared: {name}" for name in sorted(exported - expected)] +
            [f"declared and not exported: {name}" for name in sorted(expected - exported)])


def layout_program(header):
    lines = ["#include <simdjwt/simdjwt.h>", "#include <stddef.h>", "#include <stdio.h>",
             "int main(void) {"]
    for name, members in structs(header).items():
        lines.append(f'  printf("struct {name} size %zu align %zu\\n", sizeof({name}), _Alignof({name}));')
        for member in members:
            lines.append(f'  printf("  {member} at %zu size %zu\\n", offsetof({name}, {member}), '
                         f"sizeof((({name} *)0)->{member}));")
    for name in [*enumerators(header), "SIMDJWT_CHECK_COUNT", "SIMDJWT_NO_TIME"]:
        lines.append(f'  printf("{name} = %lld\\n", (long long){name});')
    return "\n".join([*lines, "  return 0;", "}", ""])


def layout(root, header, compiler):
    with tempfile.TemporaryDirectory() as folder:
        source, program = pathlib.Path(folder) / "layout.c", pathlib.Path(folder) / "layout"
        source.write_text(layout_program(header), encoding="ascii")
        subprocess.run([compiler, "-std=c11", f"-I{(root / HEADER).parent.parent}", source, "-o", program], check=True)
        numbers = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    return numbers + "".join(f"{prototype}\n" for prototype in declared_functions(header).values())


def check_layout(root, compiler, is_update=False):
    header = without_comments(tree.text(root / HEADER))
    actual, record = layout(root, header, compiler), root / RECORD
    if is_update:
        record.write_text(actual, encoding="ascii")
    recorded = tree.text(record).splitlines() if record.exists() else []
    changed = [f"gone: {line}" for line in recorded if line not in actual.splitlines()]
    changed += [f"new: {line}" for line in actual.splitlines() if line not in recorded]
    if not changed and recorded != actual.splitlines():
        changed.append("the order of members changed")
    return changed + [f"if this change of the ABI is meant: abi.py --update, and a new {VERSION}"] if changed else []


def check(root, library, compiler, is_update=False):
    header = without_comments(tree.text(root / HEADER))
    return check_symbols(header, exported_symbols(library)) + check_layout(root, compiler, is_update)


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    tree.answer(check(tree.root_argument(), sys.argv[2], sys.argv[3], "--update" in sys.argv[4:]),
                "the ABI is the recorded one")
