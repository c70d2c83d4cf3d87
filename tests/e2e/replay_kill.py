#!/usr/bin/env python3
"""kill -9 at random moments: what each durability level promises to be refused after a restart is refused.

Usage: replay_kill.py SIMDJWT_TEST_REPLAY

SIMDJWT_E2E_KILLS (500) processes of each level are killed: while they recover, while they write, between. The kernel
outlives them; what a power failure may do besides is in docs/decisions/0018.

none      everything is forgotten, and a tenth of the kills shows it
interval  what the journal had on the disk is refused; what it had not is as old as interval_ms and a write
strict    whatever was accepted is refused
"""
import os
import random
import sys
import tempfile
import time

from replay_support import PATIENCE, Place, token

KILLS = int(os.environ.get("SIMDJWT_E2E_KILLS", "500"))
INTERVAL_MS = 10
# Of the write behind the interval: generous, for the machine may be busy; the median and the maximum are printed.
WRITE_LIMIT_MS = 2000 * PATIENCE
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
        self.backlog = []  # to be offered again
        self.recoveries_us = []
        self.cut = self.early = self.replays = self.uses = 0

    def take(self, jtis, lines, killed_at):
        """The answers of one process to tokens in this order."""
        order, written = [], 0
        for jti, line in zip(jtis, lines):
            if line[0] != "accepted":
                self.replays += line[1] == "token_replayed"
                if line[1] != "token_replayed":
                    self.wrong.append(f"{jti}: {line}")
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
        self.backlog = order + [jti for jti in jtis[len(lines):] if jti in self.accepted]

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
        print(f"{text}; {seconds:.1f} s", flush=True)


def run_round(level, place, chance, number):
    old = level.backlog[:OLD_TOKENS]
    rest = level.backlog[OLD_TOKENS:]
    if level.accepted:
        old += chance.sample(sorted(level.accepted), min(20, len(level.accepted)))
    jtis = list(dict.fromkeys(old)) + [f"{level.name}-{number}-{i}" for i in range(NEW_TOKENS)]
    gateway = place.open()
    gateway.send(map(token, jtis))
    if chance.random() < 0.1:
        time.sleep(chance.random() * 0.01)
        lines, when = gateway.kill()
        if not lines:
            level.early += 1
            return
        opened, lines = tuple(map(int, lines[0][1:])), lines[1:]
    else:
        opened = gateway.opened()
        time.sleep(chance.random() * 0.025)
        lines, when = gateway.kill()
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
            gateway = place.open()
            gateway.opened()
            some = jtis[at:at + 2000]
            gateway.send(map(token, some))
            level.take(some, [gateway.line() for _ in some], time.monotonic_ns())
            assert gateway.end() == 0
    level.report(time.monotonic() - begin)
    problems = level.wrong
    late = [age for age in level.forgotten_ms if age > INTERVAL_MS + WRITE_LIMIT_MS]
    if name == "interval" and late:
        problems.append(f"accepted again, and older than interval_ms and a write: {late}")
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
