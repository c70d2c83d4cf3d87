#!/usr/bin/env python3
"""The report of the benchmarks: what counts as a regression, what it says of its figures, and that its page is whole.

Usage: test_report.py ROOT
"""
import copy
import html.parser
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv[1]).resolve()
sys.path.insert(0, str(ROOT / "bench"))

from reporting import compare, contest, document, findings, page, programs, samples, text  # noqa: E402

FLOOR = {"HS256": 500, "RS256": 13000, "PS256": 14000, "ES256": 42000, "ES384": 440000, "Ed25519": 60000}
WOBBLE = (1.0, 1.004, 0.997, 1.001, 0.999, 1.003, 0.998, 1.002, 1.0)


def rounds(ns):
    return [ns * factor for factor in WOBBLE]


def made_report():
    """As report.json, with a cautious simdjwt, one slow peer and one that is ahead at ES384."""
    names = ["simdjwt", "floor", "slow", "quick (cache)", "elliptic"]
    timings, answers = [], {name: {} for name in names}
    for alg, floor in FLOOR.items():
        times = {"simdjwt": floor + 400, "floor": floor, "slow": floor + 9000, "quick (cache)": 200,
                 "elliptic": floor * 0.6 if alg == "ES384" else floor * 2}
        for name, ns in times.items():
            timings.append({"name": name, "alg": alg, "case": "accept", "ns": rounds(ns)})
            answers[name][alg] = {case: {"answer": answer} for case, answer in contest.EXPECTED.items()}
        answers["floor"][alg] = {"accept": {"answer": "ok"}, "forged": {"answer": "reject"},
                                 "expired": {"unsupported": "signatures alone"}}
    for alg in ("HS256", "ES256"):
        timings += [{"name": name, "alg": alg, "case": "decode", "ns": rounds(ns)}
                    for name, ns in (("simdjwt", 350), ("slow", 8000))]
    stages = {"base64url/scalar/512": {"ns": rounds(160), "per_second": []},
              "base64url/avx512/512": {"ns": rounds(12), "per_second": []},
              "RejectBeforeSignature": {"ns": rounds(250), "per_second": []},
              "OnDemandPayload": {"ns": rounds(200), "per_second": []}}
    validate = {f"{what}/HS256/real_time/threads:{threads}":
                {"ns": rounds(ns / threads), "per_second": rounds(1e9 * threads / ns)}
                for what, ns in (("validate", 900), ("floor", 500)) for threads in (1, 2)}
    table = {"title": "ns a token", "columns": ["bytes", "whole", "verdict"], "lines": [1], "note": "",
             "rows": [[200, 700.5, "ok"], [16384, 9000, "ok"]]}
    return {"schema": 1,
            "settings": {"quick": False, "rounds": 9, "ms": 60, "warm_up_ms": 150, "min_time_s": 0.05, "seed": 1},
            "machine": {"cpu": "a <processor>", "cores": 2, "extensions": ["avx2"], "os": "Debian", "compiler": "g++",
                        "build_type": "Release", "openssl": "3.0", "simdjson": "3.0", "node": "none", "commit": "0123",
                        "date": "2026-01-01", "load": "0", "command": "bench/report"},
            "contest": {"contestants": [{"name": name, "language": "C", "version": "1", "crypto": "its own", "note": "",
                                         "status": "ran"} for name in names] +
                                       [{"name": "missing", "language": "C", "version": "", "crypto": "",
                                         "note": "", "status": "not installed"}],
                        "answers": answers, "timings": timings},
            "instructions": {"tool": "", "note": "no counters", "rows": []},
            "programs": {"bench_stages": {"status": "ran", "benchmarks": stages},
                         "bench_validate": {"status": "ran", "benchmarks": validate},
                         "bench_sizes": {"status": "ran", "title": "Sizes", "about": "", "tables": [table],
                                         "ratios": [{"name": "16 KiB / floor", "better": "lower", "samples": list(WOBBLE)},
                                                    {"name": "two threads", "better": "higher", "samples": list(WOBBLE)}]},
                         "bench_keys": {"status": "not built"}}}


