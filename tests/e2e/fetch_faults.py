"""Everything that an IdP can answer wrongly: the old key set is kept, every answer to the traffic stays right, the
fetch ends by its deadline and byte caps, and says why.

Usage: fetch_faults.py PATH-OF-SIMDJWT_TEST_GATEWAY
"""
import time

from fetch_support import PATIENCE, UNAVAILABLE, FetchTest, Issuer, Key, Route, main, say

DEADLINE_S = 1.0
# behaviour: the errors that it may be told as
FAULTS = {
    "slow_loris": {"fetch_deadline"},
    "slow_header": {"fetch_deadline"},
    "hang": {"fetch_deadline"},
    "status_500": {"fetch_status"},
    "status_404": {"fetch_status"},
    "html": {"fetch_no_keys"},
    "truncated_json": {"fetch_no_keys"},
    "cut_off": {"fetch_reset"},
    "empty_body": {"fetch_no_keys"},
    "empty_json": {"fetch_no_keys"},
    "empty_keys": {"fetch_no_keys"},
    "unusable_keys": {"fetch_no_keys"},
    "endless": {"fetch_body_too_large"},
    "endless_chunks": {"fetch_body_too_large"},
    "endless_header": {"fetch_header_too_large"},
    "huge_length": {"fetch_body_too_large"},
    "bomb": {"fetch_encoding"},
    "redirect_nowhere": {"fetch_redirect"},
    "reset": {"fetch_reset"},
    "not_http": {"fetch_http"},
}


