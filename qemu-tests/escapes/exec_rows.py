# SPDX-License-Identifier: Apache-2.0
"""Attacks through descriptors, the working directory, and processes that join a container."""

import hashlib
import os
import shutil
import time
from pathlib import Path

from place import BASE, CAPABILITIES, PROC, Place, case, check, started, wait_for

NUMBERS = 64
JOINS = int(os.environ.get("ESCAPE_STARTS", "300"))
# Prints "outside" where the working directory, or what leads up from it, is the machine's.
LOOK = ("for d in . .. ../../../../../../../../../..; do "
        "[ -e $d/marker-of-machine ] && echo outside; done")


def machine_marker(place: Place) -> None:
    for path in (Path("/marker-of-machine"), BASE / "marker-of-machine"):
        path.write_text("")


@case("CVE-2024-21626 the working directory is a descriptor")
def working_directory(place: Place) -> None:
    machine_marker(place)
    root = place.root("root", [(f"link-{number}", f"/proc/self/fd/{number}")
                               for number in range(NUMBERS)])
    keep = os.open("/", os.O_RDONLY)
    bundle = place.bundle(root, ["/bin/sleep", "1000"])
    with place.running(bundle, "target"):
        wait_for_running(place, "target")
        for number in range(NUMBERS):
            for path in (f"/proc/self/fd/{number}", f"/link-{number}"):
                if number < 12:
                    done = place.run(place.bundle(root, ["/bin/sh", "-c", LOOK],
                                                  process={"cwd": path}), pass_fds=[keep])
                    check("outside" not in done.stdout, f"{path}: {done.stdout}")
                    done = place.start_inside(root, ["/bin/sh", "-c", LOOK], cwd=path,
                                              pass_fds=[keep])
                    check("outside" not in done.stdout, f"{path}, in-process: {done.stdout}")
                done = place.call("exec", "--cwd", path, "target", "/bin/sh", "-c", LOOK,
                                  pass_fds=[keep])
                check("outside" not in done.stdout, f"exec in {path}: {done.stdout}")
    os.close(keep)


@case("CVE-2024-21626 the program is reached through a descriptor")
def program_by_descriptor(place: Place) -> None:
    machine_marker(place)
    root = place.root()
    keep = os.open("/", os.O_RDONLY)
    for number in range(3, 12):
        for way in (f"/proc/self/fd/{number}", f"/proc/self/fd/{number}/.."):
            words = [f"{way}/usr/bin/busybox", "sh", "-c", "echo outside"]
            done = place.run(place.bundle(root, words), pass_fds=[keep])
            check("outside" not in done.stdout, f"{words[0]}: {done.stdout}")
            done = place.start_inside(root, words, pass_fds=[keep])
            check("outside" not in done.stdout, f"{words[0]}, in-process: {done.stdout}")
    os.close(keep)


@case("CVE-2024-21626 descriptors of the caller and the runtime are closed")
def descriptors_are_closed(place: Place) -> None:
    """Also with many open ones, and in a process that joins."""
    root = place.root()
    opened = [os.open("/", os.O_RDONLY) for _ in range(40)]
    bundle = place.bundle(root, ["/bin/sleep", "1000"])
    with place.running(bundle, "target"):
        wait_for_running(place, "target")
        for done in (place.run(place.bundle(root, ["attacker", "descriptors"]), pass_fds=opened),
                     place.start_inside(root, ["/bin/attacker", "descriptors"], pass_fds=opened),
                     place.call("exec", "target", "attacker", "descriptors", pass_fds=opened)):
            numbers = [line.split()[0] for line in done.stdout.splitlines()]
            check(numbers == ["0", "1", "2"], done.stdout)
    for fd in opened:
        os.close(fd)


def wait_for_running(place: Place, name: str) -> None:
    for _ in range(1000):
        if '"running"' in place.call("state", name).stdout:
            return
    raise RuntimeError(place.call("state", name).stdout)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@case("CVE-2019-5736 the runtime's program is overwritten through /proc/self/exe")
