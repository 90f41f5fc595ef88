# SPDX-License-Identifier: Apache-2.0
"""OCI layouts made by umoci(1), layer by layer."""

import io
import tarfile
from pathlib import Path
from typing import Callable, Iterable, Optional, Tuple

from .command import run

Change = Callable[[Path], None]
Entry = Tuple[tarfile.TarInfo, Optional[bytes]]


class Layout:
    """One image, tag "latest", in `path`; `scratch` is removed by the caller."""

    def __init__(self, path: Path, scratch: Path):
        self.path = path
        self.scratch = scratch

    @staticmethod
    def new(path: Path, scratch: Path) -> "Layout":
        image = Layout(path, scratch)
        run("umoci", "init", "--layout", path)
        run("umoci", "new", "--image", image.image)
        return image

    @property
    def image(self) -> str:
        return f"{self.path}:latest"

    def layer(self, change: Change) -> None:
        """Lets `change` edit the unpacked tree, and adds the difference as a layer."""
        bundle = self.scratch / "bundle"
        if not bundle.exists():
            run("umoci", "unpack", "--image", self.image, bundle, timeout=300)
        change(bundle / "rootfs")
        run("umoci", "repack", "--refresh-bundle", "--image", self.image, bundle, timeout=300)

    def raw_layer(self, entries: Iterable[Entry]) -> None:
        """Adds a layer with exactly these tar entries."""
        archive = self.scratch / "layer.tar"
        archive.write_bytes(tar(entries))
        run("umoci", "raw", "add-layer", "--image", self.image, archive)

    def configure(self, **settings: object) -> None:
        """Settings by umoci's names: entrypoint=[…], cmd=[…], env=[…], user=, workingdir=, …"""
        options = []
        for name, value in settings.items():
            for word in value if isinstance(value, list) else [value]:
                options += [f"--config.{name}", str(word)]
        run("umoci", "config", "--image", self.image, *options)

    def finish(self) -> None:
        run("umoci", "gc", "--layout", self.path)


def tar(entries: Iterable[Entry]) -> bytes:
    """A pax archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for info, content in entries:
            archive.addfile(info, io.BytesIO(content) if content is not None else None)
    return out.getvalue()


def entry(name: str, kind: bytes = tarfile.REGTYPE, content: Optional[bytes] = None,
          mode: int = 0o644, link: str = "", owner: Tuple[int, int] = (0, 0),
          device: Tuple[int, int] = (0, 0), mtime: float = 1700000000,
          pax: Optional[dict] = None) -> Entry:
    """One tar entry."""
    info = tarfile.TarInfo(name)
    info.type = kind
    info.mode = mode
    info.linkname = link
    info.uid, info.gid = owner
    info.devmajor, info.devminor = device
    info.mtime = mtime
    info.pax_headers = dict(pax or {})
    if kind == tarfile.REGTYPE:
        content = content or b""
        info.size = len(content)
    return info, content
