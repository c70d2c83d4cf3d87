"""Rows about claims: NumericDate, issuer and audience, and the types of claims."""

import json

from .base import AUDIENCE, ISSUER, NOW, ask_ec, claims, claims_text, row

DATES = row("exp, nbf, iat as string, float, 1e400, negative, huge, wrapped")
NAMES = row("iss, aud by prefix, case, NUL; aud string or array; empty array")
TYPES = row("claims and JWK members of the wrong type or length")

BIG = 2**53
MAX = 2**63 - 1


def at(now=NOW, leeway=0, **texts):
    """A request at `now` whose dates are the given JSON texts; '' leaves a claim out. iat and exp do not interfere."""
    dates = {"iat": "", "exp": str(now + 600) if now < MAX - 600 else str(MAX), **texts}
    base = claims(exp=None, iat=None)
    parts = [json.dumps(base)[1:-1]] + [f'"{name}":{text}' for name, text in dates.items() if text]
    return ask_ec("{" + ",".join(parts) + "}", policy_members={"now": now, "leeway_s": leeway})


def exp_cases():
    clause = "RFC 7519 §4.1.4, §2"
    later = (  # (exp, now) with now < exp
        (str(NOW + 1), NOW),
        ("1.5e9", 1_499_999_999),
        ("15e8", 1_499_999_999),
        ("1500000000.5", 1_500_000_000),
        ("1500000000.000000000000000000000000000001", 1_500_000_000),
        ("1500000000.999999999999", 1_500_000_000),
        ("1.500000000000000000001e9", 1_500_000_000),
        ("150000000000e-2", 1_499_999_999),
        ("1E+9", 999_999_999),
        ("1e9", 999_999_999),
        ("0.15e10", 1_499_999_999),
        ("1" + "0" * 30 + "e-21", 999_999_999),
        ("1.0", 0),
        ("1", 0),
        ("1e-400", 0),
        ("0.1", 0),
        ("1e-99999999999999999999", 0),
        (str(BIG + 1), BIG),
        (f"{BIG + 1}.0", BIG),
        (str(BIG + 3), BIG + 2),
        (f"{BIG}.5", BIG),
        (str(MAX), NOW),
        (str(MAX), MAX - 1),
        (f"{MAX}.5", MAX),
        ("9.2e18", NOW),
        ("1700000000.0000000001", NOW),
        ("4294967296", NOW),
        (str(2**32 + 5), 2**32 + 4),
        (str(2**31), 2**31 - 1),
    )
    for exp, now in later:
        yield DATES(clause, f"twin: exp {exp[:40]}, now {now}", at(now, exp=exp))
    passed = (  # (exp, now) with now >= exp
        (str(NOW), NOW),
        (str(NOW - 1), NOW),
        ("1.5e9", 1_500_000_000),
        ("15e8", 1_500_000_000),
        ("1500000000.5", 1_500_000_001),
        ("1499999999.999999999999999999999999999999", 1_500_000_000),
        ("1500000000.999999999999", 1_500_000_001),
        ("1500000000.0", 1_500_000_000),
        ("1.499999999999999999999e9", 1_500_000_000),
        ("0", 0),
        ("-0", 0),
        ("0.0", 0),
        ("0e99999999999999999999", 0),
        ("-0.0e-5", 0),
        ("-1e-400", 0),
        ("-1", 0),
        ("-1", NOW),
        ("-1.5", NOW),
        ("-1e9", NOW),
        (str(BIG + 1), BIG + 1),
        (str(BIG + 1), BIG + 2),
        (f"{BIG}.5", BIG + 1),
        (str(MAX), MAX),
        (str(-MAX), NOW),
        (str(-MAX - 1), NOW),
        (f"-{MAX}.5", NOW),
        ("1e-400", 1),
        ("1e1", NOW),
        ("0.17e1", NOW),
        ("1700000000e0", NOW),
        ("17e-1", NOW),
        (str(2**32 + 5), 2**32 + 5),
        ("1" + "0" * 30 + "e-21", 1_000_000_000),
    )
    for exp, now in passed:
        yield DATES(clause, f"exp {exp[:40]}, now {now}", at(now, exp=exp), "token_expired")


