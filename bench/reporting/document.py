"""From the raw figures to the report: what stands in it, in which order."""
from reporting import blocks, contest, findings, machine, samples
from reporting.findings import FLOOR, OURS

DASH = "–"


def ns(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def place(alg):
    """Where an algorithm stands: those of the contest in its order, then the others."""
    return (contest.ALGORITHMS.index(alg) if alg in contest.ALGORITHMS else len(contest.ALGORITHMS), alg)


def natural(name):
    """Sorts Decode/64 before Decode/512."""
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in name.split("/")]


def spread(part):
    return f"±{50 * part:.1f}%"


def machine_line(facts):
    return (f"{facts['cpu']}, {facts['cores']} cores; {facts['os']}; {facts['compiler']}, {facts['build_type']}; "
            f"OpenSSL {facts['openssl']}, simdjson {facts['simdjson']}; commit {facts['commit']}; {facts['date']}.")


def summary(report):
    settings = report["settings"]
    found = [blocks.Paragraph(machine_line(report["machine"]))]
    if settings["quick"]:
        found.append(blocks.Paragraph("A quick run: it shows that everything runs, its figures mean little."))
    if machine.is_busy(report["machine"]):
        found.append(blocks.Paragraph(f"The machine was busy when the run began (load {report['machine']['load']}): times "
                                      "are too long, and ratios noisier than they need be."))
    found += [blocks.Heading("In short"), blocks.Tiles(findings.headlines(report))]
    wrong = findings.wrong_answers(report)
    said = [f"{name} answers {answer} to the {case} token of {alg}." for name, alg, case, answer in wrong]
    if said:
        found += [blocks.Heading("Wrong answers"), blocks.Items(said)]
    found.append(blocks.Heading("Where others are ahead of simdjwt"))
    ahead = findings.ahead(report)
    found.append(blocks.Items(ahead) if ahead else blocks.Paragraph("Nowhere among what was measured here."))
    return found


def bar(figures, name, alg, case):
    kind = {OURS: "ours", FLOOR: "floor"}.get(name, "peer")
    if not figures.is_right(name, alg):
        kind = "wrong"
    low, high = figures.quartiles(name, alg, case)
    middle = figures.median(name, alg, case)
    return blocks.Bar(name, middle, low, high, kind, f"{ns(middle)} ns")


def bar_chart(figures, alg, case, title):
    bars = [bar(figures, name, alg, case) for name, _ in figures.ranking(alg, case)]
    if not bars:
        return None
    is_log = max(one.value for one in bars) > 12 * min(one.value for one in bars)
    return blocks.Bars(title, bars, is_log)


def charts(found):
    shown = [chart for chart in found if chart is not None]
    return [blocks.Charts(shown)] if shown else []


def cell(figures, name, alg):
    """ns (ratio to the floor), or why not."""
    middle = figures.median(name, alg, "accept")
    if middle is None:
        return DASH
    ratios = figures.to_floor(name, alg)
    mark = "" if figures.is_right(name, alg) else "!"
    return f"{mark}{ns(middle)}" + (f" ({samples.median(ratios):.2f})" if ratios else "")


def whole_tokens(report, figures):
    settings = report["settings"]
    rows = [[name, *(cell(figures, name, alg) for alg in contest.ALGORITHMS)] for name in figures.names
            if any(figures.median(name, alg, "accept") for alg in contest.ALGORITHMS)]
    ours = [[alg, ns(figures.median(OURS, alg, "accept")), f"{samples.median(ratios):.3f}",
             "%.3f to %.3f" % samples.quartiles(ratios), f"{min(ratios):.3f} to {max(ratios):.3f}"]
            for alg in contest.ALGORITHMS if (ratios := figures.to_floor(OURS, alg))]
    return [blocks.Heading("Whole tokens"),
            blocks.Paragraph("One accepted access token of 12 claims: decoding, parsing, exp, nbf, iss, aud, the algorithm "
                             "and the signature. Keys are parsed once where the library lets its user do so. The floor is "
                             "OpenSSL alone with contexts reused: the signature and nothing else. Whiskers span the "
                             "quartiles."),
            *charts([bar_chart(figures, alg, "accept", f"{alg}, ns a token") for alg in contest.ALGORITHMS]),
            blocks.Table(["ns (ratio to the floor)", *contest.ALGORITHMS], rows,
                         note=f"Medians of {settings['rounds']} interleaved rounds of {settings['ms']} ms; the ratio is the "
                              "median of the ratios to the floor of the same round."),
            blocks.Table(["simdjwt", "ns", "ratio to the floor", "quartiles", "least to most"], ours,
                         "The noise of our ratios")]


