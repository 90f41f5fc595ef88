# SPDX-License-Identifier: Apache-2.0
"""A proxy in front of a real registry that does one thing wrong where a rule says so."""

import email.utils
import gzip
import http.client
import re
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Callable, Dict, List, Optional, Tuple

from .certificates import KeyPair, speak_tls


@dataclass
class Answer:
    """What the registry answered, to be changed by a fault before it is sent."""
    status: int
    headers: Dict[str, str]
    body: bytes
    path: str = ""                  # of the request
    asked: Optional[Tuple[int, Optional[int]]] = None  # its Range: first and last byte
    total: int = 0                  # bytes of the whole blob, as far as a Range was answered
    sent: Optional[int] = None      # bytes of the body really sent; the rest is withheld
    chunked: bool = False           # chunked, without a length
    old: bool = False               # HTTP/1.0: no length, ends when the connection does
    reset: bool = False             # end the connection with a TCP reset
    rate: Optional[int] = None      # bytes per second
    delay: float = 0.0              # seconds before the first byte
    before: bytes = b""             # sent ahead of the status line
    only: Optional[bytes] = None    # sent instead of everything


Fault = Callable[[Answer], None]


@dataclass
class Rule:
    """The fault for requests whose "METHOD PATH", or "METHOD PATH RANGE" when a range is asked for,
    matches; `times` counts down, None is for ever."""
    pattern: str
    fault: Fault
    times: Optional[int] = None


@dataclass
class Seen:
    """A request that arrived."""
    line: str
    headers: Dict[str, str] = field(default_factory=dict)
    at: float = 0.0                 # time.monotonic()


