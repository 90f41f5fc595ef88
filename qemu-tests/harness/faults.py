# SPDX-License-Identifier: Apache-2.0
"""A proxy in front of a real registry that does one thing wrong where a rule says so."""

import http.client
import re
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Callable, Dict, List, Optional, Tuple


@dataclass
class Answer:
    """What the registry answered, to be changed by a fault before it is sent."""
    status: int
    headers: Dict[str, str]
    body: bytes
    path: str = ""                  # of the request
    sent: Optional[int] = None      # bytes of the body really sent; the rest is withheld
    reset: bool = False             # end the connection with a TCP reset
    rate: Optional[int] = None      # bytes per second
    delay: float = 0.0              # seconds before the first byte


Fault = Callable[[Answer], None]


@dataclass
class Rule:
    """The fault for requests whose "METHOD PATH" matches; `times` counts down, None is for ever."""
    pattern: str
    fault: Fault
    times: Optional[int] = None


@dataclass
class Seen:
    """A request that arrived."""
    line: str
    headers: Dict[str, str] = field(default_factory=dict)


class FaultServer:
    """Listens on a free port of loopback until close()."""

    def __init__(self, upstream_port: int, *rules: Rule):
        self.upstream_port = upstream_port
        self.rules = list(rules)
        self.seen: List[Seen] = []
        self._lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:  # pylint: disable=invalid-name
                proxy.handle(self)

            do_HEAD = do_GET

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass  # clients hang up on faults: that is the purpose

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def host(self) -> str:
        return f"localhost:{self.port}"

    def count(self, pattern: str) -> int:
        """How many requests matched."""
        return sum(1 for seen in self.seen if re.search(pattern, seen.line))

    def _fault(self, line: str) -> Optional[Fault]:
        with self._lock:
            for rule in self.rules:
                if rule.times != 0 and re.search(rule.pattern, line):
                    if rule.times:
                        rule.times -= 1
                    return rule.fault
        return None

    def _forward(self, request: BaseHTTPRequestHandler) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.upstream_port, timeout=60)
        headers = {name: ", ".join(request.headers.get_all(name)) for name in request.headers
                   if name.lower() != "connection"}
        connection.request(request.command, request.path, headers=headers)
        response = connection.getresponse()
        body = response.read()
        skip = ("connection", "transfer-encoding", "content-length")
        kept = {name: value for name, value in response.getheaders() if name.lower() not in skip}
        kept["Content-Length"] = response.getheader("Content-Length") or str(len(body))
        return Answer(response.status, kept, body, request.path)

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        line = f"{request.command} {request.path}"
        self.seen.append(Seen(line, dict(request.headers.items())))
        answer = self._forward(request)
        fault = self._fault(line)
        if fault:
            fault(answer)
        time.sleep(answer.delay)
        request.send_response(answer.status)
        for name, value in answer.headers.items():
            request.send_header(name, value)
        request.end_headers()
        self._send_body(request, answer)

    @staticmethod
    def _send_body(request: BaseHTTPRequestHandler, answer: Answer) -> None:
        body = answer.body if answer.sent is None else answer.body[:answer.sent]
        step = max(1, answer.rate // 10) if answer.rate else len(body) or 1
        for start in range(0, len(body), step):
            request.wfile.write(body[start:start + step])
            if answer.rate:
                time.sleep(0.1)
        if answer.reset:
            linger = struct.pack("ii", 1, 0)
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            request.connection.close()
        if answer.reset or answer.sent is not None:
            request.close_connection = True

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> "FaultServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def corrupt(answer: Answer) -> None:
    """Changes one bit in the middle."""
    middle = len(answer.body) // 2
    answer.body = answer.body[:middle] + bytes([answer.body[middle] ^ 1]) + answer.body[middle + 1:]


def truncate(answer: Answer) -> None:
    """Announces everything, sends half, closes in order."""
    answer.sent = len(answer.body) // 2


def shorten(answer: Answer) -> None:
    """Sends half, and announces half: a complete HTTP answer with a blob that is too short."""
    answer.body = answer.body[:len(answer.body) // 2]
    answer.headers["Content-Length"] = str(len(answer.body))


def lengthen(answer: Answer) -> None:
    """Adds a kilobyte, and announces it."""
    answer.body += b"\0" * 1024
    answer.headers["Content-Length"] = str(len(answer.body))


def reset(answer: Answer) -> None:
    """Sends half and resets the connection."""
    answer.sent = len(answer.body) // 2
    answer.reset = True


def stall(answer: Answer) -> None:
    """A trickle."""
    answer.rate = 10


def status(code: int, headers: Tuple[Tuple[str, str], ...] = ()) -> Fault:
    """Another status, with a small JSON body."""
    def fault(answer: Answer) -> None:
        answer.status = code
        answer.body = b'{"errors":[{"code":"UNAVAILABLE","message":"made by the fault server"}]}'
        answer.headers = {"Content-Type": "application/json",
                          "Content-Length": str(len(answer.body)), **dict(headers)}
    return fault


def replace(body: bytes, content_type: Optional[str] = None) -> Fault:
    """Another body, otherwise as it was."""
    def fault(answer: Answer) -> None:
        answer.body = body
        answer.headers["Content-Length"] = str(len(body))
        if content_type:
            answer.headers["Content-Type"] = content_type
    return fault


def redirect_to(base: str, code: int = 307) -> Fault:
    """A redirect to the same path at another server, such as "http://host:port"."""
    def fault(answer: Answer) -> None:
        status(code, (("Location", base + answer.path),))(answer)
    return fault
