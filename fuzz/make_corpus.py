#!/usr/bin/env python3
"""Writes the seed corpora under corpus/, from tests/capi/tokens.h and the RFCs' examples in tests/vectors/rfc.

Usage: make_corpus.py

A seed is small and real: fuzzers find the rest. The names say what a seed is.
"""
import base64
import json
import pathlib
import re
import shutil
import string
import struct

HERE = pathlib.Path(__file__).resolve().parent
TOKENS_H = HERE.parent / "tests" / "capi" / "tokens.h"
RFC = HERE.parent / "tests" / "vectors" / "rfc"

ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
NUMBERS = ["0", "-0", "1", "-1", "1800000000", "1800000000.5", "-0.5", "0.0", "1e3", "1E+3", "15e-1", "1e400", "-1e400",
           "1e-400", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775807.5",
           "922337203685477580.7e1", "00", "1.", ".5", "+1", "1e", "0x1", "0e99999999999999999999", "10000000000000000000e-1"]
TEXTS = ["", "A", "AA", "AB", "AAA", "AAB", "AAAA", "Zm9vYmFy", "_-8", "_-9", "+/8=", "A A", "AAAAA", "AA==",
         "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
         # Through every loop of the vector kernels, good, and bad at the very end.
         ALPHABET * 5 + ALPHABET[:22], ALPHABET * 5 + ALPHABET[:19], ALPHABET * 4 + "=", ALPHABET[:31] + "\x80" + ALPHABET]
HEADERS = ['{"alg":"ES256","kid":"a","typ":"at+jwt"}', '{"alg":"none"}', '{"alg":"ES256","crit":["exp"],"exp":1}',
           '{"alg":"RS256","b64":false,"crit":["b64"]}', '{"alg":"HS256","jku":"https://x","jwk":{},"x5c":["AA"]}',
           '{"\\u0061lg":"ES256","typ":"application/at+jwt"}', '{"alg":"PS512","x5t":"AA","x5t#S256":"AA","cty":"JWT"}',
           '{"alg":"ES256":,"alg":"none","crit":["x"]],"kid":"a"}']
DOCUMENTS = ['{}', '{"a":1,"a":2}', '{"a":{"b":[1,2,{"c":null}]},"d":[[],{}]}', '{"s":"\\u00e9\\ud83d\\ude00\\n\\"","e":""}',
             '{"n":[0,-1,1.5,1e400,18446744073709551616,true,false,null]}', ' {\n"a" : "b"\t}\r\n', '{"a":1}x', '{"a":"\\ud800"}',
             '\ufeff{}', '[1]', '{"a":' + '[' * 31 + ']' * 31 + '}', '{"\\u0061":1,"b":"\u00e9"}', '{"a":01}', '{"a":tru}',
             # A string before a colon: a parser that skips values takes it for a name and looks at no grammar after it.
             '{"a":"b":]}', '{"a":"b":],"c":1}', '{"a":["b":}]}', '{"a":"b":1}']
