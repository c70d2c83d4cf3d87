"""Tokens under 10,000 random kids a second: at most two requests a minute for keys, and valid traffic goes on.

Usage: fetch_storm.py PATH-OF-SIMDJWT_TEST_GATEWAY

SIMDJWT_E2E_STORM_S (5) is how long the storm blows; the promise is stated for 60. The times of valid traffic, with the
storm and without, are printed; on a machine that is busy with other things only a generous factor fails.
"""
import os
import time

from fetch_support import FetchTest, Issuer, main, say

SECONDS = float(os.environ.get("SIMDJWT_E2E_STORM_S", "5"))
KIDS = int(os.environ.get("SIMDJWT_E2E_STORM_RATE", "10000"))
FACTOR = 50
# As the server sees it: requests a cooldown apart may arrive a little closer.
MINUTE = 59.5
# The least that a storm must have brought to be one: a slow machine may not keep to its rate.
LEAST_PART = 0.3


class Storm(FetchTest):
    def measure(self, gateway, seconds):
        gateway.forget()
        time.sleep(seconds)
        return gateway.snapshot()

    def test_random_kids(self):
        self.storm("every token verified", cache=0)

    def test_random_kids_with_a_verdict_cache(self):
        self.storm("from the verdict cache", cache=1 << 20)

    def storm(self, name, cache):
        server = self.server()
        issuer, other = Issuer(server, "stormed"), Issuer(server, "calm")
        # The defaults of cooldown and refresh: what is promised is promised of them.
        gateway = self.gateway([issuer.rule(), other.rule()], cache=cache, cooldown_s=30, min_refresh_s=60,
                               max_refresh_s=600)
        for one in (issuer, other):
            self.until_good(gateway, one.token())
            for _ in range(16):
                gateway.ask("token", "valid", one.token())
        calm = self.measure(gateway, min(SECONDS, 10))
        self.only(gateway, "valid", "ok")
        before = {one.name: one.fetches() for one in (issuer, other)}
        gateway.ask("storm", "storm", issuer.token(), KIDS)
        stormy = self.measure(gateway, SECONDS)
        gateway.ask("storm", "storm", "-", 0)
        gateway.snapshot()
        self.only(gateway, "valid", "ok")
        unknown = self.only(gateway, "storm", "key_unknown")
        self.assertGreater(unknown, KIDS * SECONDS * LEAST_PART)
        asked = issuer.fetches() - before["stormed"]
        times = issuer.server.times(issuer.path)[before["stormed"]:]
        self.assertLessEqual(max((sum(0 <= b - a < MINUTE for b in times) for a in times), default=0), 2, times)
        self.assertEqual(other.fetches(), before["calm"])
        self.assertLess(stormy["p99_ns"], FACTOR * calm["p99_ns"])
        self.assertEqual(gateway.check(issuer.token()), "ok")
        say(f"random-kid storm, {name}", f"{unknown} random kids in {SECONDS:.0f} s "
            f"({unknown / SECONDS:.0f}/s), {asked} requests for keys; valid traffic "
            f"{stormy['validations'] / SECONDS:.0f}/s, none refused; p50/p99/p99.9 undisturbed "
            f"{calm['p50_ns']}/{calm['p99_ns']}/{calm['p999_ns']} ns, in the storm "
            f"{stormy['p50_ns']}/{stormy['p99_ns']}/{stormy['p999_ns']} ns, "
            f"p99 ratio {stormy['p99_ns'] / calm['p99_ns']:.2f}")


if __name__ == "__main__":
    main()
