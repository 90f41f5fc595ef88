# SPDX-License-Identifier: Apache-2.0
"""A token service for the registry's Bearer authentication (distribution-spec "token" flow): it
checks a password, signs JSON Web Tokens with openssl(1), and records what it was asked."""

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import List, Optional
from urllib.parse import parse_qs, urlsplit

from .certificates import KeyPair
from .command import run

SERVICE = "berth-test-registry"
ISSUER = "berth-test-issuer"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class TokenService:
    """Listens on a free port of loopback until close()."""

    def __init__(self, signer: KeyPair, user: Optional[str] = None, password: str = "",
                 lifetime: int = 300, field: str = "token"):
        self.signer = signer
        self.credentials = f"{user}:{password}".encode() if user else None
        self.lifetime = lifetime
        self.field = field  # "token" or "access_token"
        self.scopes: List[str] = []
        pem = signer.certificate.read_text()
        self._der = "".join(pem.split("-----")[2].split())
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # pylint: disable=invalid-name
                service.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def registry_settings(self, realm_host: str) -> dict:
        """The `auth: token:` part of the registry's configuration."""
        return {"realm": f"http://{realm_host}:{self.port}/token", "service": SERVICE,
                "issuer": ISSUER, "rootcertbundle": str(self.signer.certificate)}

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        query = parse_qs(urlsplit(handler.path).query)
        given = handler.headers.get("Authorization", "")
        if self.credentials:
            expected = "Basic " + base64.b64encode(self.credentials).decode()
            if given != expected:
                self._send(handler, 401, {"details": "incorrect username or password"})
                return
        self.scopes += query.get("scope", [])
        if query.get("service") != [SERVICE]:
            self._send(handler, 400, {"details": "unknown service"})
            return
        token = self._token(query.get("scope", []))
        self._send(handler, 200, {self.field: token, "expires_in": self.lifetime})

    @staticmethod
    def _send(handler: BaseHTTPRequestHandler, status: int, document: dict) -> None:
        body = json.dumps(document).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def _token(self, scopes: List[str]) -> str:
        now = int(time.time())
        access = []
        for scope in scopes:
            kind, name, actions = scope.split(":")[0], scope.split(":", 1)[1].rsplit(":", 1)[0], \
                scope.rsplit(":", 1)[1]
            access.append({"type": kind, "name": name, "actions": actions.split(",")})
        head = {"typ": "JWT", "alg": "RS256", "x5c": [self._der]}
        claims = {"iss": ISSUER, "sub": "tests", "aud": SERVICE, "nbf": now - 10, "iat": now,
                  "exp": now + self.lifetime, "jti": str(time.monotonic_ns()), "access": access}
        text = ".".join(_base64url(json.dumps(part).encode()) for part in (head, claims))
        signature = run("openssl", "dgst", "-sha256", "-sign", self.signer.key,
                        stdin=text.encode())
        return f"{text}.{_base64url(signature)}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
