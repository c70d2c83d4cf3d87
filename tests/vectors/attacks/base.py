"""What the attack modules share: one honest issuer, its keys and claims, and short ways to write a request."""

import functools
import json

from jose import KeyRing, compact, token
from jose_text import b64u
from line_protocol import Case, Raw, names

NOW = 1_700_000_000
ISSUER = "https://issuer.example"
AUDIENCE = "https://api.example"
RING = KeyRing()
RSA = RING.rsa("rsa2048", kid="rsa")
RSA_OTHER = RING.rsa("rsa2048_other", kid="rsa")
EC = RING.ec("P-256", kid="ec")
EC_OTHER = RING.ec("P-256", "other", kid="ec")
ED = RING.okp("Ed25519", kid="ed")
OCT = RING.oct(64, kid="oct")

# No kid in the token and no key in the set that fits its alg.
NO_KEY_FITS = "key_unknown"


def row(name):
    """A maker of cases for one row: case(clause, description, request, error or list of errors or None)."""

    def make(clause, description, request, expect=None):
        return Case(name, clause, description, request, names(expect))

    return make


def claims(**members):
    """The honest claims with some replaced; a value of None leaves the claim out."""
    base = {"iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "exp": NOW + 600, "iat": NOW - 60, "jti": "id-1"}
    base.update(members)
    return {name: value for name, value in base.items() if value is not None}


def claims_text(**members):
    """The honest claims as JSON text, some values replaced by JSON text that json.dumps would not write."""
    parts = [f"{json.dumps(name)}:{json.dumps(value)}" for name, value in claims().items() if name not in members]
    parts += [f"{json.dumps(name)}:{value}" for name, value in members.items()]
    return "{" + ",".join(parts) + "}"


def key_set(*keys):
    """A JWK Set of keys, JWKs, or Raw JSON text."""
    values = [key if isinstance(key, (dict, Raw)) else key.jwk for key in keys]
    if any(isinstance(value, Raw) for value in values):
        return Raw('{"keys":[' + ",".join(v if isinstance(v, Raw) else json.dumps(v) for v in values) + "]}")
    return {"keys": values}


def policy(algorithms, **members):
    base = {"issuer": ISSUER, "audiences": [AUDIENCE], "algorithms": list(algorithms), "leeway_s": 0, "now": NOW}
    base.update(members)
    return base


def ask(text, jwks, algorithms, **members):
    """A request: the token, a key set (or one key), the algorithms allowed and other members of the policy."""
    if not isinstance(jwks, (dict, Raw, list)):
        jwks = key_set(jwks)
    return {"token": text, "jwks": jwks, "policy": policy(algorithms, **members)}


def ask_ec(payload=None, header=None, policy_members=None, **kwargs):
    """A request with a token that the honest EC key signed: for attacks that are not about the signature."""
    text = token(EC, claims() if payload is None else payload, header=header, **kwargs)
    return ask(text, EC, ["ES256"], **(policy_members or {}))


def raw_verify(jwk, alg, message, signature):
    return {"op": "raw_verify", "alg": alg, "jwk": jwk, "msg": b64u(message), "sig": b64u(signature)}


def key_refused(case, clause, description, jwk, reason, key, alg):
    """Two cases for a key that must not be imported: absent to a token, and its own error to raw_verify.

    `key` signs: where the refused key could verify the signature, an engine that imported it would accept.
    """
    text = token(key, claims(), alg=alg)
    message = b"a message"
    yield case(clause, f"{description}: a token", ask(text, key_set(jwk), [alg]), "key_unknown")
    yield case(clause, f"{description}: the reason", raw_verify(jwk, alg, message, key.sign(message, alg)), reason)


def key_accepted(case, clause, description, jwk, key, alg):
    """Two cases for a key that must be imported."""
    text = token(key, claims(), alg=alg)
    message = b"a message"
    yield case(clause, f"{description}: a token", ask(text, key_set(jwk), [alg]))
    yield case(clause, f"{description}: raw", raw_verify(jwk, alg, message, key.sign(message, alg)))


def with_members(key, **members):
    """The JWK of a key with members replaced; None takes one out."""
    jwk = {**key.jwk, **members}
    return {name: value for name, value in jwk.items() if value is not None}


def segments(header, payload, signature):
    """A token from parts: bytes are encoded, a str stands as it is."""
    return ".".join(part if isinstance(part, str) else b64u(part) for part in (header, payload, signature))


@functools.lru_cache(maxsize=None)
def honest_parts():
    """The three segments of an honest ES256 token."""
    return tuple(token(EC, claims()).split("."))


def header_bytes(**members):
    return compact({"alg": "ES256", "kid": EC.kid, **members})
