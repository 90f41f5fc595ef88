# SPDX-License-Identifier: Apache-2.0
"""Where the suites come from. Nothing of them is in the repository; they are fetched for a run.

    folder = sources.suite("crun")

The variable BERTH_SUITE_CRUN (BERTH_SUITE_RUNC, BERTH_SUITE_RUNTIME_TOOLS) names a folder, an
archive or the URL of one, and goes before all else. Otherwise the source package of Debian is taken
where it has all that is needed, and else the project's public archive of the same version."""

import fcntl
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import List, Optional

from harness.command import CommandFailed, run
from harness.paths import cache
from harness.suites import private_apt


@dataclass(frozen=True)
class Source:
    version: str
    archive: str                # {version} is put in
    debian: Optional[str] = None  # the suite that has the source package, complete
    package: str = ""


SOURCES = {
    # The version of the crun that Debian sid has: the suite fits the program it is compared with.
    "crun": Source("1.28", "https://github.com/containers/crun/archive/refs/tags/{version}.tar.gz",
                   "sid", "crun"),
    # Debian's source packages of these have no vendor folder: their helpers don't build without.
    "runc": Source("1.1.15",
                   "https://github.com/opencontainers/runc/archive/refs/tags/v{version}.tar.gz"),
    "runtime-tools": Source(
        "4c69808", "https://github.com/opencontainers/runtime-tools/archive/{version}.tar.gz"),
}


def _from_debian(source: Source, scratch: Path) -> None:
    folder = cache() / f"source-{source.debian}"
    folder.mkdir(exist_ok=True)
    options = private_apt(folder, source.debian, kinds="deb-src")
    run("apt-get", "-qq", *options, "update", timeout=300)
    run("apt-get", "-qq", *options, "source", "--download-only", source.package, cwd=scratch,
        timeout=300)
    run("dpkg-source", "-x", next(scratch.glob("*.dsc")), scratch / "unpacked", cwd=scratch)


def _from_archive(where: str, scratch: Path) -> None:
    archive = Path(where)
    if "://" in where:
        archive = scratch / "archive"
        run("curl", "-fsSL", "--retry", "3", "-o", archive, where, timeout=600)
    (scratch / "unpacked").mkdir()
    run("tar", "-xf", archive, "-C", scratch / "unpacked", "--strip-components=1")


def _fetch(name: str, source: Source, scratch: Path) -> None:
    """Leaves the suite in scratch/unpacked."""
    reasons: List[str] = []
    if source.debian:
        try:
            return _from_debian(source, scratch)
        except (CommandFailed, StopIteration) as reason:
            reasons.append(str(reason))
    url = source.archive.format(version=source.version)
    try:
        return _from_archive(url, scratch)
    except CommandFailed as reason:
        reasons.append(str(reason))
    variable = f"BERTH_SUITE_{name.upper().replace('-', '_')}"
    raise SystemExit(f"conformance: {name} {source.version} cannot be fetched; name a folder or an "
                     f"archive in {variable}\n" + "\n".join(reasons))


def suite(name: str) -> Path:
    """The folder with the suite's sources, to be read only."""
    source = SOURCES[name]
    chosen = os.environ.get(f"BERTH_SUITE_{name.upper().replace('-', '_')}", "")
    if chosen and Path(chosen).is_dir():
        return Path(chosen)
    final = cache() / f"suite-of-{name}-{source.version}"
    with open(cache() / f"suite-of-{name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if chosen or not final.exists():
            scratch = Path(tempfile.mkdtemp(prefix="suite-of-", dir=cache()))
            try:
                if chosen:
                    _from_archive(chosen, scratch)
                    shutil.rmtree(final, ignore_errors=True)
                else:
                    _fetch(name, source, scratch)
                (scratch / "unpacked").rename(final)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    return final
