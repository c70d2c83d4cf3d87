"""What the tests of faults around the engine share: issuers with keys, a policy, and a gateway under traffic.

Every fetch_*.py takes the path of simdjwt_test_gateway as its first argument. SIMDJWT_E2E_RATE (5000) says how many
validations a second the gateway makes; sanitizers want fewer.
"""
import base64
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

sys.path.insert(0, str(Path(__file__).resolve().parent / "servers"))

from faults import FaultServer, Route  # noqa: E402

GATEWAY = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ""
RATE = int(os.environ.get("SIMDJWT_E2E_RATE", "5000"))
# What a sanitizer or a busy machine may take longer, as a factor on limits of time.
PATIENCE = float(os.environ.get("SIMDJWT_E2E_PATIENCE", "1"))
AUDIENCE = "https://api.example"
UNAVAILABLE = "keys_unavailable"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


class Key:
    """A key for ES256 (RFC 7518 §3.4)."""

    def __init__(self, kid):
        self.kid = kid
        self._private = ec.generate_private_key(ec.SECP256R1())

    def jwk(self):
        point = self._private.public_key().public_numbers()
        return {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": self.kid,
                "x": b64(point.x.to_bytes(32, "big")), "y": b64(point.y.to_bytes(32, "big"))}

    def sign(self, header, claims):
        message = f"{b64(compact(header))}.{b64(compact(claims))}".encode()
        r, s = decode_dss_signature(self._private.sign(message, ec.ECDSA(SHA256())))
        return f"{message.decode()}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


class Issuer:
    """An issuer whose key set a FaultServer serves, by default under /NAME/jwks."""

    def __init__(self, server, name):
        self.server, self.name = server, name
        self.url = f"{server.origin}/{name}"
        self.path = f"/{name}/jwks"
        self.keys = [Key(f"{name}-1")]
        self.route = server.routes[self.path] = Route()
        self.publish()

    def publish(self, keys=None):
        self.keys = self.keys if keys is None else keys
        self.route.body = {"keys": [key.jwk() for key in self.keys]}

    def serve_metadata(self, issuer=None):
        """OpenID Connect Discovery 1.0 §4."""
        body = {"issuer": issuer or self.url, "jwks_uri": self.server.origin + self.path}
        route = self.server.routes[f"/{self.name}/.well-known/openid-configuration"] = Route(body=body)
        return route

    def rule(self, **members):
        rule = {"issuer": self.url, "profile": "access-token", "algorithms": ["ES256"], "audiences": [AUDIENCE]}
        return rule | (members or {"jwks_uri": self.server.origin + self.path})

    def token(self, key=None, **changes):
        key = key or self.keys[0]
        now = int(time.time())
        claims = {"iss": self.url, "aud": AUDIENCE, "sub": "alice", "client_id": "app", "jti": os.urandom(8).hex(),
                  "iat": now - 1, "exp": now + 600, **changes}
        return key.sign({"alg": "ES256", "typ": "at+jwt", "kid": key.kid}, claims)

    def fetches(self):
        return len(self.server.times(self.path))


