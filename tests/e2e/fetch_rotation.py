"""A new kid brings one fetch, however many tokens name it; a removed key is rejected from the publish on, cached
verdicts included; 200 issuers start at once and none is starved; a new policy disturbs nobody whom it keeps.

Usage: fetch_rotation.py PATH-OF-SIMDJWT_TEST_GATEWAY
"""
import time

from fetch_support import PATIENCE, UNAVAILABLE, FetchTest, Issuer, Key, main, policy, say

SLOW = {"min_refresh_s": 300, "max_refresh_s": 300}  # nothing but a want fetches
UNKNOWN = "key_unknown"
ISSUERS = 200


class Rotation(FetchTest):
    def test_new_kid(self):
        server = self.server()
        issuer = Issuer(server, "rotated")
        gateway = self.gateway([issuer.rule()], **SLOW)
        self.until_good(gateway, issuer.token())
        gateway.ask("token", "old", issuer.token())
        time.sleep(1.1)  # a cooldown after whatever the start asked for
        gateway.forget()
        fetches = issuer.fetches()
        new = Key("rotated-2")
        issuer.publish([issuer.keys[0], new])
        token = issuer.token(new)
        start = time.monotonic()
        gateway.ask("token", "new", token)
        self.until(lambda: gateway.snapshot() and ("new", "ok") in gateway.counts, 2, "the traffic is accepted")
        first = time.monotonic() - start
        time.sleep(1.5)
        gateway.snapshot()
        self.only(gateway, "old", "ok")
        self.only(gateway, "new", "ok", UNKNOWN)
        unknown = gateway.counts.get(("new", UNKNOWN), 0)
        self.assertGreater(unknown, 0)
        self.assertEqual(issuer.fetches() - fetches, 1)
        say("new kid under traffic", f"1 fetch for {unknown} tokens that came before it, the first acceptance "
            f"counted {first * 1000:.0f} ms after the publish (counts come every 20 ms), old key never refused")

    def test_first_token_waits_for_the_fetch(self):
        """What a gateway does with the first token of a new kid: wait for the fetch under way, validate once more."""
        server = self.server()
        issuer = Issuer(server, "waited")
        gateway = self.gateway([issuer.rule()], **SLOW)
        self.until_good(gateway, issuer.token())
        time.sleep(1.1)
        new = Key("waited-2")
        issuer.publish([issuer.keys[0], new])
        answer = gateway.ask("present", issuer.url, 1000, issuer.token(new))
        self.assertEqual((answer["first"], answer["error"]), (UNKNOWN, "ok"), answer)
        self.assertLess(answer["took_us"], 1e6 * PATIENCE)
        # An endpoint that hangs: the wait ends by its own deadline, and the token is refused.
        time.sleep(1.1)
        issuer.route.behaviour = "hang"
        hung = gateway.ask("present", issuer.url, 200, issuer.token(Key("waited-3")))
        self.assertEqual((hung["error"], hung["waited"]), (UNKNOWN, "fetch_deadline"), hung)
        self.assertLess(hung["took_us"], 400e3 * PATIENCE)
        # Nothing is under way and nothing is asked for: there is nothing to wait for.
        known = gateway.ask("present", issuer.url, 1000, issuer.token())
        self.assertEqual((known["first"], known["error"]), ("ok", "ok"))
        say("first token of a new kid", f"waited {answer['took_us'] / 1000:.1f} ms and was accepted; with an endpoint "
            f"that hangs it waited {hung['took_us'] / 1000:.0f} ms of 200")

    def test_key_removed(self):
        server = self.server()
        issuer = Issuer(server, "removed")
        old, new = issuer.keys[0], Key("removed-2")
        issuer.publish([old, new])
        gateway = self.gateway([issuer.rule()])  # refreshed each second; verdicts are cached
        self.until_good(gateway, issuer.token(old))
        gateway.ask("token", "old", issuer.token(old))  # one token, again and again: from the cache
        gateway.ask("token", "new", issuer.token(new))
        time.sleep(0.5)
        gateway.forget()
        issuer.publish([new])
        start = time.monotonic()
        self.until(lambda: gateway.health(issuer)["keys"] == 1, 4, "the set without it is published")
        published = time.monotonic() - start
        accepted = gateway.counts.get(("old", "ok"), 0)
        gateway.forget()
        time.sleep(1)
        gateway.snapshot()
        rejected = self.only(gateway, "old", UNKNOWN)
        self.only(gateway, "new", "ok")
        say("key removed", f"set in force {published * 1000:.0f} ms after the IdP removed it (refresh 1 s, {accepted} "
            f"accepted meanwhile), then {rejected} tokens refused, 0 accepted, cached verdicts included")

    def test_200_issuers_at_once(self):
        server = self.server()
        issuers = [Issuer(server, f"i{number}") for number in range(ISSUERS)]
        for issuer in issuers[::2]:
            issuer.serve_metadata()
        rules = [issuer.rule(discovery=True) if number % 2 == 0 else issuer.rule()
                 for number, issuer in enumerate(issuers)]
        gateway = self.gateway(rules, rate=1000, **SLOW)
        self.until(lambda: gateway.snapshot()["ready"], 10, "all issuers ready")
        ready = time.monotonic() - gateway.started
        for issuer in issuers:
            self.assertEqual(gateway.check(issuer.token()), "ok")
            self.assertEqual(issuer.fetches(), 1)
        say("200 issuers at once", f"all ready {ready * 1000:.0f} ms after the process began, 1 fetch of keys each, "
            "half of them discovered")

    def test_new_policy_under_load(self):
        """The issuers that stay keep their keys and are not fetched again; a policy that is bad changes nothing."""
        server = self.server()
        stays, goes, comes = (Issuer(server, name) for name in ("stays", "goes", "comes"))
        gateway = self.gateway([stays.rule(), goes.rule()], **SLOW)
        self.until_good(gateway, stays.token())
        self.until_good(gateway, goes.token())
        gateway.ask("token", "stays", stays.token())
        gateway.forget()
        before = stays.fetches()
        with self.assertRaisesRegex(AssertionError, "issuer"):
            gateway.swap(policy([{"issuer": stays.url}], **SLOW))
        self.assertEqual(gateway.check(goes.token()), "ok")
        gateway.swap(policy([stays.rule(), comes.rule()], **SLOW))
        came = self.until_good(gateway, comes.token())
        self.assertEqual(gateway.check(goes.token()), "iss_unknown")
        time.sleep(0.5)
        gateway.snapshot()
        total = self.only(gateway, "stays", "ok")
        self.assertEqual(stays.fetches(), before)
        say("a new policy under load", f"the new issuer's token accepted after {came * 1000:.0f} ms; {total} tokens of "
            "one that stayed accepted, none refused, its keys not fetched again; a bad policy changed nothing")

    def test_host_budget(self):
        """The issuers of one host share its requests of a minute; those that must wait are not forgotten."""
        server = self.server()
        issuers = [Issuer(server, f"b{number}") for number in range(10)]
        gateway = self.gateway([issuer.rule() for issuer in issuers], rate=500, host_requests_per_minute=6, **SLOW)
        time.sleep(2.5)
        asked = sum(server.counts().values())
        self.assertLessEqual(asked, 6)
        waiting = [one for one in gateway.snapshot()["issuers"] if one["state"] != "ready"]
        self.assertEqual(len(waiting), 10 - asked)
        for health in waiting:
            self.assertEqual(health["error"], "fetch_budget", health)
        missing = next(issuer for issuer in issuers if issuer.fetches() == 0)
        self.assertEqual(gateway.check(missing.token()), UNAVAILABLE)
        say("host_requests_per_minute 6", f"{asked} requests for 10 issuers of one host, {len(waiting)} "
            "wait their turn")


if __name__ == "__main__":
    main()
