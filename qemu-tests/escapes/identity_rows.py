# SPDX-License-Identifier: Apache-2.0
"""Attacks on identity and privilege."""

import os
import pty
import stat
import subprocess
from pathlib import Path

from exec_rows import wait_for_running
from place import BASE, CAPABILITIES, CGROUP, PROC, SYS, Place, case, check, started

STATUS = ["/bin/grep", "-E", "^(CapInh|CapAmb|CapBnd|CapPrm)", "/proc/self/status"]
DEFAULT = "00000000a80425fb"


def check_sets(done: subprocess.CompletedProcess, what: str) -> None:
    sets = dict(line.replace(":", "").split() for line in done.stdout.splitlines())
    check(sets == {"CapInh": "0" * 16, "CapAmb": "0" * 16, "CapBnd": DEFAULT, "CapPrm": DEFAULT},
          f"{what}: {done.stdout}")


@case("CVE-2022-29162 CVE-2022-27650 CVE-2022-24769 nothing is inheritable")
def inheritable(place: Place) -> None:
    root = place.root()
    check_sets(place.start_inside(root, STATUS), "in-process")
    check_sets(place.run(place.bundle(root, STATUS)), "run")
    fewer = [name for name in CAPABILITIES if name != "CAP_MKNOD"]
    sets = {name: fewer for name in ("bounding", "effective", "permitted")}
    bundle = place.bundle(root, ["/bin/sleep", "1000"], process={"capabilities": sets})
    with place.running(bundle, "target"):
        wait_for_running(place, "target")
        check_sets(place.call("exec", "--cap", "CAP_MKNOD", "target", *STATUS), "exec --cap")


PASSWD = ("root:x:0:0:root:/:/bin/sh\n4294967296:x:0:0::/:/bin/sh\n4294967295:x:0:0::/:/bin/sh\n"
          "2147483648:x:0:0::/:/bin/sh\n-1:x:0:0::/:/bin/sh\n+0:x:0:0::/:/bin/sh\n"
          "0x0:x:0:0::/:/bin/sh\n 0:x:0:0::/:/bin/sh\n1000:x:0:0::/:/bin/sh\n"
          "18446744073709551616:x:0:0::/:/bin/sh\nalice:x:1001:1001::/:/bin/sh\n")
IDENTITY = ["/bin/id", "-u"]


@case("CVE-2026-46680 CVE-2024-40635 USER beyond the range, or nearly a number")
def user_beyond(place: Place) -> None:
    root = place.root()
    (root / "etc/passwd").write_text(PASSWD)
    for user in ("4294967296", "4294967295", "2147483648", "18446744073709551616", "-1", "+0",
                 "0x0", " 0", "0 ", "1000:4294967296", "1000:-1"):
        done = place.start_inside(root, ["/bin/sh", "-c", "id -u; id -g"], user=user)
        check(not started(done), f"{user!r} is {done.stdout.split()}")
    for number in (4294967296, 4294967295, 2 ** 64, -1, 0.5):
        done = place.run(place.bundle(root, IDENTITY, process={"user": {"uid": number, "gid": 0}}))
        check(not started(done), f"uid {number} is {done.stdout.split()}")


@case("CVE-2016-3697 a user of the image whose name is a number")
def user_named_by_number(place: Place) -> None:
    root = place.root()
    (root / "etc/passwd").write_text("1000:x:0:0::/:/bin/sh\nroot:x:0:0::/:/bin/sh\n")
    (root / "etc/group").write_text("1000:x:0:\n")
    done = place.start_inside(root, ["/bin/sh", "-c", "id -u; id -g"], user="1000:1000")
    check(done.stdout.split() == ["1000", "1000"], f"user 1000 is {done.stdout.split()}")


@case("CVE-2026-30892 exec --user in every form")
def user_of_exec(place: Place) -> None:
    root = place.root()
    (root / "etc/passwd").write_text("a:x:0:0::/:/bin/sh\n1:x:0:0::/:/bin/sh\n")
    right = {"1": ["1", "0"], "1:1": ["1", "1"], "0:5": ["0", "5"], "7:0": ["7", "0"]}
    with place.running(place.bundle(root, ["/bin/sleep", "1000"]), "target"):
        wait_for_running(place, "target")
        for user in ("", ":", "1", "1:", ":1", "1:1", "a:b", "a", "0:5", "7:0", "-1", "1a", " 1",
                     "4294967296", "1:4294967296", "0x1", "1:1:1"):
            done = place.call("exec", "--user", user, "target", "/bin/sh", "-c", "id -u; id -g")
            seen = done.stdout.split() if started(done) else None
            check(seen == right.get(user), f"--user {user!r} is {seen}")


