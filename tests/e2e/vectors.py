"""The vectors of the RFCs and of independent implementations, driven through one `verify --jsonl` process."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "vectors"))

from data import committed_cases  # noqa: E402
from line_protocol import binary_argument, finish, replay  # noqa: E402

if __name__ == "__main__":
    program = binary_argument(__doc__)
    finish(replay(program, committed_cases(program)))
