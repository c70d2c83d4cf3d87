"""simdjwt verify --jsonl: the line protocol."""
import hashlib
import hmac
import json
import random
import subprocess
import time

from support import BINARY, NOW, SECRET, CliTest, b64, claims, compact, hs256, main, oct_jwk

POLICY = {"issuer": "https://as.example", "audiences": ["https://api.example"], "algorithms": ["HS256"],
          "leeway_s": 0, "now": NOW}


def request(token=None, jwks=None, id=1, **policy):
    merged = {name: value for name, value in {**POLICY, **policy}.items() if value is not ...}
    return {"id": id, "token": hs256(claims()) if token is None else token,
            "jwks": {"keys": [oct_jwk(kid="k")]} if jwks is None else jwks, "policy": merged}


class Lines(CliTest):
    def ask(self, *lines, code=0):
        text = "".join((line if isinstance(line, str) else compact(line)) + "\n" for line in lines)
        out = self.run_cli("verify", "--jsonl", stdin=text.encode("utf-8", "surrogatepass"), code=code)
        answers = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(len(answers), len(lines), out)
        self.assertEqual(self.stderr, "")
        return answers if len(lines) > 1 else answers[0]

    def refused(self, line, error, **members):
        answer = self.ask(line)
        self.assertIs(answer.get("ok"), False, answer)
        self.assertEqual(answer["error"], error, answer)
        for name, value in members.items():
            self.assertEqual(answer.get(name), value, answer)
        return answer


class Verdicts(Lines):
    def test_valid(self):
        self.assertEqual(self.ask(request(hs256(claims(), {"alg": "HS256", "kid": "k"}))),
                         {"id": 1, "ok": True, "alg": "HS256", "kid": "k", "sub": "alice"})

    def test_rejected(self):
        answer = self.refused(request(hs256(claims(exp=NOW))), "token_expired")
        self.assertEqual(answer, {"id": 1, "ok": False, "error": "token_expired", "check": "expiry", "member": "exp",
                                  "status": 401})

    def test_policy_members(self):
        ok = [request(hs256(claims(exp=NOW - 5)), leeway_s=6), request(now=NOW + 59.9),
              request(hs256(claims(aud="other")), audiences=[]), request(hs256(claims(colour=1))),
              request(hs256(claims(), {"alg": "HS256", "typ": "at+jwt"}), typ="at+jwt"),
              request(hs256(claims(), {"alg": "HS256"})), request(required_claims=["sub"]),
              request(algorithms=["none", "XX", "HS256", 7]), request(max_token_bytes=1e9), request(mode="jwt")]
        for answer in self.ask(*ok):
            self.assertIs(answer["ok"], True, answer)
        self.refused(request(now=NOW + 60), "token_expired")
        self.refused(request(hs256(claims(aud="other"))), "aud_mismatch")
        self.refused(request(typ="at+jwt"), "typ_mismatch")
        self.refused(request(required_claims=["jti"]), "claim_missing", member="jti")
        self.refused(request(max_token_bytes=1, token="a." * 200), "token_too_large")
        self.refused(request(issuer="https://as.example/"), "iss_unknown")

    def test_algorithms_are_closed(self):
        none = ".".join([b64('{"alg":"none"}'), b64(compact(claims())), ""])
        self.refused(request(algorithms=[]), "alg_not_allowed")
        self.refused(request(algorithms=["none"]), "alg_not_allowed")
        self.assertIs(self.ask(request(none, algorithms=["none", "HS256"]))["ok"], False)
        signed = hs256(claims(), {"alg": "none"})
        self.refused(request(signed, algorithms=["none", "HS256"]), "alg_none")

    def test_policy_errors(self):
        self.refused(request(colour="red"), "policy_member_unknown", member="colour")
        self.refused(request(audiences=...), "policy_member_missing")
        self.refused(request(algorithms=...), "policy_member_missing")
        self.refused(request(issuer=...), "policy_member_missing")
        self.refused(request(now=...), "policy_member_missing", member="now")
        self.refused(request(now="1"), "policy_member_type", member="now")
        self.refused(request(leeway_s="1"), "policy_member_type", member="issuers[0].leeway_s")
        self.refused(request(leeway_s=10**9), "policy_member_value")
        self.refused(request(audiences="a"), "policy_member_type")
        self.refused(request(typ=None), "policy_member_type")
        self.refused(request(mode="jwe"), "policy_member_value", member="mode")
        line = compact(request()).replace('"leeway_s":0', '"leeway_s":0,"leeway_s":9')
        self.refused(line, "policy_json")

    def test_skip(self):
        asked = [{"revoked": {"jti": ["a"]}}, {"require_binding": True},
                 {"client_cert_der": "AA"}, {"dpop": {"proof": "a.b.c"}}, {"revoked": {"sub_before": {"alice": 1}}}]
        for members in asked:
            self.assertEqual(self.ask(request(id="x", **members)), {"id": "x", "skip": True})
        not_asked = {"replay": None, "revoked": {"jti": [], "sub": [], "sub_before": {}}, "require_binding": False,
                     "client_cert_der": "", "dpop": None}
        self.assertIs(self.ask(request(**not_asked))["ok"], True)

    def test_replay(self):
        token = hs256(claims(jti="j-1"))
        other = hs256(claims(jti="j-2"))
        plain, once = request(token), request(token, replay="once")
        out = self.ask(once, once, plain, request(token, replay="once", leeway_s=9), request(other, replay="once"), plain)
        self.assertEqual([answer["ok"] for answer in out], [True, False, True, False, True, True])
        for at in (1, 3):
            self.assertEqual(out[at], {"id": 1, "ok": False, "error": "token_replayed", "check": "replay",
                                       "member": "jti", "status": 401})
        self.refused(request(replay="once"), "claim_missing", member="jti")
        self.refused(request(hs256(claims(jti="j", exp=NOW + 10**10 + 1)), replay="once"), "token_lives_too_long")
        for value in ("twice", "ONCE", True, False, 0, [], {}):
            self.refused(request(token, replay=value), "policy_member_value", member="replay")
        self.refused(request(token, replay="once", mode="jws"), "policy_member_value", member="replay")
        for value in (None, "", "off"):
            self.assertIs(self.ask(request(token, replay=value))["ok"], True)

    def test_a_token_that_is_no_string(self):
        for token in ({"payload": "e30"}, 7, ["a"], False):
            self.refused(request(token), "token_segments")

    def test_ids_are_echoed_as_they_stand(self):
        text = compact(request())
        for raw in ('"a\\u0062"', "1.50", "-0", '"ä"', "12345678901234567890"):
            out = self.run_cli("verify", "--jsonl", stdin=text.replace('"id":1', '"id":' + raw) + "\n")
            self.assertIn('{"id":' + raw + ',"ok":true', out)


