"""Rows about who decides the algorithm: none, confusion of key types, and disagreeing JWK members."""

import hmac
import json

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jose import HASHES, compact, signing_input, token
from jose_text import b64u, uint

from .base import EC, ED, NO_KEY_FITS, OCT, RING, RSA, ask, claims, key_set, raw_verify, row, segments, with_members

NONE = row("alg none, empty signature, unknown alg")
CONFUSION = row("HS/RS confusion, empty or short HMAC key")
DISAGREE = row("JWK alg, use, key_ops or curve disagree")

NONE_SPELLINGS = ("none", "None", "NONE", "nONE", "noNe", "NoNe", "nOnE", "nonE")
UNKNOWN_ALGS = (
    "",
    "es256",
    "Es256",
    "ES256 ",
    " ES256",
    "ES257",
    "ES25",
    "ES2566",
    "ES256\0",
    "ES256\n",
    "RS1",
    "HS256/64",
    "HMAC",
    "ECDSA",
    "ESP256",
    "ES521",
    "EdDSA ",
    "eddsa",
    "ED25519",
    "ed448",
    "Ed25519ph",
    "ML-DSA-128",
    "RSA-OAEP",
    "RSA1_5",
    "dir",
    "A128KW",
    "A256GCM",
    "ECDH-ES",
    "PBES2-HS256+A128KW",
    " none",
    "none ",
    "none\0",
    "nonе",
    "n\u00f6ne",
    "null",
    "ＥＳ256",
    "x" * 4000,
)
EVERYTHING = ["ES256", "RS256", "PS256", "HS256", "EdDSA"]


def unsigned(alg, signature):
    head = segments(compact({"alg": alg, "kid": EC.kid}), compact(claims()), "")
    return head + (signature if isinstance(signature, str) else b64u(signature))


def none_cases():
    clause = "RFC 8725 §3.2, RFC 7518 §3.6"
    yield NONE(clause, "twin: the same claims, signed", ask(token(EC, claims()), EC, EVERYTHING))
    for alg in NONE_SPELLINGS:
        for allowed in (EVERYTHING, ["none"], [alg, "ES256"]):
            yield NONE(
                clause,
                f"alg {alg} with a signature, {allowed} allowed",
                ask(unsigned(alg, EC.sign(b"x")), EC, allowed),
                "alg_none",
            )
        yield NONE(
            clause,
            f"alg {alg} with an empty signature",
            ask(unsigned(alg, ""), EC, ["none", "ES256"]),
            "token_empty_segment",
        )
    yield NONE(
        clause,
        "alg none, escaped in the JSON",
        ask(segments(b'{"alg":"\\u006eone"}', compact(claims()), b"x"), EC, ["none"]),
        "alg_none",
    )
    yield NONE(
        clause,
        "alg none, a valid ES256 signature over it",
        ask(token(EC, claims(), header={"alg": "none", "kid": EC.kid}), EC, ["none", "ES256"]),
        "alg_none",
    )
    yield NONE(clause, "alg none and no usable key", ask(unsigned("none", b"x"), {"keys": []}, ["none"]), "alg_none")


def empty_signature_cases():
    clause = "RFC 7515 §5.2"
    for key in (EC, RSA, ED, OCT):
        yield NONE(
            clause,
            f"{key.alg} with an empty signature",
            ask(token(key, claims()).rpartition(".")[0] + ".", key, [key.alg]),
            "token_empty_segment",
        )
        yield NONE(clause, f"{key.alg}: twin", ask(token(key, claims()), key, [key.alg]))
        yield NONE(
            clause,
            f"{key.alg} with a signature of one zero byte",
            ask(token(key, claims(), sign=lambda _: b"\0"), key, [key.alg]),
            "signature_length",
        )


def unknown_alg_cases():
    clause = "RFC 7515 §4.1.1, RFC 8725 §3.1"
    for alg in UNKNOWN_ALGS:
        yield NONE(
            clause,
            f"unknown alg {alg[:20]!r}",
            ask(token(EC, claims(), header={"alg": alg, "kid": EC.kid}), EC, ["ES256", alg]),
            "alg_unknown",
        )
    for alg in ("HS256", "RS256", "PS512", "ES384", "ES256K", "EdDSA", "Ed25519", "ML-DSA-44"):
        yield NONE(
            clause,
            f"known alg {alg} not on the list",
            ask(token(EC, claims(), header={"alg": alg, "kid": EC.kid}), EC, ["ES256"]),
            "alg_not_allowed",
        )
    yield NONE(clause, "an empty list allows nothing", ask(token(EC, claims()), EC, []), "alg_not_allowed")
    for value in ("null", "1", "true", '["ES256"]', '{"a":"ES256"}'):
        header = f'{{"alg":{value},"kid":"ec"}}'.encode()
        yield NONE(
            clause, f"alg is {value}", ask(token(EC, claims(), header=header), EC, ["ES256"]), "header_member_type"
        )
    yield NONE(clause, "no alg", ask(token(EC, claims(), header={"kid": "ec"}), EC, ["ES256"]), "header_alg_missing")
    yield NONE(
        clause,
        "Alg instead of alg",
        ask(token(EC, claims(), header={"Alg": "ES256", "kid": "ec"}), EC, ["ES256"]),
        "header_alg_missing",
    )


