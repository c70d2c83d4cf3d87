"""The regression check: two reports, ratio by ratio.

Absolute times of two runs are not comparable, ratios taken within a run are: to the floor of the same round, to the
scalar twin of a kernel, and the ratios that the programs of tables state. A change counts when it is larger than the
noise of both runs, which is the interquartile range of each, put together, and never taken for less than `tolerance`.
"""
import math

from reporting import findings, machine, samples

TOLERANCE = 0.03


def series(report):
    """name -> (samples, "lower" or "higher", whichever is better)."""
    found = {}
    figures = findings.Figures(report)
    for (name, alg, case), _ in figures.timings.items():
        if name != findings.OURS:
            continue
        # What has no floor of its own is measured by that of HS256: it follows the processor's pace just as well.
        floor = figures.rounds(findings.FLOOR, alg if case in ("accept", "forged") else "HS256", "accept")
        ratios = samples.ratios(figures.rounds(name, alg, case), floor)
        if ratios:
            found[f"contest: {alg} {case} / floor"] = (ratios, "lower")
    for program in report["programs"]:
        runs = findings.google(report, program)
        found.update(pairs(program, runs))
        for ratio in report["programs"][program].get("ratios", []):
            if ratio["samples"]:
                found[f"{program}: {ratio['name']}"] = (ratio["samples"], ratio["better"])
    return found


def pairs(program, runs):
    """validate/X to floor/X, and every variant of a kernel to its scalar twin: base64url/avx2/512 to .../scalar/512."""
    found = {}
    for name, entry in runs.items():
        parts = name.split("/")
        twin = None
        if parts[0] == "validate" and name.endswith("threads:1"):
            twin = "/".join(["floor", *parts[1:]])
        else:
            for at, part in enumerate(parts):
                candidate = "/".join([*parts[:at], "scalar", *parts[at + 1:]])
                if part != "scalar" and candidate in runs:
                    twin = candidate
        if twin in runs:
            ratios = samples.ratios(entry["ns"], runs[twin]["ns"])
            if ratios:
                base = "floor" if twin.startswith("floor/") else "scalar"
                found[f"{program}: {name} / {base}"] = (ratios, "lower")
    return found


def judge(old, new, better, tolerance=TOLERANCE):
    """{old, new, change, noise, verdict}: change is positive when it got worse."""
    before, after = samples.median(old), samples.median(new)
    change = (after / before - 1) if better == "lower" else (before / after - 1)
    noise = max(tolerance, math.hypot(samples.relative_spread(old), samples.relative_spread(new)))
    verdict = "regressed" if change > noise else "improved" if change < -noise else "same"
    return {"old": before, "new": after, "change": change, "noise": noise, "verdict": verdict}


def compare(old_report, new_report, tolerance=TOLERANCE):
    """name -> judgement; what only one report has is "gone" or "new"."""
    old, new = series(old_report), series(new_report)
    found = {}
    for name in [*old, *(name for name in new if name not in old)]:
        if name not in new:
            found[name] = {"verdict": "gone"}
        elif name not in old:
            found[name] = {"verdict": "new"}
        else:
            found[name] = judge(old[name][0], new[name][0], old[name][1], tolerance)
    return found


def render(found):
    """The lines that the check prints: what changed first, and the noise of each."""
    order = {"regressed": 0, "gone": 1, "improved": 2, "new": 3, "same": 4}
    width = max([len(name) for name in found], default=4)
    lines = [f"{'ratio':{width}}  {'old':>8} {'new':>8} {'change':>8} {'noise':>7}"]
    for name, one in sorted(found.items(), key=lambda entry: (order[entry[1]["verdict"]], entry[0])):
        figures = (f"{one['old']:8.3f} {one['new']:8.3f} {100 * one['change']:+7.1f}% {100 * one['noise']:6.1f}%"
                   if "old" in one else " " * 34)
        lines.append(f"{name:{width}}  {figures}  {one['verdict']}")
    count = {verdict: sum(one["verdict"] == verdict for one in found.values()) for verdict in order}
    lines.append("")
    lines.append(", ".join(f"{number} {verdict}" for verdict, number in count.items() if number) or "nothing to compare")
    return lines


def warnings(*reports):
    """What makes a comparison worth less."""
    said = [f"The machine was busy during the {which} run (load {report['machine']['load']}): repeat it before you "
            "believe it."
            for which, report in zip(("old", "new"), reports) if machine.is_busy(report["machine"])]
    if len({(report["machine"]["cpu"], report["machine"]["openssl"]) for report in reports}) > 1:
        said.append("The two runs were made on different processors or with different versions of OpenSSL.")
    return said


def is_regression(found):
    return any(one["verdict"] == "regressed" for one in found.values())
