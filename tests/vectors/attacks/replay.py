"""A token that may be used once: the same jti again, and everything that must not use one up.

The cases of one process stand in their order; between them may stand anything else (Case.in_order).
"""

from dataclasses import replace

from jose import token

from .base import EC, EC_OTHER, NOW, OCT, RSA, ask, claims, claims_text, key_set, row

REPLAY = row("replay: same jti")
CLAUSE = "RFC 7519 §4.1.7"
# What the store of the line protocol remembers at most.
RETENTION = 10_000_000_000
POLICIES = 70  # more than the line protocol keeps compiled
STORM_TOKENS = 400
STORM_ROUNDS = 4


def once(text, key=EC, **members):
    return ask(text, key, [key.alg], replay="once", **members)


def signed(jti, key=EC, **members):
    return token(key, claims(jti=jti, **members), alg=key.alg)


def same_jti():
    text = signed("r-same")
    yield "first use", once(text), None
    for turn in ("second", "third"):
        yield f"{turn} use", once(text), "token_replayed"
    yield "another token of that jti", once(signed("r-same", sub="bob", exp=NOW + 10)), "token_replayed"
    yield "signed with another key", once(signed("r-same", key=RSA), key=RSA), "token_replayed"
    yield "the jti spelled with an escape", once(token(EC, claims_text(jti='"\\u0072-same"'))), "token_replayed"
    yield "twin: another jti", once(signed("r-other")), None
    yield "twin: in capitals", once(signed("R-SAME")), None
    yield "twin: the empty jti", once(signed("")), None
    yield "the empty jti again", once(signed("")), "token_replayed"


def nothing_is_used_by_what_is_refused():
    forged = token(EC_OTHER, claims(jti="r-burn"), alg="ES256")
    bound = signed("r-burn", cnf={"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"})
    text = signed("r-burn")
    yield "forged", once(forged), "signature_invalid"
    yield "expired", once(text, now=NOW + 600), "token_expired"
    yield "not yet valid", once(signed("r-burn", nbf=NOW + 1)), "token_not_yet_valid"
    yield "for another audience", once(text, audiences=["https://other.example"]), "aud_mismatch"
    yield "of another issuer", once(text, issuer="https://other.example"), "iss_unknown"
    yield "without a claim", once(text, required_claims=["nbf"]), "claim_missing"
    yield "bound, sent as Bearer", once(bound), "binding_missing"
    yield "asked without replay", ask(text, EC, ["ES256"]), None
    yield "asked with replay off", ask(text, EC, ["ES256"], replay="off"), None
    yield "twin: then used", once(text), None
    yield "twin: and used up", once(text), "token_replayed"
    yield "still good where it may be used again", ask(text, EC, ["ES256"], replay=""), None


def what_is_needed():
    yield "no jti", once(token(EC, claims(jti=None))), "claim_missing"
    yield "a jti that is no string", once(token(EC, claims_text(jti="7"))), "claim_type"
    yield "no exp", once(signed("r-need", exp=None)), "exp_missing"
    yield "lives too long to be remembered", once(signed("r-need", exp=NOW + RETENTION + 1)), "token_lives_too_long"
    yield "with its leeway", once(signed("r-need", exp=NOW + RETENTION), leeway_s=1), "token_lives_too_long"
    yield "lives forever", once(token(EC, claims_text(jti='"r-need"', exp="9223372036854775807"))), "token_lives_too_long"
    yield "twin: as long as may be", once(signed("r-need", exp=NOW + RETENTION)), None
    yield "twin: and no longer once", once(signed("r-need", exp=NOW + RETENTION)), "token_replayed"
    for value in ("twice", "Once", True, 1, [], {}, False):
        yield f"replay {value!r}", ask(signed("r-bad"), EC, ["ES256"], replay=value), "policy_member_value"
    yield "a signature alone has no jti", once(signed("r-jws"), mode="jws"), "policy_member_value"


def whatever_stands_between():
    text = signed("r-between")
    yield "used", once(text), None
    yield "under another policy", once(text, leeway_s=5), "token_replayed"
    yield "with another key beside", ask(text, key_set(RSA, EC), ["ES256"], replay="once"), "token_replayed"
    yield "a second before", once(text, now=NOW - 1), "token_replayed"
    yield "at its last second", once(text, now=NOW + 599), "token_replayed"
    yield "when it has expired", once(text, now=NOW + 600), "token_expired"
    yield "and with leeway it has not", once(text, now=NOW + 600, leeway_s=1), "token_replayed"
    other = token(EC, claims(jti="r-between", iss="https://two.example"))
    yield "twin: that jti of another issuer", once(other, issuer="https://two.example"), None
    yield "which is used up too", once(other, issuer="https://two.example"), "token_replayed"
    for leeway in range(POLICIES):
        yield f"policy {leeway}", once(signed(f"r-policy-{leeway}"), leeway_s=100 + leeway), None
    yield f"after {POLICIES} policies", once(text), "token_replayed"
    yield "the first of them", once(signed("r-policy-0"), leeway_s=100), "token_replayed"


def storm():
    """Thousands of lines: every jti in a few tokens, and each is accepted once."""
    texts = [[signed(f"s-{i}", key=OCT, sub=f"user-{i % 7}-{turn % 2}") for turn in range(STORM_ROUNDS)]
             for i in range(STORM_TOKENS)]
    for turn in range(STORM_ROUNDS):
        for i in range(STORM_TOKENS):
            yield f"token {i}, round {turn}", once(texts[i][turn], key=OCT), "token_replayed" if turn else None


def in_order(group):
    for name, request, expect in group:
        yield replace(REPLAY(CLAUSE, name, request, expect), in_order=True)


def cases():
    for group in (same_jti, nothing_is_used_by_what_is_refused, what_is_needed, whatever_stands_between):
        yield from in_order(group())


def storm_cases():
    return list(in_order(storm()))