class Keys(Lines):
    def test_forms_of_jwks(self):
        key = oct_jwk(kid="k")
        for jwks in ({"keys": [key]}, key, compact({"keys": [key]}), compact(key)):
            self.assertIs(self.ask(request(jwks=jwks))["ok"], True)

    def test_refused_documents(self):
        self.refused(request(jwks={"keys": 1}), "jwks_shape")
        self.refused(request(jwks={}), "jwks_shape")
        self.refused(request(jwks="{"), "jwks_json")
        for jwks in ([1], 7, True):
            self.assertIn(self.ask(request(jwks=jwks))["error"], ("jwks_shape", "jwks_json"))

    def test_no_usable_key_is_unknown_not_unavailable(self):
        for jwks in ({"keys": []}, oct_jwk(b"short"), {"keys": [{"kty": "XX"}]}):
            self.refused(request(jwks=jwks), "key_unknown", status=401)
        self.refused(request(hs256(claims(), {"alg": "none"}), jwks={"keys": []}), "alg_none")

    def test_no_jwks_is_unavailable(self):
        line = request()
        del line["jwks"]
        self.refused(line, "keys_unavailable", status=503)

    def test_keys_of_one_line_do_not_serve_another(self):
        good, other, empty = ({"keys": [oct_jwk()]}, {"keys": [oct_jwk(b"z" * 32)]}, {"keys": []})
        answers = self.ask(*[request(jwks=jwks, id=i) for i, jwks in enumerate([good, other, good, empty, good, other])])
        self.assertEqual([answer["ok"] for answer in answers], [True, False, True, False, True, False])
        self.assertEqual(answers[1]["error"], "signature_invalid")
        self.assertEqual(answers[3]["error"], "key_unknown")
        missing = request(id=9)
        del missing["jwks"]
        answers = self.ask(request(jwks=good), missing, request(jwks=good))
        self.assertEqual([answer["ok"] for answer in answers], [True, False, True])

    def test_duplicate_member_in_a_key_reaches_the_engine(self):
        key = compact(oct_jwk(kid="k"))
        twice = key.replace('"kty"', '"kty":"oct","kty"', 1)
        line = compact(request()).replace(key, twice)
        self.assertIn('"kty":"oct","kty":"oct"', line)
        self.refused(line, "key_unknown")
        both = compact(request()).replace(key, twice + "," + key)
        self.assertIs(self.ask(both)["ok"], True)

    def test_many_sets_and_policies(self):
        lines, expected = [], []
        for i in range(400):
            secret = SECRET if i % 3 else bytes([i % 251]) * 32
            lines.append(request(jwks={"keys": [oct_jwk(secret, kid=f"k{i % 130}")]}, id=i, leeway_s=i % 150))
            expected.append(i % 3 != 0)
        answers = self.ask(*lines)
        self.assertEqual([answer["id"] for answer in answers], list(range(400)))
        self.assertEqual([answer["ok"] for answer in answers], expected)

    def test_the_same_keys_are_not_parsed_again(self):
        """Parsing 1,000 keys takes long enough to show; 100 lines must not take 100 times one."""
        self.run_cli("keygen", "--alg", "ES256", "--out", self.path("k"), "--public", self.path("p"))
        with open(self.path("p"), encoding="utf-8") as file:
            ec = json.load(file)
        jwks = {"keys": [{**ec, "kid": f"k{i}"} for i in range(1000)]}
        lines = [compact(request("a.b", jwks=jwks, id=i)) for i in range(100)]

        def seconds(text):
            start = time.monotonic()
            self.run_cli("verify", "--jsonl", stdin=text)
            return time.monotonic() - start

        same = seconds("".join(line + "\n" for line in lines))
        fresh = seconds("".join(line.replace('"k0"', f'"x{i}"') + "\n" for i, line in enumerate(lines)))
        self.assertLess(same * 3, fresh, "the same key set is parsed again on every line")


