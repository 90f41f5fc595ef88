# SPDX-License-Identifier: Apache-2.0
"""A real docker-registry that speaks to its clients as the big registries do: the same challenges, the
same answers of the token service, blobs behind presigned addresses at another host. Their forms are
those of their public documentation and of what they answer to anonymous requests."""

import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import List, Optional

from .certificates import Authority
from .faults import FaultServer, Rule
from .registry import Registry, make_htpasswd
from .settings import credentials
from .storage import Storage
from .tokens import TokenForm, TokenService


def _issued() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


@dataclass
class Vendor:
    """One of them."""
    name: str
    way_in: str                       # for the table
    token: Optional[TokenForm] = None # None: Basic
    same_host: bool = True            # the token service is at the registry's own address
    redirect: int = 307
    user: str = ""
    password: str = ""


VENDORS = [
    Vendor("Docker Hub", "token, anonymous", TokenForm(
        lambda token, seconds: {"token": token, "access_token": token, "expires_in": seconds,
                                "issued_at": _issued()},
        "registry.docker.io", "/token", anonymous=True), same_host=False),
    Vendor("Docker Hub", "token for a password", TokenForm(
        lambda token, seconds: {"token": token, "access_token": token, "expires_in": seconds,
                                "issued_at": _issued()},
        "registry.docker.io", "/token"), False, 307, "alice", "dckr_pat_example"),
    Vendor("GHCR", "token for a password", TokenForm(
        lambda token, seconds: {"token": token}, "ghcr.io", "/token"),
           True, 307, "alice", "ghp_example"),
    Vendor("Quay", "token for a robot's password", TokenForm(
        lambda token, seconds: {"token": token}, "quay.io", "/v2/auth"),
           True, 302, "team+robot", "example"),
    Vendor("Google", "token for an access token", TokenForm(
        lambda token, seconds: {"expires_in": seconds, "issued_at": _issued(), "token": token},
        "gcr.io", "/v2/token"), True, 302, "oauth2accesstoken", "ya29.example"),
    Vendor("ECR", "Basic", None, True, 307, "AWS", "eyJwYXlsb2FkIjoiZXhhbXBsZSJ9"),
    Vendor("Azure", "token for an identity token", TokenForm(
        lambda token, seconds: {"access_token": token}, "registry.azurecr.io", "/oauth2/token",
        get=False, post=True, identity="eyJhbGciOiJSUzI1NiJ9.example"),
           True, 307, "00000000-0000-0000-0000-000000000000", ""),
]


class VendorSite:
    """All its servers, in TLS, over the storage folder of a registry that images are pushed to."""

    def __init__(self, vendor: Vendor, folder: Path, storage: Path, authority: Authority,
                 lifetime: int = 300):
        pair = authority.issue("localhost")
        self.vendor = vendor
        self.folder = folder
        self._stack = ExitStack()
        self.tokens: Optional[TokenService] = None
        self.storage = Storage(storage, pair)
        self._stack.callback(self.storage.close)
        auth = {}
        routes = {}
        if vendor.token:
            self.tokens = TokenService(authority.root, vendor.user or None, vendor.password,
                                       lifetime, form=vendor.token,
                                       tls=None if vendor.same_host else pair)
            self._stack.callback(self.tokens.close)
            auth["token"] = self.tokens.registry_settings("localhost")
            if vendor.same_host:
                routes[vendor.token.path] = self.tokens.port
        else:
            auth["htpasswd"] = make_htpasswd(folder / "htpasswd", vendor.user, vendor.password)
        # The front's port must be in the realm before the registry starts.
        self.front = FaultServer(0, Rule("GET .*/blobs/", self.storage.redirect(vendor.redirect)),
                                 tls=pair, routes=routes)
        self._stack.callback(self.front.close)
        if vendor.token and vendor.same_host:
            auth["token"]["realm"] = f"https://{self.front.host}{vendor.token.path}"
        self._registry = Registry(folder / "registry", storage, **auth)
        self._stack.callback(self._registry.close)
        self.front.upstream_port = self._registry.port
        self.entry = {"ca": authority.root.certificate.read_text()}

    @property
    def host(self) -> str:
        return self.front.host

    def options(self) -> List[object]:
        """Berth's, for the credentials."""
        if not self.vendor.user:
            return []
        file = credentials(self.folder, {self.host: (self.vendor.user, self.vendor.password)})
        if self.vendor.token and self.vendor.token.identity:
            file.write_text(file.read_text().replace(
                '"auth":', f'"identitytoken": "{self.vendor.token.identity}", "auth":'))
        return ["--credentials", file]

    def check_storage(self) -> None:
        """Blobs came from there, and it was shown no credentials."""
        assert self.storage.seen
        assert not any("Authorization" in headers for headers in self.storage.seen)

    def __enter__(self) -> "VendorSite":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
