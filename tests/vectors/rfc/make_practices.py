"""Makes rfc8725.json, rfc9068.json and rfc9864.json: RFCs that state rules and give no vectors.

Every practice of RFC 8725 §3 has a good and a bad case. The files are committed; run this again only to change them.
"""

import hashlib
import hmac
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from attacks.base import AUDIENCE, EC, ED, ISSUER, RING, RSA, ask, claims, key_set, with_members  # noqa: E402
from jose import compact, token  # noqa: E402
from jose_text import b64u  # noqa: E402


def rule(section, comment, error, request):
    """One case: `error` is None, a name, or a list of names."""
    return section, comment, error, request


def case(source, number, section, comment, error, request):
    expect = {"ok": True} if error is None else {"ok": False, "error": error}
    return {
        "id": f"{section}-{number}",
        "comment": comment,
        "clause": f"{source} §{section}",
        "request": request,
        "expect": expect,
    }


def algorithm_practices():
    ec_token, rsa_token = token(EC, claims()), token(RSA, claims())
    ed448 = RING.okp("Ed448", kid="ed448")
    yield rule("3.1", "the algorithm of the key", None, ask(rsa_token, RSA, ["RS256"]))
    yield rule(
        "3.1", "HS256 with the public key as the secret", "key_alg_mismatch", ask(confused(), RSA, ["RS256", "HS256"])
    )
    yield rule(
        "3.1",
        "an algorithm the key is not for",
        "key_alg_mismatch",
        ask(rsa_token, key_set(with_members(RSA, alg="RS512")), ["RS256", "RS512"]),
    )
    yield rule("3.1", "an algorithm that is not on the list", "alg_not_allowed", ask(rsa_token, RSA, ["PS256"]))
    yield rule("3.1", "Ed448 under EdDSA", None, ask(token(ed448, claims()), ed448, ["EdDSA"]))
    yield rule("3.2", "an algorithm of today", None, ask(ec_token, EC, ["ES256"]))
    yield rule("3.2", "none, although listed", "alg_none", ask(unsecured(), EC, ["ES256", "none"]))
    yield rule(
        "3.2",
        "an algorithm nobody registered",
        "alg_unknown",
        ask(token(EC, claims(), header={"alg": "ES257"}), EC, ["ES256", "ES257"]),
    )
    yield rule("3.3", "every operation succeeds", None, ask(ec_token, EC, ["ES256"]))
    yield rule(
        "3.3",
        "the signature is of another token",
        "signature_invalid",
        ask(f"{ec_token.rpartition('.')[0]}.{token(EC, claims(jti='2')).rpartition('.')[2]}", EC, ["ES256"]),
    )


def input_practices():
    ec_token = token(EC, claims())
    yield rule("3.4", "a point on the curve", None, ask(ec_token, EC, ["ES256"]))
    yield rule(
        "3.4", "a point off the curve", "key_unknown", ask(ec_token, key_set(EC.jwk_at(EC.x, EC.y ^ 1)), ["ES256"])
    )
    yield rule(
        "3.4",
        "a key of small order",
        "key_unknown",
        ask(token(ED, claims()), key_set(ED.jwk_of(bytes([1]) + bytes(31))), ["EdDSA"]),
    )
    yield rule(
        "3.5",
        "a key of 256 bits for HS256",
        None,
        ask(token(RING.oct(32, kid="h"), claims()), RING.oct(32, kid="h"), ["HS256"]),
    )
    yield rule(
        "3.5",
        "a password as the key",
        "key_unknown",
        ask(token(RING.oct(8, kid="h"), claims()), RING.oct(8, kid="h"), ["HS256"]),
    )
    yield rule("3.6", "nothing is compressed", None, ask(ec_token, EC, ["ES256"]))
    yield rule(
        "3.6",
        "a JWE is not a signed token",
        "token_segments",
        ask("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwiemlwIjoiREVGIn0..AAAA.AAAA.AAAA", EC, ["ES256"]),
    )
    yield rule(
        "3.7",
        "UTF-8 beyond ASCII",
        None,
        ask(token(EC, json.dumps(claims(sub="ñ€😀"), ensure_ascii=False)), EC, ["ES256"]),
    )
    yield rule(
        "3.7", "Latin-1", "json_utf8", ask(token(EC, compact(claims()).replace(b"alice", b"caf\xe9")), EC, ["ES256"])
    )
    yield rule(
        "3.7",
        "UTF-16",
        [
            "json_utf8",
            "json_syntax",
            "json_string",
        ],
        ask(token(EC, compact(claims()).decode().encode("utf-16")), EC, ["ES256"]),
    )


