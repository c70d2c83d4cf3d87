"""Rows about RSA and symmetric keys and the members of a JWK."""

import hashlib
import json

from jose import RsaKey, token
from jose_text import b64u, uint

from .base import (
    EC,
    ED,
    OCT,
    RING,
    RSA,
    Raw,
    ask,
    claims,
    key_accepted,
    key_refused,
    key_set,
    raw_verify,
    row,
    with_members,
)
from .encoding import trailing_bits

RSA_KEYS = row("RSA padding variants, PSS salt and MGF, modulus and exponent")
TYPES = row("claims and JWK members of the wrong type or length")
JSON_TEXT = row("JSON: duplicates, escapes, trailing bytes, BOM, UTF-8, surrogates, depth")


def modulus_cases():
    clause = "RFC 7518 §3.3, §6.3.1.1"
    for name in ("rsa2048", "rsa3072", "rsa4096", "rsa8192"):
        key = RING.rsa(name)
        yield from key_accepted(RSA_KEYS, clause, f"twin: {key.bits} bits", key.jwk, key, "RS256")
    for name in ("rsa1024", "rsa2047", "rsa8200", "rsa2048_even"):
        key = RING.rsa(name)
        yield from key_refused(RSA_KEYS, clause, name, key.jwk, "jwk_rsa_modulus", key, "RS256")
    key = RING.rsa("rsa2048_roca")
    yield from key_refused(RSA_KEYS, "CVE-2017-15361", "ROCA", key.jwk, "jwk_rsa_weak", key, "RS256")
    n = uint(RSA.n)
    for what, value in {"a leading zero": b"\0" + n, "two leading zeros": b"\0\0" + n}.items():
        yield from key_refused(
            RSA_KEYS, clause, f"n with {what}", with_members(RSA, n=b64u(value)), "jwk_rsa_modulus", RSA, "RS256"
        )
    for what, value in {
        "zero": b"\0",
        "one": b"\1",
        "3": b"\3",
        "16,384 bits": b"\xff" * 2048,
        "a million bits": b"\xff" * 125000,
    }.items():
        yield from key_refused(
            RSA_KEYS, clause, f"n is {what}", with_members(RSA, n=b64u(value)), "jwk_rsa_modulus", RSA, "RS256"
        )


class TrivialKey(RsaKey):
    """e = 1: the padded hash is its own signature."""

    def decrypt(self, number):
        return number