def before_signature(figures):
    found = [blocks.Heading("Decoding and parsing"),
             blocks.Paragraph("What comes before the signature: splitting, base64url and JSON of header and payload, "
                              "without verifying. For simdjwt it is a whole validation of an expired token, claim checks "
                              "included, which others' decoding does not have."),
             *charts([bar_chart(figures, alg, "decode", f"{alg}, ns a token") for alg in ("HS256", "ES256")]),
             blocks.Heading("Rejected tokens"),
             blocks.Paragraph("A forged token bears a signature of another message; an expired one is signed rightly. "
                              "Checks of the claims that come before the signature make the latter cheap."),
             *charts([bar_chart(figures, "ES256", case, f"ES256 {case}, ns a token") for case in ("forged", "expired")])]
    cases = [(alg, case) for alg in ("HS256", "ES256") for case in ("decode", "forged", "expired")]
    rows = []
    for name in figures.names:
        cells = [figures.median(name, *group) for group in cases]
        if any(cells):
            rows.append([name, *(DASH if value is None else ns(value) for value in cells)])
    found.append(blocks.Table(["ns", *(f"{alg} {case}" for alg, case in cases)], rows))
    return found


def answers(report):
    rows = []
    for name, by_alg in report["contest"]["answers"].items():
        row = [name]
        for alg in contest.ALGORITHMS:
            said = by_alg.get(alg, {})
            given = {case: said[case]["answer"] for case in ("accept", "forged", "expired")
                     if "answer" in said.get(case, {})}
            wrong = [f"{case}: {answer}" for case, answer in given.items() if answer != contest.EXPECTED[case]]
            row.append("!" + ", ".join(wrong) if wrong else
                       "all three" if len(given) == 3 else " and ".join(given) if given else DASH)
        rows.append(row)
    why = sorted({f"{name}: {answer['unsupported']}" for name, by_alg in report["contest"]["answers"].items()
                  for by_case in by_alg.values() for answer in by_case.values() if "unsupported" in answer})
    return [blocks.Heading("Are the answers right?"),
            blocks.Paragraph("Asked before anything is timed: the good token must be accepted, the forged and the expired "
                             "one rejected. “all three” says that they were."),
            blocks.Table(["answered rightly", *contest.ALGORITHMS], rows, note="; ".join(why))]


def program_tables(report):
    found = []
    for name, program in report["programs"].items():
        if program["status"] != "ran":
            found += [blocks.Heading(name), blocks.Paragraph(f"Not measured: {program['status']}.")]
            continue
        if "tables" not in program:
            continue
        found.append(blocks.Heading(program["title"]))
        if program.get("about"):
            found.append(blocks.Paragraph(program["about"]))
        drawn = [line_chart(table) for table in program["tables"]]
        found += charts(drawn)
        found += [blocks.Table(table["columns"], [[number(value) for value in row] for row in table["rows"]], table["title"],
                               table.get("note", "")) for table in program["tables"]]
    return found


def number(value):
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.2f}"


def line_chart(table):
    """Of a table that says which of its columns are to be drawn over the first one."""
    ys = table.get("lines", [])
    series = [(table["columns"][y], [(row[0], row[y]) for row in table["rows"] if not isinstance(row[y], str)]) for y in ys]
    series = [entry for entry in series if entry[1]]
    return blocks.Lines(table["title"], table["columns"][0], series) if series else None


