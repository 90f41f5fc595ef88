# SPDX-License-Identifier: Apache-2.0
"""PID 1 without a machine around it: as process 1 of namespaces of its own on this processor.

It is the program of the initramfs, in a tmpfs that has what the initramfs has, and does what it does
in a machine: mounts, forks, confines, decides, reports. It is root of a user namespace only, whose
users are nobody's on this workstation: the clock, the power switch, modules, sysctls and files of the
workstation are not its own, nor is there a network. Two things it cannot be given, and are put in
their place while it asks for devtmpfs (the kernel passes that one mount() on to whoever listens to
its system call filter):
- /dev, and /sys/class, are folders of the sandbox: no device of the workstation is there but
  /dev/null and the like, and a file takes the part of the report's port;
- /proc/cmdline is the command line of the measurement.
That this is done while the time is taken makes it longer, not shorter. Needs root."""

import ctypes
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.paths import INITRAMFS_FILES

LIBC = ctypes.CDLL(None, use_errno=True)
USERS = 1 << 20  # the first of those that PID 1 has instead of the workstation's
COUNT = 1 << 16
LIMIT = 30  # seconds

NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = (
    0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
MNT_DETACH = 2
SYS_MOUNT, SYS_PIVOT_ROOT, SYS_SECCOMP = {"x86_64": (165, 155, 317),
                                          "aarch64": (40, 41, 277)}.get(os.uname().machine, (0, 0, 0))
RECEIVE, SEND = 0xc0502100, 0xc0182101  # SECCOMP_IOCTL_NOTIF_*
KERNELS = ("proc", "sysfs")
DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9)}


def check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source: str, target: Path, kind: str, flags: int, options: str = "") -> None:
    check(LIBC.mount(source.encode(), str(target).encode(), kind.encode(), flags, options.encode()),
          f"mount {kind or source} on {target}")


def unshare(flags: int) -> None:
    check(LIBC.unshare(flags), "unshare")


def fill(root: Path, line: str, document: bytes) -> None:
    """What the kernel would unpack, and the folders that take the place of devices."""
    mount("none", root, "tmpfs", 0, "mode=755,size=64m")
    with open(INITRAMFS_FILES, "rb") as files:
        subprocess.run(["cpio", "-idm", "--quiet", "--no-absolute-filenames"], cwd=root, stdin=files,
                       check=True, timeout=60)
    for node in (root / "dev").iterdir():
        node.unlink()
    for name in ("dev", "class/virtio-ports/vport0p1", "class/block",
                 *(f"seen/{kind}" for kind in KERNELS)):
        (root / "native" / name).mkdir(parents=True)
    (root / "native/class/virtio-ports/vport0p1/name").write_text("org.berth.report\n")
    (root / "native/cmdline").write_text(line + "\n")
    (root / "native/dev/vport0p1").touch()
    for name, (major, minor) in DEVICES.items():
        os.mknod(root / "native/dev" / name, 0o666 | 0o020000, os.makedev(major, minor))
    if document:
        (root / "berth").mkdir(exist_ok=True)
        (root / "berth/config.yaml").write_bytes(document)
    for item in [root, *root.rglob("*")]:
        os.lchown(item, USERS, USERS)
    for name in DEVICES:
        os.chmod(root / "native/dev" / name, 0o666)


def enter(root: Path) -> None:
    """Nothing of the workstation is mounted any more, but what PID 1 leaves behind: who is root of a
    user namespace only may mount proc and sysfs where both can be seen already."""
    mount(str(root), root, "", MS_BIND)
    for name in KERNELS:
        mount(str(root.parent / name), root / "native/seen" / name, "", MS_BIND)
    os.chdir(root)
    check(LIBC.syscall(SYS_PIVOT_ROOT, b".", b"."), "pivot_root")
    check(LIBC.umount2(b".", MNT_DETACH), "umount")
    os.chdir("/")