def claim_practices():
    ec_token = token(EC, claims())
    yield rule("3.8", "the issuer of the keys", None, ask(ec_token, EC, ["ES256"]))
    yield rule(
        "3.8", "an issuer with a slash too many", "iss_unknown", ask(token(EC, claims(iss=ISSUER + "/")), EC, ["ES256"])
    )
    yield rule("3.8", "no issuer", "iss_missing", ask(token(EC, claims(iss=None)), EC, ["ES256"]))
    yield rule(
        "3.8",
        "a subject is required and missing",
        "claim_missing",
        ask(token(EC, claims(sub=None)), EC, ["ES256"], required_claims=["sub"]),
    )
    yield rule("3.9", "one of several audiences", None, ask(token(EC, claims(aud=["a", AUDIENCE])), EC, ["ES256"]))
    yield rule(
        "3.9", "another audience", "aud_mismatch", ask(token(EC, claims(aud="https://other.example")), EC, ["ES256"])
    )
    yield rule("3.9", "no audience", "aud_missing", ask(token(EC, claims(aud=None)), EC, ["ES256"]))
    yield rule("3.10", "a kid that the set has", None, ask(ec_token, EC, ["ES256"]))
    yield rule(
        "3.10",
        "SQL as the kid",
        "key_unknown",
        ask(token(EC, claims(), header={"alg": "ES256", "kid": "' OR '1'='1"}), EC, ["ES256"]),
    )
    yield rule("3.10", "a jku of the attacker", "signature_invalid", ask(attacker_token(), EC, ["ES256"]))
    yield rule(
        "3.11", "the wanted typ", None, ask(token(EC, claims(), typ="secevent+jwt"), EC, ["ES256"], typ="secevent+jwt")
    )
    yield rule(
        "3.11", "another typ", "typ_mismatch", ask(token(EC, claims(), typ="JWT"), EC, ["ES256"], typ="secevent+jwt")
    )
    yield rule("3.11", "no typ", "typ_missing", ask(ec_token, EC, ["ES256"], typ="secevent+jwt"))
    yield rule("3.12", "an access token where one is wanted", None, ask(access_token(), EC, ["ES256"], typ="at+jwt"))
    yield rule(
        "3.12",
        "a logout token where an access token is wanted",
        "typ_mismatch",
        ask(access_token(typ="logout+jwt"), EC, ["ES256"], typ="at+jwt"),
    )
    yield rule(
        "3.12",
        "a token of another kind lacks the claims",
        "claim_missing",
        ask(access_token(client_id=None), EC, ["ES256"], typ="at+jwt", required_claims=["client_id"]),
    )


def confused():
    head = f"{b64u(compact({'alg': 'HS256', 'kid': RSA.kid}))}.{b64u(compact(claims()))}"
    return f"{head}.{b64u(hmac.new(RSA.spki(), head.encode(), hashlib.sha256).digest())}"


def unsecured():
    return f"{b64u(compact({'alg': 'none'}))}.{b64u(compact(claims()))}.AAAA"


def attacker_token():
    header = {"alg": "ES256", "kid": EC.kid, "jku": "https://attacker.example/keys"}
    return token(RING.ec("P-256", "attacker"), claims(), header=header)


def access_token(typ="at+jwt", **members):
    return token(EC, claims(**{"client_id": "client-1", "scope": "orders:read", **members}), typ=typ)


REQUIRED = ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"]