def slowed(report, factor, name="simdjwt", alg="ES256", case="accept"):
    changed = copy.deepcopy(report)
    for timing in changed["contest"]["timings"]:
        if (timing["name"], timing["alg"], timing["case"]) == (name, alg, case):
            timing["ns"] = [ns * factor for ns in timing["ns"]]
    return changed


class Judging(unittest.TestCase):
    def test_median_and_quartiles(self):
        self.assertEqual(samples.median([3, 1, 2]), 2)
        self.assertEqual(samples.quartiles([1, 2, 3, 4, 5]), (2, 4))
        self.assertEqual(samples.quartiles([2, 1]), (1, 2))
        self.assertEqual(samples.ratios([4, None, 9], [2, 5, 3]), [2, 3])
        self.assertAlmostEqual(samples.relative_spread([9, 10, 11, 10, 10]), 0.0)

    def test_what_is_beyond_the_noise(self):
        quiet = rounds(1.0)
        loud = [0.8, 1.2, 0.9, 1.1, 1.0, 1.25, 0.75]
        self.assertEqual(compare.judge(quiet, rounds(1.1), "lower")["verdict"], "regressed")
        self.assertEqual(compare.judge(quiet, rounds(0.9), "lower")["verdict"], "improved")
        self.assertEqual(compare.judge(quiet, rounds(0.9), "higher")["verdict"], "regressed")
        self.assertEqual(compare.judge(quiet, rounds(1.1), "higher")["verdict"], "improved")
        # A quiet series still moves by some percent from run to run.
        self.assertEqual(compare.judge(quiet, rounds(1.02), "lower")["verdict"], "same")
        self.assertEqual(compare.judge(quiet, rounds(1.02), "lower", tolerance=0.01)["verdict"], "regressed")
        # The noise of either run hides the same change.
        self.assertEqual(compare.judge(loud, [1.1 * one for one in quiet], "lower")["verdict"], "same")
        self.assertEqual(compare.judge(quiet, [1.1 * one for one in loud], "lower")["verdict"], "same")

    def test_the_noise_is_that_of_both(self):
        one, other = [0.9, 1.0, 1.1, 0.95, 1.05], rounds(1.0)
        both = compare.judge(one, one, "lower")["noise"]
        self.assertGreater(both, compare.judge(one, other, "lower")["noise"])
        self.assertAlmostEqual(both, 2 ** 0.5 * samples.relative_spread(one))


