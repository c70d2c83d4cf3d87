"""Debian's nginx over TLS, with its files in a folder of its own, as the user who runs the test."""
import os
import pathlib
import shutil
import socket
import subprocess
import time

CONFIGURATION = """
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {{ worker_connections 256; }}
http {{
  access_log access.log;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  types {{ application/json json; }}
  server {{
    listen 127.0.0.1:{port} ssl;
    server_name localhost;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    root www;
    add_header Cache-Control "max-age=1";
  }}
}}
"""


def find():
    """The program, or None."""
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


class Nginx:
    def __init__(self, folder, certificate):
        """Serves FOLDER/www under `certificate`, a pair of files."""
        folder = pathlib.Path(folder)
        (folder / "www").mkdir(exist_ok=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        configuration = folder / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(port=self.port, certificate=certificate[0], key=certificate[1]),
                                 encoding="ascii")
        self._www = folder / "www"
        self._log = folder / "access.log"
        self.origin = f"https://localhost:{self.port}"
        self._process = subprocess.Popen([find(), "-p", str(folder), "-c", str(configuration), "-e", "stderr"],
                                         stderr=subprocess.DEVNULL)
        self._await()

    def _await(self):
        for _ in range(200):
            if self._process.poll() is not None:
                raise AssertionError(f"nginx ended with {self._process.returncode}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.025)
        raise AssertionError("nginx does not listen")

    def put(self, name, content):
        """A file of the site, replaced at once."""
        new = self._www / (name + ".new")
        new.write_bytes(content)
        new.rename(self._www / name)

    def statuses(self):
        """The status of every request so far."""
        return [int(line.split('"')[2].split()[0]) for line in self._log.read_text(encoding="ascii").splitlines()]

    def close(self):
        self._process.terminate()
        self._process.wait(10)
