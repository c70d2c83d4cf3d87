"""simdjwt keygen, sign and jwks: keys round-trip through every algorithm."""
import base64
import json
import os
import stat
import subprocess

from support import NOW, CliTest, b64, main, oct_jwk

ALGORITHMS = ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
              "ES512", "ES256K", "EdDSA", "Ed25519", "Ed448"]
ML_DSA = ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"]
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "k", "priv"}


class Keys(CliTest):
    def keygen(self, alg, *more):
        self.run_cli("keygen", "--alg", alg, "--out", self.path("private"), "--force", *more)
        with open(self.path("private"), encoding="utf-8") as file:
            return json.load(file)

    def sign(self, *arguments, code=0, stdin=""):
        return self.run_cli("sign", "--key", self.path("private"), *arguments, code=code, stdin=stdin).strip()

    def round_trip(self, alg):
        public = [] if alg.startswith("HS") else ["--public", self.path("public")]
        key = self.keygen(alg, *public)
        self.assertEqual((key["alg"], key["use"]), (alg, "sig"))
        self.assertEqual(len(key["kid"]), 43)
        self.assertTrue(PRIVATE & key.keys())
        verifying = self.path("public") if public else self.path("private")
        if public:
            with open(verifying, encoding="utf-8") as file:
                published = json.load(file)
            self.assertEqual(published, {name: value for name, value in key.items() if name not in PRIVATE})
        token = self.sign("--iss", "i", "--aud", "a", "--now", str(NOW), "--exp-in", "60", "--typ", "JWT")
        rule = ["--issuer", "i", "--audience", "a", "--alg", alg, "--typ", "JWT", "--now", str(NOW), "--jwk", verifying]
        out = self.run_json("verify", *rule, token)
        self.assertEqual((out["alg"], out["kid"]), (alg, key["kid"]))
        # A change of one bit, in payload and in signature.
        header, payload, signature = token.split(".")
        changed = base64.urlsafe_b64decode(payload + "==").replace(b'"a"', b'"a","sub":"x"')
        out = self.run_json("verify", *rule, f"{header}.{b64(changed)}.{signature}", code=1)
        self.assertEqual(out["error"], "signature_invalid")
        raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
        raw[len(raw) // 2] ^= 1
        self.run_json("verify", *rule, f"{header}.{payload}.{b64(bytes(raw))}", code=1)
        # Another key of the same kind does not verify it.
        self.run_cli("keygen", "--alg", alg, "--kid", key["kid"], "--out", self.path("other"), "--force")
        rule[-1] = self.path("other")
        self.run_json("verify", *rule, token, code=1)

    def test_round_trips(self):
        for alg in ALGORITHMS:
            with self.subTest(alg=alg):
                self.round_trip(alg)

    def test_ml_dsa(self):
        for alg in ML_DSA:
            with self.subTest(alg=alg):
                probe = subprocess.run([self.binary(), "keygen", "--alg", alg], capture_output=True, check=False)
                if probe.returncode == 0:
                    self.round_trip(alg)
                else:
                    self.assertEqual(probe.returncode, 2)
                    self.assertIn(f'unsupported algorithm "{alg}"', probe.stderr.decode())

    @staticmethod
    def binary():
        from support import BINARY
        return BINARY

    def test_unknown_algorithm(self):
        for alg in ("none", "es256", "RSA", ""):
            self.run_cli("keygen", "--alg", alg, code=2)
            self.assertIn("unknown algorithm", self.stderr)

    def test_files(self):
        self.run_cli("keygen", "--alg", "ES256", "--out", self.path("k"), "--public", self.path("p"))
        self.assertEqual(stat.S_IMODE(os.stat(self.path("k")).st_mode), 0o600)
        with open(self.path("k"), encoding="utf-8") as file:
            before = file.read()
        self.run_cli("keygen", "--alg", "ES256", "--out", self.path("k"), code=2)
        self.assertIn("exists already", self.stderr)
        with open(self.path("k"), encoding="utf-8") as file:
            self.assertEqual(file.read(), before)
        os.chmod(self.path("k"), 0o644)
        self.run_cli("keygen", "--alg", "ES256", "--out", self.path("k"), "--force")
        self.assertEqual(stat.S_IMODE(os.stat(self.path("k")).st_mode), 0o600)
        self.run_cli("keygen", "--alg", "HS256", "--public", self.path("never"), code=2)
        self.assertFalse(os.path.exists(self.path("never")))

    def test_options(self):
        self.assertEqual(self.keygen("ES256", "--kid", "my key")["kid"], "my key")
        key = self.keygen("RS256", "--bits", "3072")
        self.assertEqual(len(base64.urlsafe_b64decode(key["n"] + "==")), 384)
        self.run_cli("keygen", "--alg", "RS256", "--bits", "1024", code=2)

    def decode(self, token):
        return [json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]

    def test_sign_options(self):
        key = self.keygen("ES256")
        claims = self.file("claims", {"iss": "i", "deep": {"x": [1, "ä"]}})
        header, payload = self.decode(self.sign(
            "--claims", claims, "--sub", "s", "--aud", "a", "--aud", "b", "--iat-now", "--exp-in", "-5", "--now",
            "100", "--scope", "read", "--scope", "write", "--client-id", "c", "--claim", "n=1.50", "--claim",
            'o={"k":"v=w"}', "--typ", "at+jwt", "--header", "x=true", "--kid", "other", "--jti", "RANDOM"))
        self.assertEqual(header, {"alg": "ES256", "typ": "at+jwt", "kid": "other", "x": True})
        self.assertEqual(len(payload.pop("jti")), 22)
        self.assertEqual(payload, {"iss": "i", "deep": {"x": [1, "ä"]}, "sub": "s", "aud": ["a", "b"], "iat": 100,
                                   "exp": 95, "scope": "read write", "client_id": "c", "n": 1.5, "o": {"k": "v=w"}})
        header, payload = self.decode(self.sign("--claims", "-", stdin='{"a":1}'))
        self.assertEqual((header["kid"], payload), (key["kid"], {"a": 1}))

    def test_sign_refuses(self):
        self.keygen("ES256")
        self.sign("--iss", "i", "--claim", 'iss="j"', code=2)
        self.assertIn("given twice", self.stderr)
        self.sign("--claim", "x=1,\"y\":2", code=2)
        self.assertIn("not JSON", self.stderr)
        self.sign("--claim", "x=red", code=2)
        self.sign("--claim", "x", code=2)
        self.sign("--header", 'alg="none"', code=2)
        self.sign("--alg", "RS256", code=2)
        self.sign("--payload", self.path("private"), "--iss", "i", code=2)
        self.run_cli("keygen", "--alg", "ES256", "--out", self.path("k"), "--public", self.path("public"))
        self.run_cli("sign", "--key", self.path("public"), code=2)
        self.assertIn("no private key", self.stderr)
        self.run_cli("sign", "--key", self.file("rsa", {"kty": "RSA"}), code=2)
        self.assertIn("give --alg", self.stderr)

    def test_payload_of_any_bytes(self):
        self.keygen("Ed25519")
        payload = self.file("payload", bytes(range(256)))
        token = self.sign("--payload", payload)
        self.assertEqual(base64.urlsafe_b64decode(token.split(".")[1] + "=="), bytes(range(256)))
        with open(self.path("private"), encoding="utf-8") as file:
            line = json.dumps({"id": 1, "token": token, "jwks": json.load(file),
                               "policy": {"mode": "jws", "algorithms": ["Ed25519"]}})
        self.assertIs(json.loads(self.run_cli("verify", "--jsonl", stdin=line + "\n"))["ok"], True)


class Pem(CliTest):
    def test_pem_from_openssl(self):
        openssl = "/usr/bin/openssl"
        if not os.path.exists(openssl):
            self.skipTest("no openssl program: install openssl")
        kinds = (("ES256", ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "EC", "P-256"),
                 ("ES384", ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"], "EC", "P-384"),
                 ("ES512", ["EC", "-pkeyopt", "ec_paramgen_curve:P-521"], "EC", "P-521"),
                 ("ES256K", ["EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"], "EC", "secp256k1"),
                 ("RS256", ["RSA"], "RSA", None), ("Ed25519", ["ED25519"], "OKP", "Ed25519"),
                 ("Ed448", ["ED448"], "OKP", "Ed448"))
        for alg, kind, kty, crv in kinds:
            with self.subTest(alg=alg):
                private, public = self.path("private.pem"), self.path("public.pem")
                subprocess.run([openssl, "genpkey", "-algorithm", *kind, "-out", private], check=True,
                               capture_output=True)
                subprocess.run([openssl, "pkey", "-in", private, "-pubout", "-out", public], check=True,
                               capture_output=True)
                # A token nobody signed: the key must be found for it, and must not verify it.
                size = {"ES256": 64, "ES256K": 64, "ES384": 96, "ES512": 132, "RS256": 256, "Ed25519": 64, "Ed448": 114}
                header = b64(json.dumps({"alg": alg, "kid": "k"}))
                token = f"{header}.{b64(json.dumps({'iss': 'i', 'exp': NOW}))}.{b64(bytes([1]) * size[alg])}"
                rule = ["--issuer", "i", "--any-audience", "--any-typ", "--alg", alg, "--now", "0", "--pem", public]
                out = self.run_json("explain", *rule, "--kid", "k", token, code=1)
                checks = {row["check"]: row for row in out["checks"]}
                self.assertEqual(checks["key"]["result"], "ok")
                self.assertIn(checks["signature"]["error"], ("signature_invalid", "signature_range"))
                # Without --kid the key has none, and a kid that is present must match.
                self.assertEqual(self.run_json("verify", *rule, token, code=1)["error"], "key_unknown")
                self.assertIn("--kid", self.run_cli("explain", *rule, token, code=1))
                self.run_cli("verify", *rule[:-1], private, token, code=2)
                self.assertIn("private key", self.stderr)
        self.run_cli("verify", *rule[:-1], self.file("x", "no pem"), token, code=2)

    def test_openssl_verifies_what_we_sign(self):
        openssl = "/usr/bin/openssl"
        if not os.path.exists(openssl):
            self.skipTest("no openssl program: install openssl")
        private, public = self.path("p.pem"), self.path("u.pem")
        subprocess.run([openssl, "genpkey", "-algorithm", "RSA", "-out", private], check=True, capture_output=True)
        subprocess.run([openssl, "pkey", "-in", private, "-pubout", "-out", public], check=True, capture_output=True)
        message = f"{b64(json.dumps({'alg': 'RS256'}))}.{b64(json.dumps({'iss': 'i', 'exp': NOW}))}"
        signature = subprocess.run([openssl, "dgst", "-sha256", "-sign", private], input=message.encode(), check=True,
                                   capture_output=True).stdout
        rule = ["--issuer", "i", "--any-audience", "--any-typ", "--alg", "RS256", "--now", "0", "--pem", public]
        self.assertTrue(self.run_json("verify", *rule, f"{message}.{b64(signature)}")["ok"])


class Jwks(CliTest):
    EC = {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "ec",
          "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}

    def lint(self, document, code):
        return self.run_json("jwks", self.file("keys", document), code=code)["keys"]

    def test_clean(self):
        keys = self.lint({"keys": [self.EC]}, 0)
        self.assertEqual(keys[0]["thumbprint"], "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U")
        self.assertEqual(keys[0]["algorithms"], "ES256")
        self.assertEqual(keys[0]["bits"], 256)
        self.assertEqual(keys[0]["warnings"], [])
        text = self.run_cli("jwks", self.path("keys"))
        self.assertIn("1 of 1 key usable", text)
        self.assertIn("oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U", text)

    def test_dropped_and_warned(self):
        bad = {**self.EC, "kid": "bad", "y": self.EC["x"]}
        bare = {name: self.EC[name] for name in ("kty", "crv", "x", "y")}
        private = {**self.EC, "kid": "p", "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}
        keys = self.lint({"keys": [self.EC, bad, bare, private]}, 1)
        self.assertEqual([key["usable"] for key in keys], [True, False, True, True])
        self.assertEqual(keys[1]["error"], "jwk_ec_point")
        self.assertNotIn("thumbprint", keys[1])
        self.assertTrue(any("no kid" in text for text in keys[2]["warnings"]))
        self.assertTrue(any("no alg" in text for text in keys[2]["warnings"]))
        self.assertTrue(any("same key as key 0" in text for text in keys[2]["warnings"]))
        self.assertTrue(any("private" in text for text in keys[3]["warnings"]))
        text = self.run_cli("jwks", self.path("keys"), code=1)
        self.assertIn("dropped key 1: jwk_ec_point", text)
        self.assertIn("3 of 4 keys usable", text)

    def test_duplicate_member_costs_one_key(self):
        one = json.dumps(self.EC)
        text = '{"keys":[%s,%s]}' % (one, one.replace('"ec"', '"two"').replace('"use"', '"kty": "EC", "use"'))
        keys = self.lint(text, 1)
        self.assertEqual(keys[0]["usable"], True)
        self.assertEqual(keys[1]["error"], "jwk_duplicate_member")

    def test_unreadable(self):
        for document, name in (("[]", "jwks_"), ('{"keys":1}', "jwks_shape"), ("{}", "jwks_shape"), ("{", "jwks_json")):
            self.run_cli("jwks", self.file("bad", document), code=2)
            self.assertIn(name, self.stderr)
        self.run_cli("jwks", self.path("none"), code=2)
        self.assertEqual(self.run_json("jwks", "-", stdin=json.dumps(oct_jwk(kid="a", alg="HS256")), code=1)["keys"][0]["bits"], 256)

    def test_empty_set_is_not_clean(self):
        self.assertEqual(self.lint({"keys": []}, 1), [])


main()
