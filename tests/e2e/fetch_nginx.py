"""Keys over TLS from a real web server: trusted only under the CA of the policy and under the right name.

Usage: fetch_nginx.py PATH-OF-SIMDJWT_TEST_GATEWAY
"""
import json
import tempfile
import time

from fetch_support import UNAVAILABLE, FetchTest, Issuer, Key, main, required, say

from certificates import Authority
from nginx import Nginx, find


class OverTls(FetchTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.authority = Authority(self.folder)

    def serve(self, certificate):
        """nginx, and an issuer whose key set it serves."""
        nginx = Nginx(self.folder, certificate)
        self.addCleanup(nginx.close)
        return nginx, NginxIssuer(nginx)

    def refused(self, what, certificate, **fetch):
        _, issuer = self.serve(certificate)
        gateway = self.gateway([issuer.rule()], allow_http=None, **fetch)
        self.until(lambda: gateway.health(issuer)["failures"] >= 1, 5, "the fetch fails")
        health = gateway.health(issuer)
        self.assertEqual(health["error"], "fetch_tls", health)
        self.assertEqual(gateway.check(issuer.token()), UNAVAILABLE)
        say(f"nginx, {what}", f"{health['error']}: {health['detail']}")

    def test_trusted(self):
        nginx, issuer = self.serve(self.authority.issue("DNS:localhost"))
        gateway = self.gateway([issuer.rule()], allow_http=None, ca_file=str(self.authority.ca_file))
        self.until_good(gateway, issuer.token())
        took = time.monotonic() - gateway.started
        gateway.forget()
        gateway.ask("token", "tls", issuer.token())
        self.until(lambda: gateway.health(issuer)["not_modified"] >= 1, 5, "304")
        new = Key("tls-2")
        issuer.publish([issuer.keys[0], new])
        found = self.until_good(gateway, issuer.token(new))
        self.only(gateway, "tls", "ok")
        statuses = nginx.statuses()
        self.assertLessEqual(set(statuses), {200, 304})
        say("nginx, TLS under the test CA", f"accepted {took * 1000:.0f} ms after the process began, "
            f"{statuses.count(304)} of {len(statuses)} answers 304, a new key after {found * 1000:.0f} ms")

    def test_another_authority(self):
        other = Authority(self.folder, "another authority")
        self.refused("untrusted CA", self.authority.issue("DNS:localhost"), ca_file=str(other.ca_file))

    def test_roots_of_the_system(self):
        self.refused("roots of the system", self.authority.issue("DNS:localhost"))

    def test_another_name(self):
        """RFC 9110 §4.3.4: the certificate must be of the host."""
        self.refused("certificate of another name", self.authority.issue("DNS:other.example"),
                     ca_file=str(self.authority.ca_file))


class NginxIssuer(Issuer):
    """An issuer whose key set is a file that nginx serves."""

    def __init__(self, nginx):
        self.nginx = nginx
        self.url = nginx.origin
        self.keys = [Key("tls-1")]
        self.publish()

    def publish(self, keys=None):
        self.keys = self.keys if keys is None else keys
        # nginx makes its ETag of time, in seconds, and size.
        content = json.dumps({"keys": [key.jwk() for key in self.keys], "made": time.time_ns()})
        self.nginx.put("jwks.json", content.encode())

    def rule(self):
        return super().rule(jwks_uri=f"{self.nginx.origin}/jwks.json")


if __name__ == "__main__":
    required(find() is not None, "nginx is not installed")
    main()
