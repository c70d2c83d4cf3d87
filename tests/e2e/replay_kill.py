#!/usr/bin/env python3
"""kill -9 at random moments: what each durability level promises to be refused after a restart is refused.

Usage: replay_kill.py SIMDJWT_TEST_REPLAY

SIMDJWT_E2E_KILLS (500) processes of each level are killed: while they recover, while they write, between. The kernel
outlives them; what a power failure may do besides is in docs/decisions/0018.

none      everything is forgotten, and a tenth of the kills shows it
interval  what the journal had on the disk is refused; what it had not is no older than interval_ms and a write: some
          processes live for many intervals, so that older uses are there to be offered again
strict    whatever was accepted is refused; many threads answer, and share their syncs

Behind some kills a torn tail is made: the beginning of a block at the end of a file. The next process cuts it, and says so.
"""
import os
import random
import struct
import sys
import tempfile
import time

from replay_support import PATIENCE, Place, token

KILLS = int(os.environ.get("SIMDJWT_E2E_KILLS", "500"))
INTERVAL_MS = 40
# What a use may be older, besides two measured writes: a thread of a busy machine that is not woken in time.
LATE_MS = 150 * PATIENCE
THREADS = {"none": 1, "interval": 1, "strict": 8}
NEW_TOKENS = 600
OLD_TOKENS = 400


class Level:
    """What was accepted, and what of it has to be refused from now on."""

    def __init__(self, name):
        self.name = name
        self.accepted = {}  # jti: when, of its last process
        self.durable = set()
        self.wrong = []
        self.forgotten_ms = []
        self.kept_ms = []
        self.write_ms = 0.0
        self.backlog = []  # to be offered again
        self.recoveries_us = []
        self.cut = self.planted = self.early = self.replays = self.uses = 0

    def take(self, jtis, lines, killed_at):
        """The answers of one process to these tokens."""
        order, written, answered = [], 0, set()
        for line in lines:
            jti = jtis[int(line[-1])]
            answered.add(jti)
            if line[0] != "accepted":
                if line[1] != "token_replayed":
                    self.wrong.append(f"{jti}: {line}")
                self.replays += 1
                if jti in self.accepted:
                    self.kept_ms.append(self.accepted[jti][1])
                continue
            if jti in self.durable:
                self.wrong.append(f"{jti} was accepted twice")
            elif jti in self.accepted:
                self.forgotten_ms.append(self.accepted[jti][1])
            self.uses += 1
            written = max(written, int(line[2]))
            order.append(jti)
            self.accepted[jti] = (int(line[1]), (killed_at - int(line[1])) / 1e6)
        if self.name == "strict":
            self.durable.update(order)
        elif self.name == "interval":
            self.durable.update(order[:written])
        self.backlog = order + [jti for jti in jtis if jti in self.accepted and jti not in answered]

    def age_limit_ms(self):
        return INTERVAL_MS + 2 * self.write_ms + LATE_MS

    def report(self, seconds):
        recoveries = sorted(self.recoveries_us)
        text = (f"{self.name}: {len(recoveries) + self.early} processes killed, {self.early} of them while they opened; "
                f"{self.uses} uses accepted, {self.replays} replays refused; {self.cut} bytes of torn tails cut; recovery "
                f"{recoveries[len(recoveries) // 2]} us in the middle, {recoveries[-1]} at most")
        ages = sorted(self.forgotten_ms)
        if self.name == "none":
            text += f"; {len(ages)} accepted again: without a journal everything is forgotten, as the level says"
        elif self.name == "interval":
            text += f"; {len(ages)} accepted again"
            if ages:
                text += f", which were {ages[len(ages) // 2]:.1f} ms old in the middle, {ages[-1]:.1f} at most"
            text += (f"; {sum(age > self.age_limit_ms() for age in self.kept_ms)} times a use older than "
                     f"{self.age_limit_ms():.0f} ms was offered and refused; a write took {self.write_ms:.1f} ms at most")
        print(f"{text}; {seconds:.1f} s", flush=True)


def measure_write(folder):
    """Milliseconds of one write and sync."""
    begin = time.monotonic()
    with open(os.path.join(folder, "measured"), "ab", buffering=0) as file:
        file.write(bytes(4096))
        os.fdatasync(file.fileno())
    return 1000 * (time.monotonic() - begin)