def listen() -> int:
    """A filter that lets all through but mount() with the flags of devtmpfs, which somebody else does."""
    def instruction(code: int, yes: int, no: int, value: int) -> bytes:
        return struct.pack("=HBBI", code, yes, no, value)
    load, equal, answer = 0x20, 0x15, 0x06
    code = b"".join((
        instruction(load, 0, 0, 0),
        instruction(equal, 0, 3, SYS_MOUNT),
        instruction(load, 0, 0, 16 + 3 * 8),
        instruction(equal, 0, 1, MS_NOSUID | MS_NOEXEC),
        instruction(answer, 0, 0, 0x7fc00000),   # to whoever listens
        instruction(answer, 0, 0, 0x7fff0000)))  # allowed
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
    listener = LIBC.syscall(SYS_SECCOMP, 1, 8, program)
    check(listener, "install the listening filter")
    return listener


def process_1(channel: socket.socket) -> None:
    """Becomes PID 1."""
    null = os.open("/native/dev/null", os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    socket.send_fds(channel, [b"f"], [listen()])
    assert channel.recv(1) == b"g"
    os.closerange(3, 1024)
    os.execve("/init", ["init"], {"HOME": "/", "TERM": "linux"})


def answer_once(listener: int, channel: socket.socket) -> None:
    """Puts the folders where PID 1 wants its devices, from within its mounts."""
    os.nice(-20)
    channel.send(b"g")
    request = ctypes.create_string_buffer(80)
    check(LIBC.ioctl(listener, RECEIVE, request), "wait for PID 1")
    number, pid = struct.unpack_from("=QI", request)
    mounts = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY)
    check(LIBC.setns(mounts, NEWNS), "enter the mounts of PID 1")
    for source, target in (("dev", "/dev"), ("class", "/sys/class"), ("cmdline", "/proc/cmdline")):
        mount(f"/native/{source}", Path(target), "", MS_BIND)
    check(LIBC.ioctl(listener, SEND, struct.pack("=QqiI", number, 0, 0, 0)), "answer PID 1")


def in_child(what: object, *arguments: object) -> int:
    """Runs a function that ends, or becomes another program, in a process of its own."""
    pid = os.fork()
    if pid:
        return pid
    try:
        what(*arguments)
        os._exit(0)
    except BaseException as failure:  # pylint: disable=broad-except
        print(f"native: {failure}", file=sys.stderr, flush=True)
    os._exit(1)


def sandbox(root: Path, line: str, document: bytes, channel: socket.socket) -> None:
    """The parent of PID 1, in whose namespaces nothing else runs."""
    os.nice(-20)  # nothing else would run in a machine
    unshare(NEWNS)
    mount("", Path("/"), "", MS_REC | MS_PRIVATE)
    for name in KERNELS:
        mount(name, root.parent / name, name, MS_NOSUID | MS_NODEV | MS_NOEXEC)
    fill(root, line, document)
    report = os.open(root / "native/dev/vport0p1", os.O_RDONLY)
    unshare(NEWUSER)
    channel.send(b"u")
    assert channel.recv(1) == b"m"
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    unshare(NEWNS | NEWPID | NEWNET | NEWUTS | NEWIPC | NEWCGROUP)
    enter(root)
    pid = in_child(process_1, channel)
    signal.alarm(LIMIT)  # PID 1's namespace goes with it
    os.waitpid(pid, 0)
    socket.send_fds(channel, [b"r"], [report])


def is_possible() -> bool:
    return os.geteuid() == 0 and SYS_MOUNT != 0


def run(line: str, document: bytes = b"") -> dict:
    """PID 1's report."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    folder = Path(tempfile.mkdtemp(prefix="berth-native-"))
    folder.chmod(0o755)
    root = folder / "root"
    for name in ("root", *KERNELS):
        (folder / name).mkdir()
    here.settimeout(2 * LIMIT)
    pids = [in_child(sandbox, root, line, document, there)]
    there.close()
    try:
        assert here.recv(1) == b"u", "no sandbox for PID 1"
        for kind in ("uid_map", "gid_map"):
            Path(f"/proc/{pids[0]}/{kind}").write_text(f"0 {USERS} {COUNT}")
        here.send(b"m")
        _, listeners, _, _ = socket.recv_fds(here, 1, 1)
        pids.append(in_child(answer_once, listeners[0], here))
        os.close(listeners[0])
        _, reports, _, _ = socket.recv_fds(here, 1, 1)
        with os.fdopen(reports[0]) as file:
            return json.loads(file.read())
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        shutil.rmtree(folder)