class FaultServer:
    """Listens on a free port of loopback until close()."""

    def __init__(self, upstream_port: int, *rules: Rule, tls: Optional[KeyPair] = None,
                 routes: Optional[Dict[str, int]] = None):
        self.upstream_port = upstream_port
        self.routes = routes or {}  # start of the path → another port upstream
        self.rules = list(rules)
        self.seen: List[Seen] = []
        self.most_at_once = 0
        self._now = 0
        self._lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:  # pylint: disable=invalid-name
                proxy.handle(self)

            do_HEAD = do_POST = do_GET

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass  # clients hang up on faults: that is the purpose

        self._server = Server(("127.0.0.1", 0), Handler)
        if tls:
            speak_tls(self._server, tls)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def host(self) -> str:
        return f"localhost:{self.port}"

    def count(self, pattern: str) -> int:
        """How many requests matched."""
        return len(self.requests(pattern))

    def requests(self, pattern: str) -> List[Seen]:
        """The requests that matched, in order of their arrival."""
        return [seen for seen in self.seen if re.search(pattern, seen.line)]

    def _fault(self, line: str) -> Optional[Fault]:
        with self._lock:
            for rule in self.rules:
                if rule.times != 0 and re.search(rule.pattern, line):
                    if rule.times:
                        rule.times -= 1
                    return rule.fault
        return None

    def _forward(self, request: BaseHTTPRequestHandler) -> Answer:
        ports = [port for start, port in self.routes.items() if request.path.startswith(start)]
        connection = http.client.HTTPConnection("127.0.0.1", (ports or [self.upstream_port])[0],
                                                timeout=60)
        headers = {name: ", ".join(request.headers.get_all(name)) for name in request.headers
                   if name.lower() != "connection"}
        sent = request.rfile.read(int(request.headers.get("Content-Length", "0")))
        connection.request(request.command, request.path, sent or None, headers)
        response = connection.getresponse()
        body = response.read()
        skip = ("connection", "transfer-encoding", "content-length")
        kept = {name: value for name, value in response.getheaders() if name.lower() not in skip}
        kept["Content-Length"] = response.getheader("Content-Length") or str(len(body))
        wanted = re.match(r"bytes=(\d+)-(\d*)$", request.headers.get("Range", ""))
        asked = (int(wanted[1]), int(wanted[2]) if wanted[2] else None) if wanted else None
        total = re.search(r"/(\d+)$", kept.get("Content-Range", ""))
        return Answer(response.status, kept, body, request.path, asked,
                      int(total[1]) if total else len(body))

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        line = " ".join((request.command, request.path, request.headers.get("Range", ""))).rstrip()
        self.seen.append(Seen(line, dict(request.headers.items()), time.monotonic()))
        with self._lock:
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        try:
            self._answer(request, line)
        finally:
            with self._lock:
                self._now -= 1

    def _answer(self, request: BaseHTTPRequestHandler, line: str) -> None:
        answer = self._forward(request)
        fault = self._fault(line)
        if fault:
            fault(answer)
        time.sleep(answer.delay)
        request.wfile.write(answer.before)
        if answer.only is not None:
            request.wfile.write(answer.only)
            request.close_connection = True
            return
        request.protocol_version = "HTTP/1.0" if answer.old else "HTTP/1.1"
        if answer.chunked or answer.old:
            answer.headers.pop("Content-Length", None)
        if answer.chunked:
            answer.headers["Transfer-Encoding"] = "chunked"
        request.send_response(answer.status)
        for name, value in answer.headers.items():
            request.send_header(name, value)
        request.end_headers()
        self._send_body(request, answer)

    @staticmethod
    def _send_body(request: BaseHTTPRequestHandler, answer: Answer) -> None:
        body = answer.body if answer.sent is None else answer.body[:answer.sent]
        step = max(1, min(answer.rate // 10, 65536)) if answer.rate else len(body) or 1
        if answer.chunked:
            step = min(step, 7777)
        for start in range(0, len(body), step):
            piece = body[start:start + step]
            request.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if answer.chunked else piece)
            if answer.rate:
                time.sleep(len(piece) / answer.rate)
        if answer.chunked and answer.sent is None:
            request.wfile.write(b"0\r\n\r\n")
        if answer.reset:
            linger = struct.pack("ii", 1, 0)
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            request.connection.close()
        if answer.reset or answer.old or answer.sent is not None:
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


def stop_at(offset: int, with_reset: bool = False) -> Fault:
    """Nothing of the blob beyond this byte is ever sent, wherever a request begins."""
    def fault(answer: Answer) -> None:
        first = answer.asked[0] if answer.asked and answer.status == 206 else 0
        answer.sent = max(0, min(len(answer.body), offset - first))
        answer.reset = with_reset
    return fault


def announce(difference: int) -> Fault:
    """A Content-Length that is wrong by so many bytes; what is sent stays whole."""
    def fault(answer: Answer) -> None:
        answer.headers["Content-Length"] = str(len(answer.body) + difference)
        if difference > 0:
            answer.sent = len(answer.body)
    return fault


def ranged(content_range: Callable[[int, int, int], Optional[str]],
           body: Callable[[bytes], bytes] = lambda body: body) -> Fault:
    """206 with the Content-Range that content_range(first, last, total) makes, or with none."""
    def fault(answer: Answer) -> None:
        first = answer.asked[0] if answer.asked else 0
        value = content_range(first, first + len(answer.body) - 1, answer.total)
        answer.status = 206
        answer.headers.pop("Content-Range", None)
        if value is not None:
            answer.headers["Content-Range"] = value
        answer.body = body(answer.body)
        answer.headers["Content-Length"] = str(len(answer.body))
    return fault


def without_ranges(blob: bytes) -> Fault:
    """A server that does not know ranges: the whole blob, whatever was asked for."""
    def fault(answer: Answer) -> None:
        answer.status = 200
        answer.headers.pop("Content-Range", None)
        answer.headers.pop("Accept-Ranges", None)
        answer.body = blob
        answer.headers["Content-Length"] = str(len(blob))
    return fault


def rate(bytes_per_second: int) -> Fault:
    """So fast is one connection; several are as fast each."""
    def fault(answer: Answer) -> None:
        answer.rate = bytes_per_second
    return fault


def header(name: str, value: str) -> Fault:
    """One header is replaced or added."""
    def fault(answer: Answer) -> None:
        answer.headers[name] = value
    return fault


def encoded(answer: Answer) -> None:
    """Compressed once more on the way, though nobody has asked for it."""
    answer.body = gzip.compress(answer.body, 1)
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Content-Length"] = str(len(answer.body))


def raw(data: bytes) -> Fault:
    """These bytes, and the end of the connection."""
    def fault(answer: Answer) -> None:
        answer.only = data
    return fault


def ahead(data: bytes) -> Fault:
    """These bytes ahead of the answer."""
    def fault(answer: Answer) -> None:
        answer.before = data
    return fault


def silent(seconds: float) -> Fault:
    """Nothing for so long."""
    def fault(answer: Answer) -> None:
        answer.delay = seconds
    return fault


def chunked(answer: Answer) -> None:
    """Without a length, in chunks."""
    answer.chunked = True


def old(answer: Answer) -> None:
    """As a server of 1996 answers."""
    answer.old = True


def both(*faults: Fault) -> Fault:
    """Several in turn."""
    def fault(answer: Answer) -> None:
        for one in faults:
            one(answer)
    return fault


def busy(code: int, seconds: int, as_date: bool = False) -> Fault:
    """A refusal that says when to come again: in so many seconds, or at that time as a date."""
    def fault(answer: Answer) -> None:
        value = (email.utils.formatdate(time.time() + seconds, usegmt=True) if as_date
                 else str(seconds))
        status(code, (("Retry-After", value),))(answer)
    return fault