POLICIES = [
    {"version": 1, "issuers": [{"issuer": "https://as.example", "profile": "access-token",
                                "audiences": ["https://api.example"]}]},
    {"version": 1, "limits": {"max_token_bytes": 256, "max_json_depth": 2, "max_json_nodes": 16, "max_kid_bytes": 1,
                              "max_key_candidates": 1},
     "challenge": {"realm": "api", "resource_metadata": "https://api.example/m"},
     "issuers": [{"issuer": "https://as.example", "algorithms": ["ES256"], "allow_any_audience": True,
                  "allow_any_typ": True, "allow_missing_exp": True, "allow_future_iat": True, "leeway_s": 30,
                  "max_age_s": 3600, "required_claims": ["jti"], "other_claims": "ignore", "scopes": ["read"],
                  "claims": {"sub": {"one_of": ["alice", 7, True]}, "roles": {"contains": "admin"}, "x": "ignore",
                             "client_id": {"equals": "app"}}}]},
    {"version": 1, "issuers": [{"issuer": "a", "profile": "id-token", "audiences": ["x"], "jwks_uri": "https://a/jwks"},
                               {"issuer": "b", "profile": "strict", "audiences": ["x"], "algorithms": ["ES256"],
                                "typ": ["JWT", "application/at+jwt"], "other_claims": "reject", "leeway_s": 60}]},
    {"version": 1, "revocation": {}},
    {"version": 1, "issuers": [{"issuer": "http://as", "profile": "access-token", "audiences": ["x"], "discovery": True}],
     "fetch": {"deadline_ms": 10, "max_body_bytes": 1024, "max_header_bytes": 1024, "max_redirects": 0,
               "allow_cross_origin_redirects": True, "allow_private_addresses": True, "allow_http": True,
               "min_refresh_s": 1, "max_refresh_s": 1, "max_stale_s": 1, "cooldown_s": 1, "unknown_kid_ttl_s": 0,
               "min_backoff_ms": 10, "max_backoff_s": 1, "host_requests_per_minute": 1, "ca_file": "/a",
               "proxy": "http://p:1", "state_dir": "/b"}},
    {"version": 1, "replay": {"mode": "once"},
     "issuers": [{"issuer": "https://as.example", "profile": "access-token", "audiences": ["https://api.example"]}]},
    {"version": 1, "issuers": [{"issuer": "https://as.example", "profile": "access-token", "replay": "once",
                                "audiences": ["https://api.example"]},
                               {"issuer": "b", "profile": "id-token", "audiences": ["x"], "replay": "off"}],
     "replay": {"mode": "off", "unique_per": "client", "memory_bytes": 1048576, "max_retention_s": 10000000000,
                "grace_s": 86400, "issuer_quota_percent": 1,
                "durability": {"level": "interval", "directory": "/j", "interval_ms": 1},
                "fleet": {"nodes": ["h:1", "[::1]:65535"], "key_file": "/k", "deadline_ms": 1, "allow_local_only": True,
                          "wait_replicas": 8, "user": "u", "password_file": "/p"}}},
]
FIELDS = ["Bearer eyJhbGciOiJFUzI1NiJ9.e30.AA", "bearer   abc==", "Basic dXNlcjpwYXNz", "Bearer", "Bearer a b",
          "read write", "audit"]

# Steps of four bytes: what (0 insert, 3 find, 5 erase, 6 a run of inserts, 7 pin or unpin), token, its size, record's size.
MACHINES = [[(0, 5, 64, 16), (3, 5, 64, 0), (0, 5, 64, 90), (3, 5, 64, 0), (5, 5, 64, 0), (3, 5, 64, 0)],
            [(0, i, 100, i) for i in range(4)] + [(3, i, 100, 0) for i in range(5)],
            [(0, 9, 100, 50), (7, 9, 100, 0)] + [(6, 0, 100, 255)] * 6 + [(7, 0, 0, 0)] + [(6, 0, 120, 255)] * 4,
            [(6, 0, 110, 60), (3, 7, 110, 0)] * 20, [(6, 0, 8, 0)] * 8 + [(6, 0, 230, 30)] * 8,
            [(0, 1, 255, 255), (0, 0, 0, 0), (3, 0, 0, 0), (0, 1, 252, 0), (0, 2, 252, 0), (3, 2, 252, 0)]]

# Steps of four bytes: what (0 consume, 2 a run of them, 3 check, 4 undo, 5 load, 6 and 7 the clock), fingerprint, life, extra.
USES = [[(0, 5, 20, 0), (0, 5, 20, 0), (3, 5, 20, 0), (4, 5, 0, 0), (0, 5, 20, 0)],
        [(2, i, 30, 0) for i in range(3)] + [(3, i, 30, 0) for i in range(5)],
        [(2, 1, 30, 0), (6, 0, 127, 4), (2, 2, 30, 0), (6, 0, 129, 4), (2, 1, 30, 0), (3, 1, 30, 0)],
        [(0, 9, 40, 0), (7, 9, 0, 1), (0, 9, 90, 0), (7, 9, 0, 0), (0, 9, 90, 0), (6, 0, 128, 11), (0, 9, 90, 0)],
        [(5, 7, 50, 15), (5, 7, 60, 15), (4, 7, 1, 0), (4, 7, 0, 0), (0, 7, 20, 0)],
        [(7, 0, 100, 255), (0, 1, 255, 0), (6, 0, 100, 0), (0, 1, 255, 0), (6, 0, 100, 4), (0, 2, 255, 0)]]

