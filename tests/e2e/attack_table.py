"""Every row of 'Attacks on a token or key', driven through one `verify --jsonl` process.

Each case must get the exact answer it names, in order, and none may take longer than 50 ms. Prints the counts per row;
exits 0 only when every case passed.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "vectors"))

from attacks import all_cases  # noqa: E402
from line_protocol import binary_argument, finish, replay  # noqa: E402

if __name__ == "__main__":
    finish(replay(binary_argument(__doc__), all_cases()))
