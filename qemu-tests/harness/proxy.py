# SPDX-License-Identifier: Apache-2.0
"""A real HTTP proxy, tinyproxy, on a free port of loopback."""

import socket
import ssl
import subprocess
import threading
from pathlib import Path
from typing import List, Optional

from .certificates import KeyPair
from .command import end
from .ports import free_port, wait_for_port


class Proxy:
    """Runs until close(). With a user, it wants to know who asks."""

    def __init__(self, folder: Path, user: Optional[str] = None, password: str = "",
                 connect_port: Optional[int] = None):
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.log = folder / "proxy.log"
        config = folder / "proxy.conf"
        lines = [f"Port {self.port}", "Listen 127.0.0.1", "Timeout 60", "MaxClients 20",
                 f'LogFile "{self.log}"', "LogLevel Connect", "Allow 127.0.0.1"]
        lines += [f"BasicAuth {user} {password}"] if user else []
        lines += [f"ConnectPort {connect_port}"] if connect_port else []
        config.write_text("\n".join(lines) + "\n")
        self._process = subprocess.Popen(["tinyproxy", "-d", "-c", str(config)],
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL)
        wait_for_port(self.port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def requests(self) -> str:
        """What it logged."""
        return self.log.read_text(errors="replace")

    def close(self) -> None:
        end(self._process)

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Listener:
    """A proxy that remembers all it is shown in CONNECT requests, and may itself speak TLS: tinyproxy
    does neither."""

    def __init__(self, tls: Optional[KeyPair] = None) -> None:
        self.seen: List[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if tls else None
        if tls:
            self._context.load_cert_chain(tls.certificate, tls.key)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client = self._socket.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._tunnel, args=(client,), daemon=True).start()

    def _tunnel(self, client: socket.socket) -> None:
        header = b""
        try:
            client = self._context.wrap_socket(client, True) if self._context else client
        except OSError:
            return  # the client did not like our certificate
        while b"\r\n\r\n" not in header:
            header += client.recv(1)
        self.seen.append(header.decode())
        host, port = header.split()[1].decode().rsplit(":", 1)
        server = socket.create_connection((host.strip("[]"), int(port)))
        client.sendall(b"HTTP/1.1 200 OK\r\nWWW-Authenticate: Basic realm=proxy\r\n\r\n")
        threading.Thread(target=_copy, args=(server, client), daemon=True).start()
        _copy(client, server)

    def close(self) -> None:
        self._socket.close()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
