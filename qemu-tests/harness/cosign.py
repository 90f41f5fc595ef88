# SPDX-License-Identifier: Apache-2.0
"""The real cosign, offline and with keys that stand in files."""

import json
import os
import subprocess
from pathlib import Path
from typing import Dict, List, Optional

from . import suites
from .command import CommandFailed, run
from .upload import OCI_MANIFEST, Uploader

NO_LOGS = ("--tlog-upload=false", "--use-signing-config=false", "-y")


class Signer:
    """cosign with one key pair, in a folder of its own."""

    def __init__(self, folder: Path, rsa: bool = False):
        folder.mkdir(parents=True)
        self.folder = folder
        self._program = suites.program("cosign", "sid")
        if rsa:
            run("openssl", "genrsa", "-out", folder / "plain.pem", "2048")
            self._run("import-key-pair", "--key", "plain.pem", "--output-key-prefix", "cosign")
        else:
            self._run("generate-key-pair")
        self.public = (folder / "cosign.pub").read_text()

    def _run(self, *words: object) -> str:
        environment = dict(os.environ, COSIGN_PASSWORD="", HOME=str(self.folder))
        done = subprocess.run([str(self._program), *map(str, words)], cwd=self.folder, text=True,
                              env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=120, check=False)
        if done.returncode != 0:
            raise CommandFailed(f"cosign {words}: {done.stdout}{done.stderr}")
        return done.stdout

    def sign(self, reference: str, classic: bool = True, identity: str = "",
             annotations: Optional[Dict[str, str]] = None) -> None:
        """Signs what HOST/NAME@DIGEST names; a bundle unless `classic`."""
        words: List[str] = [f"--new-bundle-format={'false' if classic else 'true'}"]
        if identity:
            words += ["--sign-container-identity", identity]
        for name, value in (annotations or {}).items():
            words += ["-a", f"{name}={value}"]
        self._run("sign", "--key", "cosign.key", *NO_LOGS, *words, reference)

    def verify(self, reference: str, classic: bool = True) -> None:
        """What cosign itself says of the image; fails when it does not accept it."""
        self._run("verify", "--key", "cosign.pub", "--insecure-ignore-tlog=true",
                  f"--new-bundle-format={'false' if classic else 'true'}", reference)

    def save(self, reference: str, folder: Path) -> Path:
        """An OCI layout of the image with its classic signatures."""
        self._run("save", "--dir", folder, reference)
        return folder


def digest_of(reference: str) -> str:
    """The digest that a tag of a plain registry points to."""
    raw = run("skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{reference}")
    return run("skopeo", "manifest-digest", "/dev/stdin", stdin=raw).decode().strip()


def pinned(reference: str) -> str:
    """HOST/NAME@DIGEST of HOST/NAME[:TAG]."""
    host, name = reference.split("/", 1)
    return f"{host}/{name.split(':')[0]}@{digest_of(reference)}"


def signature_tag(digest: str) -> str:
    return digest.replace(":", "-") + ".sig"


def copy_tag(source: str, target: str) -> None:
    """HOST/NAME:TAG under another name, with the same bytes."""
    run("skopeo", "copy", "--quiet", "--insecure-policy", "--all", "--preserve-digests",
        "--src-tls-verify=false", "--dest-tls-verify=false", f"docker://{source}",
        f"docker://{target}")


def copy_with_referrers(source: str, target: str) -> None:
    """As copy_tag, with the bundles that refer to it, which skopeo leaves behind."""
    run(suites.program("oras", "sid"), "copy", "-r", "--from-plain-http", "--to-plain-http", source,
        target)


def rewrite_payload(registry, repository: str, digest: str, old: bytes, new: bytes) -> None:
    """Changes a classic signature's payload and leaves the signature as it is."""
    host = f"docker://{registry.host}/{repository}:{signature_tag(digest)}"
    manifest = json.loads(run("skopeo", "inspect", "--raw", "--tls-verify=false", host))
    upload = Uploader(registry.port, repository)
    for layer in manifest["layers"]:
        blob = run("curl", "-sf", f"http://{registry.host}/v2/{repository}/blobs/{layer['digest']}")
        if old not in blob:
            raise ValueError(f"{old!r} is not in the payload {blob!r}")
        layer.update(upload.blob(blob.replace(old, new), layer["mediaType"]))
    manifest.setdefault("mediaType", OCI_MANIFEST)
    upload.manifest(manifest, signature_tag(digest))


def settings(path: Path, rules: Dict[str, dict]) -> Path:
    path.write_text(json.dumps({"signatures": rules}))
    return path


def require(*signers: Signer, **more: object) -> dict:
    return {"policy": "require", "keys": [signer.public for signer in signers], **more}
