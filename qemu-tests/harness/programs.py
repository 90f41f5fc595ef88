# SPDX-License-Identifier: Apache-2.0
"""Small static programs for images, compiled on the machine that runs the tests."""

from pathlib import Path

from .command import run
from .paths import TOOLS

FLAGS = ("-static", "-Os", "-s", "-Wall", "-Wextra")


def probe(path: Path) -> Path:
    """The probe program of tools/."""
    run("gcc", *FLAGS, "-o", path, *sorted(TOOLS.glob("probe*.c")))
    return path


def program(path: Path, source: str) -> Path:
    """One of a few lines."""
    run("gcc", *FLAGS, "-x", "c", "-o", path, "-", stdin=source.encode())
    return path


def library(path: Path, source: str) -> Path:
    """A shared library of a few lines."""
    run("gcc", "-shared", "-fPIC", "-Os", "-s", "-x", "c", "-o", path, "-", stdin=source.encode())
    return path