def overwritten(place: Place) -> None:
    """The runtime lies where it can be written, and the container executes it by name of itself,
    also by a false loader."""
    program = place.folder("copy") / "berth-runtime"
    shutil.copy(place.runtime, program)
    before = digest(program)
    root = place.root()
    for name in ("bin/evil", "lib64/ld-linux-x86-64.so.2", "lib/ld-musl-x86_64.so.1"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("#!/proc/self/exe\n")
        (root / name).chmod(0o755)
    report = root / "report"
    # A program that runs cannot be written to: the container is started by another copy.
    with place.running(place.bundle(root, ["attacker", "overwrite", "/report"]), "target"):
        wait_for_running(place, "target")
        for number in range(10):
            place.call("exec", "target", "/bin/evil", runtime=str(program))
            time.sleep(0.01)
            check(digest(program) == before, f"overwritten after {number} joins")
        for words in (["/bin/evil"], ["/proc/self/exe", "exec"]):
            place.run(place.bundle(root, words), runtime=str(program))
    check(digest(program) == before, "overwritten")
    check(report.exists(), "the attacker never saw the runtime's program")
    check("written" not in report.read_text(), "something was overwritten")


def attack_joins(place: Place, words: list, capabilities: list, what: str) -> None:
    """The attacker is in the container that processes join."""
    machine_marker(place)
    root = place.root()
    report = root / "report"
    sets = {name: capabilities for name in ("bounding", "effective", "permitted")}
    bundle = place.bundle(root, ["attacker", *words], process={"capabilities": sets})
    joined = 0
    with place.running(bundle, "target"):
        wait_for_running(place, "target")
        for number in range(JOINS):
            joined += place.call("exec", "target", "/bin/true").returncode in (0, 137)
            check(not report.exists(),
                  f"{what} after {number} joins: {report.exists() and report.read_text()[:100]}")
    check(joined > JOINS / 2, f"only {joined} of {JOINS} processes joined")


@case("CVE-2016-9962 the joining process is traced")
def traced(place: Place) -> None:
    attack_joins(place, ["tracer", "/report"], CAPABILITIES, "traced before it executed")


@case("CVE-2016-9962 the joining process shows the machine's files")
def shows_machine(place: Place) -> None:
    """To one who has CAP_SYS_PTRACE, and may look into every process."""
    attack_joins(place, ["thief", "/marker-of-machine", "/report"],
                 [*CAPABILITIES, "CAP_SYS_PTRACE"], "saw the machine's root")


@case("CVE-2021-43784 fields longer than 16 bits can say")
def long_fields(place: Place) -> None:
    """Nothing of a container's description is sent in messages: it must arrive whole."""
    root = place.root()
    for size in (65535, 65536, 65537, 65536 + 7, 120000):
        text = "x" * size
        bundle = place.bundle(root, ["sh", "-c", "echo ${#LONG} ${#1} $(cat /proc/self/uid_map)",
                                     "sh", text],
                              process={"env": ["PATH=/bin", f"LONG={text}"]},
                              linux={"maskedPaths": ["/proc/" + "m" * 200] * 400})
        done = place.run(bundle)
        check(done.stdout.split()[:2] == [str(size)] * 2, done.stdout[:200])
    for words in ([text], ["/" + "y" * 70000], ["/bin/" + "z/" * 40000]):
        done = place.run(place.bundle(root, words))
        check(not started(done) and len(done.stdout) < 8192, done.stdout[:200])
    many = [{"containerID": number * 10, "hostID": 100000 + number * 10, "size": 10}
            for number in range(120)]
    space = [{"type": name} for name in ("user", "pid", "ipc", "uts", "mount", "cgroup")]
    os.chmod(BASE, 0o755)
    done = place.run(place.bundle(root, ["sh", "-c", "grep -c . /proc/self/uid_map"],
                                  linux={"namespaces": space, "uidMappings": many,
                                         "gidMappings": many}))
    check(done.stdout.strip() == "120", done.stdout[:300])
