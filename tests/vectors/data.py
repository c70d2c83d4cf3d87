"""The committed vectors as cases for the line protocol.

rfc/*.json      {"source", "cases": [{"id", "comment", "clause", "request", "expect": {"ok", "error"}}]}
foreign/*.json  {"made_with", "tokens": [{"id", "alg", "token", "jwk", "other_jwk"}]}; the negative cases are made here

ML-DSA needs OpenSSL 3.5. Where the program under test says that it has none, every such case must say so.
"""

import json
from dataclasses import replace
from pathlib import Path

from foreign.derive import UNSUPPORTED, request, token_cases
from line_protocol import Case, Client, encode, names

HERE = Path(__file__).resolve().parent


def has_ml_dsa(binary):
    """Whether the program under test answers for ML-DSA at all."""
    entry = json.loads((HERE / "foreign" / "mldsa.json").read_text())["tokens"][0]
    with Client(binary) as client:
        answer, _ = client.ask(encode({"id": "probe", **request(entry["token"], entry["jwk"])}))
    found = answer.get("error") != UNSUPPORTED
    print(f"ML-DSA: {'verified' if found else 'not in the linked OpenSSL, expecting ' + UNSUPPORTED}")
    return found


def committed_cases(binary):
    """The vectors of the RFCs and of other implementations."""
    ml_dsa = has_ml_dsa(binary)
    return rfc_cases(ml_dsa) + foreign_cases(ml_dsa)


def rfc_cases(ml_dsa):
    cases = []
    for path in sorted((HERE / "rfc").glob("*.json")):
        document = json.loads(path.read_text())
        for entry in document.get("cases", ()):
            case = rfc_case(document["source"], entry)
            cases.append(case if ml_dsa or not is_ml_dsa(entry) else replace(case, expect=missing_ml_dsa(case)))
    return cases


def is_ml_dsa(entry):
    return entry["id"].startswith("ML-DSA")


def missing_ml_dsa(case):
    """A list that lacks the algorithm is told first."""
    return case.expect if case.expect == ("alg_not_allowed",) else (UNSUPPORTED,)


def rfc_case(source, entry):
    expect = names(None if entry["expect"]["ok"] else entry["expect"]["error"])
    return Case(source, entry["clause"], f"{entry['id']}: {entry['comment']}", entry["request"], expect)


def foreign_cases(ml_dsa):
    cases = []
    for path in sorted((HERE / "foreign").glob("*.json")):
        document = json.loads(path.read_text())
        for entry in document["tokens"]:
            cases += token_cases(document["made_with"], entry, ml_dsa)
    return cases
