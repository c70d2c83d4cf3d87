"""2,000 and more mixed cases from one `verify --jsonl` process: in order, the right answers, none slower than 50 ms.

All cases of the RFCs, of other implementations and of the attack table, and thousands of uses of tokens that may be used
once, in an order that is shuffled but always the same, first asked one by one with a clock, then written at once.
"""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "vectors"))

from attacks import all_cases  # noqa: E402
from attacks.replay import storm_cases  # noqa: E402
from data import committed_cases  # noqa: E402
from line_protocol import SLOW_MS, binary_argument, replay, replay_at_once  # noqa: E402

CASES = 2000


def mixed_cases(binary):
    cases = committed_cases(binary) + all_cases() + storm_cases()
    ordered = iter([case for case in cases if case.in_order])
    random.Random(2000).shuffle(cases)
    # Those that must stay in order take the places of their kind, one after the other.
    return [next(ordered) if case.in_order else case for case in cases]


def main():
    binary = binary_argument(__doc__)
    cases = mixed_cases(binary)
    report = replay(binary, cases)
    failures = [*report.failures, *replay_at_once(binary, cases)]
    for case, problem in failures[:50]:
        print(f"FAIL {case}: {problem}")
    print(
        f"{report.cases} mixed cases from one process, {len(failures)} failures, "
        f"slowest {report.slowest_ms:.2f} ms ({report.slowest}); limit {SLOW_MS:.0f} ms"
    )
    sys.exit(1 if failures or report.cases < CASES else 0)


if __name__ == "__main__":
    main()
