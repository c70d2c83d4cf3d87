"""What a report says of its figures: medians, ratios to the floor, who was wrong, and where a peer is ahead of us."""
from reporting import contest, samples

OURS, FLOOR = "simdjwt", "floor"


class Figures:
    """The contest's timings by (name, alg, case)."""

    def __init__(self, report):
        self.report = report
        self.timings = {(t["name"], t["alg"], t["case"]): t["ns"] for t in report["contest"]["timings"]}
        self.names = [c["name"] for c in report["contest"]["contestants"]]

    def rounds(self, *key):
        return self.timings.get(key, [])

    def taken(self, *key):
        return [ns for ns in self.rounds(*key) if ns is not None]

    def median(self, *key):
        taken = self.taken(*key)
        return samples.median(taken) if taken else None

    def quartiles(self, *key):
        return samples.quartiles(self.taken(*key))

    def to_floor(self, name, alg, case="accept"):
        """The ratios to the floor of the same round; [] where either was not measured."""
        return samples.ratios(self.rounds(name, alg, case), self.rounds(FLOOR, alg, "accept"))

    def pairs(self, one, other, alg, case):
        """The ratios one / other, round by round."""
        return samples.ratios(self.rounds(one, alg, case), self.rounds(other, alg, case))

    def ranking(self, alg, case="accept"):
        """(name, median ns) from the fastest to the slowest."""
        found = [(name, self.median(name, alg, case)) for name in self.names]
        return sorted((entry for entry in found if entry[1] is not None), key=lambda entry: entry[1])

    def is_right(self, name, alg):
        """Whether all three answers that matter are the expected ones."""
        said = self.report["contest"]["answers"].get(name, {}).get(alg, {})
        return all(answer["answer"] == contest.EXPECTED[case] for case, answer in said.items() if "answer" in answer)


def is_ours(name):
    """simdjwt in one of its settings, "simdjwt (cache)": no peer."""
    return name == OURS or name.startswith(OURS + " ")


def is_cached(name):
    return "(cache)" in name


def wrong_answers(report):
    """(name, alg, case, answer) of every answer that is not the expected one."""
    return [(name, alg, case, answer["answer"])
            for name, by_alg in report["contest"]["answers"].items() for alg, by_case in by_alg.items()
            for case, answer in by_case.items() if "answer" in answer and answer["answer"] != contest.EXPECTED[case]]


def crypto_of(report, name):
    return next((c["crypto"] for c in report["contest"]["contestants"] if c["name"] == name), "")


def comparisons(figures, alg, case):
    """(name, ratio theirs / ours, True when the quartiles of the ratio leave out 1) for every peer."""
    found = []
    for name in figures.names:
        ratios = [] if name == FLOOR or is_ours(name) else figures.pairs(name, OURS, alg, case)
        if ratios:
            first, third = samples.quartiles(ratios)
            found.append((name, samples.median(ratios), third < 1 or first > 1))
    return sorted(found, key=lambda entry: entry[1])


def ahead(report):
    """Sentences: every place where somebody else is faster than we are."""
    figures, said, cached = Figures(report), [], {}
    for alg in contest.ALGORITHMS:
        for name, ratio, is_clear in comparisons(figures, alg, "accept"):
            if ratio >= 1:
                continue
            if is_cached(name):
                cached.setdefault(name, []).append(f"{alg} {ratio:.2g}×")
                continue
            theirs, ours = figures.median(name, alg, "accept"), figures.median(OURS, alg, "accept")
            why = (f"its cryptography ({crypto_of(report, name)}) is ahead of ours there" if is_clear else
                   "within the noise of this run")
            said.append(f"{alg}: {name} takes {theirs:,.0f} ns where simdjwt takes {ours:,.0f}, {ratio:.2f}× round "
                        f"by round; {why}.")
    for case, what in (("forged", "rejects a forged token"), ("expired", "rejects an expired token"),
                       ("decode", "decodes and parses")):
        for alg in ("HS256", "ES256"):
            for name, ratio, is_clear in comparisons(figures, alg, case):
                if ratio < 1:
                    said.append(f"{alg}: {name} {what} in {ratio:.2f}× of simdjwt's time"
                                f"{'' if is_clear else ', within the noise of this run'}.")
    said += [f"{name} answers from its cache of tokens that it has seen: {', '.join(found)} of simdjwt's time without one."
             for name, found in cached.items()]
    return said


def headlines(report):
    """(figure, what it is) for the top of the report."""
    figures, found = Figures(report), []
    to_floor = [(alg, samples.median(ratios)) for alg in contest.ALGORITHMS if (ratios := figures.to_floor(OURS, alg))]
    for alg, ratio in to_floor:
        best = next((entry for entry in comparisons(figures, alg, "accept") if not is_cached(entry[0])), None)
        rival = f"; fastest peer {best[0]}, {best[1]:.2f}× our time" if best else ""
        found.append((f"{ratio:.2f}×", f"{alg}: whole validation to OpenSSL's signature alone{rival}"))
    ours = figures.median(OURS, "ES256", "decode")
    if ours:
        rival = next(iter(comparisons(figures, "ES256", "decode")), None)
        tail = f"; fastest peer {rival[0]}, {rival[1]:.1f}× our time" if rival else ""
        found.append((f"{ours:,.0f} ns", f"everything before the signature, claim checks included{tail}"))
    threads = two_threads(report)
    if threads:
        alg, ratio = min(threads, key=lambda entry: entry[1])
        found.append((f"{ratio:.2f}×", f"throughput of two threads to one, the least of {len(threads)} algorithms ({alg})"))
    return found


def google(report, program):
    return report["programs"].get(program, {}).get("benchmarks", {})


def two_threads(report):
    """(algorithm, throughput of two threads / of one) from bench_validate."""
    runs, found = google(report, "bench_validate"), []
    for name, entry in runs.items():
        if name.startswith("validate/") and name.endswith("threads:1"):
            two = runs.get(name.replace("threads:1", "threads:2"), {}).get("per_second")
            if two and entry["per_second"]:
                found.append((name.split("/")[1], samples.median(two) / samples.median(entry["per_second"])))
    return found
