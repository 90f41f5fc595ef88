# SPDX-License-Identifier: Apache-2.0
"""A private certificate authority, made by openssl(1), for registries under test."""

import socketserver
import ssl
from dataclasses import dataclass
from pathlib import Path

from .command import CommandFailed, run


@dataclass
class KeyPair:
    certificate: Path
    key: Path


def speak_tls(server: socketserver.TCPServer, pair: KeyPair) -> None:
    """Makes a server that is not running yet one in TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    # The handshake is for the connection's thread: a client that hangs up stops nobody else.
    server.socket = context.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)


class Authority:
    """Makes a self-signed root in `folder` and issues certificates under it."""

    def __init__(self, folder: Path, name: str = "Berth test authority"):
        self.folder = folder
        self.root = KeyPair(folder / "ca.pem", folder / "ca.key")
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-subj", f"/CN={name}", "-keyout", self.root.key, "-out", self.root.certificate)

    def issue(self, name: str, days: int = 2) -> KeyPair:
        """A server certificate for `name`; negative days make one that has expired."""
        pair = KeyPair(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        request = self.folder / f"{name}.csr"
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName=DNS:{name},IP:127.0.0.1,IP:::1\n"
                              "basicConstraints=CA:FALSE\n")
        run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}",
            "-keyout", pair.key, "-out", request)
        words = ["openssl", "x509", "-req", "-in", request, "-extfile", extensions,
                 "-CA", self.root.certificate, "-CAkey", self.root.key, "-CAcreateserial",
                 "-out", pair.certificate]
        if days >= 0:
            run(*words, "-days", days)
            return pair
        try:
            run(*words, "-days", days)
        except CommandFailed:  # OpenSSL 3.4 and later want the past by its name
            run(*words, "-not_before", "20240101000000Z", "-not_after", "20240102000000Z")
        return pair

    def issue_between(self, name: str, begin: str, end: str) -> KeyPair:
        """A server certificate for `name`, valid between two times of the form 20240131235959Z."""
        pair = self.issue(name)
        (self.folder / "index").write_text("")
        settings = self.folder / "ca.conf"
        settings.write_text("[ca]\ndefault_ca = own\n[own]\npolicy = any\ndefault_md = sha256\n"
                            f"database = {self.folder}/index\nnew_certs_dir = {self.folder}\n"
                            "unique_subject = no\nrand_serial = yes\n[any]\ncommonName = supplied\n")
        run("openssl", "ca", "-batch", "-notext", "-config", settings,
            "-cert", self.root.certificate, "-keyfile", self.root.key,
            "-in", self.folder / f"{name}.csr", "-extfile", self.folder / f"{name}.ext",
            "-startdate", begin, "-enddate", end, "-out", pair.certificate)
        return pair