def range_cases():
    clause = "RFC 7519 §2, RFC 8259 §6"
    beyond = (
        "1e400",
        "1e19",
        "1E400",
        "1e99999999999999999999",
        str(MAX + 1),
        f"{MAX + 1}.0",
        str(2**64),
        str(2**64 + NOW + 600),
        str(2**128),
        "9" * 400,
        "-1e400",
        "-1e19",
        str(-MAX - 2),
        f"-{MAX + 1}.5",
        "9223372036854775808e0",
        "1.8e308",
        "0.1e400",
        "10e18",
    )
    for text in beyond:
        for name in ("exp", "nbf", "iat"):
            yield DATES(clause, f"{name} {text[:30]}", at(**{name: text}), "claim_range")
    for name in ("exp", "nbf", "iat"):
        for text in (
            f'"{NOW + 600}"',
            '"never"',
            '""',
            "null",
            "true",
            "false",
            "[]",
            "{}",
            f"[{NOW + 600}]",
            f'{{"exp":{NOW + 600}}}',
            '"2030-01-01T00:00:00Z"',
            '"1e9"',
        ):
            yield DATES("RFC 7519 §4.1.4-§4.1.6", f"{name} is {text}", at(**{name: text}), "claim_type")


def leeway_cases():
    clause = "RFC 7519 §4.1.4, §4.1.5"
    for exp, leeway, good in (
        (-29, 30, True),
        (-30, 30, False),
        (-31, 30, False),
        (0, 1, True),
        (-1, 1, False),
        (-59, 60, True),
        (-60, 60, False),
        (0, 0, False),
        (1, 0, True),
    ):
        yield DATES(
            clause,
            f"exp now{exp:+}, leeway {leeway}",
            at(exp=str(NOW + exp), leeway=leeway),
            None if good else "token_expired",
        )
    yield DATES(clause, "twin: exp now-30 and a fraction, leeway 30", at(exp=f"{NOW - 30}.000001", leeway=30))
    yield DATES(clause, "exp now-31.000001, leeway 30", at(exp=f"{NOW - 31}.000001", leeway=30), "token_expired")
    yield DATES(clause, "twin: now + leeway does not overflow", at(now=MAX - 1, exp=str(MAX), leeway=60))
    yield DATES(clause, "twin: exp + leeway does not overflow", at(exp=str(MAX), leeway=60))


def nbf_cases():
    clause = "RFC 7519 §4.1.5"
    for nbf, leeway, good in (
        (0, 0, True),
        (-1, 0, True),
        (1, 0, False),
        (30, 30, True),
        (31, 30, False),
        (600, 0, False),
    ):
        yield DATES(
            clause,
            f"nbf now{nbf:+}, leeway {leeway}",
            at(nbf=str(NOW + nbf), leeway=leeway),
            None if good else "token_not_yet_valid",
        )
    for text, now in (
        (f"{NOW}.0", NOW),
        ("-1", NOW),
        (str(-MAX - 1), NOW),
        ("1.7e9", NOW),
        ("1699999999.999", NOW),
        (str(BIG + 1), BIG + 1),
        ("0", 0),
        ("-0", 0),
        ("1e-400", 1),
        (str(MAX), MAX - 600 + 600),
    ):
        exp = f"{MAX}.5" if now == MAX else str(now + 600)
        yield DATES(clause, f"twin: nbf {text}, now {now}", at(now, nbf=text, exp=exp))
    for text, now in (
        (f"{NOW}.000000000000000000001", NOW),
        (str(BIG + 1), BIG),
        (f"{BIG}.5", BIG),
        (str(MAX), NOW),
        ("1e-400", 0),
        ("1.7000000000000000001e9", NOW),
        ("4e9", NOW),
        (f"{NOW + 1}", NOW),
    ):
        yield DATES(clause, f"nbf {text}, now {now}", at(now, nbf=text), "token_not_yet_valid")


