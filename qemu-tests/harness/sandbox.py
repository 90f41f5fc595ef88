# SPDX-License-Identifier: Apache-2.0
"""A place for unit test programs that may do harm: their own mounts, processes and network, a root
of their own in memory, and of the machine only /usr, read-only. Needs root."""

import subprocess
import tempfile

from .command import Word

SCRIPT = """\
set -e
root=$1; shift
mount -t tmpfs -o size=512m,mode=755 none "$root"
cd "$root"
mkdir usr proc dev tmp etc inner outside
for name in bin sbin lib lib64; do [ ! -L "/$name" ] || cp -P "/$name" .; done
mount --bind /usr usr
mount -o remount,bind,ro usr
mount -t proc none proc
mknod dev/null c 1 3
mknod dev/urandom c 1 9
cp "$1" program
cp /etc/ld.so.cache /etc/passwd etc/
exec timeout -k 5 120 env -i TMPDIR=/tmp PATH=/usr/bin ASAN_OPTIONS=detect_leaks=0 \\
    /usr/sbin/chroot . /program
"""


def root_is_mount_point() -> bool:
    """Not so in a plain chroot: there nothing can be mounted without being seen outside, and buildah
    cannot apply layers."""
    return subprocess.run(["unshare", "--mount", "--propagation", "private", "true"], check=False,
                          stderr=subprocess.DEVNULL).returncode == 0


def run(program: Word) -> subprocess.CompletedProcess:
    """What the program printed; standard error is mixed in."""
    with tempfile.TemporaryDirectory(prefix="berth-sandbox-") as root:
        return subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "--net",
                               "--ipc",
                               "--propagation", "private", "sh", "-c", SCRIPT, "sh", root, program],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
                              timeout=180)
