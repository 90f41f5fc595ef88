# SPDX-License-Identifier: Apache-2.0
"""Go programs of the suites, built with Debian 13's Go, which is unpacked in the cache and not
installed. Modules come from the source's vendor folder only."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Dict, Optional

from harness.command import CommandFailed, run
from harness.paths import cache
from harness.suites import private_apt

SUITE, VERSION = "trixie", "1.24"
PACKAGES = (f"golang-{VERSION}-go", f"golang-{VERSION}-src")


def root() -> Path:
    """GOROOT."""
    final = cache() / f"go-{VERSION}"
    folder = cache() / f"suite-{SUITE}"
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not final.exists():
            scratch = Path(tempfile.mkdtemp(prefix="go-", dir=cache()))
            try:
                options = private_apt(folder, SUITE)
                run("apt-get", "-qq", *options, "update", timeout=300)
                run("apt-get", "-qq", *options, "download", *PACKAGES, cwd=scratch, timeout=600)
                for archive in sorted(scratch.glob("*.deb")):
                    run("dpkg-deb", "-x", archive, scratch / "root", timeout=300)
                (scratch / "root").rename(final)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    return final / "usr/lib" / f"go-{VERSION}"


def build(source: Path, package: str, output: Path,
          extra: Optional[Dict[str, str]] = None) -> None:
    """A static program of a package (./cmd/x), or all of several (./x/...) into the folder `output`;
    `extra` is for the environment."""
    place = root()
    environment = {**os.environ, "GOROOT": str(place), "GOFLAGS": "-mod=vendor", "GOPROXY": "off",
                   "GOTOOLCHAIN": "local", "GO111MODULE": "on", "CGO_ENABLED": "0",
                   "GOCACHE": str(cache() / "go-build"), "GOPATH": str(cache() / "go-path"),
                   **(extra or {})}
    done = subprocess.run(
        [place / "bin/go", "build", "-trimpath", "-buildvcs=false",
         "-ldflags", "-s -w -extldflags=-static", "-o", output, package], cwd=source,
        env=environment, capture_output=True, text=True, timeout=1800, check=False)
    if done.returncode != 0:
        raise CommandFailed(f"go build {package}: status {done.returncode}\n{done.stderr}")
