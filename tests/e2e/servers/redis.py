"""redis-server or valkey-server on ports of the loopback, each in a folder of its own; and a proxy that is slow."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from queue import Queue


def find():
    """The program, or None."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return shutil.which("redis-server", path=path) or shutil.which("valkey-server", path=path)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Error(Exception):
    """An error that a server answered with."""


class Redis:
    def __init__(self, *options, port=None, is_in_cluster=False):
        self._folder = tempfile.TemporaryDirectory()
        self.port = port or free_port()
        # A cluster's bus has a port 10,000 above, which must be one.
        while is_in_cluster and self.port > 55000:
            self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no",
                         "--dir", self._folder.name, "--daemonize", "no", "--repl-diskless-sync-delay", "0"]
        if is_in_cluster:
            self._options += ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"]
        self._options += options
        self._log = Path(self._folder.name) / "log"
        self.start()

    def start(self):
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen([find(), *self._options], stdout=log, stderr=log)
        for _ in range(400):
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}: {self._log.read_text()}")
            try:
                if self.ask("PING") == "PONG":
                    return
            except (OSError, Error):
                pass
            time.sleep(0.01)
        raise AssertionError("the server does not answer")

    def ask(self, *words):
        return self.ask_all([words])[0]

    def ask_all(self, commands):
        """Answers to commands that are sent together; an error is raised."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            stream = connection.makefile("rb")
            parts = []
            for words in commands:
                words = [str(word).encode() for word in words]
                parts.append(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
            connection.sendall(b"".join(parts))
            return [self._read(stream) for _ in commands]

    def _read(self, stream):
        line = stream.readline().rstrip(b"\r\n")
        if not line:
            raise OSError("closed")
        kind, rest = line[:1], line[1:]
        if kind == b"-":
            raise Error(rest.decode())
        if kind == b"+":
            return rest.decode()
        if kind == b":":
            return int(rest)
        if int(rest) < 0:
            return None
        if kind == b"$":
            return stream.read(int(rest) + 2)[:-2].decode(errors="replace")
        return [self._read(stream) for _ in range(int(rest))]

    def info(self, section):
        """The fields of a section of INFO."""
        lines = self.ask("INFO", section).splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def info_cluster(self):
        """Its state, and how many nodes have slots."""
        fields = dict(line.split(":", 1) for line in self.ask("CLUSTER", "INFO").splitlines() if ":" in line)
        return fields["cluster_state"], int(fields["cluster_size"])

    def until(self, holds, within=20):
        end = time.monotonic() + within
        while not holds(self):
            if time.monotonic() > end:
                raise AssertionError(f"{self.address}: not within {within} s")
            time.sleep(0.02)

    def follow(self, primary):
        """Becomes its replica, and is up to date."""
        self.ask("REPLICAOF", "127.0.0.1", primary.port)
        self.until(lambda redis: redis.info("replication").get("master_link_status") == "up")

    def stop(self):
        """As a process that hangs."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self):
        os.kill(self.process.pid, signal.SIGCONT)

    def kill(self):
        if self.process.returncode is None:
            self.process.kill()
            self.process.wait()

    def close(self):
        self.kill()
        self._folder.cleanup()


def make_cluster(count):
    """Primaries that share the slots."""
    nodes = [Redis(is_in_cluster=True) for _ in range(count)]
    edges = [16384 * i // count for i in range(count + 1)]
    for i, node in enumerate(nodes):
        node.ask_all([["CLUSTER", "ADDSLOTS", *range(edges[i], edges[i + 1])], ["CLUSTER", "SET-CONFIG-EPOCH", i + 1]])
        node.name = node.ask("CLUSTER", "MYID")
    for node in nodes[1:]:
        node.ask("CLUSTER", "MEET", "127.0.0.1", nodes[0].port)
    for node in nodes:
        node.until(lambda redis: redis.info_cluster() == ("ok", count))
    return nodes


class Migration:
    """Slots on their way from one node to another: the steps of the cluster specification, one by one."""

    def __init__(self, nodes, source, target, slots):
        self._nodes, self._source, self._target, self._slots = nodes, source, target, slots

    def begin(self):
        """From here on the source answers ASK for keys that it does not have."""
        self._target.ask_all([["CLUSTER", "SETSLOT", slot, "IMPORTING", self._source.name] for slot in self._slots])
        self._source.ask_all([["CLUSTER", "SETSLOT", slot, "MIGRATING", self._target.name] for slot in self._slots])

    def move_keys(self):
        moved = 0
        for slot in self._slots:
            while keys := self._source.ask("CLUSTER", "GETKEYSINSLOT", slot, 100):
                self._source.ask("MIGRATE", "127.0.0.1", self._target.port, "", 0, 5000, "KEYS", *keys)
                moved += len(keys)
        return moved

    def end(self):
        """From here on the source answers MOVED."""
        for node in [self._target, self._source, *self._nodes]:
            node.ask_all([["CLUSTER", "SETSLOT", slot, "NODE", self._target.name] for slot in self._slots])


class SlowProxy:
    """Passes bytes on to a port, answers `delay` seconds late."""

    def __init__(self, port):
        self._port = port
        self.delay = 0.0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self._sockets = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._port))
            except OSError:
                return
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets += [client, server]
            late = Queue()
            threading.Thread(target=self._pass, args=(client, server.sendall), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, lambda data, late=late:
                                                      late.put((time.monotonic() + self.delay, data))),
                             daemon=True).start()
            threading.Thread(target=self._send_late, args=(late, client), daemon=True).start()

    @staticmethod
    def _pass(source, sink):
        try:
            while data := source.recv(65536):
                sink(data)
        except OSError:
            pass

    @staticmethod
    def _send_late(late, client):
        while True:
            due, data = late.get()
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                client.sendall(data)
            except OSError:
                return

    def close(self):
        self._listener.close()
        for one in self._sockets:
            one.close()