def public_key_secrets():
    """Every spelling of a public key that libraries have been talked into using as an HMAC secret."""
    rsa_pem = RSA.spki(Encoding.PEM)
    yield "RSA PEM", RSA, rsa_pem
    yield "RSA PEM without its last newline", RSA, rsa_pem.rstrip(b"\n")
    yield "RSA PEM with CRLF", RSA, rsa_pem.replace(b"\n", b"\r\n")
    yield "RSA DER", RSA, RSA.spki(Encoding.DER)
    yield "RSA PKCS#1 PEM", RSA, RSA.spki(Encoding.PEM, PublicFormat.PKCS1)
    yield "RSA PKCS#1 DER", RSA, RSA.spki(Encoding.DER, PublicFormat.PKCS1)
    yield "RSA JWK", RSA, compact(RSA.jwk)
    yield "RSA JWK with spaces", RSA, json.dumps(RSA.jwk).encode()
    yield "RSA JWK Set", RSA, compact(key_set(RSA))
    yield "RSA modulus", RSA, uint(RSA.n)
    yield "RSA modulus as base64url", RSA, b64u(uint(RSA.n)).encode()
    yield "RSA exponent", RSA, uint(RSA.e)
    yield "EC PEM", EC, EC.spki(Encoding.PEM)
    yield "EC DER", EC, EC.spki(Encoding.DER)
    yield "EC JWK", EC, compact(EC.jwk)
    yield "EC x", EC, uint(EC.x, 32)
    yield "EC point", EC, b"\x04" + uint(EC.x, 32) + uint(EC.y, 32)
    yield "Ed25519 public key", ED, ED.public
    yield "Ed25519 JWK", ED, compact(ED.jwk)
    yield "an empty secret", RSA, b""
    yield "32 zero bytes", RSA, bytes(32)


def hmac_token(secret, alg, **header):
    head = signing_input({"alg": alg, **header}, claims())
    return f"{head}.{b64u(hmac.new(secret, head.encode(), HASHES[alg[2:]]).digest())}"


def confusion_cases():
    clause = "RFC 8725 §2.1, §3.1"
    for name, key, secret in public_key_secrets():
        for alg in ("HS256", "HS512"):
            yield CONFUSION(
                clause,
                f"{alg} under {name}, with kid",
                ask(hmac_token(secret, alg, kid=key.kid), key, [key.alg, alg]),
                "key_alg_mismatch",
            )
        yield CONFUSION(
            clause,
            f"HS256 under {name}, no kid",
            ask(hmac_token(secret, "HS256"), key, [key.alg, "HS256"]),
            NO_KEY_FITS,
        )
        yield CONFUSION(
            clause,
            f"HS256 under {name}, HS256 not allowed",
            ask(hmac_token(secret, "HS256", kid=key.kid), key, [key.alg]),
            "alg_not_allowed",
        )
    for key in (RSA, EC, ED):
        yield CONFUSION(
            clause, f"twin: {key.alg} with HS256 allowed as well", ask(token(key, claims()), key, [key.alg, "HS256"])
        )
    for key in (RSA, EC, ED):
        yield CONFUSION(
            clause,
            f"{key.alg} token, an oct key of that kid",
            ask(token(key, claims()), RING.oct(64, kid=key.kid), [key.alg, "HS256"]),
            "key_alg_mismatch",
        )


def wrong_family_cases():
    """A key of one asymmetric family under the alg of another."""
    clause = "RFC 8725 §3.1, RFC 7518 §3.1"
    keys = {
        "RS256": RSA,
        "PS256": RSA,
        "ES256": EC,
        "ES384": RING.ec("P-384", kid="p384"),
        "ES512": RING.ec("P-521", kid="p521"),
        "ES256K": RING.ec("secp256k1", kid="k1"),
        "EdDSA": ED,
        "Ed25519": ED,
        "Ed448": RING.okp("Ed448", kid="ed448"),
    }
    for alg, key in keys.items():
        yield CONFUSION(clause, f"twin: {alg}", ask(token(key, claims(), alg=alg), key, [alg]))
        for other in keys:
            if keys[other] is key or (alg == "Ed448" and other == "EdDSA"):
                continue
            text = token(key, claims(), header={"alg": other, "kid": key.kid}, alg=alg)
            yield CONFUSION(
                clause,
                f"{other} in the header, the key of kid is for {alg}",
                ask(text, key, [alg, other]),
                "key_alg_mismatch",
            )


