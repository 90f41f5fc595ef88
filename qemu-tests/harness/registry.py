# SPDX-License-Identifier: Apache-2.0
"""A real docker-registry on loopback."""

import json
import subprocess
from pathlib import Path
from typing import Optional

from .certificates import KeyPair
from .command import end, run
from .ports import free_port, wait_for_port


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


class Registry:
    """Runs until close(). Several may serve one storage folder: push to a plain one, pull from one
    that asks for TLS or a password."""

    def __init__(self, folder: Path, storage: Optional[Path] = None, port: int = 0,
                 tls: Optional[KeyPair] = None, htpasswd: Optional[Path] = None,
                 token: Optional[dict] = None, client_ca: Optional[Path] = None,
                 address: str = "127.0.0.1", more: Optional[dict] = None):
        folder.mkdir(parents=True, exist_ok=True)
        self.address = address
        self.port = port or free_port(address)
        self.storage = storage or folder / "storage"
        self.log = folder / "registry.log"
        config = folder / "registry.json"
        config.write_text(json.dumps(self._configuration(tls, htpasswd, token,
                                                             client_ca, more or {})))
        with open(self.log, "wb") as log:
            self._process = subprocess.Popen(["docker-registry", "serve", str(config)],
                                             stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for_port(self.port, address=address)

    def _configuration(self, tls: Optional[KeyPair], htpasswd: Optional[Path],
                       token: Optional[dict], client_ca: Optional[Path], more: dict) -> dict:
        http = {"addr": f"{_bracketed(self.address)}:{self.port}"}
        if tls:
            http["tls"] = {"certificate": str(tls.certificate), "key": str(tls.key)}
        if client_ca:
            http["tls"]["clientcas"] = [str(client_ca)]
        config = {"version": "0.1", "log": {"level": "info"}, "http": http,
                  "storage": {"filesystem": {"rootdirectory": str(self.storage)},
                              "delete": {"enabled": True}}}
        if htpasswd:
            config["auth"] = {"htpasswd": {"realm": "Berth tests", "path": str(htpasswd)}}
        if token:
            config["auth"] = {"token": token}
        return dict(config, **more)  # JSON is YAML

    @property
    def host(self) -> str:
        name = "localhost" if self.address == "127.0.0.1" else _bracketed(self.address)
        return f"{name}:{self.port}"

    def push(self, layout: Path, name: str, *options: str) -> str:
        """Copies an OCI layout's image with skopeo and returns the reference to boot.
        Options are skopeo's: "--format", "v2s2" and so on."""
        run("skopeo", "copy", "--quiet", "--insecure-policy", "--dest-tls-verify=false", *options,
            f"oci:{layout}:latest", f"docker://{self.host}/{name}")
        return f"{self.host}/{name}"

    def push_zstd(self, layout: Path, name: str, scratch: Path) -> str:
        """As push(), with layers compressed by zstd."""
        changed = scratch / f"{name}-zstd"
        run("skopeo", "copy", "--quiet", "--insecure-policy", "--dest-compress-format", "zstd",
            f"oci:{layout}:latest", f"oci:{changed}:latest")
        return self.push(changed, name, "--preserve-digests")

    def requests(self) -> str:
        """What the registry logged, one request a line."""
        return self.log.read_text(errors="replace")

    def close(self) -> None:
        end(self._process)

    def __enter__(self) -> "Registry":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def make_htpasswd(path: Path, user: str, password: str) -> Path:
    """An htpasswd file with one bcrypt entry, the only kind that docker-registry reads."""
    path.write_bytes(run("htpasswd", "-B", "-n", "-b", "-C", "5", user, password))
    return path
