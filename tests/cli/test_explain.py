"""simdjwt explain: an operator needs no debugger."""
from support import NOW, CliTest, b64, claims, hs256, main, oct_jwk

SECOND = b"another secret of 32 bytes ......"


class Explain(CliTest):
    def explain(self, token, *more, code=1):
        return self.run_cli("explain", *self.rule(*more), token, code=code)

    def test_every_check_is_listed_in_order(self):
        out = self.explain(hs256(claims()), code=0)
        names = [line.split()[1] for line in out.splitlines() if line.startswith("  ok ")]
        self.assertEqual(names[:4], ["size", "structure", "header_encoding", "header_json"])
        self.assertLess(names.index("expiry"), names.index("signature"))
        self.assertEqual(names[-1], "replay")
        self.assertNotIn("FAIL", out)
        self.assertNotIn("not reached", out)
        self.assertIn("\nvalid\n", out)
        self.assertIn("HTTP 200", out)

    def test_expired(self):
        out = self.explain(hs256(claims(exp=NOW - 7380)), "--leeway", "30")
        self.assertIn("FAIL  expiry", out)
        self.assertIn(f"exp {NOW - 7380} (2023-11-14 20:10:20Z) is 2 h 3 min before now, {NOW} (2023-11-14 22:13:20Z)", out)
        self.assertIn("leeway 30 s", out)
        self.assertIn("rejected: token_expired", out)
        self.assertIn("HTTP 401", out)

    def test_all_failures_show_and_the_first_is_the_verdict(self):
        out = self.explain(hs256(claims(exp=NOW - 1, aud="https://api.example/", colour="red"), secret=SECOND))
        for check in ("expiry", "audience", "other_claims", "signature"):
            self.assertIn(f"FAIL  {check}", out)
        self.assertIn("rejected: token_expired", out)
        self.assertIn("differs only by a slash at the end", out)
        self.assertIn('not expected: "colour"', out)
        self.assertIn("the header or payload was changed after signing, or this is another issuer's key", out)
        self.assertIn("key 0 (no kid), thumbprint ", out)
        self.assertNotIn("alice", out.split("rejected:")[1])

    def test_algorithm_typ_issuer_and_claims(self):
        out = self.explain(hs256(claims(), {"alg": "ES256", "typ": "JWT"}))
        self.assertIn('found:  alg "ES256"', out)
        self.assertIn('wanted: one of "HS256"', out)
        out = self.explain(hs256(claims(), {"alg": "HS256", "typ": "at+jwt"}))
        self.assertIn('found:  typ "at+jwt"', out)
        self.assertIn('wanted: one of "JWT"', out)
        out = self.explain(hs256(claims(iss="HTTPS://as.example")))
        self.assertIn('"https://as.example" differs only in case', out)
        self.assertIn("signature           not reached", out)
        out = self.explain(hs256(claims()), "--required-claim", "jti", "--required-claim", "auth_time")
        self.assertIn('missing: "jti", "auth_time"', out)
        out = self.explain(hs256(claims(sub=7)))
        self.assertIn("found:  sub 7", out)
        out = self.explain(hs256(claims(nbf=NOW + 61)))
        self.assertIn("is 1 min 1 s after now", out)

    def keyed(self, keys, token, code=1):
        rule = self.rule()
        rule[0:2] = ["--jwks", self.file("keys.json", {"keys": keys})]
        return self.run_cli("explain", *rule, token, code=code)

    def test_unknown_kid_lists_the_keys_and_the_dropped_ones(self):
        keys = [oct_jwk(kid="one"), oct_jwk(b"short", kid="two")]
        header = {"alg": "HS256", "typ": "JWT", "kid": "three"}
        out = self.keyed(keys, hs256(claims(), header))
        self.assertIn("FAIL  key", out)
        self.assertIn('kid "one", oct, verifies HS256', out)
        self.assertIn('kid "two", dropped: jwk_oct_short', out)
        self.assertIn("rotated", out)
        self.assertIn('the signature is that of another key of the set: kid "one"', out)
        out = self.keyed(keys, hs256(claims(), {**header, "kid": "two"}))
        self.assertIn("was dropped", out)
        self.assertNotIn("rotated", out)

    def test_wrong_key_of_the_set(self):
        keys = [oct_jwk(kid="one"), oct_jwk(SECOND, kid="two")]
        out = self.keyed(keys, hs256(claims(), {"alg": "HS256", "typ": "JWT", "kid": "one"}, secret=SECOND))
        self.assertIn("FAIL  signature", out)
        self.assertIn('a signature by: kid "one", thumbprint ', out)
        self.assertIn('that of another key of the set: kid "two"', out)

    def test_form(self):
        token = hs256(claims())
        self.assertIn('found:  "+" at byte 3 of the token', self.explain(token[:3] + "+" + token[4:]))
        self.assertIn("plain base64", self.explain(token + "="))
        self.assertIn("a JWE", self.explain("a.b.c.d.e"))
        self.assertIn("an unsecured token", self.explain(".".join(token.split(".")[:2]) + "."))
        out = self.explain(".".join([b64('{"alg":"HS256",}'), "e30", "AA"]))
        self.assertIn("FAIL  header_json", out)
        self.assertIn("json_syntax", out)
        out = self.explain("x" * 20000)
        self.assertIn("at most 16,384", out)

    def test_keys_unavailable(self):
        rule = {"issuer": "https://as.example", "audiences": ["https://api.example"], "algorithms": ["HS256"], "typ": "JWT"}
        policy = self.file("p.json", {"version": 1, "issuers": [rule]})
        out = self.run_cli("explain", "--policy", policy, "--now", str(NOW), hs256(claims()), code=3)
        self.assertIn("the token is not to blame", out)
        self.assertIn("HTTP 503", out)

    def test_keys_of_the_policy(self):
        policy = {"version": 1, "issuers": [
            {"issuer": "https://as.example", "profile": "strict", "algorithms": ["ES256"], "typ": "JWT",
             "audiences": ["https://api.example"], "other_claims": "reject", "claims": {"colour": {"equals": "red"}},
             "jwks": {"keys": [{"kty": "EC", "crv": "P-256", "kid": "k",
                                "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                                "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}}]}
        token = ".".join([b64('{"alg":"ES256","typ":"JWT","kid":"z"}'),
                          b64('{"iss":"https://as.example","colour":"blue","exp":1800000000}'), b64("0" * 70)])
        out = self.run_cli("explain", "--policy", self.file("p", policy), "--now", str(NOW), token, code=1)
        self.assertIn('kid "k", EC, verifies ES256', out)
        self.assertIn('missing: "sub", "iat", "jti"', out)
        self.assertIn('found:  colour "blue"', out)
        self.assertIn('wanted: {"equals":"red"}', out)

    def test_json(self):
        out = self.run_json("explain", *self.rule(), hs256(claims(exp=NOW - 1)), code=1)
        checks = {row["check"]: row for row in out["checks"]}
        self.assertEqual(checks["signature"]["result"], "ok")
        self.assertEqual(checks["expiry"]["result"], "failed")
        self.assertEqual(checks["expiry"]["error"], "token_expired")
        self.assertIn("1 s before now", checks["expiry"]["found"])
        self.assertEqual(out["verdict"]["error"], "token_expired")
        self.assertNotIn("claims", out["verdict"])
        self.assertEqual(out["verdict"]["http"]["status"], 401)

    def test_hostile_text(self):
        out = self.explain(hs256(claims(iss="\x1b]0;x\x07")))
        self.assertNotIn("\x1b", out)
        self.assertIn("\\u001b]0;x\\u0007", out)


main()
