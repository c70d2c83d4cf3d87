"""simdjwt verify: verdicts, exit codes, output, keys and policies."""
import subprocess

from support import NOW, BINARY, CliTest, claims, hs256, main, oct_jwk


class Verify(CliTest):
    def test_valid_from_argument_stdin_and_file(self):
        token = hs256(claims())
        for stdin, arguments in (("", [token]), (token + "\n", []), (token, ["-"]),
                                 ("", ["--token-file", self.file("token", token + "\r\n")])):
            out = self.run_json("verify", *self.rule(), *arguments, stdin=stdin)
            self.assertTrue(out["ok"])
            self.assertEqual(out["sub"], "alice")
            self.assertEqual(out["claims"], claims())
            self.assertEqual(out["http"], {"status": 200})

    def test_bearer_prefix(self):
        token = hs256(claims())
        self.assertTrue(self.run_json("verify", *self.rule(), "Bearer " + token)["ok"])
        self.assertTrue(self.run_json("verify", *self.rule(), stdin="bearer  " + token + "\n")["ok"])
        self.run_cli("verify", *self.rule(), f"Bearer {token} {token}", code=2)
        self.assertIn("request_malformed", self.stderr)

    def test_rejections_have_names_checks_and_answers(self):
        cases = (
            (claims(exp=NOW - 1), None, "token_expired", "expiry", "exp"),
            (claims(exp=None), None, "exp_missing", "expiry", "exp"),
            (claims(iss="https://evil.example"), None, "iss_unknown", "issuer", "iss"),
            (claims(aud="https://other.example"), None, "aud_mismatch", "audience", "aud"),
            (claims(nbf=NOW + 10), None, "token_not_yet_valid", "not_before", "nbf"),
            (claims(colour="red"), None, "claim_unexpected", "other_claims", "colour"),
            (claims(), {"alg": "HS256"}, "typ_missing", "typ", "typ"),
            (claims(), {"alg": "HS256", "typ": "JWT", "kid": "other"}, "key_unknown", "key", "kid"),
            (claims(), {"alg": "none", "typ": "JWT"}, "alg_none", "header_members", "alg"),
        )
        for body, header, error, check, member in cases:
            with self.subTest(error=error):
                out = self.run_json("verify", *self.rule(), hs256(body, header), code=1)
                self.assertFalse(out["ok"])
                self.assertEqual(out["error"], error)
                self.assertEqual(out["check"], check)
                self.assertEqual(out.get("member"), member)
                self.assertEqual(out["http"]["status"], 401)
                self.assertIn('error="invalid_token"', out["http"]["www_authenticate"])
                self.assertNotIn("claims", out)

    def test_forged_signature(self):
        out = self.run_json("verify", *self.rule(), hs256(claims(), secret=b"x" * 32), code=1)
        self.assertEqual((out["error"], out["check"]), ("signature_invalid", "signature"))

    def test_options_reach_the_policy(self):
        late = hs256(claims(exp=NOW - 5))
        self.run_cli("verify", *self.rule(), late, code=1)
        self.run_cli("verify", *self.rule("--leeway", "10"), late)
        old = hs256(claims(iat=NOW - 100))
        self.run_cli("verify", *self.rule("--max-age", "100"), old)
        self.assertEqual(self.run_json("verify", *self.rule("--max-age", "99"), old, code=1)["error"], "token_too_old")
        extra = hs256(claims(colour="red"))
        self.run_cli("verify", *self.rule("--ignore-other-claims"), extra)
        self.run_cli("verify", *self.rule("--required-claim", "colour"), extra)
        missing = self.run_json("verify", *self.rule("--required-claim", "jti"), hs256(claims()), code=1)
        self.assertEqual((missing["error"], missing["member"]), ("claim_missing", "jti"))
        nonce = hs256(claims(nonce="n1"))
        self.run_cli("verify", *self.rule("--ignore-other-claims", "--nonce", "n1"), nonce)
        out = self.run_json("verify", *self.rule("--ignore-other-claims", "--nonce", "n2"), nonce, code=1)
        self.assertEqual(out["error"], "nonce_mismatch")

    def test_any_options(self):
        key = ["--jwk", self.file("k.jwk", oct_jwk()), "--issuer", "https://as.example", "--alg", "HS256", "--now", str(NOW)]
        token = hs256(claims(aud="https://other.example"), {"alg": "HS256"})
        self.run_cli("verify", *key, "--any-audience", "--any-typ", token)
        self.run_cli("verify", *key, "--any-audience", token, code=2)
        self.assertIn("--typ or --any-typ", self.stderr)

    def test_repeated_options_do_not_swallow_the_token(self):
        self.run_cli("verify", *self.rule("--audience", "https://more.example"), hs256(claims()))

    def test_scope_is_forbidden_not_unauthorized(self):
        token = hs256(claims(scope="read list"))
        self.run_cli("verify", *self.rule("--scope", "read"), token)
        self.run_cli("verify", *self.rule("--scope", "list read"), token)
        out = self.run_json("verify", *self.rule("--scope", "read", "--scope", "write"), token, code=1)
        self.assertEqual(out["error"], "insufficient_scope")
        self.assertEqual(out["missing_scope"], "write")
        self.assertEqual(out["http"]["status"], 403)
        self.assertIn("write", out["http"]["www_authenticate"])
        self.assertEqual(out["sub"], "alice")

    def test_keys_unavailable_is_exit_3(self):
        policy = {"version": 1, "issuers": [{"issuer": "https://as.example", "audiences": ["https://api.example"],
                                             "algorithms": ["HS256"], "typ": "JWT"}]}
        arguments = ["verify", "--policy", self.file("p.json", policy), "--now", str(NOW), hs256(claims())]
        out = self.run_json(*arguments, code=3)
        self.assertEqual(out["error"], "keys_unavailable")
        self.assertEqual(out["http"], {"status": 503})
        text = self.run_cli(*arguments, "--text", code=3)
        self.assertIn("not decided: keys_unavailable", text)
        self.assertNotIn("rejected", text)

    def test_policy_documents(self):
        rule = {"issuer": "https://as.example", "audiences": ["https://api.example"], "algorithms": ["HS256"],
                "typ": "JWT"}
        inline = {"version": 1, "issuers": [{**rule, "jwks": {"keys": [oct_jwk()]}}]}
        token = hs256(claims())
        path = self.file("inline.json", inline)
        self.run_cli("verify", "--policy", path, "--now", str(NOW), token)
        key = ["--jwk", self.file("k.jwk", oct_jwk())]
        self.run_cli("verify", "--policy", path, *key, token, code=2)
        self.assertIn("already holds the keys", self.stderr)
        two = self.file("two.json", {"version": 1, "issuers": [rule, {**rule, "issuer": "https://b.example"}]})
        self.run_cli("verify", "--policy", two, *key, token, code=2)
        self.assertIn("say with --issuer", self.stderr)
        self.run_cli("verify", "--policy", two, *key, "--issuer", "https://as.example", "--now", str(NOW), token)
        out = self.run_json("verify", "--policy", two, *key, "--issuer", "https://b.example", "--now", str(NOW), token,
                            code=3)
        self.assertEqual(out["error"], "keys_unavailable")
        self.run_cli("verify", "--policy", two, *key, "--issuer", "https://c.example", token, code=2)
        self.run_cli("verify", "--policy", two, "--audience", "a", token, code=2)

    def test_bad_policy_names_its_path(self):
        self.run_cli("verify", *self.rule("--leeway", "99999999"), hs256(claims()), code=2)
        self.assertIn("issuers[0].leeway_s", self.stderr)
        self.run_cli("verify", "--jwk", self.file("k.jwk", oct_jwk()), "--audience", "a", "--alg", "HS256", "--typ",
                     "JWT", hs256(claims()), code=2)
        self.assertIn("--issuer", self.stderr)

    def test_bad_files(self):
        token = hs256(claims())
        base = ["--issuer", "https://as.example", "--audience", "a", "--alg", "HS256", "--typ", "JWT", token]
        self.run_cli("verify", "--jwks", self.path("nothing"), *base, code=2)
        self.assertIn("No such file", self.stderr)
        self.run_cli("verify", "--jwks", self.file("bad", "{"), *base, code=2)
        self.assertIn("jwks_json", self.stderr)
        self.run_cli("verify", "--jwks", self.file("weak", oct_jwk(b"short")), *base, code=2)
        self.assertIn("jwk_oct_short", self.stderr)
        self.run_cli("verify", "--jwk", self.file("set", {"keys": [oct_jwk()]}), *base, code=2)
        self.assertIn("--jwks", self.stderr)
        self.run_cli("verify", "--jwk", self.file("k", oct_jwk()), "--jwks", self.file("s", oct_jwk()), *base, code=2)
        self.run_cli("verify", *self.rule(), stdin="\n", code=2)
        self.assertIn("no token", self.stderr)

    def test_text_output(self):
        good = self.run_cli("verify", *self.rule("--text"), hs256(claims()))
        self.assertTrue(good.startswith("valid\n"), good)
        self.assertIn("HTTP 200", good)
        bad = self.run_cli("verify", *self.rule("--text"), hs256(claims(exp=NOW - 7500)), code=1)
        self.assertTrue(bad.startswith("rejected: token_expired\n"), bad)
        self.assertIn("WWW-Authenticate: Bearer", bad)

    def test_hostile_text_does_not_reach_the_terminal(self):
        hostile = claims(sub="a\x1b[31m\u202eb\u009b")
        token = hs256(hostile)
        out = self.run_cli("verify", *self.rule("--text"), token)
        for character in ("\x1b", "\u202e", "\u009b"):
            self.assertNotIn(character, out)
        self.assertIn("\\u001b[31m\\u202eb\\u009b", out)
        self.assertEqual(self.run_json("verify", *self.rule(), token)["sub"], hostile["sub"])

    def test_json_is_one_line(self):
        token = hs256('{\n "iss": "https://as.example",\n "aud": "https://api.example", "exp": %d, "sub": "a \\" b"}' %
                      (NOW + 60))
        out = self.run_cli("verify", *self.rule(), token)
        self.assertEqual(out.count("\n"), 1)
        self.assertIn('"claims":{"iss":"https://as.example","aud":', out)
        self.assertIn('"sub":"a \\" b"', out)

    def test_a_closed_pipe_is_an_error(self):
        with open("/dev/full", "wb") as full:
            result = subprocess.run([BINARY, "verify", *self.rule(), hs256(claims())], stdout=full,
                                    stderr=subprocess.PIPE, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"standard output", result.stderr)

    def test_usage(self):
        self.run_cli(code=2)
        self.run_cli("nonsense", code=2)
        self.run_cli("verify", "--nonsense", code=2)
        self.run_cli("verify", "--threads", "2", "x", code=2)
        self.assertRegex(self.run_cli("--version"), r"^simdjwt \d+\.\d+\.\d+\n$")
        for command in ("", "verify", "explain", "inspect", "jwks", "policy", "keygen", "sign", "errors"):
            text = self.run_cli(*command.split(), "--help")
            self.assertIn("Usage:", text)
            self.assertTrue(text.endswith("\n"))


main()