class Comparing(unittest.TestCase):
    def setUp(self):
        self.report = made_report()

    def test_what_is_compared(self):
        names = set(compare.series(self.report))
        for name in ("contest: ES256 accept / floor", "contest: HS256 decode / floor",
                     "bench_stages: base64url/avx512/512 / scalar", "bench_sizes: two threads",
                     "bench_validate: validate/HS256/real_time/threads:1 / floor"):
            self.assertIn(name, names)
        self.assertFalse([name for name in names if "slow" in name or "threads:2" in name])

    def test_same(self):
        found = compare.compare(self.report, self.report)
        self.assertEqual({one["verdict"] for one in found.values()}, {"same"})
        self.assertFalse(compare.is_regression(found))

    def test_a_slower_machine_is_no_regression(self):
        other = copy.deepcopy(self.report)
        for timing in other["contest"]["timings"]:
            timing["ns"] = [2 * ns for ns in timing["ns"]]
        self.assertFalse(compare.is_regression(compare.compare(self.report, other)))

    def test_regression_and_improvement(self):
        found = compare.compare(self.report, slowed(self.report, 1.2))
        self.assertEqual([name for name, one in found.items() if one["verdict"] == "regressed"],
                         ["contest: ES256 accept / floor"])
        self.assertFalse(compare.is_regression(compare.compare(slowed(self.report, 1.2), self.report)))
        self.assertTrue(compare.is_regression(compare.compare(self.report, slowed(self.report, 1.5, case="decode"))))
        # Others may be as slow as they like.
        self.assertFalse(compare.is_regression(compare.compare(self.report, slowed(self.report, 3, name="slow"))))

    def test_a_kernel_and_a_stated_ratio(self):
        other = copy.deepcopy(self.report)
        other["programs"]["bench_stages"]["benchmarks"]["base64url/avx512/512"]["ns"] = rounds(24)
        other["programs"]["bench_sizes"]["ratios"][1]["samples"] = [0.5 * one for one in WOBBLE]
        worse = [name for name, one in compare.compare(self.report, other).items() if one["verdict"] == "regressed"]
        self.assertEqual(sorted(worse), ["bench_sizes: two threads", "bench_stages: base64url/avx512/512 / scalar"])

    def test_gone_and_new(self):
        other = copy.deepcopy(self.report)
        other["programs"]["bench_sizes"]["ratios"][0]["name"] = "renamed"
        found = compare.compare(self.report, other)
        self.assertEqual(found["bench_sizes: 16 KiB / floor"]["verdict"], "gone")
        self.assertEqual(found["bench_sizes: renamed"]["verdict"], "new")
        self.assertFalse(compare.is_regression(found))
        self.assertIn("gone", "\n".join(compare.render(found)))

    def test_a_round_in_which_a_contestant_failed(self):
        other = copy.deepcopy(self.report)
        for timing in other["contest"]["timings"]:
            timing["ns"][2] = None
        self.assertFalse(compare.is_regression(compare.compare(self.report, other)))

    def test_exit_status(self):
        with tempfile.TemporaryDirectory() as folder:
            old, new = (pathlib.Path(folder) / name for name in ("old.json", "new.json"))
            old.write_text(json.dumps(self.report), encoding="utf-8")
            for factor, status in ((1.0, 0), (1.2, 1), (0.8, 0)):
                new.write_text(json.dumps(slowed(self.report, factor)), encoding="utf-8")
                done = subprocess.run([sys.executable, "-B", ROOT / "bench" / "report", "--compare", old, new],
                                      capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, status, done.stdout + done.stderr)
                self.assertIn("%", done.stdout)


    def test_a_busy_machine_is_named(self):
        other = copy.deepcopy(self.report)
        self.assertEqual(compare.warnings(self.report, other), [])
        other["machine"].update(load="3.10 1.00 0.50", openssl="3.5")
        said = compare.warnings(self.report, other)
        self.assertIn("during the new run (load 3.10", said[0])
        self.assertIn("different versions of OpenSSL", said[1])


class Saying(unittest.TestCase):
    def setUp(self):
        self.report = made_report()

    def test_ahead(self):
        said = findings.ahead(self.report)
        self.assertEqual([line for line in said if "elliptic" in line],
                         ["ES384: elliptic takes 264,000 ns where simdjwt takes 440,400, 0.60× round by round; its "
                          "cryptography (its own) is ahead of ours there."])
        self.assertIn("quick (cache) answers from its cache of tokens that it has seen: HS256 0.22×", said[-1][:80])
        self.assertFalse([line for line in said if line.startswith("slow") or " slow " in line])

    def test_our_own_settings_are_no_peers(self):
        contest_part = self.report["contest"]
        contest_part["contestants"].append({**contest_part["contestants"][0], "name": "simdjwt (cache)"})
        contest_part["answers"]["simdjwt (cache)"] = contest_part["answers"]["simdjwt"]
        contest_part["timings"] += [{**timing, "name": "simdjwt (cache)", "ns": rounds(1)}
                                    for timing in contest_part["timings"] if timing["name"] == "simdjwt"]
        self.assertFalse([line for line in findings.ahead(self.report) if "simdjwt (cache)" in line])
        self.assertFalse([what for _, what in findings.headlines(self.report) if "simdjwt (cache)" in what])

    def test_wrong_answers_are_shown(self):
        self.assertEqual(findings.wrong_answers(self.report), [])
        self.report["contest"]["answers"]["slow"]["RS256"]["forged"]["answer"] = "ok"
        self.assertEqual(findings.wrong_answers(self.report), [("slow", "RS256", "forged", "ok")])
        title, content = document.build(self.report)
        self.assertIn("slow answers ok to the forged token of RS256.", text.render(title, content))
        self.assertIn("forged: ok", page.render(title, content))

    def test_google_json(self):
        runs = [{"name": "a", "run_name": "a", "run_type": "iteration", "repetition_index": index, "cpu_time": time,
                 "time_unit": "us"} for index, time in ((1, 2.0), (0, 1.0))]
        runs.append({"name": "a_mean", "run_name": "a", "run_type": "aggregate", "cpu_time": 9, "time_unit": "us"})
        self.assertEqual(programs.read_google({"benchmarks": runs}), {"a": {"ns": [1000.0, 2000.0], "per_second": []}})
        runs[0]["error_occurred"] = True
        with self.assertRaises(ValueError):
            programs.read_google({"benchmarks": runs})


