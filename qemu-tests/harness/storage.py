# SPDX-License-Identifier: Apache-2.0
"""Object storage as cloud registries keep their blobs in: addresses that are signed and run out, and no
patience for a second way of proving who one is."""

import hashlib
import hmac
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Dict, List
from urllib.parse import parse_qs, urlsplit

from .certificates import KeyPair, speak_tls
from .faults import Answer, Fault, status

SECRET = b"only the registry and the storage know this"


class Storage:
    """Serves the blobs below a docker-registry's folder, in TLS, until close()."""

    def __init__(self, registry_folder: Path, tls: KeyPair):
        self._blobs = registry_folder / "docker/registry/v2/blobs/sha256"
        self.seen: List[Dict[str, str]] = []  # headers
        storage = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # pylint: disable=invalid-name
                storage.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        speak_tls(self._server, tls)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @staticmethod
    def _sign(path: str, until: int) -> str:
        return hmac.new(SECRET, f"{path} {until}".encode(), hashlib.sha256).hexdigest()

    def address(self, digest: str, seconds: int = 60) -> str:
        """A presigned one, in the manner of S3."""
        path, until = f"/bucket/{digest[7:]}", int(time.time()) + seconds
        return (f"https://127.0.0.1:{self.port}{path}?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                f"&X-Amz-Expires={until}&X-Amz-Signature={self._sign(path, until)}")

    def redirect(self, code: int = 307) -> Fault:
        """For the registry's blobs: what it would deliver, is there."""
        def fault(answer: Answer) -> None:
            digest = re.search(r"sha256:[0-9a-f]{64}", answer.path)
            if answer.status in (200, 206) and digest:
                status(code, (("Location", self.address(digest.group())),))(answer)
        return fault

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        url = urlsplit(handler.path)
        query = parse_qs(url.query)
        until = int(query.get("X-Amz-Expires", ["0"])[0])
        self.seen.append(dict(handler.headers.items()))
        if "Authorization" in handler.headers:
            handler.send_error(400, "Only one auth mechanism allowed")
        elif query.get("X-Amz-Signature") != [self._sign(url.path, until)] or until < time.time():
            handler.send_error(403)
        else:
            name = url.path.split("/")[-1]
            self._send(handler, (self._blobs / name[:2] / name / "data").read_bytes())

    @staticmethod
    def _send(handler: BaseHTTPRequestHandler, data: bytes) -> None:
        first, last = 0, len(data) - 1
        asked = re.match(r"bytes=(\d+)-(\d*)$", handler.headers.get("Range", ""))
        if asked:
            first, last = int(asked[1]), min(last, int(asked[2] or last))
        handler.send_response(206 if asked else 200)
        if asked:
            handler.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
        handler.send_header("Content-Length", str(last + 1 - first))
        handler.end_headers()
        handler.wfile.write(data[first:last + 1])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