def access_tokens():
    def at(text):
        return ask(text, EC, ["ES256"], typ="at+jwt", required_claims=REQUIRED)

    yield rule("2.1", "typ at+jwt", None, at(access_token()))
    yield rule("2.1", "typ application/at+jwt", None, at(access_token("application/at+jwt")))
    yield rule("4", "typ JWT", "typ_mismatch", at(access_token("JWT")))
    yield rule("4", "typ at+JWT: names are compared as they are", "typ_mismatch", at(access_token("at+JWT")))
    yield rule("4", "no typ", "typ_missing", at(access_token(None)))
    yield rule(
        "2.1",
        "alg none",
        "alg_none",
        at(f"{b64u(compact({'alg': 'none', 'typ': 'at+jwt'}))}.{b64u(compact(claims()))}.AAAA"),
    )
    errors = {"iss": "iss_missing", "exp": "exp_missing", "aud": "aud_missing"}
    for name in REQUIRED:
        yield rule("2.2", f"no {name}", errors.get(name, "claim_missing"), at(access_token(**{name: None})))
    yield rule("4", "another issuer", "iss_unknown", at(access_token(iss="https://other.example")))
    yield rule("4", "another audience", "aud_mismatch", at(access_token(aud=["https://other.example"])))
    yield rule(
        "4", "several audiences, one of them ours", None, at(access_token(aud=["https://other.example", AUDIENCE]))
    )
    yield rule("4", "expired", "token_expired", at(access_token(exp=1)))
    yield rule("2.2.3", "a scope is a string", None, at(access_token(scope="a b c")))


def fully_specified():
    """RFC 9864: Ed25519 and Ed448 as names; EdDSA stays for both curves."""
    keys = {crv: RING.okp(crv, kid=crv) for crv in ("Ed25519", "Ed448")}
    for crv, key in keys.items():
        other = keys["Ed448" if crv == "Ed25519" else "Ed25519"]
        yield rule("2.2", f"{crv} under its own name", None, ask(token(key, claims(), alg=crv), key, [crv]))
        yield rule(
            "2.2",
            f"{crv} under its own name, in the JWK as well",
            None,
            ask(token(key, claims(), alg=crv), key_set(with_members(key, alg=crv)), [crv]),
        )
        yield rule("2.2", f"{crv} under EdDSA", None, ask(token(key, claims(), alg="EdDSA"), key, ["EdDSA"]))
        yield rule(
            "2.2",
            f"{crv} with the name of the other",
            "key_alg_mismatch",
            ask(token(key, claims(), alg=other.crv), key, ["Ed25519", "Ed448"]),
        )
        yield rule(
            "2.2", f"{crv}, EdDSA not allowed", "alg_not_allowed", ask(token(key, claims(), alg="EdDSA"), key, [crv])
        )
        yield rule(
            "2.2", f"EdDSA allowed, {crv} not", "alg_not_allowed", ask(token(key, claims(), alg=crv), key, ["EdDSA"])
        )
        yield rule(
            "2.2",
            f"{crv} with the JWK of EdDSA",
            "key_alg_mismatch",
            ask(token(key, claims(), alg=crv), key_set(with_members(key, alg="EdDSA")), [crv]),
        )
        yield rule(
            "2.2",
            f"{crv} in lower case",
            "alg_unknown",
            ask(token(key, claims(), header={"alg": crv.lower()}), key, [crv]),
        )
    for name in ("ESP256", "ESP384", "ESP512", "ESB256"):
        yield rule(
            "2.1",
            f"{name} is a name of COSE",
            "alg_unknown",
            ask(token(EC, claims(), header={"alg": name}), EC, ["ES256", name]),
        )


def write(name, source, rules):
    cases = [case(source, number, *entry) for number, entry in enumerate(rules, 1)]
    text = json.dumps({"source": source, "made_by": "make_practices.py", "cases": cases}, indent=1)
    (HERE / name).write_text(text + "\n")


if __name__ == "__main__":
    write("rfc8725.json", "RFC 8725", [*algorithm_practices(), *input_practices(), *claim_practices()])
    write("rfc9068.json", "RFC 9068", access_tokens())
    write("rfc9864.json", "RFC 9864", fully_specified())