def hmac_key_cases():
    clause = "RFC 7518 §3.2"
    message = b"a message"
    for alg, size in (("HS256", 32), ("HS384", 48), ("HS512", 64)):
        for length in (size, size + 1, 200):
            key = RING.oct(length, kid="h")
            yield CONFUSION(clause, f"twin: {alg} with {length} bytes", ask(token(key, claims(), alg=alg), key, [alg]))
        for length in (1, 16, size - 1):
            key = RING.oct(length, kid="h")
            jwk = with_members(key, alg=alg)
            yield CONFUSION(
                clause,
                f"{alg} with {length} bytes, alg in the JWK",
                ask(token(key, claims(), alg=alg), jwk_set(jwk), [alg]),
                "key_unknown",
            )
            yield CONFUSION(
                clause,
                f"{alg} with {length} bytes, the reason",
                raw_verify(jwk, alg, message, key.sign(message, alg)),
                "jwk_oct_short",
            )
    short = RING.oct(32, kid="h")
    for alg in ("HS384", "HS512"):
        yield CONFUSION(
            clause,
            f"{alg} with 32 bytes, no alg in the JWK: fits HS256 only",
            ask(token(short, claims(), alg=alg), short, [alg]),
            "key_alg_mismatch",
        )
    yield CONFUSION(
        clause,
        "a key too short for any hash, no alg in the JWK",
        ask(token(RING.oct(31, kid="h"), claims(), alg="HS256"), RING.oct(31, kid="h"), ["HS256"]),
        "key_unknown",
    )
    empty = RING.oct(0, kid="h")
    yield CONFUSION(clause, "an empty key", ask(token(empty, claims(), alg="HS256"), empty, ["HS256"]), "key_unknown")
    yield CONFUSION(
        clause,
        "an empty key, no kid",
        ask(token(empty, claims(), alg="HS256", header={"alg": "HS256"}), empty, ["HS256"]),
        NO_KEY_FITS,
    )


def jwk_set(*jwks):
    return {"keys": list(jwks)}


def mixed_set_cases():
    clause = "RFC 8725 §3.1"
    mixed = jwk_set(RSA.jwk, OCT.jwk)
    yield CONFUSION(
        clause,
        "an oct key among public keys is dropped",
        ask(token(OCT, claims()), mixed, ["HS256", "RS256"]),
        "key_unknown",
    )
    yield CONFUSION(
        clause,
        "an oct key among public keys, no kid",
        ask(token(OCT, claims(), header={"alg": "HS256"}), mixed, ["HS256", "RS256"]),
        NO_KEY_FITS,
    )
    yield CONFUSION(
        clause, "twin: the public key of the mixed set", ask(token(RSA, claims()), mixed, ["HS256", "RS256"])
    )
    yield CONFUSION(clause, "twin: the oct key alone", ask(token(OCT, claims()), OCT, ["HS256", "RS256"]))
    yield CONFUSION(
        clause,
        "twin: two oct keys",
        ask(token(OCT, claims()), jwk_set(RING.oct(64, "b").jwk, OCT.jwk), ["HS256", "RS256"]),
    )


def dropped(clause, description, key, signed_as, reason, **members):
    """A key that is dropped at import for its members, told to a token and to raw_verify."""
    jwk = with_members(key, **members)
    yield DISAGREE(
        clause,
        f"{description}: a token",
        ask(token(key, claims(), alg=signed_as), jwk_set(jwk), [signed_as]),
        "key_unknown",
    )
    yield DISAGREE(
        clause, f"{description}: the reason", raw_verify(jwk, signed_as, b"m", key.sign(b"m", signed_as)), reason
    )


