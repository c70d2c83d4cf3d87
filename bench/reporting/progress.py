"""Shows how far a run is: one line that renews itself on a terminal, plain lines elsewhere."""
import shutil
import sys
import time


def duration(seconds):
    seconds = max(0, round(seconds))
    return f"{seconds // 60}:{seconds % 60:02d}"


class Progress:
    """Work is counted in expected seconds: add() it before it starts, step() it off when it is done."""

    def __init__(self, out=sys.stderr):
        self.out, self.is_terminal = out, out.isatty()
        self.expected = self.done = 0.0
        self.begin = time.monotonic()
        self.last_line, self.last_shown = "", 0.0
        self.running = 0.0

    def add(self, seconds):
        self.expected += seconds

    def step(self, seconds):
        self.done += seconds
        self.running = 0.0

    def within(self, elapsed, seconds):
        """A step of about `seconds` has been running for `elapsed`."""
        self.running = min(elapsed, 0.95 * seconds)

    def remaining(self):
        elapsed = time.monotonic() - self.begin
        done = self.done + self.running
        pace = elapsed / done if done > 1 else 1.0
        return (self.expected - done) * pace

    def show(self, item):
        """Says what is being done now; on a terminal as often as wanted, elsewhere each item once."""
        now = time.monotonic()
        part = min(1.0, (self.done + self.running) / self.expected) if self.expected else 0.0
        if not self.is_terminal:
            # Not more than a line in five seconds, unless the kind of work changes.
            kind = item.split(":")[0]
            if kind != self.last_line or now - self.last_shown > 5:
                print(f"[{100 * part:3.0f}%] {item} (about {duration(self.remaining())} left)", file=self.out, flush=True)
                self.last_line, self.last_shown = kind, now
            return
        if now - self.last_shown < 0.1:
            return
        width = shutil.get_terminal_size().columns
        cells = 24
        full = round(cells * part)
        line = f"{'█' * full}{'░' * (cells - full)} {100 * part:3.0f}%  {duration(self.remaining())} left  {item}"
        print("\r" + line[: width - 1].ljust(width - 1), end="", file=self.out, flush=True)
        self.last_shown = now

    def finish(self):
        if self.is_terminal:
            print("\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r", end="", file=self.out, flush=True)
