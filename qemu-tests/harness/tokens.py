# SPDX-License-Identifier: Apache-2.0
"""A token service for the registry's Bearer authentication (distribution-spec "token" flow): it
checks a password, signs JSON Web Tokens with openssl(1), and records what it was asked."""

import base64
import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Callable, List, Optional
from urllib.parse import parse_qs, urlsplit

from .certificates import KeyPair, speak_tls
from .command import run

SERVICE = "berth-test-registry"
ISSUER = "berth-test-issuer"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class TokenForm:
    """How a service is spoken to, and what it says."""
    answer: Callable[[str, int], dict]  # of token and lifetime
    service: str = SERVICE
    path: str = "/token"
    get: bool = True
    post: bool = False
    anonymous: bool = False             # who shows no password gets a token too
    identity: str = ""                  # the identity token that POST wants to see


class TokenService:
    """Listens on a free port of loopback until close()."""

    def __init__(self, signer: KeyPair, user: Optional[str] = None, password: str = "",
                 lifetime: int = 300, field: str = "token", form: Optional[TokenForm] = None,
                 tls: Optional[KeyPair] = None):
        self.signer = signer
        self.form = form or TokenForm(answer=lambda token, seconds: {self.field: token,
                                                                     "expires_in": seconds})
        self._scheme = "https" if tls else "http"
        self.asked: List[str] = []  # "GET", "POST refresh_token", …
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

            def do_POST(self) -> None:  # pylint: disable=invalid-name
                service.answer_form(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls:
            speak_tls(self._server, tls)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def registry_settings(self, realm_host: str) -> dict:
        """The `auth: token:` part of the registry's configuration."""
        return {"realm": f"{self._scheme}://{realm_host}:{self.port}{self.form.path}",
                "service": self.form.service, "issuer": ISSUER,
                "rootcertbundle": str(self.signer.certificate)}

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        query = parse_qs(urlsplit(handler.path).query)
        given = handler.headers.get("Authorization", "")
        self.asked.append("GET")
        if not self.form.get:
            self._send(handler, 405, {"details": "POST only"})
            return
        expected = "Basic " + base64.b64encode(self.credentials or b"").decode()
        if given != expected and (given or not self.form.anonymous) and self.credentials:
            self._send(handler, 401, {"details": "incorrect username or password"})
            return
        self._grant(handler, query, query.get("scope", []))

    def answer_form(self, handler: BaseHTTPRequestHandler) -> None:
        """The OAuth2 way in, for a password or an identity token."""
        form = parse_qs(handler.rfile.read(int(handler.headers["Content-Length"])).decode())
        kind = form.get("grant_type", ["none"])[0]
        self.asked.append(f"POST {kind}")
        given = ":".join(form.get("username", []) + form.get("password", [])).encode()
        right = {"refresh_token": form.get("refresh_token") == [self.form.identity],
                 "password": given == self.credentials}.get(kind, False)
        if not self.form.post or not form.get("client_id"):
            self._send(handler, 405, {"details": "GET only"})
        elif not right:
            self._send(handler, 401, {"details": "wrong"})
        else:
            self._grant(handler, form, form.get("scope", [""])[0].split())

    def _grant(self, handler: BaseHTTPRequestHandler, asked: dict, scopes: List[str]) -> None:
        self.scopes += scopes
        if asked.get("service") != [self.form.service]:
            self._send(handler, 400, {"details": "unknown service"})
            return
        self._send(handler, 200, self.form.answer(self._token(scopes), self.lifetime))

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
        claims = {"iss": ISSUER, "sub": "tests", "aud": self.form.service, "nbf": now - 10, "iat": now,
                  "exp": now + self.lifetime, "jti": str(time.monotonic_ns()), "access": access}
        text = ".".join(_base64url(json.dumps(part).encode()) for part in (head, claims))
        signature = run("openssl", "dgst", "-sha256", "-sign", self.signer.key,
                        stdin=text.encode())
        return f"{text}.{_base64url(signature)}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
