"""simdjwt inspect: decodes, and never vouches."""
from support import NOW, CliTest, b64, claims, hs256, main


class Inspect(CliTest):
    def test_text(self):
        token = hs256(claims(exp=NOW + 300, iat=NOW - 3 * 3600, list=[1, {"a": None}], empty={}))
        out = self.run_cli("inspect", "--now", str(NOW), token)
        self.assertTrue(out.startswith("NOT VERIFIED"), out)
        self.assertEqual(out.count("NOT VERIFIED"), 2)
        self.assertNotIn("valid", out.replace("simdjwt verify says", ""))
        self.assertIn(f'"exp": {NOW + 300},  (2023-11-14 22:18:20Z, in 5 min)', out)
        self.assertIn("3 h ago)", out)
        self.assertIn('"alg": "HS256"', out)
        self.assertIn('"empty": {}', out)
        self.assertIn("32 bytes, not verified", out)

    def test_json(self):
        out = self.run_json("inspect", "--now", str(NOW), stdin="Bearer " + hs256(claims()))
        self.assertIs(out["verified"], False)
        self.assertEqual(out["claims"], claims())
        self.assertEqual(out["header"], {"alg": "HS256", "typ": "JWT"})
        self.assertEqual(out["dates"], {"exp": "2023-11-14 22:14:20Z, in 1 min"})
        self.assertEqual(out["signature_bytes"], 32)

    def test_errors_have_stable_names(self):
        header = b64('{"alg":"HS256"}')
        cases = (
            ("a.b", "token_segments"),
            ("a.b.c.d.e", "token_segments"),
            (f"{header}..AA", "token_empty_segment"),
            (f"{header}.e3=.AA", "base64url_character"),
            (f"{header}.e30.A", "base64url_length"),
            (f"{header}.e30.AB", "base64url_trailing_bits"),
            (f"{header}.{b64('{')}.AA", "json_"),
            (f"{header}.{b64('[]')}.AA", "json_not_an_object"),
            (f"{header}.{b64('{}x')}.AA", "json_end"),
            (f"{header}.{b64('{%s:1,%s:2}' % (chr(34) + 'a' + chr(34), chr(34) + 'a' + chr(34)))}.AA",
             "json_duplicate_member"),
            (f"{header}.{b64(bytes([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]))}.AA", "json_utf8"),
        )
        for token, name in cases:
            with self.subTest(token=token):
                self.assertIn(name, self.run_cli("inspect", token, code=1))
                out = self.run_json("inspect", token, code=1)
                self.assertIs(out["verified"], False)
                self.assertIn(name, str(out))

    def test_extreme_dates(self):
        payload = '{"exp":1e400,"nbf":-1e400,"iat":99999999999999,"auth_time":1.5,"updated_at":"x"}'
        out = self.run_json("inspect", "--now", "0", f"{b64('{}')}.{b64(payload)}.AA")
        self.assertEqual(out["dates"]["exp"], "after all time")
        self.assertEqual(out["dates"]["nbf"], "before all time")
        self.assertIn("after the year 9999", out["dates"]["iat"])
        self.assertIn("1970-01-01 00:00:01Z", out["dates"]["auth_time"])
        self.assertNotIn("updated_at", out["dates"])

    def test_hostile_text(self):
        out = self.run_cli("inspect", hs256('{"sub":"\u202eevil\u009b31m","\\u001b[2J":1}'))
        for character in ("\x1b", "\u202e", "\u009b"):
            self.assertNotIn(character, out)
        self.assertIn("\\u202eevil\\u009b31m", out)

    def test_deep_and_large(self):
        deep = '{"a":' * 63 + "{}" + "}" * 63
        self.run_cli("inspect", f"{b64('{}')}.{b64(deep)}.AA")
        deeper = '{"a":' * 64 + "{}" + "}" * 64
        self.assertIn("json_too_deep", self.run_cli("inspect", f"{b64('{}')}.{b64(deeper)}.AA", code=1))
        many = "{" + ",".join(f'"m{i}":{i}' for i in range(20000)) + "}"
        out = self.run_json("inspect", stdin=f"{b64('{}')}.{b64(many)}.AA")
        self.assertEqual(len(out["claims"]), 20000)


main()
