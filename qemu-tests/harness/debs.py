# SPDX-License-Identifier: Apache-2.0
"""Debian packages as raw material for images, fetched with the machine's own apt."""

import fcntl
import os
import re
from pathlib import Path
from typing import List

from .command import CommandFailed, run
from .paths import cache


def _exists(package: str) -> bool:
    try:
        return bool(run("apt-cache", "show", "--no-all-versions", package))
    except CommandFailed:
        return False


def _release() -> str:
    """The Debian release's name, such as trixie."""
    text = Path("/etc/os-release").read_text()
    found = re.search(r"^VERSION_CODENAME=(\w+)", text, re.M)
    return found.group(1) if found else "unknown"


def _choose(alternatives: str) -> str:
    """The first package of "a | b" that this Debian has."""
    names = alternatives.split(" | ")
    for name in names:
        if _exists(name):
            return name
    raise FileNotFoundError(f"this Debian has no package {alternatives}: run apt-get update?")


def download(alternatives: str) -> Path:
    """The .deb of one package, from the cache or from the mirror."""
    folder = cache() / f"debs-{_release()}"
    folder.mkdir(exist_ok=True)
    name = _choose(alternatives)
    with open(folder / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = sorted(folder.glob(f"{name}_*.deb"))
        if not found:
            options = ["-o", "APT::Sandbox::User=root"] if os.getuid() == 0 else []
            run("apt-get", "-qq", *options, "download", name, cwd=folder, timeout=300)
            found = sorted(folder.glob(f"{name}_*.deb"))
    return found[-1]


def unpack(packages: List[str], rootfs: Path) -> None:
    """Unpacks packages into a tree; their scripts do not run. Symbolic links to directories
    (/lib -> usr/lib) stay."""
    for package in packages:
        archive = run("dpkg-deb", "--fsys-tarfile", download(package))
        run("tar", "-x", "-p", "--keep-directory-symlink", "-C", rootfs, stdin=archive)
