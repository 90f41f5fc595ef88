# SPDX-License-Identifier: Apache-2.0
"""More initramfs archives: files that Berth finds at boot."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Dict, Union

from .command import run


def archive(path: Path, files: Dict[str, Union[bytes, Path]]) -> Path:
    """Packs files (name in the machine → contents, or a file or folder to copy) with cpio."""
    with tempfile.TemporaryDirectory(prefix="berth-initrd-") as name:
        tree = Path(name)
        for target, source in files.items():
            place = tree / target.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(source, bytes):
                place.write_bytes(source)
            elif source.is_dir():
                shutil.copytree(source, place)
            else:
                shutil.copy(source, place)
        names = sorted(str(item.relative_to(tree)) for item in tree.rglob("*"))
        path.write_bytes(run("cpio", "-o", "-H", "newc", "-R", "0:0", "--quiet", cwd=tree,
                             stdin="\n".join(names).encode()))
    return path


def local_image(path: Path, layout: Path, reference: str, name: str = "local") -> Path:
    """An archive with an OCI layout that is found under `reference` without a network."""
    with tempfile.TemporaryDirectory(prefix="berth-layout-") as scratch:
        copy = Path(scratch) / "layout"
        shutil.copytree(layout, copy)
        index = copy / "index.json"
        document = json.loads(index.read_text())
        for manifest in document["manifests"]:
            manifest["annotations"] = {"org.opencontainers.image.ref.name": reference}
        index.write_text(json.dumps(document))
        for item in copy.rglob("*"):
            item.chmod(item.stat().st_mode | 0o444)
        return archive(path, {f"/berth/images/{name}": copy})