def tear(place, chance):
    """What a crash in the middle of a write leaves: the beginning of a block. How many bytes; 0 without a file."""
    names = [name for name in os.listdir(place.journal) if name.startswith("uses.")]
    # A file without a whole header would go as a whole.
    paths = [path for path in (os.path.join(place.journal, name) for name in names) if os.path.getsize(path) >= 48]
    if not paths:
        return 0
    tail = struct.pack("<4sIQ", b"sjwB", 40, chance.randrange(100)) + chance.randbytes(960)
    tail = tail[:chance.randrange(1, len(tail))]
    with open(chance.choice(paths), "ab") as file:
        file.write(tail)
    return len(tail)


def run_round(level, place, chance, number):
    old = level.backlog[:OLD_TOKENS]
    rest = level.backlog[OLD_TOKENS:]
    if level.accepted:
        old += chance.sample(sorted(level.accepted), min(20, len(level.accepted)))
    jtis = list(dict.fromkeys(old)) + [f"{level.name}-{number}-{i}" for i in range(NEW_TOKENS)]
    torn = tear(place, chance) if level.name != "none" and chance.random() < 0.2 and os.path.isdir(place.journal) else 0
    gateway = place.open(THREADS[level.name])
    gateway.send(map(token, jtis))
    if not torn and chance.random() < 0.1:
        time.sleep(chance.random() * 0.01)
        lines, when = gateway.kill()
        if not lines:
            level.early += 1
            return
        opened, lines = tuple(map(int, lines[0][1:])), lines[1:]
    else:
        opened = gateway.opened()
        if level.name == "interval" and chance.random() < 0.2:
            level.write_ms = max(level.write_ms, measure_write(os.path.dirname(place.journal)))
            time.sleep(chance.random() * max(15 * INTERVAL_MS, 2 * level.age_limit_ms()) / 1000)
        else:
            time.sleep(chance.random() * 2.5 * INTERVAL_MS / 1000)
        lines, when = gateway.kill()
    if opened[1] < torn:
        level.wrong.append(f"{torn} bytes of a torn tail, and {opened[1]} were cut")
    level.planted += torn
    level.cut += opened[1]
    level.recoveries_us.append(opened[2])
    level.take(jtis, lines, when)
    level.backlog += rest


def run_level(name, kills, chance):
    begin = time.monotonic()
    level = Level(name)
    with tempfile.TemporaryDirectory() as folder:
        place = Place(folder, name, INTERVAL_MS)
        for number in range(kills):
            run_round(level, place, chance, number)
        # At the end everything, to a process that lives.
        jtis = sorted(level.accepted)
        for at in range(0, len(jtis), 2000):
            gateway = place.open(THREADS[name])
            gateway.opened()
            some = jtis[at:at + 2000]
            gateway.send(map(token, some))
            level.take(some, [gateway.line() for _ in some], time.monotonic_ns())
            assert gateway.end() == 0
    level.report(time.monotonic() - begin)
    problems = level.wrong
    late = [age for age in level.forgotten_ms if age > level.age_limit_ms()]
    if name == "interval" and late:
        problems.append(f"accepted again, and older than interval_ms and a write: {late}")
    if name == "interval" and not any(age > level.age_limit_ms() for age in level.kept_ms):
        problems.append("no use was offered that is older than interval_ms and a write")
    if name != "none" and not level.cut >= level.planted > 0:
        problems.append(f"{level.planted} bytes of torn tails were made, and {level.cut} were cut")
    if name == "strict" and level.forgotten_ms:
        problems.append(f"{len(level.forgotten_ms)} accepted again")
    if name == "none" and not level.forgotten_ms:
        problems.append("nothing was forgotten: is something else keeping it?")
    if not level.uses or name != "none" and not level.replays:
        problems.append("nothing was tried")
    return [f"{name}: {problem}" for problem in problems]


def main():
    seed = int(os.environ.get("SIMDJWT_E2E_SEED", str(random.randrange(1 << 32))))
    print(f"SIMDJWT_E2E_SEED={seed}", flush=True)
    chance = random.Random(seed)
    problems = []
    for name, kills in (("none", max(KILLS // 10, 5)), ("interval", KILLS), ("strict", KILLS)):
        problems += run_level(name, kills, chance)
    for problem in problems[:20]:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
