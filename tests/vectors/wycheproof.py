"""Project Wycheproof through the line protocol: JWS, JWK, ECDSA in P1363 form, EdDSA, RSA and HMAC files.

Usage: wycheproof.py BINARY, with $SIMDJWT_WYCHEPROOF naming the folder `testvectors_v1` of
https://github.com/C2SP/wycheproof. JOSE files go through mode "jws" with every algorithm allowed, all others through
raw_verify. 'Acceptable', an encoding of old that some verifiers let pass, is to be rejected. The readings that we hold
to are listed in READINGS and REFUSED below; each prints how often it was applied.
"""

import json
import os
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from jose_text import ALGORITHMS, b64u, uint  # noqa: E402
from line_protocol import SKIP, Client, binary_argument, encode, verdict_of  # noqa: E402

SKIPPED = """skipped: SIMDJWT_WYCHEPROOF is not set. To run it:
  git clone https://github.com/C2SP/wycheproof && export SIMDJWT_WYCHEPROOF=$PWD/wycheproof/testvectors_v1"""

EXIT_SKIPPED = 77  # what CTest is told to take for a skip

ACCEPT, REJECT, EITHER = "accept", "reject", "either"
READINGS = {  # of single cases: (file, tcId): (answer, why)
    ("json_web_signature", 372): (REJECT, "'?' is not in the base64url alphabet (RFC 7515 §2)"),
    ("json_web_signature", 373): (REJECT, "'?' is not in the base64url alphabet (RFC 7515 §2)"),
    ("json_web_signature", 367): (EITHER, "byte for byte the same as a valid case"),
    ("json_web_signature", 370): (EITHER, "byte for byte the same as a valid case"),
    ("json_web_signature", 346): (REJECT, "alg PS256 in the JWK, PS384 in the header: all must agree (RFC 7517 §4.4)"),
    ("json_web_signature", 350): (REJECT, "alg PS256 in the JWK, PS384 in the header: all must agree (RFC 7517 §4.4)"),
    ("json_web_signature", 347): (REJECT, "alg ES521 in the JWK, ES512 in the header: all must agree (RFC 7517 §4.4)"),
    ("json_web_signature", 351): (REJECT, "alg ES521 in the JWK, ES512 in the header: all must agree (RFC 7517 §4.4)"),
    ("rsa_pss_2048_sha256_mgf1_0", 69): (ACCEPT, "invalid there for its salt of 32 bytes, which is JOSE's length"),
}
REFUSED = {  # of whole groups
    "salt": "PSS with a salt that is not as long as the hash is not JOSE's (RFC 7518 §3.5)",
    "mgf": "PSS with another hash in MGF1 is not JOSE's (RFC 7518 §3.5)",
    "short": "an HMAC key shorter than the hash (RFC 7518 §3.2)",
    "tag": "a truncated HMAC tag (RFC 7518 §3.2)",
}
EC_CRV = {"ES256": ("P-256", 32), "ES384": ("P-384", 48), "ES512": ("P-521", 66), "ES256K": ("secp256k1", 32)}
EC_ALG = {
    "secp256k1_sha256": "ES256K",
    "secp256r1_sha256": "ES256",
    "secp384r1_sha384": "ES384",
    "secp521r1_sha512": "ES512",
}


def unhex(text):
    return bytes.fromhex(text)


def integer(text):
    """The shortest bytes of a hexadecimal integer; Wycheproof pads some with a zero byte."""
    return b64u(uint(int(text, 16)))


def rsa_jwk(group):
    """The key of an RSA group, from n and e: a publicKeyJwk there carries alg and is not in every file."""
    key = group["publicKey"]
    return {"kty": "RSA", "n": integer(key["modulus"]), "e": integer(key["publicExponent"])}


def jose_group(_, group):
    keys = group.get("public") or group["private"]
    jwks = keys if "keys" in keys else {"keys": [keys]}
    for test in group["tests"]:
        if "jws" not in test:
            continue  # JWE is not ours
        token = test["jws"] if isinstance(test["jws"], str) else json.dumps(test["jws"])
        policy = {
            "mode": "jws",
            "issuer": "wycheproof",
            "audiences": [],
            "algorithms": ALGORITHMS,
            "leeway_s": 0,
            "now": 0,
        }
        yield test, {"token": token, "jwks": jwks, "policy": policy}, None


def raw(alg, jwk, test, signature):
    return {"op": "raw_verify", "alg": alg, "jwk": jwk, "msg": b64u(unhex(test["msg"])), "sig": b64u(unhex(signature))}


def ecdsa_group(name, group):
    alg = next(alg for curve, alg in EC_ALG.items() if curve in name)
    crv, size = EC_CRV[alg]
    x, y = (b64u(uint(int(group["publicKey"][member], 16), size)) for member in ("wx", "wy"))
    for test in group["tests"]:
        yield test, raw(alg, {"kty": "EC", "crv": crv, "x": x, "y": y}, test, test["sig"]), None


