"""Instructions per token of the native contestants: unlike times they do not move with the load of the machine.

Counted as the difference between a long and a short run of a contestant, so that starting up drops out. `perf stat`
counts what the processor did; callgrind simulates a processor without AVX-512, where other kernels may be chosen.
"""
import re
import shutil
import subprocess

from reporting import contest

NATIVE = ("simdjwt", "floor", "cjose", "libjwt", "rhonabwy")
SHORT, LONG = 10, 30


def perf_works():
    if not shutil.which("perf"):
        return False
    done = subprocess.run(["perf", "stat", "-x,", "-e", "instructions:u", "true"], capture_output=True, text=True,
                          check=False)
    return done.returncode == 0 and re.search(r"^\d+,", done.stderr, flags=re.MULTILINE) is not None


def choose(wanted):
    """(tool, note): the tool to count with, or "" and why there is none."""
    if wanted == "none":
        return "", "not asked for"
    if wanted in ("auto", "perf") and perf_works():
        return "perf", ""
    if wanted == "callgrind":
        return ("callgrind", "") if shutil.which("valgrind") else ("", "valgrind is not installed")
    return "", "the machine's counters are not to be had (perf stat); --instructions callgrind counts without them"


def count(tool, command, alg, case, tokens):
    prefix = {"perf": ["perf", "stat", "-x,", "-e", "instructions:u", "--"],
              "callgrind": ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]}[tool]
    question = f'{{"alg":"{alg}","case":"{case}","count":{tokens}}}\n'
    done = subprocess.run(prefix + command, input=question, capture_output=True, text=True, check=True)
    pattern = r"^(\d+),.*instructions" if tool == "perf" else r"Collected : (\d+)"
    return int(re.search(pattern, done.stderr, flags=re.MULTILINE)[1])


def run(build, material, answers, wanted, progress):
    tool, note = choose(wanted)
    rows = []
    if tool:
        todo = [(name, alg, case) for name in NATIVE for alg in contest.ALGORITHMS for case in ("accept", "decode")
                if contest.can(answers, name, alg, case) and (case == "accept" or alg == "ES256")]
        progress.add(2.0 * len(todo))
        for name, alg, case in todo:
            progress.show(f"instructions: {name}, {alg} {case}")
            command = [str(build / "bin" / f"peer_{name}"), str(material)]
            try:
                short, long = (count(tool, command, alg, case, tokens) for tokens in (SHORT, LONG))
                rows.append({"name": name, "alg": alg, "case": case, "per_token": (long - short) / (LONG - SHORT)})
            except (OSError, subprocess.CalledProcessError, TypeError):
                note = "some counts failed"
            progress.step(2.0)
    return {"tool": tool, "note": note, "rows": rows}
