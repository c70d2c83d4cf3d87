"""Runs the benchmark programs of a build and reads what they write.

Two kinds: the ones whose figures are Google Benchmark's JSON, and the ones that write their own tables with --json
(bench/support/tables.h), with repeated ratios for the comparison of two reports.
"""
import json
import subprocess
import time

# name -> (kind, seconds it takes at full length, about)
PROGRAMS = {
    "bench_validate": ("google", 40),
    "bench_stages": ("google", 25),
    "bench_sizes": ("tables", 40),
    "bench_keys": ("tables", 25),
    "bench_flood": ("tables", 25),
    "bench_threads": ("tables", 20),
    "bench_latency": ("tables", 15),
    "bench_memory": ("tables", 3),
    "bench_cache": ("tables", 60),
    "bench_swaps": ("tables", 30),
    "bench_replay": ("tables", 180),
    "bench_base64url": ("google", 40),
}
NANOSECONDS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}


def expected(name, settings):
    return 0.2 if settings["quick"] else PROGRAMS[name][1]


def google_flags(path, settings):
    return [f"--benchmark_out={path}", "--benchmark_out_format=json", f"--benchmark_repetitions={settings['rounds']}",
            f"--benchmark_min_time={settings['min_time_s']}", "--benchmark_enable_random_interleaving=true",
            "--benchmark_report_aggregates_only=false"]


def read_google(document):
    """name -> {ns, per_second}: one sample per repetition, in the order of the repetitions.

    ns is processor time, of which other programs on the machine take less; the rate of several threads is by the clock.
    """
    found = {}
    for run in document["benchmarks"]:
        if run.get("run_type") != "iteration":
            continue
        if run.get("error_occurred"):
            raise ValueError(f"{run['name']}: {run.get('error_message', 'failed')}")
        entry = found.setdefault(run["run_name"], {"ns": {}, "per_second": {}})
        index = run.get("repetition_index", 0)
        entry["ns"][index] = run["cpu_time"] * NANOSECONDS[run.get("time_unit", "ns")]
        if "items_per_second" in run:
            entry["per_second"][index] = run["items_per_second"]
    return {name: {unit: [samples[index] for index in sorted(samples)] for unit, samples in entry.items()}
            for name, entry in found.items()}


def wait(process, progress, item, seconds):
    begin = time.monotonic()
    while process.poll() is None:
        progress.within(time.monotonic() - begin, seconds)
        progress.show(item)
        time.sleep(0.1)
    return process.returncode


def run_one(name, kind, build, work, settings, progress):
    path = work / f"{name}.json"
    command = [str(build / "bin" / name)]
    command += google_flags(path, settings) if kind == "google" else ["--json", str(path)]
    if kind == "tables" and settings["quick"]:
        command.append("--quick")
    with open(work / f"{name}.log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        status = wait(process, progress, f"program: {name}", expected(name, settings))
    if status != 0:
        return {"status": f"failed with status {status}; see {name}.log"}
    document = json.loads(path.read_text(encoding="utf-8"))
    if kind == "google":
        return {"status": "ran", "benchmarks": read_google(document)}
    return {"status": "ran", **document}


def run(build, work, settings, progress):
    """name -> {"status": "ran" or why not, and what the program found}."""
    found = {}
    present = [name for name in PROGRAMS if (build / "bin" / name).exists()]
    for name in present:
        progress.add(expected(name, settings))
    for name, (kind, _) in PROGRAMS.items():
        if name not in present:
            found[name] = {"status": "not built"}
            continue
        try:
            found[name] = run_one(name, kind, build, work, settings, progress)
        except (OSError, ValueError, KeyError) as error:
            found[name] = {"status": f"failed: {error}"}
        progress.step(expected(name, settings))
    return found
