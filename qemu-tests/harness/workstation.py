# SPDX-License-Identifier: Apache-2.0
"""`berth unpack` on the workstation, and what it may and may not leave behind."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import List, Optional

from .paths import BERTH


@dataclass
class Unpacked:
    """How it ended."""
    status: int
    folder: Path        # the tree; is there only after a success
    lines: List[str]    # of standard error

    def check_failed(self) -> str:
        """One line with the reason, and nothing left: no tree, no part of one."""
        assert self.status == 1, self
        assert len(self.lines) == 1 and self.lines[0].startswith("berth: error: "), self.lines
        assert not list(self.folder.parent.iterdir()), list(self.folder.parent.rglob("*"))[:9]
        return self.lines[0]

    def check_done(self) -> None:
        """The tree and nothing beside it; nothing to complain about."""
        assert self.status == 0, self.lines
        assert list(self.folder.parent.iterdir()) == [self.folder]


def unpack(reference: str, folder: Path, *options: object, timeout: float = 100,
           environment: Optional[dict] = None) -> Unpacked:
    """Unpacks into a new folder below `folder`. A hang is a subprocess.TimeoutExpired."""
    place = folder / f"unpacked-{len(list(folder.iterdir()))}"
    place.mkdir()
    words = [str(BERTH), "unpack", *map(str, options), reference, str(place / "tree")]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=timeout, check=False,
                          env=dict(os.environ, DOCKER_CONFIG=str(folder), **(environment or {})))
    return Unpacked(done.returncode, place / "tree",
                    done.stderr.decode(errors="replace").splitlines())
