# SPDX-License-Identifier: Apache-2.0
"""runc's integration tests, which bats runs; their two images are made of Debian's packages."""

import os
import shutil
from pathlib import Path
from typing import List

from harness import debs
from harness.command import run
from harness.recipes import _busybox as busybox
from harness.recipes import _merged_usr as merged_usr
from harness.paths import ROOT

from . import go, sources
from .machine import Suite

# Ask for criu, for sshfs, for a network: they are not in the machine.
LEFT_OUT = {"checkpoint", "mounts_sshfs"}
DEBIAN = ["base-files", "libc6", "libc-bin", "dash", "grep", "libpcre2-8-0"]


def _image(tree: Path, name: str) -> None:
    """Not compressed, whatever the name: tar looks into it."""
    for folder in ("dev", "var/tmp"):
        (tree / folder).mkdir(parents=True, exist_ok=True)
    run("tar", "-C", tree, "-cf", name, ".")
    shutil.rmtree(tree)


def _busybox(tree: Path) -> None:
    """As the well-known image has it: without accounts that the tests' own IDs would meet, and
    without /proc and /sys."""
    busybox(tree)
    for name, lines in (("passwd", ["root:x:0:0:root:/root:/bin/sh",
                                    "nobody:x:65534:65534:nobody:/home:/bin/false"]),
                        ("group", ["root:x:0:", "nogroup:x:65534:"])):
        (tree / "etc" / name).write_text("\n".join(lines) + "\n")
    shutil.rmtree(tree / "home")
    (tree / "root").mkdir(mode=0o700)


def _debian(tree: Path) -> None:
    merged_usr(tree)
    for folder in ("proc", "sys"):
        (tree / folder).mkdir()
    debs.unpack(DEBIAN, tree)
    (tree / "etc/ld.so.conf").write_text("include /etc/ld.so.conf.d/*.conf\n")
    (tree / "etc/ld.so.conf.d").mkdir(exist_ok=True)
    (tree / "etc/ld.so.conf.d/multiarch.conf").write_text("/lib/x86_64-linux-gnu\n/lib\n")
    if not (tree / "usr/bin/sh").exists():
        (tree / "usr/bin/sh").symlink_to("dash")
    shutil.rmtree(tree / "usr/share", ignore_errors=True)


def _seccomp() -> dict:
    """For cgo: libseccomp as Berth's unit tests have it."""
    folder = run(ROOT / "rootfs/sources/build.sh", "glibc", "libseccomp",
                 timeout=1200).decode().strip()
    return {"CGO_ENABLED": "1", "PKG_CONFIG": "/bin/true", "CGO_CFLAGS": f"-I{folder}/include",
            "CGO_LDFLAGS": f"-L{folder}/lib -lseccomp", "GOFLAGS": "-mod=vendor -tags=seccomp"}


def prepare(tree: Path) -> None:
    source = sources.suite("runc")
    shutil.copytree(source / "tests/integration", tree / "tests/integration")
    for name, extra in (("recvtty", {}), ("seccompagent", _seccomp())):
        go.build(source, f"./contrib/cmd/{name}", tree / f"contrib/cmd/{name}/{name}", extra)
    shutil.copy(source / "contrib/cmd/seccompagent/gen-seccomp-example-cfg.sh",
                tree / "contrib/cmd/seccompagent")
    for name, fill in (("busybox", _busybox), ("debian", _debian)):
        rootfs = tree / name
        rootfs.mkdir()
        fill(rootfs)
        _image(rootfs, str(tree / f"tests/integration/testdata/{name}-amd64.tar.xz"))
    os.chmod(tree / "tests/integration/get-images.sh", 0o755)


def groups(tree: Path) -> List[str]:
    return sorted(path.stem for path in (tree / "tests/integration").glob("*.bats")
                  if path.stem not in LEFT_OUT)


def command(group: str) -> str:
    # They need a controlling terminal; it says \r\n. Not bats but in-time limits them: tests that wait
    # for all their children would wait for bats' clock. The input has no end, of which script(1) would
    # tell the first test.
    return (f"[ -p /tmp/silence ] || mkfifo /tmp/silence; RUNC=/usr/local/bin/in-time script -q -e -c "
            f"'bats --tap tests/integration/{group}.bats' /dev/null <>/tmp/silence | tr -d '\\r'")


SUITE = Suite("runc", "runc's integration tests", prepare, groups, command, limit=1800)
