"""What the tests of the command line share: running it, and making tokens by hand.

Every script takes the path of the binary as its first argument: /usr/bin/python3 -B test_verify.py build/dev/bin/simdjwt
"""
import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
import tempfile
import unittest

BINARY = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ""
NOW = 1_700_000_000
SECRET = b"0123456789abcdef0123456789abcdef"


def b64(data):
    if isinstance(data, str):
        data = data.encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def hs256(claims, header=None, secret=SECRET):
    """A token by Python's own HMAC: nothing of the binary under test is in it. Strings are taken as they are."""
    header = {"alg": "HS256", "typ": "JWT"} if header is None else header
    parts = [b64(part if isinstance(part, (str, bytes)) else compact(part)) for part in (header, claims)]
    tag = hmac.new(secret, ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join(parts + [b64(tag)])


def oct_jwk(secret=SECRET, **members):
    return {"kty": "oct", "k": b64(secret), **members}


def claims(**changes):
    out = {"iss": "https://as.example", "aud": "https://api.example", "sub": "alice", "exp": NOW + 60, **changes}
    return {name: value for name, value in out.items() if value is not None}


class CliTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def file(self, name, content):
        if isinstance(content, (dict, list)):
            content = compact(content)
        with open(self.path(name), "wb") as out:
            out.write(content if isinstance(content, bytes) else content.encode())
        return self.path(name)

    def run_cli(self, *arguments, stdin="", code=0):
        """The standard output; the exit code must be `code`, and standard error is kept in self.stderr."""
        stdin = stdin if isinstance(stdin, bytes) else stdin.encode()
        result = subprocess.run([BINARY, *arguments], input=stdin, capture_output=True, timeout=300, check=False)
        self.stderr = result.stderr.decode()
        shown = f"{arguments}\nstdout: {result.stdout.decode(errors='replace')}\nstderr: {self.stderr}"
        self.assertEqual(result.returncode, code, shown)
        return result.stdout.decode()

    def run_json(self, *arguments, stdin="", code=0):
        return json.loads(self.run_cli(*arguments, "--json", stdin=stdin, code=code))

    def rule(self, *more):
        """Options that accept what claims() and hs256() make."""
        key = self.file("key.jwk", oct_jwk())
        return ["--jwk", key, "--issuer", "https://as.example", "--audience", "https://api.example", "--alg", "HS256",
                "--typ", "JWT", "--now", str(NOW), *more]


def main():
    if not BINARY:
        sys.exit("usage: test_*.py PATH-OF-SIMDJWT")
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
