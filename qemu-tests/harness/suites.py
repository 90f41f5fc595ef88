# SPDX-License-Identifier: Apache-2.0
"""Programs that only a newer Debian suite has, such as crane in sid: their packages are fetched by
apt with a private configuration, unpacked below the cache and never installed.

    crane = suites.program("crane", "sid")     # the program's path; skips the test without it
"""

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import List

import pytest

from .command import CommandFailed, run
from .paths import cache

KEYRINGS = ("/usr/share/keyrings/debian-archive-keyring.gpg",
            "/usr/share/keyrings/debian-archive-keyring.pgp")


def _mirror() -> str:
    """The repository that the machine's own apt uses."""
    uris = run("apt-get", "--print-uris", "update").decode()
    found = re.search(r"^'(\S+)/dists/(?:bookworm|trixie|stable|oldstable)/InRelease'", uris, re.M)
    if not found:
        raise FileNotFoundError("apt names no Debian 12 or 13 repository")
    return found.group(1)


def private_apt(folder: Path, suite: str, kinds: str = "deb") -> List[str]:
    """apt on lists and sources of its own; kinds as in Types of sources.list(5). A suite's Release
    file may have expired on a mirror that stands still; its signature is checked all the same."""
    keyring = next(path for path in KEYRINGS if Path(path).exists())
    sources = folder / "private.sources"
    sources.write_text(f"Types: {kinds}\nURIs: {_mirror()}\nSuites: {suite}\nComponents: main\n"
                       f"Signed-By: {keyring}\n")
    (folder / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    settings = {"Dir::State::Lists": folder / "lists", "Dir::Cache": folder,
                "Dir::Etc::sourcelist": sources, "Dir::Etc::sourceparts": "/dev/null",
                "Dir::Etc::preferencesparts": "/dev/null", "Dir::Etc::preferences": "/dev/null",
                "APT::Update::Post-Invoke-Success": "", "Acquire::Check-Valid-Until": "false",
                "Acquire::Languages": "none", "Acquire::Retries": 3}
    if os.getuid() == 0:
        settings["APT::Sandbox::User"] = ""
    return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]


def _fetch(package: str, suite: str, folder: Path) -> Path:
    """Downloads the package and unpacks it into a folder named after its hash."""
    options = private_apt(folder, suite)
    scratch = Path(tempfile.mkdtemp(prefix="fetch-", dir=folder))
    try:
        run("apt-get", "-qq", *options, "update", timeout=300)
        run("apt-get", "-qq", *options, "download", package, cwd=scratch, timeout=300)
        archive = next(scratch.glob("*.deb"))
        final = folder / f"{package}-{hashlib.sha256(archive.read_bytes()).hexdigest()[:16]}"
        run("dpkg-deb", "-x", archive, scratch / "unpacked")
        (scratch / "unpacked").rename(final)
        return final
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def unpacked(package: str, suite: str) -> Path:
    """The folder with what the package holds; from the cache when it is there."""
    folder = cache() / f"suite-{suite}"
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = sorted(folder.glob(f"{package}-" + "[0-9a-f]" * 16))
        return found[-1] if found else _fetch(package, suite, folder)


def program(package: str, suite: str, path: str = "") -> Path:
    """A program of the package. The test is skipped with the reason where it cannot be had or does
    not run with this machine's C library."""
    try:
        binary = unpacked(package, suite) / (path or f"usr/bin/{package}")
        run(binary, "--help")
    except (CommandFailed, OSError, StopIteration) as reason:
        pytest.skip(f"{package} of Debian {suite}: {str(reason).strip().splitlines()[-1]}")
    return binary
