# SPDX-License-Identifier: Apache-2.0
"""A machine with Berth's own kernel and a Debian around it: where OCI runtimes are compared, with
cgroup v2 and all capabilities. Its root file system is made of the packages of packages.debian and
kept in the cache; what a machine writes to it is forgotten.

    done = debian.run("crun --version; exit 3", programs=[BERTH])
    done.status, done.output
"""

import fcntl
import hashlib
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterable, List, Optional, Sequence, Tuple, Union

from .command import run as command
from .machine import Machine
from .paths import KERNEL, QEMU_TESTS, TOOLS, cache
from .result import Result
from .suites import private_apt

RELEASE = "trixie"
SIZE = "3G"
LIST = QEMU_TESTS / "packages.debian"
INIT = TOOLS / "debian-init.sh"
# What podman is told: neither systemd nor a network is here.
CONTAINERS = {
    "policy.json": '{"default": [{"type": "insecureAcceptAnything"}]}',
    "registries.conf": "",
    "storage.conf": '[storage]\ndriver = "overlay"\nrunroot = "/run/containers/storage"\n'
                    'graphroot = "/var/lib/containers/storage"\n',
    "containers.conf": '[containers]\nnetns = "none"\nlog_driver = "k8s-file"\n'
                       '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n',
}


@dataclass
class Done:
    """What a script left behind."""
    status: Optional[int]       # None: the machine ended before the script did
    output: str
    files: Dict[str, str]       # what it wrote to /host/out
    machine: Result

    def __str__(self) -> str:
        return f"status {self.status}\n{self.output}\n{self.machine}"


def _packages() -> Dict[str, List[str]]:
    """Suite → the packages that come from there."""
    found: Dict[str, List[str]] = {RELEASE: []}
    for line in LIST.read_text().splitlines():
        name, suite, *_ = line.partition("#")[0].split() + [RELEASE, ""]
        if not line.startswith("#"):
            found.setdefault(suite, []).append(name)
    return found


