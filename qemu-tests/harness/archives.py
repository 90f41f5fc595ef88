# SPDX-License-Identifier: Apache-2.0
"""An image of a layout in the forms that tools hand images around in."""

import gzip
import hashlib
import io
import json
import shutil
import tarfile
from pathlib import Path
from typing import Dict

from .command import run


def copy(layout: Path, target: str) -> None:
    """With skopeo: "oci:FOLDER:NAME", "oci-archive:FILE:NAME", "docker-archive:FILE:NAME"."""
    run("skopeo", "copy", "--quiet", "--insecure-policy", f"oci:{layout}:latest", target)


def docker_save(layout: Path, path: Path, name: str, scratch: Path) -> Path:
    """What `docker save` writes since version 25: an OCI layout and manifest.json in one archive, the
    name in containerd's annotation."""
    folder = scratch / "saved"
    copy(layout, f"oci:{folder}:latest")
    index = json.loads((folder / "index.json").read_text())
    entry = index["manifests"][0]
    entry["annotations"] = {"io.containerd.image.name": name,
                            "org.opencontainers.image.ref.name": name.rpartition(":")[2]}
    (folder / "index.json").write_text(json.dumps(index))
    blob = folder / "blobs/sha256"
    manifest = json.loads((blob / entry["digest"][7:]).read_text())
    (folder / "manifest.json").write_text(json.dumps([{
        "Config": "blobs/sha256/" + manifest["config"]["digest"][7:], "RepoTags": [name],
        "Layers": ["blobs/sha256/" + layer["digest"][7:] for layer in manifest["layers"]]}]))
    run("tar", "-cf", path, "-C", folder, "blobs", "index.json", "manifest.json", "oci-layout")
    shutil.rmtree(folder)
    return path


def compressed_docker_archive(layout: Path, path: Path, name: str, scratch: Path) -> Path:
    """As crane, jib and Bazel write it: the layers of the archive are compressed."""
    plain = scratch / "plain.tar"
    copy(layout, f"docker-archive:{plain}:{name}")
    renamed: Dict[str, str] = {}
    with tarfile.open(plain) as old, tarfile.open(path, "w") as new:
        for member in old:
            if not member.name.endswith(".tar") or not member.isfile():
                continue
            data = gzip.compress(old.extractfile(member).read())
            renamed[member.name] = hashlib.sha256(data).hexdigest() + ".tar.gz"
            _add(new, renamed[member.name], data)
        images = json.load(old.extractfile("manifest.json"))
        config = old.extractfile(images[0]["Config"]).read()
        images[0]["Layers"] = [renamed[layer] for layer in images[0]["Layers"]]
        _add(new, images[0]["Config"], config)
        _add(new, "manifest.json", json.dumps(images).encode())
    plain.unlink()
    return path


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))


def largest_blob(layout: Path) -> Path:
    return max((layout / "blobs/sha256").iterdir(), key=lambda blob: blob.stat().st_size)
