"""Checks the vectors with jwcrypto: every one that must be accepted verifies there. A second opinion on the data.

jwcrypto 1.1 knows no Ed25519, Ed448 or ML-DSA as names of algorithms; those cases are counted and left out.
"""

import json
import sys
from pathlib import Path

from jwcrypto import jwk, jws

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from jose_text import ALGORITHMS, unb64u  # noqa: E402

KNOWN_TO_JWCRYPTO = list(ALGORITHMS[: ALGORITHMS.index("EdDSA") + 1])


def candidates(request, header):
    keys = [request["jwk"]] if "jwk" in request else request["jwks"].get("keys", [request["jwks"]])
    return [key for key in keys if "kid" not in header or "kid" not in key or key["kid"] == header["kid"]]


def verifies(token, key):
    try:
        message = jws.JWS()
        message.allowed_algs = KNOWN_TO_JWCRYPTO
        message.deserialize(token, jwk.JWK(**{name: value for name, value in key.items() if name != "x5c"}))
        return True
    except Exception:  # every reason counts the same here
        return False


def check(case):
    """True, False, or None where jwcrypto does not know the algorithm."""
    request = case["request"]
    if "token" not in request:
        token = f"{unb64u(request['msg']).decode('latin-1')}.{request['sig']}"
    else:
        token = request["token"]
    header = json.loads(unb64u(token.split(".")[0]))
    if header["alg"] not in KNOWN_TO_JWCRYPTO or request.get("alg", header["alg"]) not in KNOWN_TO_JWCRYPTO:
        return None
    return any(verifies(token, key) for key in candidates(request, header))


def main():
    bad = 0
    for path in sorted(Path(__file__).parent.glob("*.json")):
        cases = [case for case in json.loads(path.read_text()).get("cases", ()) if case["expect"]["ok"]]
        results = {case["id"]: check(case) for case in cases}
        wrong = [name for name, result in results.items() if result is False]
        unknown = sum(result is None for result in results.values())
        print(
            f"{path.name}: {len(cases)} positive cases, {len(cases) - len(wrong) - unknown} verify, "
            f"{unknown} unknown to jwcrypto, wrong: {wrong}"
        )
        bad += len(wrong)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