def _download(scratch: Path) -> List[Path]:
    """All packages and what those of the release depend on, in the order they are unpacked."""
    archives: List[Path] = []
    for suite, names in _packages().items():
        folder = cache() / f"suite-{suite}"
        folder.mkdir(exist_ok=True)
        target = scratch / suite
        target.mkdir()
        with open(folder / "lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            options = private_apt(folder, suite)
            command("apt-get", "-qq", *options, "update", timeout=300)
            if suite == RELEASE:
                names = _with_dependencies(names, options, scratch)
            command("apt-get", "-qq", *options, "download", *names, cwd=target, timeout=900)
        archives += sorted(target.glob("*.deb"), key=lambda path: "base-files_" not in path.name)
    return archives


def _with_dependencies(names: List[str], options: List[str], scratch: Path) -> List[str]:
    """What apt would install on an empty machine, as NAME=VERSION."""
    (scratch / "status").touch()
    plan = command("apt-get", "-qq", *options, "-o", f"Dir::State::status={scratch}/status", "-s",
                   "--no-install-recommends", "install", *names).decode()
    return [f"{name}={version}" for name, version in re.findall(r"^Inst (\S+) \((\S+)", plan, re.M)]


def _unpack(archives: Iterable[Path], tree: Path) -> None:
    """Unpacks packages; their scripts do not run. Symbolic links to directories (/lib) stay."""
    for path in archives:
        archive = command("dpkg-deb", "--fsys-tarfile", path)
        command("tar", "-x", "-p", "--keep-directory-symlink", "-C", tree, stdin=archive)


def _finish(tree: Path) -> None:
    """What the packages' scripts would have done, as far as it is needed."""
    for name in ("passwd", "group"):
        shutil.copy(tree / f"usr/share/base-passwd/{name}.master", tree / "etc" / name)
    with open(tree / "etc" / "passwd", "a", encoding="ascii") as accounts:
        accounts.write("alice:x:1000:1000:Alice:/home/alice:/bin/bash\n")
    with open(tree / "etc" / "group", "a", encoding="ascii") as accounts:
        accounts.write("alice:x:1000:\n")
    (tree / "usr/bin/awk").symlink_to("gawk")
    (tree / "etc/hostname").write_text("debian\n")
    (tree / "etc/hosts").write_text("127.0.0.1 localhost debian\n")
    (tree / "etc/machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    (tree / "etc/subuid").write_text("root:100000:65536\n")
    (tree / "etc/subgid").write_text("root:100000:65536\n")
    for name, text in CONTAINERS.items():
        path = tree / "etc/containers" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    for name in ("doc", "man", "locale", "info"):
        shutil.rmtree(tree / "usr/share" / name, ignore_errors=True)
    for name in ("usr/local/bin", "usr/local/sbin", "host", "suites/b", "suites/c", "suites/d", "suites/e"):
        (tree / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(INIT, tree / "usr/sbin/berth-test-init")
    command("/sbin/ldconfig", "-r", tree)


def file_system(tree: Path, path: Path, size: str = SIZE) -> Path:
    """An ext4 image of a tree, sparse."""
    command("truncate", "-s", size, path)
    command("mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", tree, path, timeout=600)
    return path


def root() -> Path:
    """The root file system; made when it is not in the cache."""
    digest = hashlib.sha256()
    for path in (LIST, INIT, Path(__file__)):
        digest.update(path.read_bytes())
    final = cache() / f"debian-{digest.hexdigest()[:16]}.ext4"
    with open(cache() / "debian.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not final.exists():
            scratch = Path(tempfile.mkdtemp(prefix="debian-", dir=cache()))
            try:
                tree = scratch / "tree"
                tree.mkdir()
                _unpack(_download(scratch), tree)
                _finish(tree)
                whole = file_system(tree, scratch / "whole")
                for old in cache().glob("debian-*.ext4"):
                    old.unlink()
                whole.rename(final)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    return final


def _disks(paths: Sequence[Path]) -> List[str]:
    """The machine may write to them; nothing of it reaches the files."""
    words: List[str] = []
    for number, path in enumerate(paths):
        words += ["-drive", f"if=none,id=disk{number},format=raw,snapshot=on,file={path}",
                  "-device", f"virtio-blk-pci,drive=disk{number}"]
    return words


Programs = Sequence[Union[Path, Tuple[str, Path]]]


def _share(script: str, programs: Programs, folders: Dict[str, Path], folder: Path) -> None:
    """What the machine finds in /host."""
    (folder / "bin").mkdir()
    (folder / "out").mkdir()
    (folder / "script").write_text(script)
    for name, path in folders.items():
        shutil.copytree(path, folder / name, symlinks=True)
    for item in programs:
        name, path = item if isinstance(item, tuple) else (item.name, item)
        shutil.copy(path, folder / "bin" / name)


def _read(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""


def run(script: str, programs: Programs = (), folders: Optional[Dict[str, Path]] = None,
        disks: Sequence[Path] = (), memory: int = 1024, limit: float = 600,
        append: str = "", kernel: Path = KERNEL) -> Done:
    """Runs a shell script as root. The programs, (name, path) or path, are in its PATH; copies of the
    folders are at /host/NAME; ext4 images of `disks` are mounted read-only at /suites/b, /suites/c
    and so on; what it writes to /host/out comes back."""
    with tempfile.TemporaryDirectory(prefix="berth-debian-") as name:
        folder = Path(name)
        _share(script, programs, folders or {}, folder)
        extra = [*_disks([root(), *disks]), "-smp", "2", "-virtfs",
                 f"local,path={folder},mount_tag=host,security_model=none"]
        with Machine(f"root=/dev/vda rw init=/usr/sbin/berth-test-init {append}", memory=memory,
                     initramfs=None, report=False, debug_exit=False, extra=extra,
                     limit=limit, kernel=kernel) as machine:
            result = machine.finish()
        status = _read(folder / "status").strip()
        files = {str(path.relative_to(folder / "out")): _read(path)
                 for path in sorted((folder / "out").rglob("*")) if path.is_file()}
        return Done(int(status) if status else None, _read(folder / "output"), files, result)