class Modes(Lines):
    def test_jws(self):
        jws = {"mode": "jws", "algorithms": ["HS256"]}
        token = hs256("no claims, just bytes \x00")
        line = {"id": 1, "token": token, "jwks": oct_jwk(), "policy": jws}
        self.assertEqual(self.ask(line), {"id": 1, "ok": True, "alg": "HS256"})
        self.refused({**line, "token": hs256("x", secret=b"q" * 32)}, "signature_invalid")
        self.refused({**line, "policy": {**jws, "algorithms": []}}, "alg_not_allowed")
        self.refused({**line, "policy": {**jws, "algorithms": ["none"]}}, "alg_not_allowed")
        self.refused({**line, "policy": {"mode": "jws"}}, "policy_member_missing")
        self.refused({**line, "policy": {**jws, "max_token_bytes": 256}, "token": hs256("x" * 400)}, "token_too_large")
        self.assertIs(self.ask({**line, "policy": {**jws, "max_token_bytes": 60000}, "token": hs256("x" * 40000)})["ok"], True)
        self.refused({**line, "jwks": {"keys": []}}, "key_unknown")

    def test_raw_verify(self):
        tag = hmac.new(SECRET, b"hello", hashlib.sha256).digest()
        line = {"id": "r", "op": "raw_verify", "alg": "HS256", "jwk": oct_jwk(), "msg": b64("hello"), "sig": b64(tag)}
        self.assertEqual(self.ask(line), {"id": "r", "ok": True})
        self.refused({**line, "msg": b64("hellp")}, "signature_invalid")
        self.refused({**line, "sig": b64(tag[:-1])}, "signature_length")
        self.refused({**line, "sig": ""}, "signature_length")
        self.refused({**line, "sig": b64(tag) + "="}, "base64url_character", member="sig")
        self.refused({**line, "msg": "A"}, "base64url_length", member="msg")
        self.refused({**line, "alg": "none"}, "alg_none")
        self.refused({**line, "alg": "XX"}, "alg_unknown")
        self.refused({**line, "alg": "ES256"}, "key_alg_mismatch")
        self.refused({**line, "jwk": oct_jwk(b"short")}, "jwk_oct_short")
        self.refused({**line, "jwk": {}}, "jwks_shape")
        self.refused({**line, "jwk": None}, "bad_request")
        self.refused({**line, "sig": 1}, "bad_request")
        self.refused({**line, "op": "raw"}, "bad_request")


