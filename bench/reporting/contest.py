"""The side-by-side measurement: drives the contestants of bench/peers, answers first, then interleaved rounds.

Every contestant is one process for the whole run and sleeps while another one is measured. Within a round the groups
(algorithm, case) come in random order, and so do the contestants in a group: what is compared is measured within a
second or two, and a drift of the machine meets all alike.
"""
import json
import os
import pathlib
import random
import select
import shutil
import subprocess
import tempfile
import time

ALGORITHMS = ["HS256", "RS256", "PS256", "ES256", "ES384", "Ed25519"]
EXPECTED = {"accept": "ok", "forged": "reject", "expired": "reject", "decode": "ok"}
# What is timed: accepted tokens of every algorithm, the rest where it shows most.
GROUPS = [(alg, "accept") for alg in ALGORITHMS] + [(alg, case) for alg in ("HS256", "ES256")
                                                  for case in ("forged", "expired", "decode")]
DEBIAN_PYTHON = "/usr/bin/python3"
NODE_PROGRAMS = {"fast-jwt": ["fast_jwt.mjs"], "fast-jwt (cache)": ["fast_jwt.mjs", "--cache"], "jose": ["jose.mjs"],
                 "jsonwebtoken": ["jsonwebtoken.mjs"], "@node-rs/jsonwebtoken": ["node_rs.mjs"]}
# A contestant that does not answer for so long has failed.
PATIENCE_S = 30


class Failed(Exception):
    """A contestant ended, or broke the protocol."""


class Contestant:
    """One running process. Started with the material; ends when its input is closed."""

    def __init__(self, name, language, command):
        self.name, self.language, self.command = name, language, command
        self.version = self.crypto = self.note = ""
        self.status = "ran"
        self.process = None
        self.errors = None
        self.buffer = b""

    def start(self):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)
        greeting = self.read_line(PATIENCE_S)
        self.version, self.crypto, self.note = greeting["version"], greeting["crypto"], greeting["note"]

    def read_line(self, seconds):
        deadline = time.monotonic() + seconds
        while b"\n" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                raise Failed("did not answer in time")
            piece = os.read(self.process.stdout.fileno(), 65536)
            if not piece:
                self.errors.seek(0)
                lines = [line for line in self.errors.read().decode(errors="replace").splitlines() if line.strip()]
                raise Failed("ended: " + (lines[-1][:200] if lines else "without a word"))
            self.buffer += piece
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)

    def ask(self, alg, case, **amount):
        """The contestant's answer to one line of the protocol."""
        line = json.dumps({"alg": alg, "case": case, **amount}, separators=(",", ":"))
        try:
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()
            return self.read_line(PATIENCE_S + amount.get("ms", 0) / 1000)
        except (BrokenPipeError, ValueError, KeyError) as error:
            raise Failed(str(error)) from error

    def stop(self):
        if self.process is None:
            return
        self.process.stdin.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.errors.close()


def npm_folder(source, build, may_install, say):
    """The contestants of node with their packages, in the build folder; None, and why, where that is not to be had."""
    if not shutil.which("node"):
        return None, "node is not installed"
    folder = build / "peers" / "node"
    folder.mkdir(parents=True, exist_ok=True)
    lock = source / "package-lock.json"
    is_current = (folder / "node_modules").is_dir() and (folder / lock.name).is_file() and \
        (folder / lock.name).read_bytes() == lock.read_bytes()
    for file in source.iterdir():
        if file.is_file():
            shutil.copy(file, folder / file.name)
    if is_current:
        return folder, ""
    if not may_install or not shutil.which("npm"):
        (folder / lock.name).unlink(missing_ok=True)
        return None, "its packages are not installed"
    say("installing the packages of npm")
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        (folder / lock.name).unlink(missing_ok=True)
        return None, "npm ci failed: " + (done.stderr.strip().splitlines() or ["without a word"])[0][:200]
    return folder, ""


