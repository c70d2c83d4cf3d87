"""Rows about bytes and text: the compact serialization, base64url, JSON."""

import json

from jose import compact, token
from jose_text import b64u

from .base import EC, ISSUER, NOW, RING, ask, ask_ec, claims, claims_text, header_bytes, honest_parts, row, segments

STRUCTURE = row("structure: dots, empty segments, JSON serialization, dot floods")
BASE64URL = row("base64url: padding, whitespace, +/, non-zero trailing bits")
JSON_TEXT = row("JSON: duplicates, escapes, trailing bytes, BOM, UTF-8, surrogates, depth")

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
PARTS = ("header", "payload", "signature")


def plain(text, **members):
    return ask(text, EC, ["ES256"], **members)


def structure_cases():
    clause = "RFC 7515 §3.1, §7.1"
    header, payload, signature = honest_parts()
    yield STRUCTURE(clause, "twin: the honest token", plain(f"{header}.{payload}.{signature}"))
    wrong_count = {
        "nothing": "",
        "no dot": header,
        "one dot": f"{header}.{payload}",
        "only a dot": ".",
        "a third dot at the end": f"{header}.{payload}.{signature}.",
        "a third dot at the start": f".{header}.{payload}.{signature}",
        "a third dot inside": f"{header}.{payload}..{signature}",
        "five segments, as a JWE": f"{header}.{payload}.{signature}.{payload}.{signature}",
        "a second signature": f"{header}.{payload}.{signature}.{signature}",
        "a disclosure after a tilde and a dot": f"{header}.{payload}.{signature}~a.b",
        "three dots": "...",
        "16,000 dots": "." * 16000,
    }
    for name, text in wrong_count.items():
        yield STRUCTURE(clause, name, plain(text), "token_segments")
    for name, text in {
        "all empty": "..",
        "no header": f".{payload}.{signature}",
        "no payload": f"{header}..{signature}",
        "no signature": f"{header}.{payload}.",
        "only a header": f"{header}..",
        "only a payload": f".{payload}.",
        "only a signature": f"..{signature}",
    }.items():
        yield STRUCTURE(clause, name, plain(text), "token_empty_segment")
    yield STRUCTURE(
        clause,
        "no payload, signed like that",
        plain(f"{header}..{b64u(EC.sign(f'{header}.'.encode()))}"),
        "token_empty_segment",
    )
    yield STRUCTURE(clause, "100,000 dots", plain("." * 100000), "token_too_large")
    yield STRUCTURE(
        clause, "100,000 dots within the limit", plain("." * 100000, max_token_bytes=1048576), "token_segments"
    )
    yield from serialization_cases(header, payload, signature)
    yield from surrounding_cases(f"{header}.{payload}.{signature}")


def serialization_cases(header, payload, signature):
    clause = "RFC 7519 §3, RFC 7515 §7.2"
    flat = {"payload": payload, "protected": header, "signature": signature}
    general = {"payload": payload, "signatures": [{"protected": header, "signature": signature}]}
    for name, value in (("flattened", flat), ("general", general)):
        yield STRUCTURE(clause, f"JSON serialization, {name}", plain(json.dumps(value)), "token_segments")
        with_dots = {**value, "header": {"kid": "a.b.c"}}
        yield STRUCTURE(
            clause, f"JSON serialization, {name}, two dots in it", plain(json.dumps(with_dots)), "base64url_character"
        )


def surrounding_cases(text):
    clause = "RFC 7515 §3.1"
    for name, attack in {
        "'Bearer ' before": f"Bearer {text}",
        "a space before": f" {text}",
        "a newline before": f"\n{text}",
        "quotes around": f'"{text}"',
        "a NUL before": f"\0{text}",
        "a space after": f"{text} ",
        "a newline after": f"{text}\n",
        "CRLF after": f"{text}\r\n",
        "a NUL after": f"{text}\0",
        "a comma and the token again": f"{text.replace('.', ',')}.a.b",
        "a BOM before": f"\ufeff{text}",
    }.items():
        yield STRUCTURE(clause, name, plain(attack), "base64url_character")


