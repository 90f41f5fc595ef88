# SPDX-License-Identifier: Apache-2.0
"""Looking at an image store on the workstation."""

import os
import re
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Dict, Iterator, List

from . import trees
from .command import run


def layers_of(store: Path, digest: str) -> List[Path]:
    """The layers that an image's record names, lowest first."""
    record = (store / "images" / digest.rpartition(":")[2]).read_bytes()
    return [store / name.decode() for name in re.findall(rb"layers/[0-9a-f]{64}", record)]


@contextmanager
def mounted(store: Path, digest: str) -> Iterator[Path]:
    """What a container of the image would see."""
    with tempfile.TemporaryDirectory(prefix="berth-image-") as folder:
        root, empty = Path(folder) / "root", Path(folder) / "empty"
        root.mkdir()
        empty.mkdir()
        lower = [*reversed(layers_of(store, digest)), empty]
        # By the old system call: the new one takes at most 256 bytes of lower directories.
        run("env", "LIBMOUNT_FORCE_MOUNT2=always", "mount", "-t", "overlay", "-o",
            f"ro,lowerdir={':'.join(os.path.relpath(path, store) for path in lower)}", "image",
            root, cwd=store)
        try:
            yield root
        finally:
            run("umount", root)


def merged(store: Path, digest: str, probe: Path) -> Dict[str, Dict[str, str]]:
    with mounted(store, digest) as root:
        return trees.parse(run(probe, "tree", root).decode())


def leftovers(store: Path) -> List[str]:
    """What only a pull that is at work may have."""
    return [f"{part}/{name}" for part in ("layers", "rootfs", "images")
            if (store / part).exists()
            for name in os.listdir(store / part) if name.startswith(".partial-")]


def size(store: Path) -> int:
    return int(run("du", "-sB1", store).split()[0])
