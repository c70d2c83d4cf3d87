"""Rows about the JOSE header: embedded keys, kid, crit and b64, typ."""

import base64
import datetime
import json

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from jose import compact, token
from jose_text import b64u

from .base import (
    EC,
    EC_OTHER,
    ED,
    NO_KEY_FITS,
    OCT,
    RING,
    RSA,
    RSA_OTHER,
    ask,
    ask_ec,
    claims,
    key_set,
    row,
    segments,
    with_members,
)

EMBEDDED = row("embedded jwk, jku, x5u, x5c")
KID = row("kid with NUL, huge, wrong type, Unicode")
CRIT = row("crit; b64:false")
TYP = row("typ confusion")


def certificate(key):
    """A self-signed certificate of an EC key, base64 as in x5c."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer.example")])
    start = datetime.datetime(2023, 1, 1)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.private.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=3650))
        .sign(key.private, hashes.SHA256())
    )
    return base64.b64encode(built.public_bytes(Encoding.DER)).decode()


def embedded_cases():
    clause = "RFC 8725 §3.10, RFC 7515 §4.1.2-§4.1.6"
    attacker = RING.ec("P-256", "attacker", kid="attacker")
    url = "https://attacker.example/keys"
    for name, value in (
        ("jwk", attacker.jwk),
        ("jku", url),
        ("x5u", url),
        ("x5c", [certificate(attacker)]),
        ("jku", "file:///etc/passwd"),
        ("jku", "http://127.0.0.1:1/"),
        ("x5t", "AAAA"),
        ("x5t#S256", "AAAA"),
        ("cty", "JWT"),
    ):
        label = f"{name} {str(value)[:24]}"
        attacks = {
            "kid of the trusted key": ({"kid": EC.kid}, "signature_invalid"),
            "no kid": ({}, "signature_invalid"),
            "kid of the embedded key": ({"kid": attacker.kid}, "key_unknown"),
        }
        for how, (kid, error) in attacks.items():
            header = {"alg": "ES256", **kid, name: value}
            yield EMBEDDED(
                clause,
                f"{label}, signed by the attacker, {how}",
                ask(token(attacker, claims(), header=header), EC, ["ES256"]),
                error,
            )
        yield EMBEDDED(
            clause,
            f"twin: {label}, signed by the trusted key: ignored",
            ask(token(EC, claims(), header={"alg": "ES256", "kid": EC.kid, name: value}), EC, ["ES256"]),
        )
        yield EMBEDDED(
            clause,
            f"{label}, and no trusted key at all",
            ask(token(attacker, claims(), header={"alg": "ES256", name: value}), {"keys": []}, ["ES256"]),
            "key_unknown",
        )
    secret = RING.oct(64, "attacker", kid="attacker")
    for header in ({"alg": "HS256", "jwk": secret.jwk}, {"alg": "HS256", "kid": OCT.kid, "jwk": secret.jwk}):
        yield EMBEDDED(
            clause,
            f"embedded oct key, {'kid' if 'kid' in header else 'no kid'}",
            ask(token(secret, claims(), header=header, alg="HS256"), OCT, ["HS256"]),
            "signature_invalid",
        )
    everything = {"jwk": attacker.jwk, "jku": url, "x5u": url, "x5c": [certificate(attacker)]}
    yield EMBEDDED(
        clause,
        "all of them at once, signed by the attacker",
        ask(token(attacker, claims(), header={"alg": "ES256", "kid": EC.kid, **everything}), EC, ["ES256"]),
        "signature_invalid",
    )
    for name, value in (("jwk", "{}"), ("jku", 1), ("x5u", []), ("x5c", "MII"), ("x5c", [1]), ("cty", 1)):
        yield EMBEDDED(
            clause,
            f"{name} of the wrong type",
            ask_ec(header={"alg": "ES256", "kid": EC.kid, name: value}),
            "header_member_type",
        )
    yield EMBEDDED(
        clause,
        "an unknown member is ignored",
        ask_ec(header={"alg": "ES256", "kid": EC.kid, "https://x.example/y": {"a": [1, None]}}),
    )


KIDS = (
    "ec",
    "",
    " ",
    "a\0b",
    "\0",
    "a" * 256,
    "ключ",
    "é",
    "e\u0301",
    "🔑",
    "../../etc/passwd",
    "' OR 1=1 --",
    "https://k.example/1?a=b#c",
    '"quoted"\\',
    "\u200b",
    "\uffff",
    "\x7f",
    "\t",
    "a.b",
    "EC",
)


def kid_cases():
    clause = "RFC 7515 §4.1.4"
    for kid in KIDS:
        key = RING.ec("P-256", kid=kid)
        yield KID(clause, f"twin: kid {kid[:20]!r}", ask(token(key, claims()), key, ["ES256"]))
        other = RING.ec("P-256", kid=f"{kid}x"[:256] if len(kid) < 256 else "b" * 256)
        yield KID(
            clause, f"kid {kid[:20]!r}, the key has another", ask(token(key, claims()), other, ["ES256"]), "key_unknown"
        )
    for sent, held in (
        ("ec\0", "ec"),
        ("ec", "ec\0"),
        ("ec\0x", "ec\0y"),
        ("Ec", "ec"),
        ("é", "e\u0301"),
        ("e\u0301", "é"),
        ("ec ", "ec"),
        ("ec", "ec "),
        ("", "ec"),
        ("e", "ec"),
        ("ecc", "ec"),
        ("\u0435c", "ec"),
        ("ec\u200b", "ec"),
        ("%65c", "ec"),
        ("ﬁ", "fi"),
        ("K", "\u212a"),
    ):
        yield KID(
            clause,
            f"kid {sent!r}, the key's is {held!r}",
            ask(token(RING.ec("P-256", kid=sent), claims()), RING.ec("P-256", kid=held), ["ES256"]),
            "key_unknown",
        )
    yield KID(
        clause,
        "an escaped kid is the string it spells",
        ask(token(EC, claims(), header='{"alg":"ES256","kid":"\\u0065c"}'), EC, ["ES256"]),
    )
    for value in ("1", "null", "true", '["ec"]', '{"kid":"ec"}', "1.5"):
        yield KID(
            clause,
            f"kid is {value}",
            ask(token(EC, claims(), header=f'{{"alg":"ES256","kid":{value}}}'), EC, ["ES256"]),
            "header_member_type",
        )
    for size in (257, 1000, 10000):
        key = RING.ec("P-256", kid="k" * size)
        yield KID(clause, f"kid of {size} bytes", ask(token(key, claims()), key, ["ES256"]), "kid_too_long")
    yield KID(
        clause,
        "kid of 86 three-byte characters: 258 bytes",
        ask(token(RING.ec("P-256", kid="€" * 86), claims()), EC, ["ES256"]),
        "kid_too_long",
    )
    yield KID(
        clause,
        "kid in the token, none in the only key",
        ask(token(EC, claims()), key_set(with_members(EC, kid=None)), ["ES256"]),
        "key_unknown",
    )
    yield KID(
        clause,
        "empty kid in the token, none in the only key",
        ask(token(EC, claims(), header={"alg": "ES256", "kid": ""}), key_set(with_members(EC, kid=None)), ["ES256"]),
        "key_unknown",
    )
    yield KID(
        clause,
        "Kid is not kid: without a kid the keys that fit are tried",
        ask(token(EC, claims(), header={"alg": "ES256", "Kid": "nobody"}), EC, ["ES256"]),
    )


def no_kid_cases():
    clause = "RFC 7515 §6, RFC 8725 §3.1"
    header = {"alg": "ES256"}
    keys = [RING.ec("P-256", f"n{i}", kid=f"n{i}") for i in range(20)]
    for count in (1, 2, 7):
        yield KID(
            clause,
            f"twin: no kid, the key is the last of {count + 1}",
            ask(token(EC, claims(), header=header), key_set(*keys[:count], EC), ["ES256"]),
        )
    yield KID(
        clause,
        "twin: no kid, the only key has none either",
        ask(token(EC, claims(), header=header), key_set(with_members(EC, kid=None)), ["ES256"]),
    )
    yield KID(
        clause,
        "twin: no kid, keys of other types before it",
        ask(token(EC, claims(), header=header), key_set(RSA, ED, RING.ec("P-384"), EC), ["ES256"]),
    )
    yield KID(
        clause,
        "twin: no kid, 20 keys that do not fit before it",
        ask(
            token(EC, claims(), header=header),
            key_set(*[with_members(RSA, kid=f"r{i}") for i in range(20)], EC),
            ["ES256"],
        ),
    )
    yield KID(
        clause,
        "no kid, no key verifies",
        ask(token(EC, claims(), header=header), key_set(*keys[:5]), ["ES256"]),
        "signature_invalid",
    )
    yield KID(
        clause,
        "no kid, the key is the last of 21: beyond the bound",
        ask(token(EC, claims(), header=header), key_set(*keys, EC), ["ES256"]),
        "signature_invalid",
    )
    yield KID(
        clause,
        "no kid, no key of the type",
        ask(token(EC, claims(), header=header), key_set(RSA, ED), ["ES256", "RS256"]),
        NO_KEY_FITS,
    )
    rsa = [with_members(RSA_OTHER, kid=f"r{i}", alg="RS256") for i in range(300)]
    yield KID(
        clause,
        "no kid, 300 RSA keys",
        ask(token(RSA, claims(), header={"alg": "RS256"}), key_set(*rsa), ["RS256"]),
        "signature_invalid",
    )
    many = [with_members(EC_OTHER, kid=f"m{i}") for i in range(300)]
    yield KID(clause, "twin: the kid among 301 keys", ask(token(EC, claims()), key_set(*many, EC), ["ES256"]))
    yield KID(
        clause, "a kid that none of 300 keys has", ask(token(EC, claims()), key_set(*many), ["ES256"]), "key_unknown"
    )
    yield KID(
        clause,
        "the kid of one key, the signature of another",
        ask(token(EC, claims(), header={"alg": "ES256", "kid": "n0"}), key_set(keys[0], EC), ["ES256"]),
        "signature_invalid",
    )
    yield KID(
        "RFC 7517 §4.5",
        "one kid, two keys of one alg: both dropped",
        ask(token(EC, claims()), key_set(EC, EC_OTHER), ["ES256"]),
        "key_unknown",
    )
    yield KID(
        "RFC 7517 §4.5", "twin: one kid, the same key twice", ask(token(EC, claims()), key_set(EC, EC), ["ES256"])
    )
    yield from damaged_key_cases()
    yield KID(
        "RFC 7517 §4.5",
        "twin: one kid, keys of different types",
        ask(token(EC, claims()), key_set(with_members(RSA, kid=EC.kid), EC), ["ES256", "RS256"]),
    )
    yield KID(
        "RFC 7517 §4.5",
        "twin: one kid, RSA keys of different algs",
        ask(
            token(RSA, claims()),
            key_set(with_members(RSA, alg="RS256"), with_members(RSA_OTHER, alg="PS256")),
            ["PS256", "RS256"],
        ),
    )


def damaged_key_cases():
    """A kid stands for one key: whether the other one can be read does not change that."""
    clause = "RFC 7517 §4.5"
    text = token(EC, claims())
    damaged = {
        "a coordinate is not base64url": with_members(EC_OTHER, x=EC_OTHER.jwk["x"] + "="),
        "a coordinate is missing": with_members(EC_OTHER, y=None),
        "the point is not on the curve": EC_OTHER.jwk_at(EC_OTHER.x, EC_OTHER.y ^ 1),
    }
    for what, jwk in damaged.items():
        yield KID(
            clause, f"one kid, {what} in one of two EC keys", ask(text, key_set(EC, jwk), ["ES256"]), "key_unknown"
        )
        other = {**jwk, "kid": "another"}
        yield KID(clause, f"twin: two kids, {what} in one", ask(text, key_set(EC, other), ["ES256"]))
    rsa = with_members(RSA, kid=EC.kid, n="AA")
    yield KID(clause, "twin: one kid, a damaged key of another type", ask(text, key_set(EC, rsa), ["ES256"]))
    encryption = with_members(EC_OTHER, use="enc")
    yield KID(clause, "twin: one kid, the other key is for encryption", ask(text, key_set(EC, encryption), ["ES256"]))


def crit_cases():
    clause = "RFC 7515 §4.1.11"
    yield CRIT(clause, "twin: no crit", ask_ec())
    names = (
        [],
        ["exp"],
        ["alg"],
        ["kid"],
        ["b64"],
        ["http://example.com/UNDEFINED"],
        ["bork"],
        ["crit"],
        [""],
        ["exp", "exp"],
        ["b64", "b64"],
        ["exp\0"],
        [1],
        [None],
        [["b64"]],
        {},
        {"b64": True},
        "b64",
        "",
        1,
        0,
        None,
        True,
        False,
        ["x"] * 1000,
    )
    for value in names:
        for members in ({}, {"exp": 1, "bork": True, "http://example.com/UNDEFINED": True}):
            header = {"alg": "ES256", "kid": EC.kid, "crit": value, **members}
            yield CRIT(
                clause,
                f"crit {str(value)[:40]}, {'present' if members else 'absent'} members",
                ask_ec(header=header),
                "header_crit",
            )
    yield CRIT(
        clause, "an escaped crit", ask_ec(header='{"alg":"ES256","kid":"ec","\\u0063rit":["x"],"x":1}'), "header_crit"
    )
    yield CRIT(clause, "twin: Crit is not crit", ask_ec(header={"alg": "ES256", "kid": EC.kid, "Crit": ["x"]}))
    yield CRIT("RFC 7515 §4.1.11", "twin: crit among the claims means nothing", ask_ec(claims(crit=["x"])))


def b64_cases():
    clause = "RFC 7797 §7"
    both = ["header_b64", "header_crit"]
    payload = json.dumps(claims(), separators=(",", ":")).replace(".", "\\u002e")
    for crit, error in (({"crit": ["b64"]}, both), ({}, "header_b64")):
        header = compact({"alg": "ES256", "kid": EC.kid, "b64": False, **crit})
        encoded = b64u(header)
        raw = f"{encoded}.{payload}"
        yield CRIT(
            clause,
            f"b64 false, payload as it is, {crit}",
            ask(f"{raw}.{b64u(EC.sign(raw.encode()))}", EC, ["ES256"]),
            error,
        )
        yield CRIT(clause, f"b64 false, payload encoded, {crit}", ask_ec(header=header), error)
        over_raw = f"{encoded}.{json.dumps(claims())}".encode()
        yield CRIT(
            clause,
            f"b64 false, payload encoded, the signature over it as it is, {crit}",
            ask(segments(header, compact(claims()), EC.sign(over_raw)), EC, ["ES256"]),
            error,
        )
    yield CRIT(
        clause,
        "b64 true and crit",
        ask_ec(header={"alg": "ES256", "kid": EC.kid, "b64": True, "crit": ["b64"]}),
        "header_crit",
    )
    yield CRIT(clause, "twin: b64 true", ask_ec(header={"alg": "ES256", "kid": EC.kid, "b64": True}))
    for value in ("false", 0, None, []):
        yield CRIT(
            clause, f"b64 {value!r}", ask_ec(header={"alg": "ES256", "kid": EC.kid, "b64": value}), "header_member_type"
        )


def typ_cases():
    clause = "RFC 8725 §3.11, RFC 7515 §4.1.9"

    def typed(sent, wanted):
        header = {"alg": "ES256", "kid": EC.kid}
        if sent is not None:
            header["typ"] = sent
        return ask(token(EC, claims(), header=header), EC, ["ES256"], typ=wanted)

    accepted = (
        ("at+jwt", "at+jwt"),
        ("application/at+jwt", "at+jwt"),
        ("at+jwt", "application/at+jwt"),
        ("application/at+jwt", "application/at+jwt"),
        ("JWT", "JWT"),
        ("application/JWT", "JWT"),
        ("dpop+jwt", "dpop+jwt"),
        ("text/plain", "text/plain"),
    )
    for sent, wanted in accepted:
        yield TYP(clause, f"twin: typ {sent}, {wanted} wanted", typed(sent, wanted))
    refused = (
        "JWT",
        "jwt",
        "at+JWT",
        "AT+JWT",
        "At+jwt",
        "at+jwt ",
        " at+jwt",
        "at+jwt\0",
        "at+jw",
        "at+jwtt",
        "at",
        "",
        "application/",
        "application/application/at+jwt",
        "APPLICATION/at+jwt",
        "application/JWT",
        "application /at+jwt",
        "text/at+jwt",
        "application/x/at+jwt",
        "application/at+jwt;charset=utf-8",
        "id+jwt",
        "logout+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "at\u002bjwt\u200b",
        "/at+jwt",
        "*/*",
    )
    for sent in refused:
        yield TYP(clause, f"typ {sent!r}, at+jwt wanted", typed(sent, "at+jwt"), "typ_mismatch")
    yield TYP(clause, "typ jwt, JWT wanted", typed("jwt", "JWT"), "typ_mismatch")
    yield TYP(clause, "typ at+jwt, JWT wanted", typed("at+jwt", "JWT"), "typ_mismatch")
    yield TYP(clause, "typ plain, text/plain wanted", typed("plain", "text/plain"), "typ_mismatch")
    yield TYP(clause, "no typ", typed(None, "at+jwt"), "typ_missing")
    for value in (1, None, True, ["at+jwt"], {"typ": "at+jwt"}):
        yield TYP(
            clause,
            f"typ is {value!r}",
            typed(value, "at+jwt")
            if value is not None
            else ask(
                token(EC, claims(), header={"alg": "ES256", "kid": EC.kid, "typ": None}), EC, ["ES256"], typ="at+jwt"
            ),
            "header_member_type",
        )
    for sent in (None, "JWT", "anything"):
        header = {"alg": "ES256", "kid": EC.kid, **({"typ": sent} if sent else {})}
        yield TYP(clause, f"twin: typ {sent}, none wanted", ask(token(EC, claims(), header=header), EC, ["ES256"]))
    yield TYP(
        clause,
        "typ of the wrong type, none wanted",
        ask_ec(header={"alg": "ES256", "kid": EC.kid, "typ": 1}),
        "header_member_type",
    )
    yield TYP(
        clause,
        "typ among the claims does not count",
        ask(token(EC, claims(typ="at+jwt")), EC, ["ES256"], typ="at+jwt"),
        "typ_missing",
    )


def cases():
    for group in (embedded_cases, kid_cases, no_kid_cases, crit_cases, b64_cases, typ_cases):
        yield from group()