def google_tables(report):
    found = []
    validate, threads = findings.google(report, "bench_validate"), dict(findings.two_threads(report))
    rows = []
    for alg, two in sorted(threads.items(), key=lambda entry: place(entry[0])):
        names = (f"validate/{alg}/real_time/threads:1", f"floor/{alg}/real_time/threads:1")
        if all(name in validate for name in names):
            one, floor = (validate[name]["ns"] for name in names)
            rows.append([alg, ns(samples.median(one)), ns(samples.median(floor)),
                         f"{samples.median(one) / samples.median(floor):.3f}", spread(samples.relative_spread(one)),
                         f"{two:.2f}×"])
    if rows:
        found += [blocks.Heading("Whole tokens inside one process"),
                  blocks.Table(["algorithm", "validation, ns", "floor, ns", "ratio", "spread", "two threads"], rows,
                               note="`bench_validate`, through the engine's own interface; repetitions interleaved at random. "
                                    "Times are processor time; the threads' rates are by the clock.")]
    stages = findings.google(report, "bench_stages")
    if stages:
        found += [blocks.Heading("Stages"),
                  blocks.Table(["stage", "ns", "spread"],
                               [[name, ns(samples.median(entry["ns"])), spread(samples.relative_spread(entry["ns"]))]
                                for name, entry in sorted(stages.items(), key=lambda entry: natural(entry[0]))],
                               note="`bench_stages`, processor time." + multiple_of_walk(stages))]
    return found


def multiple_of_walk(stages):
    """What comes before the signature, in terms of what a machine needs for the payload by simdjson alone."""
    names = ("RejectBeforeSignature", "OnDemandPayload")
    if not all(name in stages for name in names):
        return ""
    ours, walk = (samples.median(stages[name]["ns"]) for name in names)
    return (f" Everything before the signature takes {ours / walk:.2f} times as long as a strict walk of the payload by "
            "simdjson's On-Demand parser, compiled for any x86-64 as we are.")


def instructions(report):
    counted = report["instructions"]
    if not counted["rows"]:
        return [blocks.Heading("Instructions"), blocks.Paragraph(f"Not counted: {counted['note']}.")]
    columns = [(alg, "accept") for alg in contest.ALGORITHMS] + [("ES256", "decode")]
    table = {(row["name"], row["alg"], row["case"]): row["per_token"] for row in counted["rows"]}
    rows = [[name, *(f"{table[name, *key]:,.0f}" if (name, *key) in table else DASH for key in columns)]
            for name in dict.fromkeys(row["name"] for row in counted["rows"])]
    note = f"Counted by {counted['tool']}, user space only; the difference of a long and a short run. {counted['note']}"
    if counted["tool"] == "callgrind":
        note += "callgrind's processor has no AVX-512: kernels for it are not in these figures."
    return [blocks.Heading("Instructions a token"),
            blocks.Table(["", *(alg if case == "accept" else f"{alg} {case}" for alg, case in columns)], rows, note=note)]


def method(report):
    settings = report["settings"]
    facts = [[key.replace("_", " "), ", ".join(value) if isinstance(value, list) else str(value)]
             for key, value in report["machine"].items()]
    field = [[c["name"], c["version"] or DASH, c["language"], c["crypto"] or DASH, c["note"] or DASH, c["status"]]
             for c in report["contest"]["contestants"]]
    return [blocks.Heading("Contestants"), blocks.Table(["name", "version", "for", "cryptography", "how", "status"], field),
            blocks.Heading("Machine and method"), blocks.Table(["", "what"], facts),
            blocks.Paragraph(f"Each contestant is one process for the whole run. In each of {settings['rounds']} rounds the "
                             "algorithms come in random order, and so do the contestants within one "
                             f"(seed {settings['seed']}); one more round before is not kept. Absolute times belong to this "
                             "machine and hour; read the ratios."),
            blocks.Paragraph("Run it yourself: `bench/report`. Two reports are compared by "
                             "`bench/report --compare OLD/report.json NEW/report.json`.")]


def build(report):
    """(title, blocks)."""
    figures = findings.Figures(report)
    content = [*summary(report), *whole_tokens(report, figures), *before_signature(figures), *answers(report),
               *google_tables(report), *program_tables(report), *instructions(report), *method(report)]
    return "simdjwt side by side", content
