"""Makes tokens.json: one token per algorithm, signed by jwcrypto with fresh keys.

jwcrypto 1.1 knows neither Ed25519 nor Ed448 as names of algorithms (RFC 9864); those two are signed by the
`cryptography` package. Run it again only to change the tokens: the file is committed, and its keys are thrown away.
"""

import base64
import json
import sys
from importlib.metadata import version
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed448, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwcrypto import jwk, jwt

ISSUER = "https://issuer.example"
AUDIENCE = "https://api.example"
NOW = 1_700_000_000
CLAIMS = {"iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "exp": NOW + 3600, "iat": NOW - 60, "jti": "foreign-1"}
KEYS = {
    "HS256": {"kty": "oct", "size": 256},
    "HS384": {"kty": "oct", "size": 384},
    "HS512": {"kty": "oct", "size": 512},
    "RS256": {"kty": "RSA", "size": 2048},
    "RS384": {"kty": "RSA", "size": 2048},
    "RS512": {"kty": "RSA", "size": 2048},
    "PS256": {"kty": "RSA", "size": 2048},
    "PS384": {"kty": "RSA", "size": 3072},
    "PS512": {"kty": "RSA", "size": 4096},
    "ES256": {"kty": "EC", "crv": "P-256"},
    "ES384": {"kty": "EC", "crv": "P-384"},
    "ES512": {"kty": "EC", "crv": "P-521"},
    "ES256K": {"kty": "EC", "crv": "secp256k1"},
}


def b64u(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def public(key):
    return json.loads(key.export() if key["kty"] == "oct" else key.export_public())


def entry(name, alg, token, key, other):
    return {"id": name, "alg": alg, "token": token, "jwk": key, "other_jwk": other}


def by_jwcrypto(name, alg, parameters):
    """A token under a new key, and another key of the same kid."""
    kid = f"k-{name.lower()}"
    key, other = (jwk.JWK.generate(kid=kid, **parameters) for _ in range(2))
    token = jwt.JWT(header={"alg": alg, "kid": kid, "typ": "JWT"}, claims=CLAIMS, algs=[alg])
    token.make_signed_token(key)
    return entry(name, alg, token.serialize(), public(key), public(other))


def by_cryptography(crv, kind):
    """The same under the algorithm names of RFC 9864, put together by hand."""
    kid = f"k-{crv.lower()}"
    keys = [kind.generate(), kind.generate()]
    jwks = [
        {"kty": "OKP", "crv": crv, "kid": kid, "x": b64u(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))}
        for key in keys
    ]
    header = {"alg": crv, "kid": kid, "typ": "JWT"}
    head = ".".join(b64u(json.dumps(part, separators=(",", ":")).encode()) for part in (header, CLAIMS))
    return entry(crv, crv, f"{head}.{b64u(keys[0].sign(head.encode()))}", *jwks)


def make():
    tokens = [by_jwcrypto(alg, alg, parameters) for alg, parameters in KEYS.items()]
    tokens += [by_jwcrypto(f"EdDSA-{crv}", "EdDSA", {"kty": "OKP", "crv": crv}) for crv in ("Ed25519", "Ed448")]
    tokens += [by_cryptography("Ed25519", ed25519.Ed25519PrivateKey), by_cryptography("Ed448", ed448.Ed448PrivateKey)]
    made_with = f"jwcrypto {version('jwcrypto')}, cryptography {version('cryptography')}"
    return {"made_with": made_with, "made_by": "make_tokens.py", "claims": CLAIMS, "tokens": tokens}


if __name__ == "__main__":
    target = Path(__file__).with_name("tokens.json") if len(sys.argv) < 2 else Path(sys.argv[1])
    target.write_text(json.dumps(make(), indent=1) + "\n")
