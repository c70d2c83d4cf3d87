"""The cases that come from one token of another implementation: it is accepted, and rejected once anything is wrong.

An entry has `token`, the signer's `jwk`, and `other_jwk`, another key of the same kind and kid; both public (or oct).
"""

import json

from jose_text import ALGORITHMS, b64u, unb64u
from line_protocol import Case, names

ISSUER = "https://issuer.example"
AUDIENCE = "https://api.example"
NOW = 1_700_000_000
UNSUPPORTED = "unsupported_algorithm"  # ML-DSA where the linked OpenSSL is older than 3.5
HEADER_BROKEN = ["json_utf8", "json_syntax", "json_not_an_object"]
BEFORE_ALGORITHM = ("alg_none", "alg_unknown", "alg_not_allowed")  # what is found before an algorithm is missed


def request(token, jwk, algorithms=None, now=NOW):
    return {
        "token": token,
        "jwks": {"keys": [jwk]},
        "policy": {
            "issuer": ISSUER,
            "audiences": [AUDIENCE],
            "algorithms": algorithms or ALGORITHMS,
            "leeway_s": 0,
            "now": now,
        },
    }


def with_alg(token, alg):
    """The token with the alg of its header replaced."""
    header, _, rest = token.partition(".")
    members = json.loads(unb64u(header))
    members["alg"] = alg
    return f"{b64u(json.dumps(members, separators=(',', ':')).encode())}.{rest}"


def flip(token, segment, byte, bit):
    """The token with one bit of one decoded segment flipped, canonically encoded again."""
    parts = token.split(".")
    data = bytearray(unb64u(parts[segment]))
    data[byte] ^= 1 << bit
    parts[segment] = b64u(bytes(data))
    return ".".join(parts)


def position(token, segment, text):
    """Where the text stands in a decoded segment."""
    return unb64u(token.split(".")[segment]).index(text.encode())


def flips(token, alg, kid):
    """(what, token, errors): one flipped bit in each segment, chosen so that the outcome is known."""
    kid_at = position(token, 0, f'"{kid}"') + 1
    yield "header, the first byte", flip(token, 0, 0, 7), HEADER_BROKEN
    yield "header, the first letter of kid", flip(token, 0, kid_at, 0), ["key_unknown"]
    iss_at = position(token, 1, f'"{ISSUER}"') + 1
    yield "payload, the first letter of iss", flip(token, 1, iss_at, 0), ["iss_unknown"]
    sub_at = position(token, 1, '"alice"') + 1
    yield "payload, the first letter of sub", flip(token, 1, sub_at, 0), ["signature_invalid"]
    yield "payload, its last byte", flip(token, 1, -1, 7), ["json_utf8", "json_syntax", "json_end"]
    yield "signature, the first bit of its second byte", flip(token, 2, 1, 0), signature_errors(alg)
    yield "signature, the last byte", flip(token, 2, -1, 0), signature_errors(alg)


def signature_errors(alg):
    """A flipped bit may carry an RSA number over n, and an EdDSA R or S out of its range."""
    ranged = alg.startswith(("RS", "PS", "Ed"))
    return ["signature_invalid", "signature_range"] if ranged else ["signature_invalid"]


def other_algs(alg):
    """(another alg of the list, errors) for a key that stands under `alg`, without an alg of its own."""
    families = {
        "HS": ["RS256", "ES256"],
        "RS": ["HS256", "ES256", "EdDSA"],
        "PS": ["HS256", "ES384", "EdDSA"],
        "ES": ["HS256", "RS256", "EdDSA"],
        "Ed": ["HS256", "RS256", "ES256"],
        "ML": ["HS256", "ES256"],
    }
    for other in families[alg[:2]]:
        if other != alg:
            yield other, ["key_alg_mismatch"]
    curves = {"ES256": "ES384", "ES384": "ES512", "ES512": "ES256K", "ES256K": "ES256"}
    if alg in curves:
        yield curves[alg], ["key_alg_mismatch"]


def siblings(alg):
    """Other algs that the same key may verify: the signature decides."""
    return {
        "RS256": ["PS256", "RS512"],
        "PS256": ["RS256", "PS384"],
        "RS384": ["PS384"],
        "PS384": ["RS384"],
        "RS512": ["PS512"],
        "PS512": ["RS512"],
    }.get(alg, [])


def without_ml_dsa(expect):
    """The answer to an ML-DSA token where OpenSSL has no ML-DSA: its key was dropped, its algorithm is missed early."""
    if expect and (expect[0] in BEFORE_ALGORITHM or expect == HEADER_BROKEN):
        return expect
    return ["key_unknown"] if expect == ["key_alg_mismatch"] else [UNSUPPORTED]


def token_cases(source, entry, ml_dsa=False):
    """Every case of one entry. `ml_dsa`: whether the linked OpenSSL has ML-DSA."""
    token, jwk, alg = entry["token"], entry["jwk"], entry["alg"]

    def case(what, ask, expect=None):
        if alg.startswith("ML-DSA") and not ml_dsa:
            expect = without_ml_dsa(expect)
        return Case(f"foreign {alg}", "RFC 7515 §5.2", f"{source}: {entry['id']}: {what}", ask, names(expect))

    yield case("accepted", request(token, jwk))
    yield case("accepted, only its alg allowed", request(token, jwk, [alg]))
    yield case("another key of that kid", request(token, entry["other_jwk"]), ["signature_invalid"])
    yield case("expired", request(token, jwk, now=NOW + 10**9), ["token_expired"])
    yield case("its alg not allowed", request(token, jwk, [a for a in ALGORITHMS if a != alg]), ["alg_not_allowed"])
    yield case("alg none", request(with_alg(token, "none"), jwk), ["alg_none"])
    yield case("alg in lower case", request(with_alg(token, alg.lower()), jwk), ["alg_unknown"])
    yield case(
        "cut by one byte",
        request(token.rpartition(".")[0] + "." + b64u(unb64u(token.rpartition(".")[2])[:-1]), jwk),
        ["signature_length"],
    )
    for other, errors in other_algs(alg):
        yield case(f"alg {other} in the header", request(with_alg(token, other), jwk), errors)
    for other in siblings(alg):
        yield case(f"alg {other} in the header", request(with_alg(token, other), jwk), ["signature_invalid"])
    for what, attack, errors in flips(token, alg, jwk["kid"]):
        yield case(f"one bit flipped: {what}", request(attack, jwk), errors)
