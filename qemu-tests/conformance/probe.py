# SPDX-License-Identifier: Apache-2.0
"""The differential probe: the same bundle under each runtime, and what its process sees of itself.

One machine runs every variant of the bundle with every runtime; probe-facts (in-machine/) prints
the facts, which become {"section key": "value"}. What differs is in probe_differences.py, with its
reason, or makes the run fail."""

import copy
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, List

from harness import debian
from harness.paths import BERTH
from harness.recipes import _busybox as busybox  # pylint: disable=protected-access

from .machine import IN_MACHINE, KERNEL, RUNTIMES

CAPABILITIES = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_NET_BIND_SERVICE",
                "CAP_SETGID", "CAP_SETUID", "CAP_SYS_CHROOT"]
CONFIG: Dict[str, Any] = {
    "ociVersion": "1.0.2",
    "hostname": "probed",
    "root": {"path": "rootfs"},
    "process": {
        "args": ["/probe-facts"], "cwd": "/tmp", "noNewPrivileges": True, "oomScoreAdj": 100,
        "user": {"uid": 0, "gid": 0, "additionalGids": [1, 29]},
        "env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "EMPTY=", "SPACE=a b"],
        "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 1024, "hard": 4096},
                    {"type": "RLIMIT_CORE", "soft": 0, "hard": 0}],
        "capabilities": {name: CAPABILITIES for name in ("bounding", "effective", "permitted")},
    },
    "mounts": [
        {"destination": "/proc", "type": "proc", "source": "proc",
         "options": ["nosuid", "noexec", "nodev"]},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
         "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
        {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
         "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]},
        {"destination": "/sys", "type": "sysfs", "source": "sysfs",
         "options": ["nosuid", "noexec", "nodev", "ro"]},
        {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
         "options": ["ro", "nosuid", "noexec", "nodev", "relatime"]},
        {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
         "options": ["nosuid", "noexec", "nodev"]},
        {"destination": "/dev/shm", "type": "tmpfs", "source": "shm",
         "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]},
        {"destination": "/volume/new", "type": "bind", "source": "/srv/probe/volume",
         "options": ["rbind", "rprivate", "ro"]},
        {"destination": "/run", "type": "tmpfs", "source": "tmpfs",
         "options": ["nosuid", "nodev", "mode=755"]},
    ],
    "linux": {
        "namespaces": [{"type": name}
                       for name in ("pid", "network", "ipc", "uts", "mount", "cgroup")],
        "cgroupsPath": "/probed",
        "resources": {
            "devices": [{"allow": False, "access": "rwm"},
                        {"allow": True, "type": "c", "major": 10, "minor": 229, "access": "rw"}],
            "pids": {"limit": 100}, "memory": {"limit": 268435456, "reservation": 134217728},
            "cpu": {"shares": 512, "quota": 50000, "period": 100000},
        },
        "devices": [{"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229,
                     "fileMode": 0o600, "uid": 1, "gid": 2}],
        "sysctl": {"net.ipv4.ip_forward": "1", "kernel.msgmax": "4096"},
        "maskedPaths": ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list",
                        "/proc/no-such", "/sys/firmware"],
        "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys"],
        "seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
                    "syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO"}]},
    },
}


def _plain(config: Dict[str, Any]) -> None:
    del config


def _bare(config: Dict[str, Any]) -> None:
    """As little as the specification allows: what runtimes add of their own."""
    config["process"] = {"args": ["/probe-facts"], "cwd": "/", "user": {"uid": 0, "gid": 0}}
    config["mounts"] = config["mounts"][:1]
    config["linux"] = {"namespaces": [{"type": "pid"}, {"type": "mount"}]}
    del config["hostname"]


def _user_namespace(config: Dict[str, Any]) -> None:
    config["linux"]["namespaces"].append({"type": "user"})
    for name in ("uidMappings", "gidMappings"):
        config["linux"][name] = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    del config["linux"]["sysctl"]["kernel.msgmax"]


