#!/usr/bin/env python3
"""Makes tokens.h, keys and tokens whose verdicts are known, for the tests in C, of threads and of fuzzers, and the
files of the example in install/consumer.

Usage: make_tokens.py SIMDJWT

The private keys are made anew and thrown away; nothing but this file depends on their values. Every token is good under
TOKENS_POLICY at TOKENS_NOW except for what its name says.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ISSUER = "https://as.example"
AUDIENCE = "https://api.example"
NOW = 1800000000
KEYS = [("a", "ES256"), ("b", "ES256"), ("r", "RS256"), ("e", "Ed25519"), ("h", "HS256")]
CLAIMS = {"iss": ISSUER, "sub": "alice", "aud": AUDIENCE, "exp": NOW + 3600, "nbf": NOW - 60, "iat": NOW - 60,
          "jti": "jti-1", "client_id": "app", "scope": "read write"}


def run(*args, stdin=""):
    return subprocess.run(args, input=stdin, capture_output=True, text=True, check=True).stdout.strip()


def sign(cli, folder, kid, claims=None, typ="at+jwt", as_kid=None, payload=None):
    args = [cli, "sign", "--key", f"{folder}/{kid}.jwk", "--kid", as_kid or kid, "--typ", typ]
    if payload is not None:
        path = f"{folder}/payload"
        with open(path, "w", encoding="ascii") as file:
            file.write(payload)
        return run(*args, "--payload", path)
    merged = {**CLAIMS, **(claims or {})}
    return run(*args, "--claims", "-", stdin=json.dumps({k: v for k, v in merged.items() if v is not None}))


def literal(text):
    """A C string literal, in pieces of a line each."""
    pieces = [text[i:i + 90] for i in range(0, len(text), 90)]
    return " \\\n  ".join('"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"' for piece in pieces)


def tokens(cli, folder):
    make = lambda *args, **named: sign(cli, folder, *args, **named)
    yield "GOOD_A", "", make("a")
    yield "GOOD_B", "signed by key b", make("b")
    yield "GOOD_RSA", "", make("r")
    yield "GOOD_ED25519", "", make("e")
    yield "FORGED", "signed by key b under the kid of key a", make("b", as_kid="a")
    yield "UNKNOWN_KID", "", make("a", as_kid="zz")
    yield "EXPIRED", "", make("a", {"exp": NOW - 10})
    yield "NOT_YET", "", make("a", {"nbf": NOW + 600})
    yield "FROM_FUTURE", "", make("a", {"iat": NOW + 600})
    yield "WRONG_AUD", "", make("a", {"aud": "https://other.example"})
    yield "WRONG_ISS", "", make("a", {"iss": "https://evil.example"})
    yield "WRONG_TYP", "", make("a", typ="JWT")
    yield "NO_JTI", "", make("a", {"jti": None})
    yield "NO_SCOPE", "", make("a", {"scope": None})
    yield "BOUND", "has cnf", make("a", {"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}})
    yield "NONCE", "has nonce n-1 and a claim with an escape, a number, an array, an object, a boolean and null", make(
        "a", {"nonce": "n-1", "text": "a\u00e9\n\"", "number": 1.5, "list": ["x", "y"], "map": {"k": 1}, "yes": True,
              "none": None})
    yield "MAC", "HS256, signed with key h", make("h")
    yield "JWS", "a JWS whose payload is no JSON", make("a", typ="text", payload="any bytes at all")


def main(cli):
    with tempfile.TemporaryDirectory() as folder:
        public = {}
        for kid, alg in KEYS:
            run(cli, "keygen", "--alg", alg, "--kid", kid, "--out", f"{folder}/{kid}.jwk",
                *([] if alg == "HS256" else ["--public", f"{folder}/{kid}.pub"]))
            source = f"{folder}/{kid}.jwk" if alg == "HS256" else f"{folder}/{kid}.pub"
            with open(source, encoding="ascii") as file:
                public[kid] = json.load(file)
        key_set = lambda *kids: json.dumps({"keys": [public[kid] for kid in kids]}, separators=(",", ":"))
        policy = {"version": 1, "issuers": [{"issuer": ISSUER, "profile": "access-token", "audiences": [AUDIENCE]}]}
        lines = ["/* Made by make_tokens.py: keys and tokens whose verdicts are known. The private keys are gone. */",
                 "/* clang-format off */", "#ifndef SIMDJWT_TESTS_CAPI_TOKENS_H", "#define SIMDJWT_TESTS_CAPI_TOKENS_H", ""]
        define = lambda name, value, note="": lines.extend(
            ([f"/* {note} */"] if note else []) + [f"#define TOKENS_{name} \\\n  {literal(value)}"])
        lines.append(f"#define TOKENS_NOW INT64_C({NOW})")
        define("ISSUER", ISSUER)
        define("AUDIENCE", AUDIENCE)
        define("POLICY", json.dumps(policy, separators=(",", ":")), "One issuer whose keys are published.")
        define("JWKS", key_set("a", "b", "r", "e"), "Keys a, b, r and e.")
        define("JWKS_A", key_set("a"))
        define("JWKS_B", key_set("b"))
        define("JWKS_MAC", key_set("h"), "Key h, for HMAC: it protects nothing.")
        made = list(tokens(cli, folder))
        for name, note, token in made:
            define(name, token, note)
        (HERE / "tokens.h").write_text("\n".join([*lines, "", "#endif", ""]), encoding="ascii")
        consumer = HERE.parent / "install" / "consumer"
        (consumer / "policy.json").write_text(json.dumps(policy, indent=2) + "\n", encoding="ascii")
        (consumer / "jwks.json").write_text(key_set("a") + "\n", encoding="ascii")
        (consumer / "token").write_text(made[0][2], encoding="ascii")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not os.path.exists(sys.argv[1]):
        sys.exit(__doc__)
    main(sys.argv[1])