class RabinKey(RsaKey):
    """e = 2: signatures are square roots, for messages whose padded hash is a square."""

    def decrypt(self, number):
        p, q = self.factors
        roots = [pow(number, (prime + 1) // 4, prime) for prime in (p, q)]
        if any(root * root % prime != number % prime for root, prime in zip(roots, (p, q))):
            raise ValueError("not a square")
        return roots[0] + p * ((roots[1] - roots[0]) * pow(p, -1, q) % q)


def exponent_cases():
    clause = "RFC 7518 §6.3.1.2, RFC 8017 §3.1"
    key = RING.rsa("rsa2048_any_exponent")
    for e in (3, 5, 17, 257, 65537, 2**32 - 1):
        good = key.with_exponent(e)
        yield from key_accepted(RSA_KEYS, clause, f"twin: e {e}", good.jwk, good, "RS256")
        yield from key_accepted(RSA_KEYS, clause, f"twin: e {e}, PSS", good.jwk, good, "PS256")
    large = int.from_bytes(hashlib.shake_256(b"e").digest(250), "big") | 1 << 1999 | 1
    while not coprime(large, key):
        large += 2
    for e in (2**32 + 1, large):
        bad = key.with_exponent(e)
        yield from key_refused(
            RSA_KEYS, clause, f"e of {e.bit_length()} bits", bad.jwk, "jwk_rsa_exponent", bad, "RS256"
        )
    trivial = TrivialKey(key.factors, 1, key.kid)
    yield from key_refused(RSA_KEYS, clause, "e 1", trivial.jwk, "jwk_rsa_exponent", trivial, "RS256")
    yield square_root_case(clause, RabinKey(key.factors, 2, key.kid))
    for e in (0, 2, 4, 65536, 65538, 2**32):
        yield RSA_KEYS(
            clause,
            f"e {e}: the reason",
            raw_verify(with_members(RSA, e=b64u(uint(e))), "RS256", b"m", RSA.sign(b"m", "RS256")),
            "jwk_rsa_exponent",
        )
        yield RSA_KEYS(
            clause,
            f"e {e}: a token",
            ask(token(RSA, claims()), key_set(with_members(RSA, e=b64u(uint(e)))), ["RS256"]),
            "key_unknown",
        )
    yield from key_refused(
        RSA_KEYS,
        clause,
        "e with a leading zero",
        with_members(RSA, e=b64u(b"\0\1\0\1")),
        "jwk_rsa_exponent",
        RSA,
        "RS256",
    )


def coprime(e, key):
    try:
        return all(pow(e, -1, p - 1) for p in key.factors)
    except ValueError:
        return False


def square_root_case(clause, key):
    counter = 0
    while True:
        try:
            text = token(key, claims(jti=f"try-{counter}"), alg="RS256")
            return RSA_KEYS(
                clause, "e 2, a square root as the signature", ask(text, key_set(key), ["RS256"]), "key_unknown"
            )
        except ValueError:
            counter += 1


MEMBERS = {  # member: JSON texts of the wrong type
    "kty": ("1", "null", '["EC"]'),
    "alg": ("1", "null", '["ES256"]'),
    "use": ("1", "null", '["sig"]'),
    "kid": ("1", "null", "[]", "{}"),
    "key_ops": ('"verify"', "1", "null", "{}", "[1]", "[null]", '["verify",1]'),
}


def member_type_cases():
    clause = "RFC 7517 §4"
    for name, texts in MEMBERS.items():
        for text in texts:
            yield from raw_member_cases(clause, EC, "ES256", name, text, "jwk_member_type")
    for key, alg, members in (
        (EC, "ES256", ("crv", "x", "y")),
        (RSA, "RS256", ("n", "e")),
        (ED, "EdDSA", ("crv", "x")),
        (OCT, "HS256", ("k",)),
    ):
        for name in members:
            for text in ("1", "null", "true", "[]", "{}", f'["{key.jwk[name]}"]'):
                yield from raw_member_cases(clause, key, alg, name, text, "jwk_member_type")
            yield TYPES(
                clause,
                f"{key.jwk['kty']} key without {name}: a token",
                ask(token(key, claims(), alg=alg), key_set(with_members(key, **{name: None})), [alg]),
                "key_unknown",
            )
            yield TYPES(
                clause,
                f"{key.jwk['kty']} key without {name}: the reason",
                raw_verify(with_members(key, **{name: None}), alg, b"m", key.sign(b"m", alg)),
                "jwk_member_missing",
            )
    yield TYPES(
        clause,
        "no kty: the reason",
        raw_verify(with_members(EC, kty=None), "ES256", b"m", EC.sign(b"m")),
        ["jwk_member_missing", "jwks_shape"],
    )
    yield TYPES(
        clause,
        "twin: members nobody knows are ignored",
        ask(
            token(EC, claims()), key_set(with_members(EC, foo=1, x5c=["AA=="], x5t="AAAA", iat=1, d="AAAA")), ["ES256"]
        ),
    )
    yield TYPES(
        clause,
        "RSA key with n and e swapped: the reason",
        raw_verify(with_members(RSA, n=RSA.jwk["e"], e=RSA.jwk["n"]), "RS256", b"m", bytes(256)),
        ["jwk_rsa_modulus", "jwk_rsa_exponent"],
    )


def raw_member_cases(clause, key, alg, name, text, reason):
    """A member replaced by JSON text: told to a token and to raw_verify."""
    jwk = json.dumps(with_members(key, **{name: None}))[:-1] + f',"{name}":{text}}}'
    kid = {} if name == "kid" else {"kid": key.kid}
    yield TYPES(
        clause,
        f"{key.jwk['kty']} key, {name} is {text[:20]}: a token",
        ask(token(key, claims(), header={"alg": alg, **kid}, alg=alg), key_set(Raw(jwk)), [alg]),
        "key_unknown",
    )
    message = b"m"
    yield TYPES(
        clause,
        f"{key.jwk['kty']} key, {name} is {text[:20]}: the reason",
        {**raw_verify({}, alg, message, key.sign(message, alg)), "jwk": Raw(jwk)},
        reason,
    )


def encoding_cases():
    clause = "RFC 7518 §6"
    for key, alg, name in (
        (EC, "ES256", "x"),
        (EC, "ES256", "y"),
        (RSA, "RS256", "n"),
        (RSA, "RS256", "e"),
        (ED, "EdDSA", "x"),
        (OCT, "HS256", "k"),
    ):
        good = key.jwk[name]
        for what, value in {
            "padding": good + "=",
            "a space": " " + good,
            "a newline": good + "\n",
            "+": good[:-1] + "+",
            "/ inside": good[:1] + "/" + good[2:],
            "an impossible length": good[: len(good) // 4 * 4 + 1 - 4],
            "a NUL": good + "\0",
            "é": good + "é",
        }.items():
            if what == "an impossible length" and len(good) < 5:
                value = good + "A"
            yield TYPES(
                clause,
                f"{key.jwk['kty']} {name} with {what}: the reason",
                raw_verify(with_members(key, **{name: value}), alg, b"m", key.sign(b"m", alg)),
                "jwk_member_encoding",
            )
            yield TYPES(
                clause,
                f"{key.jwk['kty']} {name} with {what}: a token",
                ask(token(key, claims(), alg=alg), key_set(with_members(key, **{name: value})), [alg]),
                "key_unknown",
            )
    for key, alg, name in ((EC, "ES256", "x"), (ED, "EdDSA", "x")):
        good = key.jwk[name]
        yield from key_refused(
            TYPES,
            clause,
            f"{key.jwk['kty']} {name} with trailing bits",
            with_members(key, **{name: trailing_bits(good)[0]}),
            "jwk_member_encoding",
            key,
            alg,
        )


def duplicate_cases():
    clause = "RFC 7517 §4"
    body = json.dumps(EC.jwk)[1:-1]
    for what, text in {
        "kty twice": f'{{{body},"kty":"EC"}}',
        "x twice": f'{{"x":"AA",{body}}}',
        "an escaped alg twice": f'{{{body},"alg":"ES256","\\u0061lg":"ES256"}}',
        "an unknown member twice": f'{{{body},"z":1,"z":1}}',
    }.items():
        yield JSON_TEXT(
            clause, f"JWK: {what}: a token", ask(token(EC, claims()), key_set(Raw(text)), ["ES256"]), "key_unknown"
        )
        yield JSON_TEXT(
            clause,
            f"JWK: {what}: the reason",
            {**raw_verify({}, "ES256", b"m", EC.sign(b"m")), "jwk": Raw(text)},
            "jwk_duplicate_member",
        )
    bad = f'{{{json.dumps(with_members(RSA, kid="bad"))[1:-1]},"e":"AQAB"}}'
    yield JSON_TEXT(
        clause, "twin: a bad JWK does not cost the others", ask(token(EC, claims()), key_set(Raw(bad), EC), ["ES256"])
    )
    yield JSON_TEXT(
        clause,
        "twin: a JWK with escaped names",
        ask(token(EC, claims()), key_set(Raw("{" + body.replace('"kty"', '"\\u006bty"') + "}")), ["ES256"]),
    )
    yield JSON_TEXT(clause, "twin: a single JWK instead of a set", ask(token(EC, claims()), EC.jwk, ["ES256"]))
    yield JSON_TEXT(
        clause, "twin: unknown members of the set", ask(token(EC, claims()), {"keys": [EC.jwk], "x": [1]}, ["ES256"])
    )
    for value in (1, "x", None, [], True):
        yield JSON_TEXT(
            clause,
            f"twin: an element {value!r} does not cost the others",
            ask(token(EC, claims()), {"keys": [value, EC.jwk]}, ["ES256"]),
        )


def cases():
    for group in (modulus_cases, exponent_cases, member_type_cases, encoding_cases, duplicate_cases):
        yield from group()
