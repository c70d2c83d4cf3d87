"""Rotation at a real OpenID provider: clients mint tokens at the token endpoint while keys come and go. Not one valid
token is refused beyond the fetch of a new kid, and not one of a removed key accepted after the refresh interval.

Usage: fetch_provider.py PATH-OF-SIMDJWT_TEST_GATEWAY
"""
import collections
import time

from fetch_support import FetchTest, main, required, say

from provider import Provider, install, kid_of

REFRESH_S = 1


class RealProvider(FetchTest):
    folder = None

    def setUp(self):
        self.provider = Provider(self.folder)
        self.addCleanup(self.provider.close)
        rule = {"issuer": self.provider.issuer, "profile": "access-token", "algorithms": ["ES256"],
                "audiences": ["https://api.example"], "discovery": True, "scopes": ["orders:read"],
                "leeway_s": 5}  # iat is of the same second as the request
        self.gateway_ = self.gateway([rule], min_refresh_s=REFRESH_S, max_refresh_s=REFRESH_S)
        self.presented = collections.Counter()
        self.slowest_ms = 0.0

    def mint(self, seconds, traffic=True):
        """Clients get tokens and present them; some go into the traffic of the gateway, each kid a class."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            token = self.provider.token()
            answer = self.gateway_.ask("present", self.provider.issuer, 2000, token)
            self.assertEqual(answer["error"], "ok", (kid_of(token), answer))
            self.presented[answer["first"]] += 1
            self.slowest_ms = max(self.slowest_ms, answer["took_us"] / 1000)
            if traffic and sum(self.presented.values()) % 4 == 0:
                self.gateway_.ask("token", kid_of(token), token)
            time.sleep(0.01)
        return token

    def test_rotation(self):
        provider, gateway = self.provider, self.gateway_
        first = provider.token()
        self.until_good(gateway, first)
        gateway.forget()
        self.mint(1)
        # As the book says: published first, used later, the old one removed last.
        provider.order("add")
        self.mint(REFRESH_S + 1)
        self.assertEqual(provider.order("activate")["signing"], "key-2")
        self.mint(1)
        self.assertEqual(self.presented["key_unknown"], 0)
        gateway.snapshot()
        accepted = self.only(gateway, "key-1", "ok") + self.only(gateway, "key-2", "ok")
        self.assertEqual(provider.order("remove")["keys"], ["key-2"])
        removed = time.monotonic()
        last_good = removed
        while gateway.check(first) == "ok" and time.monotonic() - removed < 10:
            last_good = time.monotonic()
            self.mint(0.05)
        lasted = last_good - removed
        self.assertLess(lasted, REFRESH_S * 1.5 + 0.5)
        gateway.forget()
        self.mint(1)
        gateway.snapshot()
        refused = self.only(gateway, "key-1", "key_unknown")
        self.only(gateway, "key-2", "ok")
        say("oidc-provider, rotation by the book", f"{sum(self.presented.values())} tokens minted and presented, none "
            f"refused, none waited; {accepted} validations accepted; the removed key was last accepted "
            f"{lasted * 1000:.0f} ms after its removal (refresh {REFRESH_S} s), then {refused} refused")

    def test_key_used_at_once(self):
        """A provider that signs with a key before anybody has fetched it."""
        provider = self.provider
        self.until_good(self.gateway_, provider.token())
        for _ in range(3):
            self.mint(1.2, traffic=False)  # past the cooldown
            provider.order("add")
            provider.order("activate")
            self.mint(0.5, traffic=False)
        waited = self.presented["key_unknown"]
        self.assertLessEqual(waited, 3)
        say("oidc-provider, keys used at once", f"3 rotations, {sum(self.presented.values())} tokens presented, none "
            f"refused, {waited} waited for a fetch, the slowest {self.slowest_ms:.1f} ms")


if __name__ == "__main__":
    RealProvider.folder, why = install()
    required(RealProvider.folder is not None, why)
    main()
