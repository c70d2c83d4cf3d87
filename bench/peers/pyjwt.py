"""PyJWT, with the protocol of contestant.h: reads MATERIAL_DIR, greets, answers line by line.

The key is parsed once. "decode" is jwt.api_jwt's decode_complete without verifying the signature or a claim.
"""
import json
import pathlib
import sys
import time

import jwt
from cryptography.hazmat.backends.openssl.backend import backend
from cryptography.hazmat.primitives.serialization import load_pem_public_key


def prepare(folder, facts, alg, token_case):
    """A function that says whether the token of that case is accepted."""
    name = "accept" if token_case == "decode" else token_case
    token = (folder / alg / f"{name}.at.token").read_text(encoding="ascii")
    if token_case == "decode":
        return lambda: bool(jwt.api_jwt.decode_complete(token, options={"verify_signature": False}))
    if alg == "HS256":
        key = (folder / alg / "secret.bin").read_bytes()
    else:
        key = load_pem_public_key((folder / alg / "public.pem").read_bytes())
    algorithms = ["EdDSA" if alg == "Ed25519" else alg]
    options = {"require": ["exp", "nbf", "iss", "aud"]}

    def validate():
        try:
            jwt.decode(token, key, algorithms=algorithms, audience=facts["audience"], issuer=facts["issuer"],
                       options=options)
            return True
        except jwt.InvalidTokenError:
            return False

    return validate


def crypto():
    return backend.openssl_version_text() + " of cryptography"


def measure(validate, first, milliseconds, count):
    batch, done, steady = count or 1, 0, True
    begin = before = time.perf_counter_ns()
    while True:
        for _ in range(batch):
            steady = validate() == first and steady
        done += batch
        after = time.perf_counter_ns()
        if count or after - begin >= milliseconds * 1e6:
            return (after - begin) / done, done, steady
        if after - before < 20000:
            batch *= 2
        before = after


def main():
    folder = pathlib.Path(sys.argv[1])
    facts = json.loads((folder / "material.json").read_text(encoding="ascii"))
    prepared = {}
    print(json.dumps({"name": "PyJWT", "version": jwt.__version__, "crypto": crypto(),
                      "note": "key parsed once"}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        case = asked["alg"], asked["case"]
        if case not in prepared:
            prepared[case] = prepare(folder, facts, *case)
        first = prepared[case]()
        nanoseconds, count, steady = measure(prepared[case], first, asked.get("ms", 0), asked.get("count", 0))
        answer = "unsteady" if not steady else "ok" if first else "reject"
        print(json.dumps({"ns": nanoseconds, "count": count, "answer": answer}), flush=True)


if __name__ == "__main__":
    main()