def iat_cases():
    clause = "RFC 7519 §4.1.6"
    for iat, leeway, good in ((0, 0, True), (-1, 0, True), (1, 0, False), (30, 30, True), (31, 30, False)):
        yield DATES(
            clause,
            f"iat now{iat:+}, leeway {leeway}",
            at(iat=str(NOW + iat), leeway=leeway),
            None if good else "iat_in_future",
        )
    for text in ("0", "-1", str(-MAX), "1.5e9", f"{NOW}.0", "1e-400"):
        yield DATES(clause, f"twin: iat {text}", at(iat=text))
    for text, now in ((f"{NOW}.5", NOW), (str(BIG + 1), BIG), (str(MAX), NOW), ("1e18", NOW)):
        yield DATES(clause, f"iat {text}, now {now}", at(now, iat=text), "iat_in_future")


def presence_cases():
    clause = "RFC 8725 §3.10, RFC 7519 §4.1"
    yield DATES(clause, "no exp", at(exp=""), "exp_missing")
    yield DATES(
        clause,
        "Exp is not exp",
        ask_ec(claims_text(**{"Exp": str(NOW + 600)}).replace('"exp"', '"eXp"')),
        "exp_missing",
    )
    yield DATES(
        clause, "exp in a nested object does not count", ask_ec(claims(exp=None, x={"exp": NOW + 600})), "exp_missing"
    )
    yield DATES(clause, "twin: no iat, no nbf", at())
    for name in ("sub", "jti", "nbf", "iat", "client_id", "x"):
        members = {"policy_members": {"required_claims": [name]}}
        value = NOW - 60 if name in ("nbf", "iat") else "v"
        yield DATES(clause, f"twin: {name} required and there", ask_ec(claims(**{name: value}), **members))
        yield DATES(clause, f"{name} required and missing", ask_ec(claims(**{name: None}), **members), "claim_missing")


def issuer_cases():
    clause = "RFC 8725 §3.8, RFC 7519 §4.1.1"
    yield NAMES(clause, "twin: the issuer", ask_ec())
    wrong = (
        "https://issuer.example/",
        "https://issuer.exampl",
        "https://issuer.example.attacker.net",
        "HTTPS://issuer.example",
        "https://Issuer.example",
        "https://ISSUER.EXAMPLE",
        "issuer.example",
        "http://issuer.example",
        "https://issuer.example\0",
        "https://issuer.example\0.attacker.net",
        "\0https://issuer.example",
        " https://issuer.example",
        "https://issuer.example ",
        "https://issuer.example\n",
        "https://issuer.example:443",
        "https://issuer%2eexample",
        "https://issuer\u3002example",
        "https://i\u0455suer.example",
        "https://user@issuer.example",
        "https://issuer.example#",
        "",
        "*",
        "https://*",
        ".*",
        "null",
        "https://issuer.example" * 50,
    )
    for iss in wrong:
        yield NAMES(clause, f"iss {iss[:40]!r}", ask_ec(claims(iss=iss)), "iss_unknown")
    yield NAMES(clause, "no iss", ask_ec(claims(iss=None)), "iss_missing")
    yield NAMES(
        clause,
        "twin: an escaped iss is the string it spells",
        ask_ec(claims_text(iss='"https:\\/\\/issuer\\u002eexample"')),
    )
    for value in (1, True, [ISSUER], {"iss": ISSUER}, []):
        yield NAMES(clause, f"iss is {value!r}", ask_ec(claims(iss=value)), "claim_type")
    yield NAMES(clause, "iss is null", ask_ec(claims_text(iss="null")), "claim_type")
    empty = {"policy_members": {"issuer": "https://other.example"}}
    yield NAMES(clause, "the policy names another issuer", ask_ec(**empty), "iss_unknown")
    yield NAMES(
        clause, "twin: an issuer that is not a URL", ask_ec(claims(iss="joe"), policy_members={"issuer": "joe"})
    )
    yield NAMES(clause, "twin: an issuer with NUL", ask_ec(claims(iss="a\0b"), policy_members={"issuer": "a\0b"}))
    yield NAMES(
        clause,
        "iss and policy differ after a NUL",
        ask_ec(claims(iss="a\0b"), policy_members={"issuer": "a\0c"}),
        "iss_unknown",
    )


