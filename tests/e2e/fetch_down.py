"""IdP down at start, and down later: live, *keys unavailable* and not the token's fault, other issuers unaffected,
ready again within a second of the IdP's return; last good keys until max_stale_s, then keys unavailable.

Usage: fetch_down.py PATH-OF-SIMDJWT_TEST_GATEWAY
"""
import os
import tempfile
import time

from fetch_support import PATIENCE, UNAVAILABLE, FetchTest, Issuer, main, say


class Down(FetchTest):
    def test_down_at_start(self):
        down, other = self.server(), self.server()
        absent, present = Issuer(down, "absent"), Issuer(other, "present")
        down.down()
        gateway = self.gateway([absent.rule(), present.rule()])
        self.until_good(gateway, present.token())
        gateway.forget()
        gateway.ask("token", "absent", absent.token())
        gateway.ask("token", "present", present.token())
        time.sleep(2)
        self.assertEqual(gateway.ask("check", absent.token()), {"error": UNAVAILABLE, "status": 503})
        snapshot = gateway.snapshot()
        self.assertFalse(snapshot["ready"])
        health = gateway.health(absent)
        self.assertEqual((health["state"], health["error"], health["age_ms"]), ("down", "fetch_connect", -1))
        unavailable = self.only(gateway, "absent", UNAVAILABLE)
        unaffected = self.only(gateway, "present", "ok")
        gateway.forget()
        down.up()
        back = self.until_good(gateway, absent.token())
        self.assertLess(back, 1.0 * PATIENCE)
        self.until(lambda: gateway.snapshot()["ready"], 1, "ready")
        time.sleep(0.5)  # the return may take a moment only: there must be traffic to look at
        gateway.snapshot()
        self.only(gateway, "present", "ok")
        self.only(gateway, "absent", UNAVAILABLE, "ok")
        say("IdP down at start", f"{unavailable} tokens keys_unavailable (503), {unaffected} of another issuer "
            f"accepted, {health['failures']} tries, accepted {back * 1000:.0f} ms after the return")

    def test_down_at_start_with_kept_keys(self):
        """state_dir: the last good keys of a process that was killed serve the next one until the IdP answers."""
        server = self.server()
        issuer = Issuer(server, "kept")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        first = self.gateway([issuer.rule()], state_dir=folder.name)
        self.until_good(first, issuer.token())
        # Published first, kept after.
        self.until(lambda: any(not name.endswith(".new") for name in os.listdir(folder.name)), 2, "kept")
        first.kill()
        server.down()
        gateway = self.gateway([issuer.rule()], state_dir=folder.name)
        self.assertEqual(gateway.check(issuer.token()), "ok")
        health = gateway.health(issuer)
        self.assertEqual((health["from_state_dir"], health["keys"]), (1, 1))
        self.assertTrue(gateway.snapshot()["ready"])
        server.up()
        back = self.until(lambda: gateway.health(issuer)["from_state_dir"] == 0, 3, "confirmed by the IdP")
        say("IdP down at start, keys kept", f"accepted at once after kill -9 and a restart, confirmed "
            f"{back * 1000:.0f} ms after the return")

    def test_backoff_is_bounded(self):
        """An IdP that answers, but with nothing of use, is asked ever more seldom."""
        server = self.server()
        issuer = Issuer(server, "broken")
        issuer.route.behaviour = "status_500"
        gateway = self.gateway([issuer.rule()], min_backoff_ms=100, max_backoff_s=1)
        gateway.ask("token", "broken", issuer.token())
        time.sleep(4)
        tries = issuer.fetches()
        gaps = [b - a for a, b in zip(server.times(issuer.path), server.times(issuer.path)[1:])]
        self.assertTrue(3 <= tries <= 16, tries)
        self.assertGreater(max(gaps), 0.25)
        gateway.snapshot()
        self.only(gateway, "broken", UNAVAILABLE)
        say("backoff, 100 ms to 1 s", f"{tries} tries in 4 s while {sum(gateway.counts.values())} tokens "
            "asked for keys")

    def test_down_later(self):
        server = self.server()
        issuer = Issuer(server, "later")
        gateway = self.gateway([issuer.rule()], max_stale_s=3)
        self.until_good(gateway, issuer.token())
        gateway.forget()
        gateway.ask("token", "later", issuer.token())
        server.down()
        fell = time.monotonic()
        self.until(lambda: gateway.health(issuer)["state"] == "failing", 3, "failing")
        self.only(gateway, "later", "ok")
        lasted = self.until(lambda: gateway.check(issuer.token()) == UNAVAILABLE, 6, "keys too old")
        stale_after = time.monotonic() - fell
        # The last good fetch was up to a refresh before the fall.
        self.assertTrue(1.5 <= stale_after <= 3.5 * 2, stale_after)
        health = gateway.health(issuer)
        self.assertEqual(health["state"], "down")
        good = gateway.counts.get(("later", "ok"), 0)
        gateway.forget()
        time.sleep(0.5)
        gateway.snapshot()
        refused = self.only(gateway, "later", UNAVAILABLE)
        server.up()
        back = self.until_good(gateway, issuer.token())
        self.assertLess(back, 1.5 * PATIENCE)
        self.assertGreater(lasted, 0)
        say("IdP down later, max_stale_s 3", f"{good} tokens accepted under the last good keys, keys_unavailable after "
            f"{stale_after:.2f} s ({refused} tokens), accepted again {back * 1000:.0f} ms after the return")


if __name__ == "__main__":
    main()
