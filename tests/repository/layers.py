#!/usr/bin/env python3
"""Checks the layers from the #include lines: who may include whom, and which library stays in which module.

Usage: layers.py ROOT
"""
import pathlib
import re
import sys

import tree

MODULES = ["base", "codec", "json", "jose", "jwk", "signature", "claims", "policy", "validator", "challenge", "lease",
           "capi"]
# Libraries of their own, on top of the C API of the core: of the engine they see what tools may see.
LIBRARIES_ON_TOP = {"fetch", "fleet", "journal"}
TOOLS_MAY = {"base", "codec", "json"}  # of the engine; besides the C API
# A library and the places that may include it, as prefixes of paths.
LIBRARIES = {
    "simdjson": ("engine/json/",),
    "openssl": ("engine/jwk/", "engine/signature/", "engine/fetch/", "tools/simdjwt/crypto"),
    "absl": ("engine/",),
    "boost": ("engine/fetch/", "tools/"),
    "hiredis": ("engine/fleet/",),
}
# Files for one instruction set see intrinsics and the declaration of their kernels alone: an inline function of any other
# header would be a symbol that the linker may take for the whole program.
ISA_FILE = re.compile(r"_(?:avx2|avx512|neon|shani)\.cc$")
ISA_MAY = re.compile(r"(?:immintrin\.h|arm_neon\.h|\w+/\w+_kernel\.h)$")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def includes(path):
    return [quoted or angled for quoted, angled in INCLUDE.findall(tree.text(path))]


def check_libraries(name, included):
    library = re.split(r"[/.]", included)[0].lower()
    if library not in LIBRARIES:
        return None
    if not name.startswith(LIBRARIES[library]):
        return f"{name} includes {included}: {library} belongs in {', '.join(LIBRARIES[library]) or 'no module yet'}"
    if library == "absl" and not name.endswith(".cc"):
        return f"{name} includes {included}: abseil stays in .cc files"
    return None


def check_engine(name, included):
    own, other = name.split("/")[1], included.split("/")[0]
    if own in LIBRARIES_ON_TOP:
        return check_on_top(own, other, name, included)
    if own == "include":
        may = {"stdint.h"} | ({"simdjwt/simdjwt.h"} if not name.endswith("/simdjwt.h") else set())
        return f"{name} is installed and includes {included}" if included not in may else None
    if included == "simdjwt/simdjwt.h":
        return None if own == "capi" else f"{name} includes the C API, which only capi may"
    if own not in MODULES:
        return f"{name} is in a module that the layers do not know"
    if ISA_FILE.search(name) and not ISA_MAY.match(included):
        return f"{name} includes {included}: a file for one instruction set sees intrinsics and its kernel header only"
    if other in LIBRARIES_ON_TOP and "/" in included:
        return f"{name} includes {included}: {other} is a library on top of the core"
    if "/" in included and other in MODULES and MODULES.index(other) > MODULES.index(own):
        return f"{name} includes {included}: {other} is to the right of {own}"
    return None


def check_on_top(own, other, name, included):
    if "/" in included and other in MODULES and other not in TOOLS_MAY or other in LIBRARIES_ON_TOP - {own}:
        return f"{name} includes {included}: {own} uses the C API and {', '.join(sorted(TOOLS_MAY))}"
    return None


def check_tools(root, path, name, included):
    if included.startswith("simdjwt/") or "/" not in included:
        return None
    first = included.split("/")[0]
    if (root / "engine" / included).exists() and first not in TOOLS_MAY:
        return f"{name} includes {included}: tools use the C API and {', '.join(sorted(TOOLS_MAY))}"
    if first == ".." or (path.parent / included).exists() and ".." in included:
        return f"{name} includes {included} by a relative path"
    return None


def find_cycle(graph):
    """A cycle in a graph of names, or nothing."""
    state = {}

    def visit(node, trail):
        state[node] = "open"
        for other in graph.get(node, ()):
            if state.get(other) == "open":
                return trail + [node, other]
            if other not in state and (found := visit(other, trail + [node])):
                return found
        state[node] = "done"
        return None

    for node in sorted(graph):
        if node not in state and (found := visit(node, [])):
            return found
    return None


def check(root):
    problems, graph = [], {}
    for path in [*tree.files(root, ".h", ".cc", ".c", ".inc", under="engine"),
                 *tree.files(root, ".h", ".cc", ".c", under="tools")]:
        name = path.relative_to(root).as_posix()
        found = includes(path)
        for included in found:
            problems.append(check_libraries(name, included))
            if name.startswith("engine/"):
                problems.append(check_engine(name, included))
            else:
                problems.append(check_tools(root, path, name, included))
        if name.startswith("engine/"):
            graph[name] = ["engine/" + included for included in found if (root / "engine" / included).exists()]
    if cycle := find_cycle(graph):
        problems.append("a cycle: " + " -> ".join(cycle))
    if not graph:
        problems.append(f"{root} has no engine")
    return [problem for problem in problems if problem]


if __name__ == "__main__":
    if len(sys.argv) != 2 or not pathlib.Path(sys.argv[1]).is_dir():
        sys.exit(__doc__)
    tree.answer(check(tree.root_argument()), "every include keeps to its layer")