class Page(html.parser.HTMLParser):
    """Counts what is open and remembers what would be loaded."""

    def __init__(self):
        super().__init__()
        self.open, self.loaded, self.count = [], [], {}

    def handle_starttag(self, tag, attrs):
        self.count[tag] = self.count.get(tag, 0) + 1
        self.loaded += [value for name, value in attrs if name in ("src", "href", "srcset", "data")]
        if tag not in ("meta", "br", "link", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.count[tag] = self.count.get(tag, 0) + 1

    def handle_endtag(self, tag):
        if self.open[-1:] != [tag]:
            raise ValueError(f"</{tag}> closes {self.open[-1:]}")
        self.open.pop()


class Showing(unittest.TestCase):
    def test_page(self):
        title, content = document.build(made_report())
        shown = page.render(title, content)
        parsed = Page()
        parsed.feed(shown)
        self.assertEqual((parsed.open, parsed.loaded), ([], []))
        self.assertNotIn("url(", shown)
        self.assertNotIn("script", parsed.count)
        self.assertGreaterEqual(parsed.count["svg"], len(FLOOR) + 3)
        self.assertIn("a &lt;processor&gt;", shown)
        self.assertIn("prefers-color-scheme: dark", shown)
        for words in ("not installed", "Not measured: not built", "ES384: elliptic"):
            self.assertIn(words, shown)

    def test_markdown(self):
        shown = text.render(*document.build(made_report()))
        widths = {}
        for line in shown.splitlines():
            if line.startswith("|"):
                widths.setdefault(line.count("|"), []).append(line)
        self.assertTrue(widths)
        self.assertIn("| simdjwt | 900 (1.80) |", shown)
        self.assertIn("takes 1.25 times as long as a strict walk", shown)

    def test_nothing_but_us(self):
        report = made_report()
        report["contest"]["timings"] = [t for t in report["contest"]["timings"] if t["name"] in ("simdjwt", "floor")]
        report["programs"] = {}
        self.assertIn("Nowhere among what was measured here", text.render(*document.build(report)))


class Driving(unittest.TestCase):
    """The driver against contestants that misbehave."""

    def contestant(self, body):
        greeting = '{"name": "x", "version": "1", "crypto": "", "note": ""}'
        return contest.Contestant("x", "Python", [sys.executable, "-u", "-c", f"import sys\nprint('{greeting}')\n{body}"])

    def test_answers_and_end(self):
        one = self.contestant("for line in sys.stdin: print('{\"ns\": 5, \"count\": 1, \"answer\": \"ok\"}')")
        one.start()
        self.assertEqual(contest.guarded(one, "ES256", "accept", count=1)["answer"], "ok")
        one.stop()
        self.assertEqual(one.status, "ran")

    def test_dies(self):
        one = self.contestant("sys.stdin.readline(); sys.exit('out of luck')")
        one.start()
        self.assertIsNone(contest.guarded(one, "ES256", "accept", count=1))
        self.assertIsNone(contest.guarded(one, "ES256", "accept", count=1))
        self.assertEqual(one.status, "failed: ended: out of luck")
        one.stop()

    def test_talks_nonsense(self):
        one = self.contestant("sys.stdin.readline(); print('hello'); sys.stdin.readline()")
        one.start()
        self.assertIsNone(contest.guarded(one, "ES256", "accept", count=1))
        self.assertTrue(one.status.startswith("failed: "))
        one.stop()


if __name__ == "__main__":
    if not os.path.isdir(ROOT / "bench" / "reporting"):
        sys.exit(__doc__)
    unittest.main(argv=sys.argv[:1])
