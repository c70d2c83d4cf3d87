"""A certification authority for one test, made by openssl."""
import pathlib
import subprocess


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Authority:
    """Files in `folder`: `ca_file` is what a client is told to trust."""

    def __init__(self, folder, name="test authority"):
        self._folder = pathlib.Path(folder)
        self._name = name.replace(" ", "-")
        self.ca_file, self._key = self._path("ca.pem"), self._path("ca.key")
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2, "-subj",
                 f"/CN={name}", "-keyout", self._key, "-out", self.ca_file)

    def _path(self, suffix):
        return self._folder / f"{self._name}.{suffix}"

    def issue(self, *names):
        """(certificate file, key file) for servers of these names; `names` are subjectAltNames, "DNS:localhost"."""
        stem = "-".join(name.split(":", 1)[1] for name in names)
        certificate, key, request = (self._path(f"{stem}.{suffix}") for suffix in ("pem", "key", "csr"))
        extensions = self._path(f"{stem}.ext")
        extensions.write_text(f"subjectAltName={','.join(names)}\n", encoding="ascii")
        _openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=server",
                 "-keyout", key, "-out", request)
        _openssl("x509", "-req", "-days", 2, "-in", request, "-CA", self.ca_file, "-CAkey", self._key,
                 "-CAcreateserial", "-extfile", extensions, "-out", certificate)
        return str(certificate), str(key)