def replace_segment(index, text):
    """The honest token with one segment replaced; the signature stays that of the honest token."""
    parts = list(honest_parts())
    parts[index] = text
    return ".".join(parts)


def trailing_bits(segment):
    """All spellings of the last character that decode to the same bytes, but the canonical one."""
    unused = {2: 4, 3: 2}.get(len(segment) % 4, 0)
    last = ALPHABET.index(segment[-1])
    return [segment[:-1] + ALPHABET[last | bits] for bits in range(1, 1 << unused)]


def of_length(index, remainder):
    """A honest token whose segment `index` has this many bytes modulo 3, so that it has unused bits."""
    for size in range(3):
        member = "x" * size
        text = token(EC, claims(pad=member), header={"alg": "ES256", "kid": EC.kid, "pad": member})
        if len(text.split(".")[index]) % 4 == remainder:
            return text
    raise AssertionError("no length fits")


def base64url_cases():
    clause = "RFC 7515 §2, RFC 4648 §3"
    yield BASE64URL(clause, "twin: the honest token", plain(".".join(honest_parts())))
    for index, name in enumerate(PARTS):
        segment = honest_parts()[index]
        middle = len(segment) // 2
        bad = {
            "=": segment + "=",
            "==": segment + "==",
            "====": segment + "====",
            "= in the middle": segment[:middle] + "=" + segment[middle:],
            "= at the start": "=" + segment,
        }
        for char in (
            " ",
            "\n",
            "\r\n",
            "\t",
            "\0",
            "+",
            "/",
            "*",
            "~",
            "!",
            ":",
            ",",
            "%2D",
            "\x7f",
            "é",
            "\u2212",
            "\ufeff",
            "@",
            "[",
            "`",
            "{",
            "^",
            "\\",
            "?",
        ):
            bad[repr(char)] = segment[:middle] + char + segment[middle:]
        for char in ("+", "/", "=", "?", "\0"):
            bad[f"{char!r} in the place of a character"] = segment[:middle] + char + segment[middle + 1 :]
            bad[f"{char!r} as the last character"] = segment[:-1] + char
        for what, text in bad.items():
            yield BASE64URL(clause, f"{name}: {what}", plain(replace_segment(index, text)), "base64url_character")
        short = {0: segment + "A", 2: segment[:-1], 3: segment[:-2]}[len(segment) % 4]
        yield BASE64URL(
            clause, f"{name}: an impossible length", plain(replace_segment(index, short)), "base64url_length"
        )
        yield BASE64URL(clause, f"{name}: one character", plain(replace_segment(index, "e")), "base64url_length")
    yield from trailing_bit_cases(clause)
    yield from signed_over_cases(clause)


def trailing_bit_cases(clause):
    for index, name in enumerate(PARTS[:2]):
        for remainder in (2, 3):
            text = of_length(index, remainder)
            yield BASE64URL(clause, f"twin: {name} of length 4n+{remainder}", plain(text))
            parts = text.split(".")
            for spelling in trailing_bits(parts[index]):
                attack = ".".join([*parts[:index], spelling, *parts[index + 1 :]])
                yield BASE64URL(
                    clause,
                    f"{name} of length 4n+{remainder}, ends in {spelling[-1]}",
                    plain(attack),
                    "base64url_trailing_bits",
                )
                head = ".".join(attack.split(".")[:2])
                yield BASE64URL(
                    clause,
                    f"{name} of length 4n+{remainder}, ends in {spelling[-1]}, signed like that",
                    plain(f"{head}.{b64u(EC.sign(head.encode()))}"),
                    "base64url_trailing_bits",
                )
    for spelling in trailing_bits(honest_parts()[2]):
        yield BASE64URL(
            clause,
            f"ES256 signature ends in {spelling[-1]}",
            plain(replace_segment(2, spelling)),
            "base64url_trailing_bits",
        )
    hmac = RING.oct(32, kid="h")
    text = token(hmac, claims())
    for spelling in trailing_bits(text):
        yield BASE64URL(
            clause, f"HS256 tag ends in {spelling[-1]}", ask(spelling, hmac, ["HS256"]), "base64url_trailing_bits"
        )