class Faults(FetchTest):
    def fail_all(self, gateway, issuers):
        """Waits until each has failed twice more; returns the errors and the slowest fetch in seconds."""
        before = {health["issuer"]: health["failures"] for health in gateway.snapshot()["issuers"]}
        errors = {}

        def all_failed():
            for health in gateway.snapshot()["issuers"]:
                if health["failures"] >= before[health["issuer"]] + 2:
                    errors[health["issuer"]] = health
            return all(issuer.url in errors for issuer in issuers)

        self.until(all_failed, 20, f"all fail: {sorted(i.name for i in issuers if i.url not in errors)}")
        return {issuer.name: errors[issuer.url] for issuer in issuers}

    def test_bad_answers_keep_the_old_set(self):
        server = self.server()
        issuers = [Issuer(server, name) for name in FAULTS]
        gateway = self.gateway([issuer.rule() for issuer in issuers], deadline_ms=int(DEADLINE_S * 1000),
                               max_body_bytes=65536)
        for issuer in issuers:
            self.until_good(gateway, issuer.token())
            gateway.ask("token", issuer.name, issuer.token())
        gateway.forget()
        for issuer in issuers:
            issuer.route.behaviour = issuer.name
        health = self.fail_all(gateway, issuers)
        total = 0
        for issuer in issuers:
            self.assertIn(health[issuer.name]["error"], FAULTS[issuer.name], health[issuer.name])
            self.assertEqual(health[issuer.name]["state"], "failing")
            total += self.only(gateway, issuer.name, "ok")
        shown = ", ".join(f"{name} {health[name]['error']}" for name in FAULTS)
        say("bad answers", f"{len(FAULTS)} kinds, all sets kept, {total} tokens accepted, none refused: {shown}")
        for issuer in issuers:
            issuer.route.behaviour = "good"
        self.until(lambda: all(one["state"] == "ready" for one in gateway.snapshot()["issuers"]), 5, "all ready")

    def test_deadline(self):
        """From the request's arrival to the end of its connection, as the server sees it."""
        for behaviour in ("hang", "slow_loris", "slow_header"):
            server = self.server()
            issuer = Issuer(server, behaviour)
            issuer.route.behaviour = behaviour
            gateway = self.gateway([issuer.rule()], deadline_ms=500)
            self.until(lambda: gateway.health(issuer)["failures"] >= 1, 5, "the fetch ends")
            took = time.monotonic() - server.times(issuer.path)[0]
            self.assertEqual(gateway.health(issuer)["error"], "fetch_deadline")
            self.assertLess(took, 1.0 * PATIENCE)
            say(f"deadline_ms 500, {behaviour}", f"fetch ended after {took * 1000:.0f} ms")

    def test_redirects(self):
        server, elsewhere = self.server(), self.server()
        elsewhere.routes["/jwks"] = Route()
        cases = {
            "same": (server.origin + "/moved", "ok"),
            "cross": (elsewhere.origin + "/jwks", "fetch_redirect"),
            "loop": ("", "fetch_redirect"),
            "private": ("http://169.254.169.254/jwks", "fetch_redirect"),
            "file": ("file:///etc/passwd", "fetch_redirect"),
        }
        issuers = {name: Issuer(server, name) for name in cases}
        server.routes["/moved"] = Route(body=issuers["same"].route.body)
        elsewhere.routes["/jwks"].body = issuers["cross"].route.body
        for name, (location, _) in cases.items():
            issuers[name].route.location = location or server.origin + issuers[name].path
            issuers[name].route.behaviour = "redirect"
        gateway = self.gateway([issuer.rule() for issuer in issuers.values()])
        self.until_good(gateway, issuers["same"].token())
        self.until(lambda: sum(one["failures"] > 0 for one in gateway.snapshot()["issuers"]) == 4, 5, "the others fail")
        told = {one["issuer"]: one for one in gateway.snapshot()["issuers"]}
        for name, (_, error) in cases.items():
            self.assertEqual(told[issuers[name].url]["error"], error, told[issuers[name].url])
            self.assertEqual(gateway.check(issuers[name].token()), "ok" if error == "ok" else UNAVAILABLE)
        self.assertEqual(elsewhere.counts(), {})
        say("redirects", ", ".join(f"{name} {told[issuers[name].url]['error']}" for name in cases))

    def test_private_addresses_and_http_are_refused(self):
        server = self.server()
        issuer = Issuer(server, "private")
        gateway = self.gateway([issuer.rule()], allow_private_addresses=None)
        self.until(lambda: gateway.health(issuer)["failures"] >= 1, 5, "the fetch fails")
        health = gateway.health(issuer)
        self.assertEqual(health["error"], "fetch_address_private")
        self.assertEqual(server.counts(), {})
        self.assertEqual(gateway.check(issuer.token()), UNAVAILABLE)
        say("private address", f"{health['error']}, no request reached it")

    def test_metadata_of_another_issuer(self):
        """RFC 8414 §3.3: the issuer must be identical."""
        server = self.server()
        good, wrong = Issuer(server, "good"), Issuer(server, "wrong")
        good.serve_metadata()
        wrong.serve_metadata(issuer=good.url)
        gateway = self.gateway([good.rule(discovery=True), wrong.rule(discovery=True)])
        self.until_good(gateway, good.token())
        self.until(lambda: gateway.health(wrong)["failures"] >= 1, 5, "the discovery fails")
        self.assertEqual(gateway.health(wrong)["error"], "fetch_issuer")
        self.assertEqual(wrong.fetches(), 0)
        self.assertEqual(gateway.check(wrong.token()), UNAVAILABLE)
        say("metadata of another issuer", "fetch_issuer, its jwks_uri never asked")

    def test_only_the_bad_key_of_a_set_is_dropped(self):
        server = self.server()
        issuer = Issuer(server, "mixed")
        keys = [key.jwk() for key in (issuer.keys[0], Key("bad"))]
        keys[1]["x"] = "AA"
        issuer.route.body = {"keys": [*keys, {"kty": "future", "kid": "f"}]}
        gateway = self.gateway([issuer.rule()])
        self.until_good(gateway, issuer.token())
        health = gateway.health(issuer)
        self.assertEqual((health["state"], health["keys"], health["dropped"]), ("ready", 1, 2))
        say("a set with bad keys", f"{health['keys']} used, {health['dropped']} dropped and counted")

    def test_not_modified(self):
        """RFC 9110 §13.1.2: the set that is in force is not sent again."""
        server = self.server()
        issuer = Issuer(server, "etag")
        issuer.route.etag = '"v1"'
        gateway = self.gateway([issuer.rule()])
        self.until_good(gateway, issuer.token())
        gateway.forget()
        gateway.ask("token", "etag", issuer.token())
        self.until(lambda: gateway.health(issuer)["not_modified"] >= 2, 6, "304 twice")
        self.only(gateway, "etag", "ok")
        health = gateway.health(issuer)
        self.assertEqual((health["state"], health["failures"]), ("ready", 0))
        say("304", f"{health['not_modified']} of {health['fetches']} answers not modified, no token refused")


if __name__ == "__main__":
    main()