# Curve and kind (0 x beyond the order, 1 any numbers, 2 given u1 and u2, 3 equal or opposite summands), then numbers: 0 near
# zero or the order, 1 near a power of two, 2 as the bytes that follow say.
ECDSA = [[(kind * 3 + curve) + 12 * change, *rest] for curve in range(3) for kind, change, rest in [
    (0, 0, [0, 1, 2, *range(66), 2, *range(66)]), (0, 0, [1, 7, 0, 130, 1, 20, 2]), (1, 0, [0, 129, 0, 128, 0, 127, 0, 129]),
    (2, 0, [2, *range(9, 75), 2, *range(3, 69), 2, *range(7, 73)]), (2, 5, [0, 131, 0, 128, 1, 9, 1, 1, 0, 0]),
    (2, 0, [0, 129, 0, 159, 0, 97]), (3, 0, [2, *range(80, 146), 0, 2, *range(66)]), (3, 0, [0, 130, 1, 0, 160])]]

METADATA = ['{"issuer":"https://as.example","jwks_uri":"https://as.example/jwks"}',
            '{"jwks_uri":"https:\\/\\/keys.example\\/a?b=c","\\u0069ssuer":"https://as.example","x":[{"issuer":"b"}]}',
            '{"issuer":"https://evil.example","jwks_uri":"https://as.example/jwks"}', '{"issuer":"https://as.example"}',
            '{"issuer":"https://as.example","jwks_uri":"https://a","jwks_uri":"https://b"}', "https://as.example/t",
            "https://as.example:8443/a/b/", "http://[::1]/", "https://as.example?x", "<html></html>"]

# What Redis answers: to SET, ROLE, CLUSTER SLOTS and INFO; and what it never does.
REPLIES = ["+OK\r\n$-1\r\n:1\r\n", "-MOVED 3999 127.0.0.1:6381\r\n-ASK 1 :7000\r\n-MOVED 16384 h:1\r\n-READONLY no\r\n",
           "*3\r\n$6\r\nmaster\r\n:3129659\r\n*1\r\n*3\r\n$9\r\n127.0.0.1\r\n$4\r\n9001\r\n$7\r\n3129242\r\n",
           "*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:9000\r\n$9\r\nconnected\r\n:3167038\r\n",
           "*2\r\n*4\r\n:0\r\n:5460\r\n*4\r\n$9\r\n127.0.0.1\r\n:30001\r\n$2\r\nid\r\n*0\r\n*3\r\n$9\r\n127.0.0.1\r\n:30004\r\n$2\r\nid\r\n"
           "*3\r\n:5461\r\n:16383\r\n*3\r\n$-1\r\n:30002\r\n$2\r\nid\r\n",
           "$41\r\n# Memory\r\nmaxmemory_policy:allkeys-lru\r\nx:\r\n", "-NOAUTH Authentication required.\r\n-LOADING Redis\r\n-ERR x\r\n",
           "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "*2147483647\r\n:1\r\n", "$9000000000\r\nabc", "#t\r\n,1.5\r\n",
           "HTTP/1.1 400 Bad Request\r\n\r\n", "[2001:db8::1]:6379", "redis.example:6379"]


def kept(issuer, jwks_uri, etag, confirmed, body):
    """The fields of a state file, without its first two lines."""
    fields = [("issuer", issuer), ("jwks_uri", jwks_uri), ("etag", etag), ("confirmed", confirmed), ("body", body)]
    return "".join(f"{name} {len(value)}\n{value}\n" for name, value in fields)


