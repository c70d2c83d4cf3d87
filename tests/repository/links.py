#!/usr/bin/env python3
"""Checks that every relative link of README.md and docs/ leads to a file, and to a heading where it names one.

Usage: links.py ROOT
"""
import re
import sys

import tree

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)


def without_code(markdown):
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", markdown, flags=re.DOTALL | re.MULTILINE))


def anchors(markdown):
    """The anchors of the headings, as GitHub makes them."""
    found = set()
    for heading in re.findall(r"^#+\s+(.*?)\s*$", re.sub(r"^```.*?^```", "", markdown, flags=re.DOTALL | re.MULTILINE),
                              re.MULTILINE):
        anchor = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")
        found.add(anchor if anchor not in found else f"{anchor}-{sum(a.startswith(anchor) for a in found)}")
    return found


def check(root):
    problems = []
    documents = [path for path in [root / "README.md"] if path.exists()] + list(tree.files(root, ".md", under="docs"))
    for path in documents:
        name = path.relative_to(root).as_posix()
        for pair in LINK.findall(without_code(tree.text(path))):
            link = pair[0] or pair[1]
            if re.match(r"[a-z][a-z0-9+.-]*:", link):
                continue
            file, _, anchor = link.partition("#")
            target = (path.parent / file) if file else path
            if not target.exists():
                problems.append(f"{name}: {link} leads nowhere")
            elif root not in [*target.resolve().parents, target.resolve()]:
                problems.append(f"{name}: {link} leads out of the tree")
            elif anchor and target.suffix == ".md" and anchor not in anchors(tree.text(target)):
                problems.append(f"{name}: {link}: no such heading")
    return problems


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    tree.answer(check(tree.root_argument()), "every relative link leads somewhere")