def eddsa_group(name, group):
    crv = "Ed25519" if name.startswith("ed25519") else "Ed448"
    jwk = {"kty": "OKP", "crv": crv, "x": b64u(unhex(group["publicKey"]["pk"]))}
    for test in group["tests"]:
        yield test, raw("EdDSA", jwk, test, test["sig"]), None


def pkcs1_group(_, group):
    alg = "RS" + group["sha"][-3:]
    for test in group["tests"]:
        yield test, raw(alg, rsa_jwk(group), test, test["sig"]), None


def pss_group(_, group):
    alg = "PS" + group["sha"][-3:]
    reading = None
    if group["mgfSha"] != group["sha"]:
        reading = "mgf"
    elif group["sLen"] * 8 != int(group["sha"][-3:]):
        reading = "salt"
    for test in group["tests"]:
        yield test, raw(alg, rsa_jwk(group), test, test["sig"]), reading


def hmac_group(name, group):
    bits = int(name[len("hmac_sha") :][:3])
    for test in group["tests"]:
        jwk = {"kty": "oct", "k": b64u(unhex(test["key"]))}
        short = len(unhex(test["key"])) * 8 < bits
        reading = "short" if short else "tag" if group["tagSize"] < bits else None
        yield test, raw(f"HS{bits}", jwk, test, test["tag"]), reading


HMAC_FILES = ("hmac_sha256_test.json", "hmac_sha384_test.json", "hmac_sha512_test.json")
FILES = (
    ("json_web_", jose_group),
    ("ecdsa_", ecdsa_group),
    ("ed25519", eddsa_group),
    ("ed448", eddsa_group),
    ("rsa_pss_", pss_group),
    ("rsa_signature_", pkcs1_group),
    ("hmac_sha", hmac_group),
)


def maker(path):
    """How to read a file; None for one that has nothing to do with JOSE."""
    name = path.name
    if name.startswith("ecdsa_") and not any(f"{curve}_p1363" in name for curve in EC_ALG):
        return None
    if name.startswith("hmac_sha") and name not in HMAC_FILES:
        return None
    if name.startswith("rsa_pss_") and ("misc" in name or "params" in name or "shake" in name or not known_sha(name)):
        return None
    if name.startswith("rsa_signature_") and ("gen" in name or not known_sha(name)):
        return None
    return next((make for prefix, make in FILES if name.startswith(prefix)), None)


def known_sha(name):
    """SHA-256, 384 or 512, a modulus within our bounds, and no truncated SHA-512."""
    parts = name.split("_")
    return (
        any(part in ("sha256", "sha384", "sha512") for part in parts)
        and not {"224", "256"} & set(parts)
        and "sha512_2" not in name
    )


def wanted(name, test, reading):
    """(the answer that is right, why where a reading of ours made it so)."""
    own = READINGS.get((name, test["tcId"]))
    if own:
        return own
    if reading and test["result"] != "invalid":
        return REJECT, REFUSED[reading]
    return (ACCEPT if test["result"] == "valid" else REJECT), None


def is_right(got, right):
    if got is None or got == SKIP[0]:
        return False
    return right == EITHER or (got == "ok") == (right == ACCEPT)


def run_file(client, path, make, readings):
    """Asks every test of one file; returns the lines that tell of wrong answers."""
    name = path.name.removesuffix("_test.json")
    counts, wrong = Counter(), []
    for group in json.loads(path.read_text())["testGroups"]:
        for test, request, reading in make(name, group):
            answer, _ = client.ask(encode({"id": f"{name}-{test['tcId']}", **request}))
            right, why = wanted(name, test, reading)
            counts[test["result"]] += 1
            if why:
                counts["readings"] += 1
                readings[why] += 1
            if not is_right(verdict_of(answer), right):
                wrong.append(
                    f"WRONG {name} {test['tcId']} ({test['comment']}): {test['result']}, {right} wanted: {answer}"
                )
    total = counts["valid"] + counts["acceptable"] + counts["invalid"]
    print(
        f"{path.name}: {counts['valid']} valid, {counts['acceptable']} acceptable, {counts['invalid']} invalid, "
        f"{total - len(wrong)} answered right, {len(wrong)} wrong, {counts['readings']} by our readings"
    )
    return wrong


def main():
    binary = binary_argument(__doc__)
    folder = os.environ.get("SIMDJWT_WYCHEPROOF")
    if not folder:
        print(SKIPPED)
        sys.exit(EXIT_SKIPPED)
    wrong, readings, files = [], Counter(), 0
    with Client(binary) as client:
        for path in sorted(Path(folder).glob("*_test.json")):
            if make := maker(path):
                files += 1
                wrong += run_file(client, path, make, readings)
    for why, count in readings.items():
        print(f"reading applied {count} times: {why}")
    print("\n".join(wrong))
    print(f"total: {files} files, {len(wrong)} wrong answers")
    sys.exit(1 if wrong or not files else 0)


if __name__ == "__main__":
    main()