def contestants(root, build, material, may_install, say):
    """Every contestant, in the order of the report; those that cannot run carry their reason as status."""
    found = []
    for name, language in (("simdjwt", "C++"), ("floor", "C"), ("cjose", "C"), ("libjwt", "C"), ("rhonabwy", "C")):
        program = build / "bin" / f"peer_{name}"
        contestant = Contestant(name, language, [str(program), str(material)])
        if not program.exists():
            contestant.status = "not installed"
        found.append(contestant)
        if name == "simdjwt":
            found.append(Contestant("simdjwt (cache)", language, [str(program), str(material), "--cache"]))
    folder, why = npm_folder(root / "bench" / "peers" / "node", build, may_install, say)
    for name, (program, *flags) in NODE_PROGRAMS.items():
        contestant = Contestant(name, "node", ["node", str((folder or pathlib.Path()) / program), str(material), *flags])
        if folder is None:
            contestant.status = f"not installed ({why})"
        found.append(contestant)
    pyjwt = Contestant("PyJWT", "Python", [DEBIAN_PYTHON, "-B", str(root / "bench" / "peers" / "pyjwt.py"), str(material)])
    has_pyjwt = pathlib.Path(DEBIAN_PYTHON).exists() and subprocess.run(
        [DEBIAN_PYTHON, "-c", "import cryptography, jwt"], capture_output=True, check=False).returncode == 0
    if not has_pyjwt:
        pyjwt.status = "not installed"
    found.append(pyjwt)
    return found


def guarded(contestant, *question, **amount):
    """The answer, or None when the contestant has failed, which its status then says."""
    if contestant.status != "ran":
        return None
    try:
        return contestant.ask(*question, **amount)
    except Failed as failure:
        contestant.status = f"failed: {failure}"
        return None


def check_answers(field, progress):
    """name -> alg -> case -> the answer to one validation, or {"unsupported": why}."""
    answers = {}
    for contestant in field:
        if contestant.status != "ran":
            continue
        for alg in ALGORITHMS:
            for case in EXPECTED:
                progress.show(f"answers: {contestant.name}, {alg}, {case}")
                answer = guarded(contestant, alg, case, count=1)
                if answer is not None:
                    kept = {key: answer[key] for key in ("answer", "unsupported") if key in answer}
                    answers.setdefault(contestant.name, {}).setdefault(alg, {})[case] = kept
        progress.step(1)
    return answers


def can(answers, name, alg, case):
    return "answer" in answers.get(name, {}).get(alg, {}).get(case, {})


def run_rounds(field, answers, settings, progress):
    """[{name, alg, case, ns: one per round}]; None stands for a round in which the contestant failed."""
    chance = random.Random(settings["seed"])
    timings = {}
    for turn in range(-1, settings["rounds"]):
        # The first round is not kept: caches, contexts and just-in-time compilers settle in it.
        milliseconds = settings["warm_up_ms"] if turn < 0 else settings["ms"]
        groups = list(GROUPS)
        chance.shuffle(groups)
        for alg, case in groups:
            order = [contestant for contestant in field if can(answers, contestant.name, alg, case)]
            chance.shuffle(order)
            for contestant in order:
                kind = "warming up" if turn < 0 else f"round {turn + 1} of {settings['rounds']}"
                progress.show(f"{kind}: {alg} {case}, {contestant.name}")
                answer = guarded(contestant, alg, case, ms=milliseconds)
                progress.step(milliseconds / 1000)
                if turn < 0:
                    continue
                samples = timings.setdefault((contestant.name, alg, case), [])
                samples.append(answer["ns"] if answer else None)
                if answer and answer["answer"] != answers[contestant.name][alg][case]["answer"]:
                    answers[contestant.name][alg][case]["answer"] = answer["answer"]
    return [{"name": name, "alg": alg, "case": case, "ns": samples} for (name, alg, case), samples in timings.items()]


def expected_seconds(field, settings):
    runs = sum(1 for contestant in field if contestant.status == "ran")
    per_round = len(GROUPS) * runs
    return per_round * (settings["warm_up_ms"] + settings["rounds"] * settings["ms"]) / 1000 + runs


def run(root, build, material, settings, progress, may_install):
    """The whole contest, as report.json keeps it."""
    field = contestants(root, build, material, may_install, progress.show)
    try:
        for contestant in field:
            if contestant.status == "ran":
                try:
                    contestant.start()
                except (Failed, OSError, ValueError, KeyError) as failure:
                    contestant.status = f"failed: {failure}"
        progress.add(expected_seconds(field, settings))
        answers = check_answers(field, progress)
        timings = run_rounds(field, answers, settings, progress)
    finally:
        for contestant in field:
            contestant.stop()
    return {"contestants": [{"name": c.name, "language": c.language, "version": c.version, "crypto": c.crypto,
                             "note": c.note, "status": c.status} for c in field],
            "answers": answers, "timings": timings}