def _user(config: Dict[str, Any]) -> None:
    config["process"]["user"] = {"uid": 1000, "gid": 1000, "umask": 0o77}
    config["process"]["capabilities"]["ambient"] = ["CAP_CHOWN"]
    config["process"]["capabilities"]["inheritable"] = ["CAP_CHOWN"]
    config["root"]["readonly"] = True
    config["linux"]["rootfsPropagation"] = "rshared"


VARIANTS: Dict[str, Callable[[Dict[str, Any]], None]] = {
    "plain": _plain, "bare": _bare, "user-namespace": _user_namespace, "user": _user}
# `exec` into the plain bundle is one more.
CASES = [*VARIANTS, "exec"]

# Where the shell reads its script from.
SCRIPT = "descriptor 10"
# What no two starts have in common.
VOLATILE = ("sysctl kernel/random/", "sysctl kernel/ns_last_pid", "sysctl fs/dentry-state",
            "sysctl fs/file-nr", "sysctl fs/inode-", "sysctl kernel/pty/nr", "sysctl fs/aio-nr",
            "status State", "status FDSize", "status Pid", "status Tgid", "status Ngid", "status PPid", "status NSpid",
            "status NStgid", "status NSpgid", "status NSsid", "status Vm", "status Rss", "status voluntary_",
            "status nonvoluntary_", "status SigQ", "status Mems_allowed", "status Hugetlb")


def _bundle(folder: Path) -> None:
    rootfs = folder / "rootfs"
    rootfs.mkdir()
    busybox(rootfs)
    for name in ("proc", "sys", "dev"):
        (rootfs / name).mkdir(exist_ok=True)
    shutil.copy(IN_MACHINE / "probe-facts", rootfs / "probe-facts")
    (folder / "volume").mkdir()
    for name, change in VARIANTS.items():
        config = copy.deepcopy(CONFIG)
        change(config)
        (folder / f"{name}.json").write_text(json.dumps(config, indent=1))


def _mount(line: str) -> "tuple[str, str]":
    """Of mountinfo: the place → what is there. Numbers differ with every mount."""
    before, _, after = line.partition(" - ")
    _, _, _, root, place, options, *tags = before.split()
    kind, source, super_options = after.split(None, 2)
    tags = sorted(tag.split(":")[0] for tag in tags)
    return place, " ".join([f"{kind} {source} root={root} {options}", *tags,
                            f"super={super_options}"])


def _descriptor(line: str) -> "tuple[str, str]":
    """'/proc/1/fd/0' -> 'pipe:[5138]'"""
    name, _, target = line.replace("'", "").partition(" -> ")
    return name.rsplit("/", 1)[-1], target.split("[")[0]


def facts(text: str) -> Dict[str, str]:
    """What probe-facts printed: lines "section<TAB>key<TAB>value"; of mountinfo whole lines."""
    found: Dict[str, str] = {}
    mounts: List[str] = []
    for line in text.splitlines():
        section, key, value = (line.split("\t", 2) + ["", ""])[:3]
        if section == "descriptor":
            key, value = _descriptor(key)
        if section == "mountinfo":
            key, value = _mount(key)
            mounts.append(key)
            section = "mount"
        name = f"{section} {key}"
        if not name.startswith(VOLATILE) and name != SCRIPT:
            found[name] = f"{found[name]} | {value}" if name in found else value
    if mounts:
        found["mounts in order"] = " ".join(mounts)
    return found


def run(folder: Path) -> Dict[str, Dict[str, Dict[str, str]]]:
    """{case: {runtime: facts}}; what was printed is kept in the folder."""
    with tempfile.TemporaryDirectory(prefix="berth-probe-") as name:
        bundle = Path(name) / "bundle"
        bundle.mkdir()
        _bundle(bundle)
        script = f"probe-all {','.join(RUNTIMES)} {','.join(VARIANTS)}"
        done = debian.run(script, [("berth-runtime", BERTH), *sorted(IN_MACHINE.iterdir())],
                          folders={"bundle": bundle}, memory=1024, limit=2400, kernel=KERNEL)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "console").write_text(f"{done.machine.console}\n{done.output}")
    for key, text in done.files.items():
        (folder / key).write_text(text)
    assert done.status == 0, done
    return {case: {runtime: facts(done.files.get(f"{case}.{runtime}", "")) for runtime in RUNTIMES}
            for case in CASES}
