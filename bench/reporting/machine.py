"""What a figure belongs to: the machine, the compiler, the libraries, the commit."""
import datetime
import os
import pathlib
import platform
import re
import subprocess


def output(*command, cwd=None):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=cwd).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def field(text, pattern, otherwise="unknown"):
    found = re.search(pattern, text, flags=re.MULTILINE)
    return found[1].strip().strip('"') if found else otherwise


def read(path):
    try:
        return pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def is_busy(machine):
    """Whether others were at work when the run began."""
    return float(machine["load"].split()[0]) > 0.5 * machine["cores"]


def describe(root, build, command):
    cpu = read("/proc/cpuinfo")
    flags = set(field(cpu, r"^flags\s*:(.*)$", "").split())
    cache = read(build / "CMakeCache.txt")
    compiler = field(cache, r"^CMAKE_CXX_COMPILER:\w+=(.*)$", "c++")
    dirty = " with changes" if output("git", "status", "--porcelain", "--untracked-files=no", cwd=root) else ""
    return {
        "cpu": field(cpu, r"^model name\s*:(.*)$", platform.machine()),
        "cores": os.cpu_count(),
        "extensions": [name for name in ("avx2", "avx512f", "avx512ifma", "avx512vbmi2", "vaes", "sha_ni", "asimd")
                       if name in flags],
        "os": field(read("/etc/os-release"), r"^PRETTY_NAME=(.*)$", platform.system()) + ", Linux " + platform.release(),
        "compiler": (output(compiler, "--version").splitlines() or ["unknown"])[0],
        "build_type": field(cache, r"^CMAKE_BUILD_TYPE:\w+=(.*)$"),
        "openssl": field(output("openssl", "version"), r"^OpenSSL (\S+)", output("pkg-config", "--modversion", "libcrypto")),
        "simdjson": output("pkg-config", "--modversion", "simdjson") or "unknown",
        "node": output("node", "--version") or "none",
        "commit": (output("git", "rev-parse", "--short=12", "HEAD", cwd=root) or "unknown") + dirty,
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "load": "%.2f %.2f %.2f" % os.getloadavg(),
        "command": command,
    }
