"""simdjwt errors, policy and verify --batch."""
import re

from support import NOW, CliTest, claims, hs256, main, oct_jwk


class Errors(CliTest):
    def test_table(self):
        out = self.run_cli("errors")
        rows = re.findall(r"^\| (0x[0-9a-f]{4}) \| `(\w+)` \| (\d+) \| (?:`(\w+)`)? ?\| (.+) \|$", out, re.M)
        numbers = [int(row[0], 16) for row in rows]
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertEqual(len(rows), sum(line.startswith("| 0x") for line in out.splitlines()))
        self.assertGreater(len(rows), 80)
        table = {row[1]: row for row in rows}
        self.assertEqual(table["token_expired"][0], "0x025a")
        self.assertEqual(table["token_expired"][2:4], ("401", "invalid_token"))
        self.assertEqual(table["insufficient_scope"][2:4], ("403", "insufficient_scope"))
        self.assertEqual(table["keys_unavailable"][2:4], ("503", ""))
        self.assertEqual(table["request_malformed"][2:4], ("400", "invalid_request"))
        for category in {number >> 8 for number in numbers}:
            self.assertEqual(len(re.findall(rf"^## 0x{category:02x} ", out, re.M)), 1)


class Policy(CliTest):
    RULE = {"issuer": "https://a.example", "profile": "access-token", "audiences": ["x"]}

    def test_good(self):
        document = {"version": 1, "issuers": [
            {**self.RULE, "jwks_uri": "https://a.example/jwks"},
            {"issuer": "b", "algorithms": ["HS256"], "audiences": ["x"], "typ": "JWT", "jwks": oct_jwk()},
            {**self.RULE, "issuer": "c"}]}
        path = self.file("p", document)
        out = self.run_cli("policy", path)
        self.assertRegex(out, r"https://a\.example +https://a\.example/jwks\n")
        self.assertRegex(out, r"b +in the policy\n")
        self.assertRegex(out, r"c +published by the program\n")
        issuers = self.run_json("policy", path)["issuers"]
        self.assertEqual([issuer["inline_keys"] for issuer in issuers], [False, True, False])
        self.assertEqual(issuers[0]["jwks_uri"], "https://a.example/jwks")

    def test_fetch(self):
        path = self.file("p", {"version": 1, "issuers": [{**self.RULE, "discovery": True}],
                               "fetch": {"cooldown_s": 7, "allow_http": True, "ca_file": "/roots.pem"}})
        self.assertRegex(self.run_cli("policy", path), r"https://a\.example +discovered from the issuer's metadata\n")
        out = self.run_json("policy", path)
        self.assertTrue(out["issuers"][0]["discovery"])
        self.assertEqual((out["fetch"]["cooldown_s"], out["fetch"]["deadline_ms"]), (7, 5000))
        self.assertEqual((out["fetch"]["allow_http"], out["fetch"]["ca_file"]), (True, "/roots.pem"))
        self.assertNotIn("proxy", out["fetch"])

    def test_bad_names_the_path(self):
        path = self.file("p", {"version": 1, "issuers": [self.RULE, {**self.RULE, "issuer": "b", "leeway_s": -1}]})
        self.run_cli("policy", path, code=2)
        self.assertIn("issuers[1].leeway_s", self.stderr)
        out = self.run_json("policy", path, code=2)
        self.assertEqual((out["ok"], out["path"], out["error"]), (False, "issuers[1].leeway_s", "policy_member_value"))
        self.run_cli("policy", self.file("q", {"version": 1, "issuers": [self.RULE], "colour": 1}), code=2)
        self.assertIn("policy_member_unknown", self.stderr)
        self.run_cli("policy", self.path("none"), code=2)


class Batch(CliTest):
    def tokens(self):
        return [hs256(claims(sub=f"s{i}")) for i in range(300)] + [hs256(claims(exp=NOW - 1))] * 20 + \
            [hs256(claims(), secret=b"y" * 32)] * 7 + ["nonsense"] * 3

    def test_counts(self):
        path = self.file("batch", "\n".join(self.tokens()) + "\n\n")
        expected = {"token_expired": 20, "signature_invalid": 7, "token_segments": 3}
        for threads in ("1", "4"):
            for repeat in (1, 5):
                out = self.run_json("verify", *self.rule("--batch", path, "--threads", threads, "--repeat", str(repeat)),
                                    code=1)
                self.assertEqual(out["total"], 330 * repeat)
                self.assertEqual(out["valid"], 300 * repeat)
                self.assertEqual(out["rejected"], {name: count * repeat for name, count in expected.items()})
                self.assertGreater(out["tokens_per_second"], 0)

    def test_text_and_stdin(self):
        out = self.run_cli("verify", *self.rule("--batch", "-", "--text"), stdin="\r\n".join(self.tokens()), code=1)
        self.assertRegex(out, r"\n300 +valid")
        self.assertRegex(out, r"\n20 +token_expired +the token has expired\n")
        self.assertRegex(out, r"330 tokens in .* tokens/s\n$")

    def test_exit_codes(self):
        good = self.file("good", hs256(claims()) + "\n")
        self.assertEqual(self.run_json("verify", *self.rule("--batch", good))["rejected"], {})
        self.run_cli("verify", *self.rule("--batch", self.file("empty", "\n")), code=2)
        self.run_cli("verify", *self.rule("--batch", self.path("none")), code=2)


main()