def jwk_alg_cases():
    clause = "RFC 7517 §4.4"
    for key, alg, others in (
        (RSA, "RS256", ("RS384", "RS512", "PS256")),
        (RSA, "PS256", ("RS256", "PS512")),
        (OCT, "HS256", ("HS384", "HS512")),
        (ED, "EdDSA", ("Ed25519",)),
        (ED, "Ed25519", ("EdDSA",)),
    ):
        yield DISAGREE(
            clause,
            f"twin: alg {alg} in the JWK",
            ask(token(key, claims(), alg=alg), jwk_set(with_members(key, alg=alg)), [alg]),
        )
        for other in others:
            jwk = with_members(key, alg=other)
            yield DISAGREE(
                clause,
                f"{alg} token, alg {other} in the JWK",
                ask(token(key, claims(), alg=alg), jwk_set(jwk), [alg, other]),
                "key_alg_mismatch",
            )
            yield DISAGREE(
                clause,
                f"{alg} token, alg {other} in the JWK, no kid",
                ask(token(key, claims(), alg=alg, header={"alg": alg}), jwk_set(jwk), [alg, other]),
                NO_KEY_FITS,
            )
            yield DISAGREE(
                clause,
                f"{alg} signature, alg {other} in the JWK, raw",
                raw_verify(jwk, alg, b"m", key.sign(b"m", alg)),
                "key_alg_mismatch",
            )
    for key, alg, other in (
        (RSA, "RS256", "ES256"),
        (RSA, "RS256", "HS256"),
        (RSA, "RS256", "RSA-OAEP"),
        (RSA, "RS256", "none"),
        (RSA, "RS256", "rs256"),
        (RSA, "RS256", ""),
        (EC, "ES256", "ES384"),
        (EC, "ES256", "ES256K"),
        (EC, "ES256", "ES521"),
        (EC, "ES256", "ECDH-ES"),
        (EC, "ES256", "RS256"),
        (ED, "EdDSA", "Ed448"),
        (ED, "EdDSA", "ES256"),
        (OCT, "HS256", "RS256"),
        (OCT, "HS256", "A256KW"),
    ):
        yield from dropped(clause, f"{key.jwk['kty']} key with alg {other!r}", key, alg, "jwk_alg_mismatch", alg=other)


def jwk_use_cases():
    clause = "RFC 7517 §4.2, §4.3"
    for members in (
        {"use": "sig"},
        {"key_ops": ["verify"]},
        {"key_ops": ["sign", "verify"]},
        {"use": "sig", "key_ops": ["verify"]},
    ):
        yield DISAGREE(
            clause, f"twin: {members}", ask(token(EC, claims()), jwk_set(with_members(EC, **members)), ["ES256"])
        )
    for use in ("enc", "SIG", "Sig", "", "sig ", "sig\0", "verify"):
        yield from dropped(clause, f"use {use!r}", EC, "ES256", "jwk_use", use=use)
    for ops in (
        ["sign"],
        ["encrypt"],
        ["wrapKey", "unwrapKey"],
        [],
        ["verify", "verify"],
        ["Verify"],
        ["sign", "sign", "verify"],
    ):
        yield from dropped(clause, f"key_ops {ops}", EC, "ES256", "jwk_key_ops", key_ops=ops)
    yield from dropped(
        clause, "use sig and key_ops encrypt", EC, "ES256", "jwk_key_ops", use="sig", key_ops=["encrypt"]
    )
    yield from dropped(
        clause,
        "use sig, key_ops verify and encrypt",
        EC,
        "ES256",
        "jwk_key_ops",
        use="sig",
        key_ops=["verify", "encrypt"],
    )
    yield from dropped(
        clause, "use enc and key_ops verify", EC, "ES256", ["jwk_use", "jwk_key_ops"], use="enc", key_ops=["verify"]
    )


def jwk_curve_cases():
    clause = "RFC 7518 §3.4, §6.2.1.1"
    k1 = RING.ec("secp256k1", kid="k1")
    yield from dropped(clause, "a P-256 point under crv secp256k1", EC, "ES256", "jwk_ec_point", crv="secp256k1")
    yield from dropped(clause, "a secp256k1 point under crv P-256", k1, "ES256K", "jwk_ec_point", crv="P-256")
    yield from dropped(clause, "a P-256 point under crv P-384", EC, "ES256", "jwk_ec_length", crv="P-384")
    yield from dropped(clause, "an Ed25519 key under crv Ed448", ED, "EdDSA", "jwk_okp_length", crv="Ed448")
    for crv in ("p-256", "P256", "P-192", "P-224", "prime256v1", "brainpoolP256r1", "P-256\0", "", "Ed25519"):
        yield from dropped(clause, f"EC key with crv {crv!r}", EC, "ES256", "jwk_crv_unknown", crv=crv)
    for crv in ("X25519", "X448", "ed25519", "P-256", "Ed25519 "):
        yield from dropped(clause, f"OKP key with crv {crv!r}", ED, "EdDSA", "jwk_crv_unknown", crv=crv)
    for kty in ("ec", "Ec", "OKP", "RSA", "oct", "EC ", "", "AKP"):
        reason = (
            "jwk_kty_unknown"
            if kty not in ("OKP", "RSA", "oct", "AKP")
            else {"OKP": "jwk_crv_unknown"}.get(kty, "jwk_member_missing")
        )
        yield from dropped("RFC 7517 §4.1", f"EC key with kty {kty!r}", EC, "ES256", reason, kty=kty)


def cases():
    for group in (
        none_cases,
        empty_signature_cases,
        unknown_alg_cases,
        confusion_cases,
        wrong_family_cases,
        hmac_key_cases,
        mixed_set_cases,
        jwk_alg_cases,
        jwk_use_cases,
        jwk_curve_cases,
    ):
        yield from group()
