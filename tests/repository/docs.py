#!/usr/bin/env python3
"""Checks the documents and the tree against the code.

Usage: docs.py ROOT SIMDJWT [--update]

docs/errors.md holds the table that `simdjwt errors` prints (--update writes it); docs/policy.md names every member that
the policy compiler knows; nothing is left to be done, no path of a machine is in the tree, every header of the engine
says what it is, and no file is too long.
"""
import re
import subprocess
import sys

import tree

ERRORS = "docs/errors.md"
POLICY = "docs/policy.md"
COMPILER = "engine/validator/policy_compiler.cc"
FETCH = "engine/validator/policy_fetch.cc"
REPLAY = "engine/validator/policy_replay.cc"
TABLE_START = "## 0x01"
MAX_LINES = 500
CODE = (".h", ".cc", ".c", ".inc", ".py", ".cmake")
# The whole contract of the C API is one file.
LONG = {"engine/include/simdjwt/simdjwt.h"}
# Made by others, or bytes of any kind.
FOREIGN = ("tests/vectors/", "fuzz/corpus/", "LICENSE")
# In pieces, so that this file does not hold them.
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX"]) + r")\b")
MACHINE_PATH = re.compile(r"(?<![\w./:-])/(?:" + "|".join(["work", "root", "home"]) + r")\b")


def check_errors(root, table, is_update=False):
    path = root / ERRORS
    if not path.exists():
        return [f"{ERRORS} is not there"]
    document = tree.text(path)
    preface = document.split(TABLE_START)[0]
    if is_update:
        path.write_text(preface + table, encoding="utf-8")
        return []
    if document == preface + table:
        return []
    old, new = set(document.splitlines()), set((preface + table).splitlines())
    return ([f"{ERRORS} has and simdjwt does not say: {line}" for line in sorted(old - new)] +
            [f"simdjwt says and {ERRORS} does not have: {line}" for line in sorted(new - old)] or
            [f"{ERRORS} is in another order than simdjwt errors"])


def policy_members(source):
    members = []
    for names in re.findall(r"(?:allow_only\(|kReserved\[\] = )\{(.*?)\}", source, flags=re.DOTALL):
        members += re.findall(r'"(\w+)"', names)
    return members


def check_policy(root):
    document = tree.text(root / POLICY)
    members = []
    for source, least in ((COMPILER, 20), (FETCH, 10), (REPLAY, 15)):
        found = policy_members(tree.text(root / source))
        if len(found) < least:
            return [f"{source}: only {len(found)} members found; has the way it names them changed?"]
        members += found
    return [f"{POLICY} does not mention {name}" for name in members
            if f"`{name}`" not in document and f'"{name}":' not in document]


def check_text(root):
    problems = []
    for path in tree.files(root):
        name = path.relative_to(root).as_posix()
        if name.startswith(FOREIGN) or b"\0" in path.read_bytes()[:4096]:
            continue
        for number, line in enumerate(tree.text(path).splitlines(), 1):
            for pattern, what in ((UNFINISHED, "is left to be done"), (MACHINE_PATH, "is a path of some machine")):
                if found := pattern.search(line):
                    problems.append(f"{name}:{number}: {found[0]} {what}")
    return problems


def check_files(root):
    problems = []
    for path in tree.files(root, *CODE):
        name = path.relative_to(root).as_posix()
        content = tree.text(path)
        if name.startswith("engine/") and path.suffix == ".h" and not content.startswith(("// ", "/*\n", "/* ")):
            problems.append(f"{name} does not say what it is")
        lines = content.count("\n")
        if lines > MAX_LINES and name not in LONG and not name.startswith(FOREIGN):
            problems.append(f"{name} has {lines} lines, more than {MAX_LINES}")
    return problems


def check(root, table, is_update=False):
    return check_errors(root, table, is_update) + check_policy(root) + check_text(root) + check_files(root)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    printed = subprocess.run([sys.argv[2], "errors"], capture_output=True, text=True, check=True).stdout
    tree.answer(check(tree.root_argument(), printed, "--update" in sys.argv[3:]), "documents and code agree")