class Gateway:
    """simdjwt_test_gateway: see the head of gateway/main.cc for its commands."""

    def __init__(self, policy, rate=RATE, threads=1):
        self._policy = tempfile.NamedTemporaryFile("w", suffix=".json", delete=False)
        self._policy.write(json.dumps(policy))
        self._policy.close()
        self.started = time.monotonic()
        self._process = subprocess.Popen([GATEWAY, self._policy.name, str(rate), str(threads)], text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, *words):
        try:
            self._process.stdin.write(" ".join(map(str, words)) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(f"the gateway ended with {self._process.wait(10)} at: {words[0]}")
        answer = json.loads(line)
        if "failed" in answer:
            raise AssertionError(answer["failed"])
        return answer

    def swap(self, policy):
        """A new policy, under load."""
        Path(self._policy.name).write_text(json.dumps(policy), encoding="ascii")
        self.ask("policy", self._policy.name)

    def kill(self):
        """As a machine that loses power: no time to put anything in order."""
        self._process.kill()
        self._process.wait()

    def check(self, token):
        return self.ask("check", token)["error"]

    def health(self, issuer):
        """Of one issuer; the counts of the snapshot are kept in self.counts."""
        snapshot = self.snapshot()
        return next(health for health in snapshot["issuers"] if health["issuer"] == issuer.url)

    def snapshot(self):
        """And adds its counts to self.counts: (class, error) -> validations since forget()."""
        answer = self.ask("snapshot")
        for label, errors in answer["counts"].items():
            for error, count in errors.items():
                self.counts[label, error] = self.counts.get((label, error), 0) + count
        return answer

    counts = None

    def forget(self):
        """Counts anew, from what begins after this call: its threads hand over their counts every 20 ms."""
        time.sleep(0.06)
        self.counts = {}
        self.ask("snapshot")

    def close(self):
        if self._process.returncode is not None:  # killed
            self._process.stdin.close()
            self._process.stdout.close()
            os.unlink(self._policy.name)
            return
        try:
            self._process.stdin.write("quit\n")
            self._process.stdin.close()
            code = self._process.wait(30)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self._process.kill()
            code = self._process.wait()
        self._process.stdout.close()
        os.unlink(self._policy.name)
        if code != 0:
            raise AssertionError(f"the gateway ended with {code}")


def fetch_policy(**changes):
    """Quick enough for a test: seconds where the defaults have minutes."""
    return {"allow_http": True, "allow_private_addresses": True, "deadline_ms": 1000, "min_refresh_s": 1,
            "max_refresh_s": 1, "max_stale_s": 600, "cooldown_s": 1, "min_backoff_ms": 100, "max_backoff_s": 1,
            "host_requests_per_minute": 100000} | changes


def policy(rules, cache=1 << 20, **fetch):
    members = fetch_policy(**fetch)
    return {"version": 1, "issuers": rules, "limits": {"verdict_cache_bytes": cache},
            "fetch": {name: value for name, value in members.items() if value is not None}}


class FetchTest(unittest.TestCase):
    def server(self, **arguments):
        server = FaultServer(**arguments)
        self.addCleanup(server.close)
        return server

    def gateway(self, rules, rate=RATE, threads=1, **fetch):
        gateway = Gateway(policy(rules, **fetch), rate, threads)
        self.addCleanup(gateway.close)
        gateway.forget()
        return gateway

    def until(self, holds, within, what):
        """Seconds until it holds; a failure when that takes longer."""
        start = time.monotonic()
        while not holds():
            if time.monotonic() - start > within * PATIENCE:
                self.fail(f"not within {within * PATIENCE:.1f} s: {what}")
            time.sleep(0.005)
        return time.monotonic() - start

    def until_good(self, gateway, token, within=5):
        return self.until(lambda: gateway.check(token) == "ok", within, "the token is accepted")

    def only(self, gateway, label, *errors):
        """All validations of a class had one of these answers, and there were some; returns how many."""
        found = {error: count for (name, error), count in gateway.counts.items() if name == label}
        self.assertTrue(found, f"no traffic of the class {label}")
        self.assertLessEqual(set(found), set(errors), f"class {label}: {found}")
        return sum(found.values())


def required(is_there, why):
    """Ends the program as skipped (77) when something is not installed; where all of it must be, as failed."""
    if not is_there:
        print(f"skipped: {why}")
        sys.exit(1 if os.environ.get("SIMDJWT_E2E_REQUIRED") else 77)


def say(row, figures):
    print(f"FIGURE {row}: {figures}", flush=True)


def main():
    if not GATEWAY:
        sys.exit("usage: fetch_*.py PATH-OF-SIMDJWT_TEST_GATEWAY")
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