@case("CVE-2026-47262 a group file without end")
def endless_group(place: Place) -> None:
    """2 GiB of nothing, and a line with a million members: bounded, and not kept in memory."""
    root = place.root()
    (root / "etc/passwd").write_text("alice:x:1001:1001::/:/bin/sh\n")
    (root / "etc/group").write_text("big:x:7:" + ",".join(f"u{n}" for n in range(1000000)) +
                                    ",alice\n")
    limit = ["prlimit", f"--as={256 << 20}"]
    done = subprocess.run([*limit, place.inside, str(place.folder("state-line")), str(root),
                           "alice", "", "", "--", "/bin/id", "-G"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, timeout=20)
    check(done.stdout.split() == ["1001", "7"], done.stdout)
    os.truncate(root / "etc/group", 0)
    os.truncate(root / "etc/group", 2 << 30)
    done = subprocess.run([*limit, place.inside, str(place.folder("state-sparse")), str(root),
                           "alice", "", "", "--", "/bin/id", "-G"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, timeout=20)
    check(not started(done) and "larger than" in done.stdout, done.stdout)


@case("CVE-2024-9676 passwd or group is no file")
def passwd_is_no_file(place: Place) -> None:
    """A FIFO hangs who opens it, a link leads out, a device has no end."""
    machine = Path("/etc/escape-passwd")
    machine.write_text("machine:x:0:0::/:/bin/sh\n")
    for number, kind in enumerate(("fifo", "absolute", "relative", "device", "folder", "socket")):
        for name in ("passwd", "group"):
            root = place.root(f"root-{number}-{name}")
            (root / "etc/passwd").write_text("machine:x:1001:1001::/:/bin/sh\n")
            path = root / "etc" / name
            path.unlink(missing_ok=True)
            if kind == "fifo":
                os.mkfifo(path)
            elif kind == "absolute":
                path.symlink_to(machine)
            elif kind == "relative":
                path.symlink_to(f"../../../../../..{machine}")
            elif kind == "device":
                os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
            elif kind == "folder":
                path.mkdir()
            else:
                os.mknod(path, stat.S_IFSOCK | 0o666)
            done = place.start_inside(root, ["/bin/sh", "-c", "id -u"], user="machine", timeout=10)
            check("0" not in done.stdout.split(), f"{name} is a {kind}: {done.stdout}")
            # A link that leads nowhere inside is as if there were no file.
            if name == "passwd" or kind in ("fifo", "device", "folder", "socket"):
                check(not started(done), f"{name} is a {kind}: {done.stdout}")
    machine.unlink()


@case("CVE-2023-25809 the cgroup hierarchy cannot be written")
def cgroup_is_read_only(place: Place) -> None:
    root = place.root()
    script = ("for f in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/cgroup.max.depth; do "
              "attacker writable $f; done; cat /proc/self/cgroup; "
              "ls -d /sys/fs/cgroup/berth* 2>/dev/null")
    space = [{"type": name} for name in ("pid", "ipc", "uts", "mount")]
    for linux in ({}, {"namespaces": space}):
        done = place.run(place.bundle(root, ["sh", "-c", script], [PROC, SYS, CGROUP], linux=linux))
        check("writable" not in done.stdout and "/sys/fs/cgroup/berth" not in done.stdout,
              done.stdout)
    done = place.start_inside(root, ["/bin/sh", "-c", script])
    check([line for line in done.stdout.split() if line[0] in "w/0"] == ["0::/"], done.stdout)


@case("CVE-2022-0492 no cgroup hierarchy can be mounted for a release_agent")
def release_agent(place: Place) -> None:
    done = place.start_inside(place.root(), ["/bin/attacker", "calls"])
    answers = dict(line.split(": ") for line in done.stdout.splitlines())
    for call in ("mount cgroup v1", "mount cgroup2", "unshare"):
        check(answers.get(call) == "EPERM", done.stdout)


@case("CVE-2017-5226 CVE-2016-10124 input pushed into the terminal of the caller")
def terminal_input(place: Place) -> None:
    """With a real terminal as the container's input, as `berth boot` never gives it."""
    ours, theirs = pty.openpty()
    done = place.start_inside(place.root(), ["/bin/attacker", "calls"], stdin=theirs)
    answers = dict(line.split(": ") for line in done.stdout.splitlines())
    for call in ("TIOCSTI", "TIOCLINUX"):
        check(answers.get(call) == "EPERM", done.stdout)
    os.close(ours)
    os.close(theirs)


@case("CVE-2022-0811 a sysctl that is another one, or two")
def smuggled_sysctl(place: Place) -> None:
    root = place.root()
    space = [{"type": name} for name in ("pid", "ipc", "uts", "mount", "network")]
    for name, value in (
            ("net.ipv4.ip_forward", "1+kernel.core_pattern=owned"),
            ("net.ipv4.ip_forward=1+kernel.core_pattern", "owned"),
            ("kernel.core_pattern", "owned"),
            ("kernel/core_pattern", "owned"),
            ("net/../kernel/core_pattern", "owned"),
            ("net.//..//kernel.core_pattern", "owned"),
            ("kernel.shmmax/../core_pattern", "owned"),
            ("kernel.sem/../core_pattern", "owned"),
            ("fs.mqueue.././../kernel/core_pattern", "owned"),
            ("kernel.domainname\nkernel.core_pattern", "owned"),
            ("kernel.core_pattern\0", "owned")):
        done = place.run(place.bundle(root, ["/bin/echo", "ran"],
                                      linux={"namespaces": space, "sysctl": {name: value}}))
        place.check_machine(f"{name}: {done.stdout}")
        check("ran" not in done.stdout.split(), f"{name}={value} was taken: {done.stdout}")


@case("CVE-2020-15257 a control socket that a container on the machine's network can reach")
def control_socket(place: Place) -> None:
    """While one container waits for its start, and while one runs."""
    root = place.root()
    waiting = place.bundle(root, ["/bin/true"])
    # Its program keeps the output open, which nobody must wait for the end of.
    subprocess.run([place.runtime, "--root", str(BASE / "state"), "create", "--bundle",
                    str(waiting), "waiting"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True,
                   timeout=30)
    with place.running(place.bundle(root, ["/bin/sleep", "1000"]), "target"):
        wait_for_running(place, "target")
        done = place.run(place.bundle(root, ["sh", "-c", "attacker abstract; echo looked"]))
    state = place.call("state", "waiting").stdout
    place.call("delete", "--force", "waiting")
    check("connected" not in done.stdout and "looked" in done.stdout, done.stdout)
    check('"created"' in state, f"it was started: {state}")
    sockets = Path("/proc/net/unix").read_text()
    check("berth" not in sockets or "@" not in sockets, sockets)


@case("CVE-2021-41103 CVE-2024-25621 CVE-2021-41091 the state of containers is nobody else's")
def searchable_folders(place: Place) -> None:
    root = place.root()
    with place.running(place.bundle(root, ["/bin/sleep", "1000"]), "target"):
        wait_for_running(place, "target")
        for path in (BASE / "state", BASE / "state/target", BASE / "state/target/config.json",
                     BASE / "state/target/state.json"):
            mode = stat.S_IMODE(path.stat().st_mode)
            check(mode & 0o077 == 0, f"{path.name} has mode {mode:o}")
    place.start_inside(root, ["/bin/true"])
    for path in BASE.glob("layers-*/*"):
        if path.name in ("work", "files", "root"):
            mode = stat.S_IMODE(path.stat().st_mode)
            check(mode & 0o077 == 0, f"{path.name} of a container's layers has mode {mode:o}")


@case("CVE-2021-21334 the environment of one container is seen in another")
def shared_environment(place: Place) -> None:
    root = place.root()
    first = place.start_inside(root, ["/bin/env"], environment="SECRET=first")
    second = place.start_inside(root, ["/bin/env"], environment="OTHER=second")
    check("SECRET=first" in first.stdout and "OTHER=second" in second.stdout, second.stdout)
    check("SECRET" not in second.stdout, second.stdout)
    with place.running(place.bundle(root, ["/bin/sleep", "1000"]), "target"):
        wait_for_running(place, "target")
        place.call("exec", "--env", "SECRET=first", "target", "/bin/true")
        done = place.call("exec", "target", "/bin/env")
        check("SECRET" not in done.stdout, done.stdout)
        done = place.run(place.bundle(root, ["/bin/env"]),
                         env={**os.environ, "SECRET": "of the caller"})
        check("SECRET" not in done.stdout, done.stdout)
