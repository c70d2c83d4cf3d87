"""Removes one check of the engine at a time and shows that the attack table notices.

Usage: mutants.py [ROW ...]

For each mutant the engine is built in a copy of the tree with that one check taken out, and tests/e2e/attack_table.py,
or unit tests where the line protocol does not come to the check, must fail. Prints, for each, the cases that caught it; exits non-zero when a mutant survives or no longer applies. Takes
about a minute a mutant: run it by hand when checks move.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Mutant:
    """One check taken out: `old` stands exactly once in `file`."""

    row: str
    check: str
    file: str
    old: str
    new: str
    unit: str = ""  # what the line protocol cannot ask for: the filter of unit tests that must notice instead ...
    program: str = "unit_engine"  # ... and the program that they are in


MUTANTS = [
    Mutant("alg", "the policy's list of algorithms", "engine/validator/token_steps.cc",
           "if (!allowed.has(algorithm)) return Error::alg_not_allowed;", ""),
    Mutant("hmac", "HMAC keys no shorter than the hash", "engine/jwk/jwk_oct_akp.cc",
           "secret.size() >= hash_size(row.hash)", "!secret.empty()"),
    Mutant("jwk-alg", "the alg of a JWK narrows its use", "engine/jwk/jwk.cc",
           "jwk.algorithms = only;", ""),
    Mutant("jwk-use", "the use of a JWK", "engine/jwk/jwk.cc",
           'if (has_use && jwk.use != "sig") {', "if (false) {"),
    Mutant("kid", "a kid that is there must match", "engine/validator/token_steps.cc",
           "if (!header.has_kid) {", "if (true) {"),
    Mutant("crit", "crit is refused", "engine/jose/header.cc",
           'if (node.name == "crit") return Error::header_crit;', ""),
    Mutant("typ", "the typ", "engine/validator/pipeline.cc",
           "if (rule.any_typ) return {};", "return {};"),
    Mutant("structure", "no third dot", "engine/jose/compact.cc",
           "if (third != std::string_view::npos) return {Error::token_segments, at(third)};", "(void)third;"),
    Mutant("base64url", "zero trailing bits", "engine/codec/base64url.cc",
           "return {Error::base64url_trailing_bits, 0, in.size() - 1};", ";"),
    Mutant("json", "no duplicate members", "engine/json/json_reader.cc",
           "if (frame->names.add(node.name_hash)) {", "if (false) {"),
    Mutant("times", "exp", "engine/claims/claims_check.cc",
           "const bool alive = is_after(claims_.exp_value, saturating_add(now_, -rules_.leeway_s));",
           "const bool alive = true;"),
    Mutant("times-range", "NumericDates within 64 bits", "engine/claims/claims.cc",
           "return value.fits ? Error::ok : Error::claim_range;", "return Error::ok;"),
    Mutant("aud", "the whole audience, not a prefix", "engine/claims/claims_check.cc",
           "[name](const std::string& audience) { return audience == name; }",
           "[name](const std::string& audience) { return name.starts_with(audience); }"),
    Mutant("ecdsa", "1 <= r, s < n", "engine/signature/signature_form.cc",
           "if (is_zero(number) || !is_less(number, curve.order)) return Error::signature_range;", ""),
    Mutant("claim-types", "every element of aud is a string", "engine/claims/claims.cc",
           "if (nodes[i].kind != JsonKind::string) return false;", ""),
    Mutant("rsa", "the size of a modulus", "engine/jwk/jwk_rsa.cc",
           "BN_num_bits(n.get()) < kMinModulusBits ||\n", "false ||\n"),
    Mutant("rsa-exponent", "the size of an exponent", "engine/jwk/jwk_rsa.cc",
           "exponent.size() > 4 || ", ""),
    Mutant("eddsa", "S < L", "engine/signature/signature_form.cc",
           "return is_less(ByteView(s.data(), encoded.size()), curve.order) ? Error::ok : Error::signature_range;",
           "return Error::ok;"),
    Mutant("small-order", "no key of small order", "engine/jwk/jwk_okp.cc",
           "if (has_small_order(curve, y)) return Error::jwk_okp_small_order;", ""),
    # Without "coordinates below p" nothing would change here: OpenSSL 3.0 and 3.5 refuse such an encoded point as well.
    Mutant("ec-length", "coordinates of the full size", "engine/jwk/jwk_ec.cc",
           "if (coordinate->size() != curve.coordinate_size) return Error::jwk_ec_length;", ""),
    Mutant("limits", "the size of a token", "engine/validator/pipeline.cc",
           "token.size() <= limits.max_token_bytes ? Error::ok : Error::token_too_large", "Error::ok"),
    Mutant("binding", "no bound token as a bearer token", "engine/validator/pipeline.cc",
           "verification.token->claims().cnf != nullptr ? Error::binding_missing : Error::ok", "Error::ok"),
    Mutant("replay", "whether a token has been used", "engine/validator/pipeline.cc",
           "if (rule_->claims.once) return use();", ""),
    Mutant("replay-jti", "a jti, where tokens may be used once", "engine/validator/policy_compiler.cc",
           'if (out.once) require("jti", out);', ""),
    Mutant("replay-retention", "the life of a token that may be used once", "engine/claims/claims_check.cc",
           "return rules_.once ? retention() : ClaimResult{};", "return {};"),
    Mutant("replay-order", "nothing is used for want of a scope", "engine/validator/pipeline.cc",
           "if (verdict_.error != Error::ok) return false;\n  if (cache_", "if (cache_", unit="*Replay*"),
    Mutant("replay-undo", "a use that is not confirmed is taken back", "engine/validator/replay_step.cc",
           "snapshot_.replay.store->undo(record_, replay_issuer().account);", "", unit="*Replay*"),
    Mutant("replay-stage", "a stage that the policy wants is there", "engine/validator/replay_step.cc",
           "if (replay.is_complete) {", "if (true) {", unit="*Replay*"),
    Mutant("batch-form", "the form of a signature that is verified beside others", "engine/signature/verify_pairs.cc",
           "error != Error::ok) {", "false) {", unit="VerifyAll.*", program="unit_keys"),
    Mutant("batch-lane", "a signature verified beside others is that of its token", "engine/validator/token_steps.cc",
           "tried == keys.end() || !first.is_of(as_bytes(lane.jws.signing_input), signature)", "false",
           unit="BatchChecks.*"),
    Mutant("ecdsa-x", "r + n is below the field", "engine/signature/ecdsa_tables.cc",
           "if (BN_cmp(r_.get(), p) >= 0) return Error::signature_invalid;", "", unit="*Ecdsa*", program="unit_keys"),
]


def run(*command, **options):
    return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **options)


def build(tree, target="simdjwt_cli"):
    """Builds a program of a tree; returns the output when it failed."""
    result = run("cmake", "--build", tree / "build", "--target", target)
    return None if result.returncode == 0 else result.stdout


def copy_tree(to):
    ignore = shutil.ignore_patterns("build", ".git", "__pycache__", "node_modules")
    shutil.copytree(ROOT, to, ignore=ignore)
    # Unused parameters and functions are what removing a check leaves: no -Werror here.
    result = run("cmake", "-S", to, "-B", to / "build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo")
    if result.returncode != 0 or (output := build(to)):
        sys.exit(result.stdout if result.returncode else output)


def attack(tree):
    return run(sys.executable, tree / "tests/e2e/attack_table.py", tree / "build/bin/simdjwt")


def unit(tree, mutant):
    return run(tree / "build/bin" / mutant.program, f"--gtest_filter={mutant.unit}")


def try_mutant(tree, mutant):
    """None when the tests caught it, else what went wrong."""
    path = tree / mutant.file
    original = path.read_text()
    if original.count(mutant.old) != 1:
        return "no longer applies"
    path.write_text(original.replace(mutant.old, mutant.new))
    try:
        if output := build(tree, mutant.program if mutant.unit else "simdjwt_cli"):
            return f"does not build:\n{output}"
        result = unit(tree, mutant) if mutant.unit else attack(tree)
        caught = re.findall(r"^(?:FAIL|\[  FAILED  \]) (.*)$", result.stdout, re.MULTILINE)
        if result.returncode < 0:
            caught.append(f"the program died of signal {-result.returncode}")
        if result.returncode == 0 or not caught:
            return "SURVIVED"
        print(f"  caught by {len(caught)} cases, such as: {caught[0][:150]}")
        return None
    finally:
        path.write_text(original)


def main():
    wanted = set(sys.argv[1:])
    chosen = [m for m in MUTANTS if not wanted or m.row in wanted]
    if not chosen:
        sys.exit(__doc__)
    problems = []
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch) / "tree"
        print("building the engine as it is ...", flush=True)
        copy_tree(tree)
        if attack(tree).returncode != 0:
            sys.exit("the attack table fails without any mutant")
        for number, mutant in enumerate(chosen, 1):
            print(f"[{number}/{len(chosen)}] without: {mutant.check} ({mutant.file})", flush=True)
            if problem := try_mutant(tree, mutant):
                problems.append(f"{mutant.row}: {problem}")
                print(f"  {problem}", flush=True)
    print(f"{len(chosen) - len(problems)} of {len(chosen)} removed checks were noticed")
    sys.exit("\n".join(problems) if problems else 0)


if __name__ == "__main__":
    main()
