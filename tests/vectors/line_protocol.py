"""The line protocol `simdjwt verify --jsonl`, as the test drivers speak it.

A Case is one request and what must come back. `Client` owns one process and asks it one line at a time; `replay` runs
many cases through one process and judges answers, order and time. Standard library only.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

OK = ()  # expected: accepted
SKIP = ("<skip>",)  # expected: {"skip": true}, a feature that is not built yet
SLOW_MS = float(os.environ.get("SIMDJWT_CASE_LIMIT_MS", "50"))  # builds with sanitizers get more
ATTEMPTS_WHEN_SLOW = 3


class Raw(str):
    """JSON text that goes into a request as it stands: for documents json.dumps cannot spell."""


@dataclass(frozen=True)
class Case:
    """One request. `expect` is OK, SKIP, or the names of the errors of which one must be the answer."""

    row: str
    clause: str
    description: str
    request: dict = field(compare=False)
    expect: tuple = OK
    in_order: bool = False  # the answer depends on the cases before it that say so too

    def __str__(self):
        return f"[{self.row}] {self.description} ({self.clause})"


def names(expect):
    """Turns None, one name or a list of names into the `expect` of a Case."""
    if expect is None:
        return OK
    return (expect,) if isinstance(expect, str) else tuple(expect)


def encode(request):
    """One line of JSON for a request; top-level members that are Raw are written as they stand."""
    members = []
    for name, value in request.items():
        text = value if isinstance(value, Raw) else json.dumps(value)
        members.append(f"{json.dumps(name)}:{text}")
    return "{" + ",".join(members) + "}"


def judge(case, answer, case_id):
    """None when the answer is right, else one line of text."""
    if not isinstance(answer, dict) or answer.get("id") != case_id:
        return f"answer out of order or without its id: {answer}"
    got = verdict_of(answer)
    if got is None:
        return f"neither ok nor an error nor skip: {answer}"
    if case.expect == OK:
        return None if got == "ok" else f"expected ok, got {got}"
    return None if got in case.expect else f"expected {' or '.join(case.expect)}, got {got}"


def verdict_of(answer):
    """'ok', '<skip>', the name of the error, or None when the answer is not well formed."""
    if answer.get("skip") is True:
        return SKIP[0]
    if answer.get("ok") is True:
        return None if answer.get("error") else "ok"
    if answer.get("ok") is False and isinstance(answer.get("error"), str):
        return answer["error"]
    return None


class Client:
    """One long-lived process; a line in, a line out."""

    def __init__(self, binary):
        self.process = subprocess.Popen(
            [binary, "verify", "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        self.reader = self.process.stdout
        self.buffer = bytearray()

    def ask(self, line):
        """Sends one line; returns the answer and the milliseconds it took."""
        data = line.encode() + b"\n"
        start = time.perf_counter()
        self._send(data)
        answer = self._receive()
        return json.loads(answer), (time.perf_counter() - start) * 1000.0

    def _send(self, data):
        view = memoryview(data)
        while view:
            view = view[self.process.stdin.write(view) :]

    def _receive(self):
        while (end := self.buffer.find(b"\n")) < 0:
            chunk = self.reader.read(1 << 16)
            if not chunk:
                raise EOFError(f"the process ended with status {self.process.wait()}")
            self.buffer += chunk
        line = bytes(self.buffer[:end])
        del self.buffer[: end + 1]
        return line

    def close(self):
        """Ends the input and waits; returns the exit status."""
        self.process.stdin.close()
        status = self.process.wait(timeout=10)
        self.reader.close()
        return status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.close()


@dataclass
class Report:
    """What came of a replay."""

    cases: int = 0
    failures: list = field(default_factory=list)
    rows: OrderedDict = field(default_factory=OrderedDict)
    slowest_ms: float = 0.0
    slowest: object = None

    def add(self, case, problem, elapsed):
        self.cases += 1
        counts = self.rows.setdefault(case.row, [0, 0])
        counts[0] += 1
        if problem is None:
            counts[1] += 1
        else:
            self.failures.append((case, problem))
        if elapsed > self.slowest_ms:
            self.slowest_ms, self.slowest = elapsed, case

    def print(self, limit=100):
        for row, (total, passed) in self.rows.items():
            print(f"{row}: {total} cases, {passed} passed")
        for case, problem in self.failures[:limit]:
            print(f"FAIL {case}: {problem}")
            print(f"     {encode(case.request)[:600]}")
        if len(self.failures) > limit:
            print(f"... and {len(self.failures) - limit} more")
        print(
            f"total: {self.cases} cases, {self.cases - len(self.failures)} passed, "
            f"slowest {self.slowest_ms:.2f} ms ({self.slowest})"
        )


def fastest_of(binary, line):
    """The best of a few tries in fresh processes: tells a slow case from a busy machine."""
    best = float("inf")
    for _ in range(ATTEMPTS_WHEN_SLOW):
        with Client(binary) as client:
            client.ask('{"id":"warm-up"}')
            best = min(best, client.ask(line)[1])
    return best


def replay(binary, cases):
    """Asks all cases of one process, one after the other; a case is slow when it stays slow in a fresh process."""
    report = Report()
    with Client(binary) as client:
        for number, case in enumerate(cases):
            case_id = f"case-{number}"
            line = encode({"id": case_id, **case.request})
            try:
                answer, elapsed = client.ask(line)
            except (EOFError, BrokenPipeError, ValueError) as error:
                report.add(case, f"no answer: {error}", 0.0)
                break
            problem = judge(case, answer, case_id)
            if elapsed > SLOW_MS:
                elapsed = fastest_of(binary, line)
                problem = problem or (f"took {elapsed:.1f} ms" if elapsed > SLOW_MS else None)
            report.add(case, problem, elapsed)
    return report


def replay_at_once(binary, cases):
    """Writes every line before it waits for an answer; returns the failures: answers must come in order."""
    lines = [encode({"id": f"case-{n}", **case.request}) + "\n" for n, case in enumerate(cases)]
    process = subprocess.Popen([binary, "verify", "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    writer = threading.Thread(target=_feed, args=(process.stdin, "".join(lines).encode()))
    writer.start()
    answers = process.stdout.read().splitlines()
    writer.join()
    failures = [] if process.wait() == 0 else [(None, f"exit status {process.returncode}")]
    if len(answers) != len(cases):
        failures.append((None, f"{len(cases)} lines in, {len(answers)} out"))
    for number, (case, answer) in enumerate(zip(cases, answers)):
        problem = judge(case, json.loads(answer), f"case-{number}")
        if problem:
            failures.append((case, problem))
    return failures


def _feed(pipe, data):
    try:
        pipe.write(data)
        pipe.close()
    except BrokenPipeError:
        pass


def binary_argument(doc):
    """The path of the program under test from the command line, or a usage message."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} BINARY\n\n{doc}")
    return sys.argv[1]


def finish(report):
    """Prints a report and exits: 0 only when every case passed."""
    report.print()
    sys.exit(1 if report.failures or report.cases == 0 else 0)
