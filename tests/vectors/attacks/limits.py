"""The row about limits: token size, nesting, number of members."""

from jose import compact, token
from jose_text import b64u

from .base import EC, ask, ask_ec, claims, claims_text, header_bytes, honest_parts, row, segments
from .encoding import ALPHABET

LIMITS = row("16 KiB token limit, deep nesting, a million claims")
MIB = 1 << 20


def sized(total):
    """An honest token of exactly `total` bytes; the header takes up what base64url cannot reach."""
    for pad in range(4):
        header = {"alg": "ES256", "kid": EC.kid, **({"p": "x" * pad} if pad else {})}
        empty = len(token(EC, claims(pad=""), header=header))
        for extra in range(max(0, (total - empty) * 3 // 4 - 4), (total - empty) * 3 // 4 + 5):
            text = token(EC, claims(pad="x" * extra), header=header)
            if len(text) == total:
                return text
    raise AssertionError(f"no token of {total} bytes")


def size_cases():
    clause = "RFC 8725 §2.8"
    for total, members, good in (
        (16384, {}, True),
        (16385, {}, False),
        (16383, {}, True),
        (20000, {}, False),
        (20000, {"max_token_bytes": 20000}, True),
        (20001, {"max_token_bytes": 20000}, False),
        (500, {"max_token_bytes": 500}, True),
        (501, {"max_token_bytes": 500}, False),
        (100_000, {"max_token_bytes": MIB}, True),
        (MIB, {"max_token_bytes": MIB}, True),
        (MIB + 1, {"max_token_bytes": MIB}, False),
    ):
        yield LIMITS(
            clause,
            f"{'twin: ' if good else ''}{total} bytes, limit {members or 'default'}",
            ask(sized(total), EC, ["ES256"], **members),
            None if good else "token_too_large",
        )
    for what, text in {
        "a million characters": "A" * 1_000_000,
        "two dots and a million characters": "." + "A" * 1_000_000 + ".",
        "16,385 spaces": " " * 16385,
        "junk around dots": "%" * 9000 + "." + "%" * 9000 + ".x",
    }.items():
        yield LIMITS(clause, what, ask(text, EC, ["ES256"]), "token_too_large")


def node_cases():
    clause = "RFC 8259 §9"
    wide = {"policy_members": {"max_token_bytes": MIB}}

    def members(count):
        return claims_text()[:-1] + "".join(f',"{i:x}":1' for i in range(count - 6)) + "}"

    yield LIMITS(clause, "twin: 4,000 claims", ask_ec(members(4000), **wide))
    yield LIMITS(clause, "5,000 claims", ask_ec(members(5000), **wide), "json_too_many_members")
    yield LIMITS(clause, "50,000 claims", ask_ec(members(50000), **wide), "json_too_many_members")
    million = "{" + ",".join(f'"{letter}":1' for letter in ALPHABET * 15_625) + "}"
    yield LIMITS(clause, "a million claims", ask_ec(million), "token_too_large")
    yield LIMITS(clause, "a million claims, 1 MiB allowed", ask_ec(million, **wide), "token_too_large")
    elements = claims_text(x="[" + ",".join("1" * 1_000_000) + "]")
    yield LIMITS(clause, "an array of a million elements", ask_ec(elements, **wide), "token_too_large")
    yield LIMITS(
        clause, "twin: an array of 4,000 elements", ask_ec(claims_text(x="[" + ",".join("1" * 4000) + "]"), **wide)
    )
    yield LIMITS(
        clause,
        "an array of 5,000 elements",
        ask_ec(claims_text(x="[" + ",".join("1" * 5000) + "]"), **wide),
        "json_too_many_members",
    )
    yield LIMITS(clause, "5,000 audiences", ask_ec(claims(aud=["a"] * 5000), **wide), "json_too_many_members")
    yield LIMITS(
        clause,
        "5,000 duplicates",
        ask_ec("{" + ",".join(['"a":1'] * 5000) + "}", **wide),
        ["json_too_many_members", "json_duplicate_member"],
    )
    header = '{"alg":"ES256","kid":"ec"' + "".join(f',"h{i}":1' for i in range(5000)) + "}"
    yield LIMITS(clause, "5,000 header members", ask_ec(header=header, **wide), "json_too_many_members")
    hashed = "{" + ",".join(f'"{i:x}-{"a" * (i % 7)}":0' for i in range(3900)) + "}"
    yield LIMITS(clause, "twin: 3,900 members in one object", ask_ec(claims_text(x=hashed), **wide))


def depth_cases():
    clause = "RFC 8259 §9"
    for levels, good in ((31, True), (32, True), (33, False), (64, False), (2000, False)):
        text = claims_text(x="[" * (levels - 1) + "]" * (levels - 1))
        yield LIMITS(
            clause,
            f"{'twin: ' if good else ''}claims {levels} levels deep",
            ask_ec(text),
            None if good else "json_too_deep",
        )
        header = '{"alg":"ES256","kid":"ec","x":' + "[" * (levels - 1) + "]" * (levels - 1) + "}"
        yield LIMITS(
            clause,
            f"{'twin: ' if good else ''}header {levels} levels deep",
            ask_ec(header=header),
            None if good else "json_too_deep",
        )
    bomb = ('{"a":' * 6000) + "1" + "}" * 6000
    yield LIMITS(
        clause,
        "6,000 levels in the header, nothing signed",
        ask(segments(compact(bomb), honest_parts()[1], honest_parts()[2]), EC, ["ES256"], max_token_bytes=MIB),
        "json_too_deep",
    )
    yield LIMITS(
        clause,
        "400,000 open brackets",
        ask(segments(header_bytes(), b'{"x":' + b"[" * 400_000, b"x"), EC, ["ES256"], max_token_bytes=MIB),
        ["json_too_deep", "json_end"],
    )


def long_value_cases():
    clause = "RFC 8725 §2.8"
    wide = {"policy_members": {"max_token_bytes": MIB}}
    yield LIMITS(clause, "twin: a string of 500,000 characters", ask_ec(claims(x="x" * 500_000), **wide))
    yield LIMITS(clause, "twin: a number of 100,000 digits", ask_ec(claims_text(x="1" * 100_000), **wide))
    yield LIMITS(clause, "exp of 100,000 digits", ask_ec(claims_text(exp="1" * 100_000), **wide), "claim_range")
    yield LIMITS(
        clause, "twin: exp with 100,000 decimals", ask_ec(claims_text(exp="1700000600." + "1" * 100_000), **wide)
    )
    yield LIMITS(clause, "twin: 80,000 escapes", ask_ec(claims_text(x='"' + "\\u0041" * 80_000 + '"'), **wide))
    yield LIMITS(
        clause,
        "a signature of 500,000 bytes",
        ask(f"{'.'.join(honest_parts()[:2])}.{b64u(bytes(500_000))}", EC, ["ES256"], max_token_bytes=MIB),
        "signature_length",
    )


def cases():
    for group in (size_cases, node_cases, depth_cases, long_value_cases):
        yield from group()
