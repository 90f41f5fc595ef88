# SPDX-License-Identifier: Apache-2.0
"""The validation programs of opencontainers/runtime-tools: what the specification says, one program
for each subject."""

import shutil
from pathlib import Path
from typing import List

from . import go, sources
from .machine import Suite


def prepare(tree: Path) -> None:
    source = sources.suite("runtime-tools")
    shutil.copy(source / "rootfs-amd64.tar.gz", tree)
    go.build(source, "./cmd/runtimetest", tree / "runtimetest")
    (tree / "validation").mkdir()
    go.build(source, "./validation/...", tree / "validation")


def groups(tree: Path) -> List[str]:
    return sorted(path.name for path in (tree / "validation").iterdir())


def command(group: str) -> str:
    return f"RUNTIME={{runtime}} exec validation/{group}"


SUITE = Suite("runtime-tools", "runtime-tools' validation", prepare, groups, command, limit=300)