STATES = [kept("https://as.example", "https://as.example/jwks", '"1"', "1800000000", '{"keys":[]}'),
          kept("", "", "", "0", ""), kept("a", "b", "c", "-1", "\n\n"), kept("a", "b", "c", "01", "d"),
          kept("a", "b", "c", "1", "d") + "x", "issuer 18446744073709551615\n", "issuer|uri|tag|body",
          "simdjwt keys 1\n" + "0" * 64 + "\n"]
URLS = ["https://as.example/jwks\n/keys?x=1#y", "http://127.0.0.1:8080/a/b\n../../c", "https://[2001:db8::1]:8443/\n//b.example/",
        "HTTPS://A.example?q\n?r", "https://a.example/%7E;p=1,2?x\nhttp://b.example:80/", "https://user@a.example/\n.",
        "https://0x7f.1/", "https://[::ffff:10.0.0.1]/\n..", "\x64\x40\x00\x01" + "\0" * 12]
OK = "HTTP/1.1 200 OK\r\n"
SMALL_KEYS = '{"keys":[]}'
ANSWERS = [f"{OK}Content-Length: 11\r\nETag: \"a\"\r\nCache-Control: max-age=60\r\nAge: 5\r\n\r\n{SMALL_KEYS}",
           f"{OK}Transfer-Encoding: chunked\r\n\r\nb;x=\"y\"\r\n{SMALL_KEYS}\r\n0\r\nX: y\r\n\r\n",
           f"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<html>", "HTTP/1.1 304 Not Modified\r\nETag: W/\"a\"\r\n\r\n",
           "HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n", "HTTP/1.1 503 Busy\r\nRetry-After: 9\r\n\r\n",
           f"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n{OK}Content-Length: 2\r\n\r\n[]", f"{OK}Content-Encoding: gzip\r\n\r\nx",
           f"{OK}Content-Length: 5\r\nContent-Length: 5\r\nX:\r\n folded\r\n\r\n{{}}",
           f"{OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", f"{OK}Cache-Control: no-cache=\"a,b\", max-age=\"9\"\r\n\r\n"]


def defines():
    """NAME -> text, of tokens.h."""
    joined = TOKENS_H.read_text(encoding="ascii").replace("\\\n", " ")
    found = {}
    for name, literals in re.findall(r'^#define TOKENS_(\w+)\s+((?:"(?:[^"\\]|\\.)*"\s*)+)$', joined, re.MULTILINE):
        pieces = re.findall(r'"((?:[^"\\]|\\.)*)"', literals)
        found[name] = "".join(pieces).replace('\\"', '"').replace("\\\\", "\\")
    return found


def rfc_requests():
    for path in sorted(RFC.glob("rfc*.json")):
        for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
            if "request" in case:
                yield f"{path.stem}-{case['id']}", case["request"]


def write(target, seeds, most=30):
    folder = HERE / "corpus" / target
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    seen = set()
    for name, content in seeds:
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        if data not in seen and len(seen) < most and len(data) <= 6000:
            seen.add(data)
            (folder / re.sub(r"[^\w.-]+", "-", name)).write_bytes(data)


def numbered(kind, texts):
    return [(f"{kind}-{i:02}", text) for i, text in enumerate(texts)]


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def crc32c(data, seed=0):
    crc = ~seed & 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return ~crc & 0xFFFFFFFF


def journal_file(blocks, end=1800000000, width=3600):
    """As engine/journal/format.h has it; `blocks` are numbers of records."""
    header = struct.pack("<8sIIqIIQ", b"sjwtuses", 1, 0, end, width, 0, 42)
    out = header + struct.pack("<II", crc32c(header), 0)
    seed = crc32c(struct.pack("<qIIQ", end, 0, width, 42))
    for number, count in enumerate(blocks):
        head = struct.pack("<4sIQ", b"sjwB", count, number)
        records = b"".join(struct.pack("<16sII", bytes([number, i]) * 8, i, 7) for i in range(count))
        out += head + struct.pack("<I", crc32c(head + records, seed)) + records
    return out


