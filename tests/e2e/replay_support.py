"""What replay_*.py share: tokens that may be used once, a policy with a journal, and the gateway that accepts them.

Every replay_*.py takes the path of simdjwt_test_replay as its first argument.
"""
import base64
import fcntl
import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
import zlib
from pathlib import Path

GATEWAY = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ""
# What a sanitizer or a busy machine may take longer, as a factor on limits of time.
PATIENCE = float(os.environ.get("SIMDJWT_E2E_PATIENCE", "1"))
ISSUER = "https://as.example"
NOW = 1_800_000_000
SECRET = b"0123456789abcdef0123456789abcdef"
F_SETPIPE_SZ = 1031


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


HEADER = b64(compact({"alg": "HS256", "typ": "JWT"}))


def token(jti):
    """Of the lifetime, 1 to 400 s, that its name chooses: two or three generations are written at once."""
    exp = NOW + 1 + zlib.crc32(jti.encode()) % 400
    body = HEADER + b"." + b64(b'{"iss":"%s","aud":"a","exp":%d,"jti":"%s"}' % (ISSUER.encode(), exp, jti.encode()))
    return body + b"." + b64(hmac.new(SECRET, body, hashlib.sha256).digest())


class Place:
    """A policy, a key and the directory of a journal, in a folder."""

    def __init__(self, folder, level, interval_ms=100, journal=None):
        folder = Path(folder)
        self.journal = str(journal or folder / "journal")
        self.broken = folder / "broken"
        durability = {"level": level}
        if level != "none":
            durability["directory"] = self.journal
        if level == "interval":
            durability["interval_ms"] = interval_ms
        self.policy = folder / "policy.json"
        self.policy.write_bytes(compact({
            "version": 1,  # with room for all that 500 processes accept
            "replay": {"mode": "once", "memory_bytes": 1 << 24, "max_retention_s": 3600, "durability": durability},
            "issuers": [{"issuer": ISSUER, "algorithms": ["HS256"], "audiences": ["a"], "typ": "JWT"}]}))
        self.jwk = folder / "jwk.json"
        self.jwk.write_bytes(compact({"kty": "oct", "alg": "HS256", "k": b64(SECRET).decode()}))

    def open(self, threads=1):
        return Gateway([GATEWAY, self.policy, self.jwk, ISSUER, str(NOW), self.broken, str(threads)])


class Gateway:
    """The running program. Its pipes are large enough that nothing a test sends at once makes it or us wait."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        for pipe in (self.process.stdin, self.process.stdout):
            fcntl.fcntl(pipe, F_SETPIPE_SZ, 1 << 20)
        self._rest = b""

    def line(self):
        while b"\n" not in self._rest:
            some = self.process.stdout.read(65536)
            if not some:
                raise EOFError(f"the gateway has ended: {self.process.wait()}")
            self._rest += some
        line, self._rest = self._rest.split(b"\n", 1)
        return line.decode().split()

    def opened(self):
        """(recovered, cut bytes, microseconds)."""
        line = self.line()
        assert line[0] == "open", line
        return tuple(map(int, line[1:]))

    def send(self, tokens):
        self.process.stdin.write(b"".join(one + b"\n" for one in tokens))

    def ask(self, one):
        self.send([one])
        return self.line()[:-1]  # its number is that of the last line

    def counts(self):
        """(failures, refused, waiting, errno)."""
        return tuple(map(int, self.ask(b"?")[1:]))

    def kill(self):
        """Whole lines that it had said; the time of the kill, of the monotonic clock."""
        when = time.monotonic_ns()
        self.process.kill()
        said = self._rest
        while some := self.process.stdout.read(1 << 20):
            said += some
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        return [line.decode().split() for line in said.split(b"\n")[:-1]], when

    def end(self):
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.stdout.close()
        return self.process.wait()
