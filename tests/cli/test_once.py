"""Tokens that may be used once: verify uses them, explain only looks."""
from support import NOW, CliTest, claims, hs256, main, oct_jwk


def policy(rule=None, **replay):
    return {"version": 1, "replay": {"mode": "once", **replay},
            "issuers": [{"issuer": "https://as.example", "audiences": ["https://api.example"], "algorithms": ["HS256"],
                         "typ": "JWT", "jwks": {"keys": [oct_jwk()]}, **(rule or {})}]}


class Replay(CliTest):
    def options(self, document):
        return ["--policy", self.file("policy.json", document), "--now", str(NOW)]

    def test_verify_uses_a_token(self):
        token = hs256(claims(jti="j-1"))
        out = self.run_json("verify", *self.options(policy()), token)
        self.assertTrue(out["ok"])
        # Looking for keys that are missing has not used it; nor has another process.
        self.assertTrue(self.run_json("verify", *self.options(policy()), token)["ok"])

    def test_batch_accepts_each_jti_once(self):
        tokens = [hs256(claims(jti="j-1")), hs256(claims(jti="j-2")), hs256(claims(jti="j-1", sub="bob"))]
        batch = self.file("tokens", "\n".join(tokens) + "\n")
        out = self.run_json("verify", *self.options(policy()), "--batch", batch, code=1)
        self.assertEqual((out["total"], out["valid"], out["rejected"]), (3, 2, {"token_replayed": 1}))
        out = self.run_json("verify", *self.options(policy()), "--batch", batch, "--repeat", "10", "--threads", "2", code=1)
        self.assertEqual((out["valid"], out["rejected"]), (2, {"token_replayed": 28}))

    def test_what_is_needed(self):
        for members, error in (({}, "claim_missing"), ({"jti": "j", "exp": NOW + 86401}, "token_lives_too_long")):
            out = self.run_json("verify", *self.options(policy()), hs256(claims(**members)), code=1)
            self.assertEqual((out["error"], out["http"]["status"]), (error, 401))

    def test_stages_that_cannot_be_had(self):
        token = hs256(claims(jti="j-1"))
        durable = policy(durability={"level": "strict", "directory": "/nowhere/journal"})
        shared = policy(fleet={"nodes": ["h:1"], "key_file": "/nowhere"})
        for document, name in ((durable, "replay.durability"), (shared, "replay.fleet")):
            self.run_cli("verify", *self.options(document), token, code=2)
            self.assertIn(name, self.stderr)
            out = self.run_cli("explain", *self.options(document), token)
            self.assertIn("ok    replay", out)

    def test_explain(self):
        out = self.run_cli("explain", *self.options(policy()), hs256(claims(jti="j-1")))
        self.assertIn('replay              jti "j-1", not used here; and not by this command', out)
        out = self.run_cli("explain", *self.options(policy({"replay": "off"})), hs256(claims()))
        self.assertIn("replay              not asked for (replay)", out)
        out = self.run_cli("explain", *self.options(policy()), hs256(claims()), code=1)
        self.assertIn('missing: "jti"', out)
        self.assertIn("replay              not reached", out)
        out = self.run_cli("explain", *self.options(policy(max_retention_s=30)), hs256(claims(jti="j")), code=1)
        self.assertIn("FAIL  expiry", out)
        self.assertIn("no more than 30 s from now (replay.max_retention_s)", out)
        out = self.run_cli("explain", *self.options(policy(unique_per="client")), hs256(claims(jti="j")), code=1)
        self.assertIn('missing: "client_id", "azp"', out)
        out = self.run_cli("explain", *self.options(policy(unique_per="subject")), hs256(claims(jti="j")))
        self.assertIn('sub "alice", jti "j"', out)

    def test_policy(self):
        out = self.run_json("policy", "--json", self.file("p.json", policy(memory_bytes=1048576, grace_s=3)))
        self.assertEqual(out["replay"], {"enabled": True, "memory_bytes": 1048576, "max_retention_s": 86400, "grace_s": 3,
                                         "issuer_quota_percent": 100, "durability": "none", "fleet": []})
        out = self.run_json("policy", "--json", self.file("p.json", policy(durability={"level": "strict"})), code=2)
        self.assertEqual(out["path"], "replay.durability.directory")


if __name__ == "__main__":
    main()
