"""What the checks of this folder share: the files of a source tree, and how a check answers."""
import pathlib
import sys

SKIPPED = {".git", "build", "__pycache__", ".cache", ".ccache"}


def files(root, *suffixes, under="."):
    """The files of the tree with one of the suffixes (all, without one), in order; build output is not looked at."""
    for path in sorted((root / under).rglob("*")):
        inner = path.relative_to(root)
        if path.is_file() and not SKIPPED & set(inner.parts) and (not suffixes or path.suffix in suffixes):
            yield path


def text(path):
    return path.read_text(encoding="utf-8", errors="replace")


def answer(problems, passed):
    """Prints the problems, or `passed`, and ends the program with the status that says so."""
    for problem in problems:
        print(problem)
    if not problems:
        print(passed)
    sys.exit(1 if problems else 0)


def root_argument():
    return pathlib.Path(sys.argv[1]).resolve()
