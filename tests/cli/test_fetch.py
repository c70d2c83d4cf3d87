"""Keys that are fetched: simdjwt verify and explain without keys, simdjwt jwks of a URL or an issuer, and --watch,
against a server on loopback, over TLS too."""
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from support import BINARY, CliTest, main

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e" / "servers"))

from certificates import Authority  # noqa: E402
from faults import FaultServer, Route  # noqa: E402

LOCAL = ["--allow-http", "--allow-private-addresses"]
SHORT = ["--fetch-deadline-ms", "500"]


class Fetch(CliTest):
    def setUp(self):
        super().setUp()
        self.server = self.serve()

    def serve(self, certificate=None, name="as"):
        """A server with an issuer at /NAME, whose private key is in the file private."""
        if not os.path.exists(self.path("private")):
            self.run_cli("keygen", "--alg", "ES256", "--out", self.path("private"), "--public", self.path("public"))
        server = FaultServer(certificate)
        self.addCleanup(server.close)
        server.issuer = f"{server.origin}/{name}"
        server.routes["/jwks"] = Route(body={"keys": [self.public_key()]})
        server.routes[f"/{name}/.well-known/openid-configuration"] = Route(
            body={"issuer": server.issuer, "jwks_uri": server.origin + "/jwks"})
        return server

    def public_key(self):
        return json.loads(Path(self.path("public")).read_text(encoding="ascii"))

    def token(self, issuer=None, *more):
        issuer = issuer or self.server.issuer
        return self.run_cli("sign", "--key", self.path("private"), "--typ", "at+jwt", "--iss", issuer,
                            "--aud", "https://api.example", "--sub", "alice", "--client-id", "app", "--jti", "RANDOM",
                            "--iat-now", "--exp-in", "300", *more).strip()

    def options(self, server=None):
        return ["--issuer", (server or self.server).issuer, "--audience", "https://api.example", "--alg", "ES256",
                "--profile", "access-token", "--leeway", "5"]

    def policy(self, *rules, **fetch):
        rules = [{"issuer": self.server.issuer, "profile": "access-token", "algorithms": ["ES256"], "leeway_s": 5,
                  "audiences": ["https://api.example"], **rule} for rule in rules]
        return self.file("policy.json", {"version": 1, "issuers": rules,
                                         "fetch": {"allow_http": True, "allow_private_addresses": True,
                                                   "deadline_ms": 500, **fetch}})

    def test_verify_by_discovery(self):
        out = self.run_json("verify", *self.options(), *LOCAL, self.token())
        self.assertEqual((out["ok"], out["sub"]), (True, "alice"))
        self.assertEqual(self.server.counts(), {"/as/.well-known/openid-configuration": 1, "/jwks": 1})
        text = self.run_cli("explain", *self.options(), *LOCAL, self.token())
        self.assertIn(self.public_key()["kid"], text)

    def test_only_what_a_token_needs_is_fetched(self):
        """A token that is no token, of nobody we know, or out of shape costs no request."""
        self.run_json("verify", *self.options(), *LOCAL, "no-token", code=1)
        self.run_json("verify", *self.options(), *LOCAL, self.token("https://other.example"), code=1)
        self.assertEqual(self.server.counts(), {})

    def test_batch(self):
        tokens = self.file("tokens", "\n".join([self.token(), self.token(), "no-token"]))
        out = self.run_json("verify", "--batch", tokens, *self.options(), *LOCAL, code=1)
        self.assertEqual((out["valid"], out["rejected"]), (2, {"token_segments": 1}))
        self.assertEqual(self.server.counts()["/jwks"], 1)

    def test_verify_by_policy(self):
        for rule in ({"jwks_uri": self.server.origin + "/jwks"}, {"discovery": True}):
            with self.subTest(rule=rule):
                self.run_json("verify", "--policy", self.policy(rule), self.token())
        # One that says neither gets no keys.
        out = self.run_json("verify", "--policy", self.policy({}), self.token(), code=3)
        self.assertEqual(out["error"], "keys_unavailable")
        self.assertEqual(self.stderr, "")

    def test_given_keys_are_not_fetched(self):
        self.run_json("verify", *self.options(), "--jwk", self.path("public"), self.token())
        self.assertEqual(self.server.counts(), {})

    def test_what_cannot_be_fetched(self):
        """Exit code 3, the reason by its stable name, and the token is not blamed."""
        jwks, metadata = self.server.routes["/jwks"], self.server.routes["/as/.well-known/openid-configuration"]
        for route, behaviour, error in ((jwks, "status_500", "fetch_status"), (jwks, "html", "fetch_no_keys"),
                                        (jwks, "unusable_keys", "fetch_no_keys"), (jwks, "reset", "fetch_reset"),
                                        (jwks, "hang", "fetch_deadline"), (jwks, "bomb", "fetch_encoding"),
                                        (metadata, "html", "fetch_metadata"),
                                        (metadata, "slow_loris", "fetch_deadline")):
            with self.subTest(behaviour=behaviour):
                route.behaviour = behaviour
                start = time.monotonic()
                out = self.run_json("verify", *self.options(), *LOCAL, *SHORT, self.token(), code=3)
                self.assertLess(time.monotonic() - start, 20)
                self.assertEqual((out["error"], out["http"]["status"]), ("keys_unavailable", 503))
                self.assertIn(f"{self.server.issuer}: {error} (", self.stderr)
                route.behaviour = "good"
        self.server.routes["/as/.well-known/openid-configuration"].body = {"issuer": "https://evil.example",
                                                                          "jwks_uri": self.server.origin + "/jwks"}
        self.run_json("verify", *self.options(), *LOCAL, self.token(), code=3)
        self.assertIn("fetch_issuer", self.stderr)

    def test_loosening_is_asked_for(self):
        token = self.token()
        self.run_json("verify", *self.options(), token, code=3)
        self.assertIn("fetch_url", self.stderr)
        self.run_json("verify", *self.options(), "--allow-http", token, code=3)
        self.assertIn("fetch_address_private", self.stderr)
        self.assertEqual(self.server.counts(), {})

    def test_tls(self):
        authority, stranger = Authority(self.folder.name), Authority(self.folder.name, "a stranger")
        server = self.serve(authority.issue("DNS:localhost", "IP:127.0.0.1"))
        arguments = ["verify", *self.options(server), "--allow-private-addresses", self.token(server.issuer)]
        self.assertTrue(server.issuer.startswith("https://"))
        self.run_json(*arguments, "--ca-file", str(authority.ca_file))
        self.run_json(*arguments, "--ca-file", str(stranger.ca_file), code=3)
        self.assertIn("fetch_tls", self.stderr)
        self.run_json(*arguments, code=3)
        self.assertIn("fetch_tls", self.stderr)
        self.run_json(*arguments, "--ca-file", self.path("nothing"), code=3)
        self.assertIn("fetch_tls", self.stderr)

    def test_jwks_of_a_url(self):
        out = self.run_json("jwks", self.server.origin + "/jwks", *LOCAL)
        self.assertEqual(out["url"], self.server.origin + "/jwks")
        self.assertEqual([key["kid"] for key in out["keys"]], [self.public_key()["kid"]])
        text = self.run_cli("jwks", "--issuer", self.server.issuer, *LOCAL)
        self.assertIn(f"from {self.server.origin}/jwks\n", text)
        self.assertIn("1 of 1 key usable", text)

    def test_jwks_that_cannot_be_had(self):
        self.run_cli("jwks", self.server.origin + "/nothing", *LOCAL, code=3)
        self.assertIn("fetch_status", self.stderr)
        self.run_cli("jwks", self.server.origin + "/jwks", "--allow-private-addresses", code=3)
        self.assertIn("fetch_url", self.stderr)
        # A set without a usable key is what the list is for.
        self.server.routes["/jwks"].behaviour = "unusable_keys"
        out = self.run_json("jwks", self.server.origin + "/jwks", *LOCAL, code=1)
        self.assertEqual([key["usable"] for key in out["keys"]], [False, False])
        self.run_cli("jwks", code=2)
        self.run_cli("jwks", self.path("public"), "--issuer", self.server.issuer, code=2)

    def watch(self, *arguments):
        process = subprocess.Popen([BINARY, "jwks", "--watch", *arguments], text=True, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        return process

    def next_state(self, process, state):
        for line in process.stdout:
            change = json.loads(line)
            if change["state"] == state:
                return change
        self.fail(f"ended before the state {state}: {process.stderr.read()}")

    def test_watch(self):
        policy = self.policy({"jwks_uri": self.server.origin + "/jwks"}, min_refresh_s=1, max_refresh_s=1,
                             min_backoff_ms=100, max_backoff_s=1)
        process = self.watch("--policy", policy)
        ready = self.next_state(process, "ready")
        self.assertEqual((ready["issuer"], ready["keys"], ready["jwks_uri"]),
                         (self.server.issuer, 1, self.server.origin + "/jwks"))
        self.server.routes["/jwks"].behaviour = "html"
        failing = self.next_state(process, "failing")
        self.assertEqual((failing["error"], failing["keys"]), ("fetch_no_keys", 1))
        self.server.routes["/jwks"].behaviour = "good"
        self.next_state(process, "ready")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(10), 0)

    def test_watch_ends(self):
        policy = self.policy({"discovery": True})
        for end in (signal.SIGINT, None):
            process = self.watch("--policy", policy, "--json", *([] if end else ["--for", "1"]))
            self.next_state(process, "ready")
            if end:
                process.send_signal(end)
            self.assertEqual(process.wait(10), 0)
        self.server.down()
        process = self.watch("--policy", policy, "--for", "1")
        self.assertEqual(self.next_state(process, "down")["error"], "fetch_connect")
        self.assertEqual(process.wait(10), 3)
        self.server.up()

    def test_watch_refuses(self):
        self.run_cli("jwks", "--watch", code=2)
        self.run_cli("jwks", "--watch", "--policy", self.policy({}), code=2)
        self.assertIn("nothing to watch", self.stderr)
        policy = self.policy({"discovery": True})
        self.run_cli("jwks", "--watch", "--policy", policy, "--allow-http", code=2)
        self.run_cli("jwks", "--policy", policy, code=2)

    def test_watch_on_a_terminal(self):
        """A table that is drawn over itself, once a second."""
        policy = self.policy({"discovery": True})
        script = subprocess.run(["script", "-qec", f"'{BINARY}' jwks --watch --policy '{policy}' --for 2", "/dev/null"],
                                capture_output=True, timeout=60, check=False, stdin=subprocess.DEVNULL)
        shown = script.stdout.decode()
        self.assertEqual(script.returncode, 0, shown)
        self.assertIn("next try", shown)
        self.assertIn("ready", shown)
        self.assertIn("\x1b[2F\x1b[J", shown)


if __name__ == "__main__":
    main()
