#!/usr/bin/env python3
"""Disks that fail under a journal: uses are refused while it lasts, nothing accepted is forgotten, and the journal comes
back by itself, without a restart.

Usage: replay_disk.py SIMDJWT_TEST_REPLAY

A full disk is a real one, a tmpfs of 1 MiB; that needs the right to mount, and says so where it is missing. A write or a
sync that fails with EIO is made by the test program.
"""
import errno
import os
import subprocess
import tempfile
import time
import unittest

from replay_support import GATEWAY, PATIENCE, Place, token

COMES_BACK_S = 10 * PATIENCE


class Tmpfs:
    """None where this process may not mount."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "disk")
        os.mkdir(self.path)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "simdjwt-test", self.path],
                              capture_output=True, text=True, check=False)
        self.problem = done.stderr.strip() if done.returncode else None

    def fill(self):
        with open(self.path + "/filler", "wb", buffering=0) as file:
            for size in (65536, 1):
                try:
                    while file.write(b"\1" * size):
                        pass
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def free(self):
        os.unlink(self.path + "/filler")

    def unmount(self):
        subprocess.run(["umount", self.path], check=True)


class Disk(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.accepted = []
        self.next = 0

    def one_more(self, gateway):
        """Whether a token that was never seen is accepted; None when it is not known."""
        self.next += 1
        one = f"t{self.next}"
        line = gateway.ask(token(one))
        if line[0] == "accepted":
            self.accepted.append(one)
            return True
        self.assertEqual(line[1], "store_unavailable")
        return False

    def until(self, gateway, wanted):
        """Milliseconds until a new token is, or is not, accepted."""
        begin = time.monotonic()
        while self.one_more(gateway) != wanted:
            self.assertLess(time.monotonic() - begin, COMES_BACK_S, f"no token was {'accepted' if wanted else 'refused'}")
            time.sleep(0.002)
        return 1000 * (time.monotonic() - begin)

    def go_through(self, level, fail, repair, number, journal=None):
        place = Place(self.folder, level, 10, journal)
        gateway = place.open()
        gateway.opened()
        for _ in range(20):
            self.assertTrue(self.one_more(gateway))
        fail(place)
        refused_after = self.until(gateway, False)
        for _ in range(20):
            self.assertFalse(self.one_more(gateway))
        time.sleep(0.3)  # some tries of the journal's own
        self.assertFalse(self.one_more(gateway))
        failures, refused, waiting, last = gateway.counts()
        self.assertEqual(last, number, os.strerror(last))
        self.assertGreaterEqual(failures, 2)
        self.assertGreaterEqual(refused, 21)
        if level == "strict":
            self.assertEqual(waiting, 0)
        # A token that was refused has not been used.
        repair(place)
        back_after = self.until(gateway, True)
        again = token(f"t{self.next - 1}")
        if f"t{self.next - 1}" not in self.accepted:
            self.assertEqual(gateway.ask(again)[0], "accepted")
        for one in self.accepted:
            self.assertEqual(gateway.ask(token(one)), ["refused", "token_replayed"])
        deadline = time.monotonic() + COMES_BACK_S
        while gateway.counts()[2] != 0:
            self.assertLess(time.monotonic(), deadline, "what waits is not written")
        gateway.kill()
        # Nothing that was accepted, before, while it failed or after, is accepted by the next process.
        gateway = place.open()
        gateway.opened()
        for one in self.accepted:
            self.assertEqual(gateway.ask(token(one)), ["refused", "token_replayed"])
        self.assertTrue(self.one_more(gateway))
        self.assertEqual(gateway.end(), 0)
        print(f"{self.id().split('.')[-1]}: refused {refused_after:.0f} ms after the failure, {failures} tries while it "
              f"lasted, accepted {back_after:.0f} ms after the repair; {len(self.accepted)} uses, none accepted twice",
              flush=True)

    def break_with(self, level, what):
        self.go_through(level, lambda place: place.broken.write_text(what), lambda place: place.broken.unlink(), errno.EIO)

    def test_write_error_interval(self):
        self.break_with("interval", "write")

    def test_write_error_strict(self):
        self.break_with("strict", "write")

    def test_sync_error_interval(self):
        self.break_with("interval", "sync")

    def test_sync_error_strict(self):
        self.break_with("strict", "sync")

    def fill_disk(self, level):
        disk = Tmpfs(self.folder)
        if disk.problem:
            self.skipTest(f"a full disk needs the right to mount a tmpfs: {disk.problem}")
        self.addCleanup(disk.unmount)
        self.go_through(level, lambda _: disk.fill(), lambda _: disk.free(), errno.ENOSPC, disk.path + "/journal")

    def test_full_disk_interval(self):
        self.fill_disk("interval")

    def test_full_disk_strict(self):
        self.fill_disk("strict")

    # A disk that is full when the process comes up: it does not pretend to be able to write.
    def test_full_disk_at_start(self):
        disk = Tmpfs(self.folder)
        if disk.problem:
            self.skipTest(f"a full disk needs the right to mount a tmpfs: {disk.problem}")
        self.addCleanup(disk.unmount)
        disk.fill()
        gateway = Place(self.folder, "strict", journal=disk.path + "/journal").open()
        self.assertEqual(gateway.end(), 2)
        disk.free()
        gateway = Place(self.folder, "strict", journal=disk.path + "/journal").open()
        gateway.opened()
        self.assertTrue(self.one_more(gateway))
        self.assertEqual(gateway.end(), 0)


if __name__ == "__main__":
    if not GATEWAY:
        raise SystemExit(__doc__)
    unittest.main(argv=["replay_disk.py"])