def signed_over_cases(clause):
    """Non-canonical spellings under a signature that covers them."""
    for what, payload in (
        ("padding", b64u(compact(claims())) + "="),
        ("a newline", b64u(compact(claims())) + "\n"),
        ("a space", " " + b64u(compact(claims()))),
    ):
        head = f"{b64u(header_bytes())}.{payload}"
        yield BASE64URL(
            clause,
            f"payload with {what}, signed like that",
            plain(f"{head}.{b64u(EC.sign(head.encode()))}"),
            "base64url_character",
        )
    both = compact(claims(sub="\u00ff\u00fe?>~\u00fb\u00ef"))
    yield BASE64URL(clause, "twin: - and _ in the payload", plain(token(EC, both + b" " * 2)))


def valid_json():
    """JSON that looks odd and is valid."""
    yield "whitespace everywhere", json.dumps(claims(), indent="\t \r\n")
    yield "whitespace around", " \t\r\n" + json.dumps(claims()) + "\r\n\t "
    yield "a surrogate pair", claims_text(x='"\\ud83d\\ude00"')
    yield "an upper case surrogate pair", claims_text(x='"\\uD83D\\uDE00"')
    yield "every escape", claims_text(x='"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uFFFF"')
    yield "noncharacters", claims_text(x='"\uffff\U0010ffff\ufdd0"')
    yield "DEL and C1 controls", claims_text(x='"\x7f\u0080\u009f\u2028"')
    yield "an empty member name", claims_text(**{"": "1"})
    yield "numbers", claims_text(x="[0,-0,1e5,1E+5,1.5e-7,-1.0,123456789012345678901234567890,1e400]")
    yield "literals", claims_text(x='[true,false,null,{},[],""]')
    yield "escaped names", claims_text(**{"sub": '"alice"'}).replace('"exp"', '"\\u0065xp"').replace(
        '"iss"', '"is\\u0073"'
    )
    yield "one name on two levels", claims_text(x='{"exp":1,"x":{"x":1,"exp":2}}')
    yield "names that differ in case", claims_text(Exp="1", EXP="2", eXp='"x"')
    yield "32 levels", claims_text(x="[" * 31 + "]" * 31)
    yield "32 levels of objects", claims_text(x='{"a":' * 30 + "{}" + "}" * 30)


BASE = claims_text()
INNER = BASE[1:-1]


