# SPDX-License-Identifier: Apache-2.0
"""What the cases of this folder share: roots of containers, bundles, and the runtime under test.
Runs in the machine of harness/debian.py; nothing here is imported on the workstation."""

import contextlib
import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Optional, Sequence, Tuple

BASE = Path("/run/escape")
CANARY = Path("/run/canary")          # a folder of the machine: nothing may come to be in it
CORE_PATTERN = Path("/proc/sys/kernel/core_pattern")
MARK = "canary-mount"                 # the source of mounts that must be inside
CAPABILITIES = ["CAP_" + name for name in (
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP "
    "SETGID SETPCAP SETUID SYS_CHROOT").split()]
PSEUDO = ["nosuid", "noexec", "nodev"]
PROC = {"destination": "/proc", "type": "proc", "source": "proc", "options": PSEUDO}
SYS = {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": [*PSEUDO, "ro"]}
DEV = {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
       "options": ["nosuid", "mode=755", "size=65536k"]}
PTS = {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
       "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]}
CGROUP = {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
          "options": [*PSEUDO, "ro"]}
MASKED = ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/interrupts", "/sys/firmware"]
READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]

CASES: Dict[str, Callable] = {}


class Escaped(Exception):
    """The attack came through."""


def case(name: str) -> Callable:
    """A case by the name of its row."""
    def add(function: Callable) -> Callable:
        assert name not in CASES
        CASES[name] = function
        return function
    return add


def check(held: bool, what: object) -> None:
    if not held:
        raise Escaped(str(what))


def bind(source: object, destination: str, *options: str) -> dict:
    return {"destination": destination, "type": "bind", "source": str(source),
            "options": ["bind", *options]}


def tmpfs(destination: str) -> dict:
    return {"destination": destination, "type": "tmpfs", "source": MARK, "options": ["mode=755"]}


class Place:
    """A clean folder for one case, with the programs under test."""

    def __init__(self, runtime: str, inside: str):
        self.runtime, self.inside = runtime, inside
        self.count = 0
        shutil.rmtree(BASE, ignore_errors=True)
        shutil.rmtree(CANARY, ignore_errors=True)
        BASE.mkdir()
        CANARY.mkdir()
        CORE_PATTERN.write_text("core")
        self.report = BASE / "report"

    def folder(self, name: str) -> Path:
        path = BASE / name
        path.mkdir(exist_ok=True)
        return path

    def root(self, name: str = "root", links: Sequence[Tuple[str, str]] = (),
             folders: Sequence[str] = ("proc", "sys", "dev", "etc", "tmp")) -> Path:
        """A root file system with busybox and the attacker; links: (name, target)."""
        path = self.folder(name)
        for item in ("bin", *folders):
            (path / item).mkdir(parents=True, exist_ok=True)
        shutil.copy("/usr/bin/busybox", path / "bin/busybox")
        shutil.copy("/usr/local/bin/attacker", path / "bin/attacker")
        for applet in ("sh", "cat", "ls", "id", "echo", "sleep", "true", "grep", "stat", "env"):
            (path / "bin" / applet).symlink_to("busybox")
        for item, target in links:
            (path / item).symlink_to(target)
        return path

    def bundle(self, root: Path, words: Sequence[str], mounts: Sequence[dict] = (PROC,),
               process: Optional[dict] = None, linux: Optional[dict] = None,
               hook: Optional[List[str]] = None) -> Path:
        """A bundle that runs the words; `process` and `linux` are added to config.json."""
        sets = {name: CAPABILITIES for name in ("bounding", "effective", "permitted")}
        config = {
            "ociVersion": "1.0.2",
            "root": {"path": str(root)},
            "process": {"args": list(words), "env": ["PATH=/bin"], "cwd": "/",
                        "user": {"uid": 0, "gid": 0}, "capabilities": sets,
                        "noNewPrivileges": True, **(process or {})},
            "mounts": list(mounts),
            "linux": {"namespaces": [{"type": name} for name in (
                          "pid", "ipc", "uts", "mount", "cgroup")],
                      "maskedPaths": MASKED, "readonlyPaths": READ_ONLY, **(linux or {})},
        }
        if hook:
            config["hooks"] = {"createContainer": [{"path": hook[0], "args": hook}]}
        self.count += 1
        path = self.folder(f"bundle-{self.count}")
        (path / "config.json").write_text(json.dumps(config))
        return path

    def call(self, *words: object, runtime: str = "",
             **settings: object) -> subprocess.CompletedProcess:
        """The runtime, to its end."""
        settings.setdefault("timeout", 30)
        settings.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run([runtime or self.runtime, "--root", str(BASE / "state"),
                               *map(str, words)], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
                              **settings)

    def run(self, bundle: Path, **settings: object) -> subprocess.CompletedProcess:
        self.count += 1
        return self.call("run", "--bundle", bundle, f"c{self.count}", **settings)

    @contextlib.contextmanager
    def running(self, bundle: Path, name: str = "attacker", runtime: str = "") -> Iterator[str]:
        """A container in the background, killed at the end."""
        log = open(BASE / f"{name}.log", "w+")
        process = subprocess.Popen([runtime or self.runtime, "--root", str(BASE / "state"), "run",
                                    "--bundle", str(bundle), name],
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            yield name
        finally:
            self.call("kill", name, "KILL")
            process.wait(30)

    @contextlib.contextmanager
    def swapping(self, shared: Path, one: str, other: str) -> Iterator[None]:
        """A sibling container that has `shared` as a volume and exchanges two names in it."""
        started = shared / "started"
        bundle = self.bundle(self.root("sibling"),
                             ["attacker", "swap", f"/vol/{one}", f"/vol/{other}", "/vol/started"],
                             [PROC, bind(shared, "/vol")])
        with self.running(bundle):
            wait_for(started)
            yield

    def start_inside(self, layer: Path, words: Sequence[str], user: str = "", cwd: str = "",
                     environment: str = "", **settings: object) -> subprocess.CompletedProcess:
        """A container as PID 1 starts it: in-process, with an overlay and Docker's defaults."""
        self.count += 1
        state = self.folder(f"layers-{self.count}")
        settings.setdefault("timeout", 30)
        settings.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run([self.inside, str(state), str(layer), user, cwd, environment, "--",
                               *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace", check=False, **settings)

    def check_machine(self, after: object = "") -> None:
        """Nothing of the machine was changed, and no mount was seen outside."""
        found = sorted(os.listdir(CANARY))
        check(not found, f"the machine's folder has {found} {after}")
        pattern = CORE_PATTERN.read_text().strip()
        check(pattern == "core", f"the machine's core_pattern is {pattern!r} {after}")
        if self.report.exists():
            check(False, f"{self.report.read_text()[:300]} {after}")

    def outside_hook(self, root: Path) -> List[str]:
        return ["/usr/local/bin/attacker", "outside", str(self.report), str(root), MARK]


def wait_for(path: Path, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not path.exists():
        if time.monotonic() > end:
            raise RuntimeError(f"no {path}: {[log.read_text() for log in BASE.glob('*.log')]}")
        time.sleep(0.01)


def started(done: subprocess.CompletedProcess) -> bool:
    """The container's program ran."""
    return "berth runtime: error" not in done.stdout and "in-process: " not in done.stdout
