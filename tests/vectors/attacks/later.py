"""Rows whose features come later: what can be shown of them now, and {"skip": true} for the rest.

The verdict cache: the answers below must not depend on whether there is one.
"""

from jose import token

from .base import AUDIENCE, EC, EC_OTHER, NOW, RSA, RSA_OTHER, ask, claims, row
from line_protocol import SKIP

CACHE = row("verdict cache: look-alike tokens, exp passed, key removed, policy changed")
REVOCATION = row("revocation")
BINDING = row("DPoP, mTLS, cnf-bound token sent as Bearer")


def cache_cases():
    clause = "RFC 7519 §4.1.4, RFC 8725 §3.10"
    for key, same_kid, other in ((EC, EC_OTHER, RSA), (RSA, RSA_OTHER, EC)):
        text = token(key, claims(), alg=key.alg)
        good = ask(text, key, [key.alg])
        steps = (
            ("twin: first", good, None),
            ("twin: again", good, None),
            ("exp passed", ask(text, key, [key.alg], now=NOW + 600), "token_expired"),
            ("twin: a step back", good, None),
            ("key removed", ask(text, other, [key.alg]), "key_unknown"),
            ("no keys", ask(text, {"keys": []}, [key.alg]), "key_unknown"),
            ("twin: key back", good, None),
            ("another key of that kid", ask(text, same_kid, [key.alg]), "signature_invalid"),
            ("alg no longer allowed", ask(text, key, ["ES384"]), "alg_not_allowed"),
            ("another audience", ask(text, key, [key.alg], audiences=["https://other.example"]), "aud_mismatch"),
            ("another issuer", ask(text, key, [key.alg], issuer="https://other.example"), "iss_unknown"),
            ("a typ wanted", ask(text, key, [key.alg], typ="at+jwt"), "typ_missing"),
            ("a claim required", ask(text, key, [key.alg], required_claims=["nbf"]), "claim_missing"),
            ("a shorter limit", ask(text, key, [key.alg], max_token_bytes=256), "token_too_large"),
            ("twin: policy back", good, None),
            ("look-alike: one bit of the signature", ask(flip(text, -20), key, [key.alg]), "signature_invalid"),
            ("look-alike: the other half of a signature", ask(splice(text, key), key, [key.alg]), "signature_invalid"),
            ("twin: last", good, None),
        )
        for name, request, expect in steps:
            yield CACHE(clause, f"{key.alg}: {name}", request, expect)
    text = token(EC, claims())
    for _ in range(3):
        yield CACHE(clause, "a forged token, again and again", ask(flip(text, -20), EC, ["ES256"]), "signature_invalid")


def flip(text, index):
    """One base64url character replaced by another."""
    return text[:index] + ("A" if text[index] != "A" else "B") + text[index + 1 :]


def splice(text, key):
    """The honest header and payload under the signature of other claims."""
    head = text.rpartition(".")[0]
    other = token(key, claims(jti="id-2"), alg=key.alg)
    return f"{head}.{other.rpartition('.')[2]}"


def later_cases():
    text = token(EC, claims())
    bound = token(EC, claims(cnf={"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}))
    yield REVOCATION("RFC 7009", "revoked", ask(text, EC, ["ES256"], revoked={"jti": ["id-1"]}), SKIP)
    yield BINDING("RFC 9449 §7.1", "require_binding", ask(text, EC, ["ES256"], require_binding=True), SKIP)
    yield BINDING(
        "RFC 9449 §7.2, RFC 8705 §3", "a cnf-bound token as Bearer", ask(bound, EC, ["ES256"]), "binding_missing"
    )
    yield BINDING(
        "RFC 9449 §4.3",
        "a DPoP proof",
        ask(bound, EC, ["ES256"], dpop={"proof": text, "htm": "GET", "htu": AUDIENCE, "max_age_s": 60}),
        SKIP,
    )


def cases():
    for group in (cache_cases, later_cases):
        yield from group()
