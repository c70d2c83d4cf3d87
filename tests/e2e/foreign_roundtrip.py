"""Live round trip with another implementation: jwcrypto makes keys and tokens, the program under test judges them.

Fresh keys on every run, every algorithm that jwcrypto supports, keys alone and in sets, with kid and without; each
token is accepted, and rejected for the right reason once its key, its algorithm or one bit is wrong.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "vectors"))

from foreign.derive import ALGORITHMS, AUDIENCE, ISSUER, NOW, request, token_cases  # noqa: E402
from foreign.make_tokens import KEYS, by_jwcrypto, public  # noqa: E402
from jwcrypto import jwk, jws, jwt  # noqa: E402
from line_protocol import OK, Case, binary_argument, finish, names, replay  # noqa: E402

SOURCE = f"jwcrypto {version('jwcrypto')}"
ROUNDS = 3
EDDSA = {f"EdDSA-{crv}": {"kty": "OKP", "crv": crv} for crv in ("Ed25519", "Ed448")}


def single_keys():
    """Every algorithm, fresh keys each round."""
    for _ in range(ROUNDS):
        for alg, parameters in KEYS.items():
            small = {**parameters, "size": 2048} if parameters["kty"] == "RSA" else parameters
            yield from token_cases(SOURCE, by_jwcrypto(alg, alg, small))
        for name, parameters in EDDSA.items():
            yield from token_cases(SOURCE, by_jwcrypto(name, "EdDSA", parameters))


def make_set():
    """One fresh key for every asymmetric algorithm: (alg, key)."""
    wanted = {
        **{alg: parameters for alg, parameters in KEYS.items() if parameters["kty"] == "EC"},
        "RS256": {"kty": "RSA", "size": 2048},
        "EdDSA": {"kty": "OKP", "crv": "Ed25519"},
    }
    return [(alg, jwk.JWK.generate(kid=f"set-{alg}", use="sig", **parameters)) for alg, parameters in wanted.items()]


def sign(alg, key, header):
    token = jwt.JWT(
        header={"alg": alg, **header},
        algs=[alg],
        claims={"iss": ISSUER, "aud": [AUDIENCE, "other"], "sub": "bob", "exp": NOW + 60, "nbf": NOW, "iat": NOW},
    )
    token.make_signed_token(key)
    return token.serialize()


def key_sets():
    """A JWK Set as jwcrypto exports it, private members and all, and only its public part."""
    keys = make_set()
    exported = jwk.JWKSet()
    for _, key in keys:
        exported.add(key)
    sets = {
        "public": json.loads(exported.export(private_keys=False)),
        "private": json.loads(exported.export(private_keys=True)),
    }
    for name, document in sets.items():
        for alg, key in keys:
            for header in ({"kid": key["kid"]}, {}):
                ask = {**request(sign(alg, key, header), {}), "jwks": document}
                yield Case("a set of jwcrypto", "RFC 7517 §5", f"{name}, {alg}, {header}", ask, OK)
            rest = {"keys": [entry for entry in document["keys"] if entry["kid"] != key["kid"]]}
            ask = {**request(sign(alg, key, {"kid": key["kid"]}), {}), "jwks": rest}
            yield Case(
                "a set of jwcrypto", "RFC 7517 §4.5", f"{name}, {alg}, its key removed", ask, names("key_unknown")
            )


def any_payload():
    """Payloads that are not claims, in mode jws."""
    key = jwk.JWK.generate(kty="EC", crv="P-256", kid="k")
    for payload in (b"", b"\0\xff" * 50, b"x" * 5000, "€".encode()):
        message = jws.JWS(payload)
        message.add_signature(key, "ES256", json.dumps({"alg": "ES256", "kid": "k"}), None)
        ask = request(message.serialize(compact=True), public(key), ALGORITHMS)
        ask["policy"]["mode"] = "jws"
        yield Case("any payload of jwcrypto", "RFC 7515 §5.2", f"{len(payload)} bytes", ask, OK)


if __name__ == "__main__":
    finish(replay(binary_argument(__doc__), [*single_keys(), *key_sets(), *any_payload()]))