def journals():
    whole = journal_file([1, 3, 2])
    yield "name", "uses.1.0000000001800000000.0000000000"
    yield "whole", whole
    yield "empty", journal_file([])
    yield "torn", whole[:-30]
    yield "torn-header", whole[:40]
    yield "damaged", whole[:60] + b"\xff" + whole[61:]
    yield "repeated", whole + whole[48:92]
    yield "missing", whole[:48] + whole[92:]
    yield "zeros", whole + bytes(64)
    yield "unborn", bytes(100)
    yield "far-heads", whole + struct.pack("<4sI", b"sjwB", 2048) * 600
    yield "near-heads", whole + struct.pack("<4sIQI", b"sjwB", 1900, 100, 0) * 280 + b"\1"


def pairs():
    """Two messages to be hashed side by side, each from the beginning or after a block, where padding changes its shape."""
    text = bytes(range(256)) * 8
    sizes = [(0, 0), (55, 56), (63, 64), (64, 63), (119, 120), (700, 701), (700, 10), (1, 1000)]
    for i, (a, b) in enumerate(sizes):
        secret = text[:(0, 32, 64, 131)[i % 4]]
        yield f"sizes-{a}-{b}", struct.pack("<BBH", i % 4, len(secret), a) + secret + text[:a] + text[:b]


def main():
    known, requests = defines(), list(rfc_requests())
    tokens = [(name.lower(), text) for name, text in known.items() if text.count(".") == 2 and text.startswith("eyJ")]
    rfc_tokens = [(name, request["token"]) for name, request in requests if request.get("token", "").count(".") == 2]
    decode = lambda segment: base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    write("token", tokens + rfc_tokens[:8])
    write("header", numbered("header", HEADERS) + [(name, decode(text.split(".")[0])) for name, text in tokens])
    write("json", numbered("document", DOCUMENTS) + [(name, decode(text.split(".")[1])) for name, text in tokens[:4]])
    write("number", numbered("number", NUMBERS))
    write("base64url", numbered("text", TEXTS))
    write("jwks", [(name.lower(), known[name]) for name in ("JWKS", "JWKS_A", "JWKS_MAC")] +
          [(name, compact(request["jwks"])) for name, request in requests if "jwks" in request])
    inline = {"version": 1, "issuers": [{**POLICIES[0]["issuers"][0], "jwks": json.loads(known["JWKS_A"])}]}
    write("policy", numbered("policy", map(compact, [*POLICIES, inline])))
    write("verdict_cache", [(f"steps-{i:02}", bytes(b for step in steps for b in step)) for i, steps in enumerate(MACHINES)])
    write("replay_store", [(f"steps-{i:02}", bytes(b for step in steps for b in step)) for i, steps in enumerate(USES)])
    write("sha256_pair", list(pairs()))
    write("ecdsa_tables", [(f"case-{i:02}", bytes(case)) for i, case in enumerate(ECDSA)])
    write("metadata", numbered("metadata", METADATA))
    write("state_file", numbered("fields", STATES))
    write("journal", journals())
    write("bearer", [(f"field-{i:02}", bytes([i * 7, i, 40 + i]) + field.encode()) for i, field in enumerate(FIELDS)])
    write("url", numbered("url", URLS))
    write("fleet_reply", [(f"reply-{i:02}", bytes([i * 9]) + reply.encode()) for i, reply in enumerate(REPLIES)])
    keys = known["JWKS_A"]
    answers = [*ANSWERS, f"{OK}Content-Length: {len(keys)}\r\n\r\n{keys}"]
    write("http_answer", [(f"answer-{i:02}", bytes([i]) + answer.encode()) for i, answer in enumerate(answers)])


if __name__ == "__main__":
    main()