def invalid_json():
    """(what, bytes, error) for a claims set; the error is that of a header too."""
    dup = "json_duplicate_member"
    yield "exp twice, good value last", f'{{"exp":1,{INNER}}}', dup
    yield "exp twice, good value first", f'{{{INNER},"exp":1}}', dup
    yield "iss twice, the same value", f'{{{INNER},"iss":"{ISSUER}"}}', dup
    yield "a duplicate, escaped", f'{{{INNER},"\\u0065xp":{NOW + 9}}}', dup
    yield "a duplicate, both escaped", f'{{{INNER},"\\u0061\\u0062":1,"a\\u0062":2}}', dup
    yield "a duplicate, escaped slash", f'{{{INNER},"a/b":1,"a\\/b":2}}', dup
    yield "a duplicate, escaped in two cases", f'{{{INNER},"\\u00e9":1,"\\u00E9":2}}', dup
    yield "a duplicate, a surrogate pair and UTF-8", f'{{{INNER},"\\ud83d\\ude00":1,"😀":2}}', dup
    yield "a duplicate with NUL", f'{{{INNER},"a\\u0000":1,"a\\u0000":2}}', dup
    yield "a duplicate of an empty name", f'{{{INNER},"":1,"":2}}', dup
    yield "a nested duplicate", f'{{{INNER},"x":{{"a":1,"a":2}}}}', dup
    yield "a duplicate deep in an array", f'{{{INNER},"x":[[[{{"a":1,"b":2,"a":3}}]]]}}', dup
    many = ",".join(f'"n{i}":{i}' for i in range(200))
    yield "a duplicate among 200", f'{{{INNER},{many},"n77":1}}', dup
    yield "a duplicate and nothing else", '{"a":1,"a":1}', dup
    for what, tail in (
        ("a brace", "}"),
        ("another object", "{}"),
        ("a comma", ","),
        ("a word", "x"),
        ("NUL", "\0"),
        ("a BOM", "\ufeff"),
        ("a comment", "//"),
        ("null", "null"),
        ("a form feed", "\f"),
        ("spaces and a brace", "   \n}"),
        ("a no-break space", "\u00a0"),
    ):
        yield f"after the end: {what}", BASE + tail, ["json_end", "json_syntax"]
    for what, cut in (("the last brace", 1), ("half a value", 5), ("half the text", len(BASE) // 2)):
        yield f"cut short: {what}", BASE[:-cut], ["json_end", "json_syntax", "json_string"]
    yield "only whitespace", " \n", ["json_end", "json_syntax"]
    yield "BOM", b"\xef\xbb\xbf" + BASE.encode(), "json_utf8"
    yield "UTF-16 with BOM", BASE.encode("utf-16"), ["json_utf8", "json_syntax", "json_string"]
    yield "UTF-16 without BOM", BASE.encode("utf-16-le"), ["json_syntax", "json_string"]
    for what, data in {
        "a lone continuation byte": b"\x80",
        "a lone lead byte": b"\xc3",
        "overlong /": b"\xc0\xaf",
        "overlong NUL": b"\xc0\x80",
        "overlong in three bytes": b"\xe0\x80\xaf",
        "a surrogate": b"\xed\xa0\x80",
        "CESU-8": b"\xed\xa0\xbd\xed\xb8\x80",
        "beyond U+10FFFF": b"\xf4\x90\x80\x80",
        "0xFF": b"\xff",
        "0xFE": b"\xfe",
        "five bytes": b"\xf8\x88\x80\x80\x80",
        "Latin-1": b"caf\xe9",
        "cut short": b"\xf0\x9f\x98",
    }.items():
        yield f"UTF-8: {what} in a value", claims_text(x='"@"').encode().replace(b"@", data), "json_utf8"
        yield f"UTF-8: {what} in a name", claims_text(x1="1").encode().replace(b"x1", data), "json_utf8"
    yield "UTF-8: an invalid byte after the end", BASE.encode() + b"\xff", ["json_utf8", "json_end"]
    for what, text in {
        "high": "\\ud83d",
        "low": "\\ude00",
        "low before high": "\\ude00\\ud83d",
        "high twice": "\\ud83d\\ud83d",
        "high and a letter": "\\ud83dx",
        "high and an escape": "\\ud83d\\n",
        "high and half an escape": "\\ud83d\\ude0",
        "upper case high": "\\uD800",
        "last low": "\\uDFFF",
    }.items():
        yield f"a lone surrogate in a value: {what}", claims_text(x=f'"{text}"'), "json_string"
        yield f"a lone surrogate in a name: {what}", f'{{{INNER},"{text}":1}}', "json_string"
        yield f"a lone surrogate deep inside: {what}", claims_text(x=f'[{{"a":["{text}"]}}]'), "json_string"
    for what, text in {"NUL": "\0", "newline": "\n", "tab": "\t", "0x1f": "\x1f"}.items():
        yield f"a control character in a string: {what}", claims_text(x=f'"{text}"'), "json_string"
        yield f"a control character in a name: {what}", f'{{{INNER},"a{text}":1}}', "json_string"
    for text in ("\\x41", "\\'", "\\u12", "\\u12g4", "\\U00000041", "\\0", "\\ ", "\\u+123", "\\u 123"):
        yield f"a bad escape {text}", claims_text(x=f'"{text}"'), "json_string"
    for text in (
        "01",
        "-01",
        "1.",
        ".5",
        "+1",
        "1e",
        "1e+",
        "-",
        "0x10",
        "1.e5",
        "1_000",
        "1,5",
        "--1",
        "00",
        "1e5.5",
        "1f",
    ):
        yield f"a bad number {text}", claims_text(x=text), ["json_number", "json_syntax"]
    for text in (
        "NaN",
        "Infinity",
        "-Infinity",
        "nul",
        "True",
        "TRUE",
        "undefined",
        "None",
        "truee",
        "nulll",
        "'a'",
        "[1,]",
        '{"a":1,}',
        "[,1]",
        "[1 2]",
        '{"a" 1}',
        '{"a":}',
        "{a:1}",
        "{1:1}",
        "{'a':1}",
        "{null:1}",
        "[1}",
        '{"a":1]',
        "/**/1",
        "[1,,2]",
        '{"a":1 "b":2}',
        '{"a":1,,"b":2}',
        "\x0b1",
        "\u00a01",
        "]",
        "tru",
        "fals",
    ):
        yield f"a bad value {text!r}", claims_text(x=text), ["json_syntax", "json_number"]
    yield "no closing quote", claims_text(x='"abc'), ["json_string", "json_syntax", "json_end"]
    for text in ("[]", '"x"', "1", "null", "true", "[{}]", f"[{BASE}]", '"{}"'):
        yield f"not an object: {text[:20]}", text, "json_not_an_object"
    yield "33 levels", claims_text(x="[" * 32 + "]" * 32), "json_too_deep"
    yield "33 levels of objects", claims_text(x='{"a":' * 31 + "{}" + "}" * 31), "json_too_deep"
    yield "1,000 levels", claims_text(x="[" * 999 + "]" * 999), "json_too_deep"
    yield "5,000 levels, never closed", claims_text()[:-1] + ',"x":' + "[" * 5000, ["json_too_deep", "json_end"]


def json_cases():
    clause = "RFC 8259, RFC 7515 §4, RFC 8725 §3.7"
    yield JSON_TEXT(clause, "twin: the honest token", ask_ec())
    for what, text in valid_json():
        yield JSON_TEXT(clause, f"twin: claims, {what}", ask_ec(text))
    for what, text, error in invalid_json():
        yield JSON_TEXT(clause, f"claims: {what}", ask_ec(text), error)
        yield JSON_TEXT(
            clause, f"header: {what}", plain(segments(compact(text), honest_parts()[1], honest_parts()[2])), error
        )
    good = '"alg":"ES256","kid":"ec"'
    for what, text in {
        "alg twice, none last": f'{{{good},"alg":"none"}}',
        "alg twice, none first": f'{{"alg":"none",{good}}}',
        "alg twice, escaped": f'{{{good},"\\u0061lg":"none"}}',
        "alg twice, the same": f'{{{good},"alg":"ES256"}}',
        "kid twice": f'{{{good},"kid":"other"}}',
        "a duplicate inside jwk": f'{{{good},"jwk":{{"kty":"EC","kty":"oct"}}}}',
    }.items():
        yield JSON_TEXT("RFC 7515 §4", f"header: {what}", ask_ec(header=text), "json_duplicate_member")
    for what, text in {
        "escaped names": '{"\\u0061lg":"ES256","k\\u0069d":"ec"}',
        "escaped values": '{"alg":"\\u0045S256","kid":"ec"}',
        "whitespace": ' {\n"alg" :\t"ES256" , "kid":"ec"\r}\n',
        "one name on two levels": f'{{{good},"x":{{"alg":"none","crit":["x"]}}}}',
        "32 levels": f'{{{good},"x":{"[" * 31}{"]" * 31}}}',
    }.items():
        yield JSON_TEXT("RFC 7515 §4", f"twin: header, {what}", ask_ec(header=text))


def cases():
    for group in (structure_cases, base64url_cases, json_cases):
        yield from group()