def audience_cases():
    clause = "RFC 8725 §3.9, RFC 7519 §4.1.3"
    good = (AUDIENCE, [AUDIENCE], ["other", AUDIENCE], [AUDIENCE, "other", ""], ["x"] * 200 + [AUDIENCE])
    for aud in good:
        yield NAMES(clause, f"twin: aud {str(aud)[:40]}", ask_ec(claims(aud=aud)))
    several = {"audiences": ["https://first.example", AUDIENCE, "https://third.example"]}
    yield NAMES(clause, "twin: any of several audiences", ask_ec(policy_members=several))
    yield NAMES(
        clause, "none of several audiences", ask_ec(claims(aud=["a", "b"]), policy_members=several), "aud_mismatch"
    )
    wrong = (
        "https://api.example/",
        "https://api.exampl",
        "https://api.example.attacker.net",
        "https://API.example",
        "HTTPS://api.example",
        "api.example",
        "https://api.example\0",
        "https://api.example\0x",
        "\0",
        " https://api.example",
        "https://api.example ",
        "",
        "*",
        "https://other.example https://api.example",
        "https://api.example,https://other.example",
        ISSUER,
    )
    for aud in wrong:
        yield NAMES(clause, f"aud {aud[:40]!r}", ask_ec(claims(aud=aud)), "aud_mismatch")
        yield NAMES(clause, f"aud [{aud[:40]!r}]", ask_ec(claims(aud=[aud, "other"])), "aud_mismatch")
    yield NAMES(clause, "aud is an empty array", ask_ec(claims(aud=[])), "aud_mismatch")
    yield NAMES(clause, "no aud", ask_ec(claims(aud=None)), "aud_missing")
    for value in (
        1,
        True,
        {"aud": AUDIENCE},
        [1],
        [AUDIENCE, 1],
        [None, AUDIENCE],
        [[AUDIENCE]],
        [AUDIENCE, {}],
        [True],
    ):
        yield NAMES(clause, f"aud is {value!r}", ask_ec(claims(aud=value)), "claim_type")
    yield NAMES(clause, "aud is null", ask_ec(claims_text(aud="null")), "claim_type")
    any_audience = {"audiences": []}
    for aud in (None, "anything", ["a"]):
        yield NAMES(
            clause, f"twin: no audience wanted, aud {aud!r}", ask_ec(claims(aud=aud), policy_members=any_audience)
        )
    for aud in (1, [1], {"a": 1}):
        yield NAMES(
            clause,
            f"no audience wanted, aud {aud!r}",
            ask_ec(claims(aud=aud), policy_members=any_audience),
            "claim_type",
        )
    yield NAMES(
        clause, "twin: an escaped aud is the string it spells", ask_ec(claims_text(aud='"https:\\/\\/api.example"'))
    )


def type_cases():
    clause = "RFC 7519 §4.1"
    for name in ("sub", "jti", "iss"):
        for text in ("1", "null", "true", "[]", "{}", '["a"]', "1.5"):
            yield TYPES(clause, f"{name} is {text}", ask_ec(claims_text(**{name: text})), "claim_type")
    for name in ("sub", "jti"):
        for value in ("", "a\0b", "é", "x" * 1000, None):
            yield TYPES(clause, f"twin: {name} is {str(value)[:20]!r}", ask_ec(claims(**{name: value})))
    yield TYPES(clause, "a type error counts before an unknown iss", ask_ec(claims(iss="x", sub=1)), "claim_type")
    yield TYPES(clause, "a type error counts before expiry", ask_ec(claims(exp=1, jti=[])), "claim_type")
    yield TYPES(clause, "twin: unregistered claims may be anything", ask_ec(claims(x=1, y=[None], z={"a": {}}, w=None)))


def cases():
    for group in (
        exp_cases,
        range_cases,
        leeway_cases,
        nbf_cases,
        iat_cases,
        presence_cases,
        issuer_cases,
        audience_cases,
        type_cases,
    ):
        yield from group()