class BadLines(Lines):
    def test_bad_lines_are_answered_and_passed(self):
        bad = ["", "x", "[]", "{", "{}", '{"id":null}', '{"id":{}}', '{"id":1,"id":2}', "null", '{"id":1}x',
               '{"id":"\\ud800"}', '{"a":' * 100 + "1" + "}" * 100]
        answers = self.ask(*[line for pair in ((line, request()) for line in bad) for line in pair])
        for line, answer in zip(bad, answers[::2]):
            self.assertEqual((answer["id"], answer["ok"], answer["error"]), (None, False, "bad_request"), line)
            self.assertTrue(answer["detail"])
        for answer in answers[1::2]:
            self.assertIs(answer["ok"], True)

    def test_incomplete_requests_keep_their_id(self):
        for name in ("token", "policy"):
            line = request(id="x")
            del line[name]
            self.refused(line, "bad_request", id="x")
        self.refused({**request(), "policy": []}, "bad_request", id=1)

    def test_invalid_bytes(self):
        text = b'{"id":1,"token":"\xff"}\n\x00\n\xef\xbb\xbf{}\n' + compact(request()).encode() + b"\n"
        answers = [json.loads(line) for line in self.run_cli("verify", "--jsonl", stdin=text).splitlines()]
        self.assertEqual([answer["ok"] for answer in answers], [False, False, False, True])

    def test_long_lines(self):
        answers = self.ask(request("a" * (5 << 20)), {"id": 2, "x": list(range(300000))}, "x" * ((16 << 20) + 1), request())
        self.assertEqual(answers[0]["error"], "token_too_large")
        self.assertEqual((answers[1]["id"], answers[1]["error"]), (2, "bad_request"))
        self.assertIn("16 MiB", answers[2]["detail"])
        self.assertIs(answers[3]["ok"], True)

    def test_last_line_without_an_end_and_carriage_returns(self):
        text = compact(request()) + "\r\n" + compact(request(id=2))
        answers = [json.loads(line) for line in self.run_cli("verify", "--jsonl", stdin=text).splitlines()]
        self.assertEqual([(answer["id"], answer["ok"]) for answer in answers], [(1, True), (2, True)])
        self.assertEqual(self.run_cli("verify", "--jsonl", stdin=""), "")

    def test_mutations_never_crash(self):
        rng = random.Random(7)
        base = compact(request()).encode()
        lines = []
        for _ in range(3000):
            line = bytearray(base)
            for _ in range(rng.randint(1, 4)):
                at = rng.randrange(len(line))
                kind = rng.randrange(3)
                if kind == 0:
                    line[at] = rng.randrange(256)
                elif kind == 1:
                    del line[at:at + rng.randint(1, 30)]
                else:
                    line[at:at] = line[rng.randrange(len(line)):][:rng.randint(1, 30)]
            lines.append(bytes(line).replace(b"\n", b" "))
        out = self.run_cli("verify", "--jsonl", stdin=b"\n".join(lines) + b"\n")
        answers = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(len(answers), len(lines))
        for answer in answers:
            self.assertTrue("ok" in answer or answer.get("skip") is True)


class Conversation(Lines):
    def test_each_answer_comes_before_the_next_line_is_sent(self):
        with subprocess.Popen([BINARY, "verify", "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            for i in range(50):
                process.stdin.write(compact(request(id=i)).encode() + b"\n")
                process.stdin.flush()
                self.assertEqual(json.loads(process.stdout.readline())["id"], i)
            process.stdin.close()
            self.assertEqual(process.wait(timeout=60), 0)


main()
