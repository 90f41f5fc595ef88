# SPDX-License-Identifier: Apache-2.0
"""What PID 1 must live through, each as an attack on a machine whose PID 1 may be a weakened build:
ends with Lost when PID 1 dies, hangs, spins or does not tell the truth.

Containers of the image `app:1` (the probe program) do what root of a container can;
tools/beside.c does what only the machine itself can.
"""

import contextlib
import fcntl
import os
import struct
import subprocess
import termios
import time
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Sequence

from .machine import Machine
from .result import Result
from . import seeds

ATTACKS: Dict[str, Callable] = {}
# Many times what the slowest of them needs.
LIMIT = 240
# For a machine whose PID 1 is a weakened build: what hangs is waited for.
LIMIT_WEAKENED = 120


class Lost(Exception):
    """PID 1 did not live through it."""


def attack(name: str) -> Callable:
    def add(function: Callable) -> Callable:
        assert name not in ATTACKS
        ATTACKS[name] = function
        return function
    return add


class Place:
    """A folder for one machine, and what is in its initramfs."""

    def __init__(self, folder: Path, initrds: Sequence[Path], weakened: bool):
        self.folder, self.initrds, self.weakened = folder, list(initrds), weakened
        self.notes = folder / "notes"   # what the process beside PID 1 has said

    def machine(self, words: str, *extra: str, beside: str = "", memory: int = 256,
                **settings: object) -> Machine:
        start = f"rdinit=/beside beside={beside} " if beside else ""
        return Machine(f"{start}ip=off {words}", initrds=self.initrds, network=False,
                       memory=memory, debug_exit=False,
                       extra=("-serial", f"file:{self.notes}", *extra),
                       limit=LIMIT_WEAKENED if self.weakened else LIMIT, **settings)

    def run(self, command: str, *extra: str, options: str = "", **settings: object) -> Result:
        """One container, to the machine's own end."""
        line = f"berth.image=app:1 berth.name=app {options} -- {command}"
        with self.machine(line, *extra, **settings) as machine:
            return self.finish(machine)

    def services(self, text: str, **settings: object) -> Result:
        with self.machine("", *seeds.fw_cfg(self.folder / "services", text.encode()),
                          **settings) as machine:
            return self.finish(machine)

    @staticmethod
    def finish(machine: Machine) -> Result:
        try:
            result = machine.finish()
        except AssertionError as why:
            raise Lost(str(why)) from None
        check("Kernel panic" not in result.console, result)
        check(bool(result.report), f"no report:\n{result}")
        return result

    def noted(self, beginning: str) -> List[str]:
        """The words of the first note that begins so; none when there is no such note."""
        lines = self.notes.read_text(errors="replace").splitlines() if self.notes.exists() else []
        return next((line.split() for line in lines if line.startswith(beginning)), [])

    def note(self, beginning: str) -> List[str]:
        """The same of one that must be there."""
        words = self.noted(beginning)
        if not words:
            raise RuntimeError(f"the attacker never said {beginning!r}")
        return words


def check(held: bool, what: object) -> None:
    if not held:
        raise Lost(str(what))


def ended(result: Result, status: int) -> None:
    check(result.report["status"] == status,
          f"status {result.report['status']} instead of {status}:\n{result}")


def of(result: Result, name: str) -> dict:
    return next(item for item in result.report["containers"] if item["name"] == name)


@attack("memory runs out")
def memory_runs_out(place: Place) -> None:
    result = place.run("probe memory 512", memory=128)
    ended(result, 137)
    check(of(result, "app")["oom"] is True, result)


@attack("fork bomb")
def fork_bomb(place: Place) -> None:
    """A limit of 100 processes holds."""
    result = place.run("probe forkbomb 50", options="berth.pids=100")
    ended(result, 0)
    made = int(result.output("app")[-1].split()[-1])
    check(made < 100, f"{made} processes")


GREEDY = """services:
  greedy:
    image: app:1
    command: [probe, greedy, {what}, "7777"]
    pids_limit: 4194304
  other:
    image: app:1
    depends_on: [greedy]
    restart: "{restart}"
    command:
    - sh
    - -c
    - |
      if test -e /asked; then exit {last}; fi
      touch /asked
      until nc greedy 7777 </dev/null; do sleep 0.1; done
      exit 3
x-berth: {{exit-code-from: other}}
"""


def greedy(place: Place, what: str, restart: str, last: int) -> Result:
    """One service takes all of something; then another one ends and is to be started again."""
    result = place.services(GREEDY.format(what=what, restart=restart, last=last))
    said = [line for line in result.output("greedy") if line.startswith(f"{what} refused after ")]
    check(bool(said), result)
    ended(result, last)
    return result


@attack("fork bomb without a limit: another service is started again")
def all_processes(place: Place) -> None:
    result = greedy(place, "processes", "on-failure:1", 9)
    check(not result.errors, result)


@attack("watches of epoll used up: another service is started again")
def all_watches(place: Place) -> None:
    result = greedy(place, "watches", "on-failure:1", 9)
    check("No space left" in result.output("greedy")[-1], result)
    check(not result.errors, result)


@attack("files of the machine used up: another service is started again later")
def all_files(place: Place) -> None:
    result = greedy(place, "files", "on-failure", 0)
    check("Too many open files in system" in result.output("greedy")[-1], result)
    check("Too many open files in system" in "".join(result.errors), result)
    check(of(result, "other")["restarts"] > 1, result)


@attack("table of descriptors full: what does not stop is killed")
def table_full(place: Place) -> None:
    result = place.run("probe signals 0", beside="full", options="berth.stop-timeout=1")
    place.note("full at")
    check("No file descriptors available" in "".join(result.errors), result)
    ended(result, 137)


@attack("table of descriptors full for a while: started again later")
def table_full_for_a_while(place: Place) -> None:
    result = place.run('sh -c "sleep 1; exit 3"', beside="full-for-a-while",
                       options="berth.restart=on-failure:6")
    check("No file descriptors available" in "".join(result.errors), result)
    ended(result, 3)
    place.note("room")
    check(of(result, "app")["restarts"] == 6, result)


@attack("10,000 zombies in a container")
def zombies(place: Place) -> None:
    result = place.run("probe corpses 10000", memory=1536,
                       options="berth.pids=12000 berth.restart=on-failure:1")
    check(result.output("app") == ["corpses 10000"] * 2, result)
    ended(result, 4)


@attack("10,000 zombies in a container with the usual limit")
def zombies_within_the_limit(place: Place) -> None:
    result = place.run("probe corpses 10000", memory=512)
    made = int(result.output("app")[0].split()[1])
    check(made < 2048, f"{made} zombies")
    ended(result, 4)


@attack("10,000 orphans of PID 1 dead at once")
def orphans(place: Place) -> None:
    result = place.run("probe flood 0", beside="orphans", memory=1536)
    dead = int(place.note("dead")[1])
    assert dead >= 10000, f"only {dead} were dead at once"
    left = int(place.note("left")[1])
    check(left == 0, f"{left} zombies are left\n{result}")
    ended(result, 5)


@attack("SIGCHLD storm, and real-time signals")
def storm(place: Place) -> None:
    """Of one, nothing is left; the machine is asked to stop while another one goes on."""
    result = place.run("probe flood 3", "-smp", "2", beside="storm")
    left = int(place.note("left")[1])
    check(left == 0, f"{left} zombies are left\n{result}")
    check(len(result.output("app")) == 4, result)
    ended(result, 5)


@attack("kill -1 beside PID 1")
def kill_all(place: Place) -> None:
    """Workers, logger and container die; what happened is said nevertheless."""
    result = place.run("probe flood 0", beside="kill")
    check(place.note("kill") == ["kill", "0"], place.notes)
    ended(result, 137)
    check("11 stop: status 137" in result.console, result)


@attack("kill -1 in a container")
def kill_all_within(place: Place) -> None:
    """It sees nobody but itself."""
    result = place.run('sh -c "set -- /proc/[0-9]*; echo $# alone; kill -9 -1; echo alive"')
    check(result.output("app") == ["1 alone", "alive"], result)
    ended(result, 0)


@attack("console gone: its device is unplugged")
def console_unplugged(place: Place) -> None:
    """The container says more than a pipe holds, and ends as if it had been heard."""
    kept = place.folder / "hvc"
    words = ["-device", "virtio-serial-pci,id=second", "-chardev", f"file,id=hvc,path={kept}",
             "-device", "virtconsole,bus=second.0,chardev=hvc,id=plug"]
    line = "berth.image=app:1 berth.stop-timeout=15 -- probe flood 4000"
    with place.machine(line, *words, console="ttyS0 console=hvc0") as machine:
        wait_until(machine, lambda: kept.exists() and b"| ready" in kept.read_bytes(), "container")
        machine.control("device_del", id="plug")
        machine.control("system_powerdown")
        result = place.finish(machine)
    assert b"00001\n" not in kept.read_bytes(), "the device was still there"
    ended(result, 5)


def nobody_is_busy(place: Place) -> None:
    first, logger = map(int, place.note("busy")[1:])
    check(first < 30 and logger < 30, f"PID 1 is busy for {first} %, the logger for {logger} %")


@attack("no console")
def no_console(place: Place) -> None:
    """What is said there is lost; nobody is busy with it. (The kernel has no tty0.)"""
    result = place.run("probe flood 10", beside="idle", console="tty0")
    nobody_is_busy(place)
    ended(result, 5)


@attack("console refuses (EIO): its port has no hardware")
def console_refuses(place: Place) -> None:
    """The container says more than a pipe holds, and ends as if it had been heard."""
    result = place.run("probe flood 4000", beside="idle", console="ttyS2",
                       options="berth.stop-timeout=15")
    nobody_is_busy(place)
    ended(result, 5)


@contextlib.contextmanager
def unread(path: Path, back: bool = False) -> Iterator[int]:
    """The pipes of a serial port that nobody reads; when it is only one, what goes out comes back as
    input. Yields that of the output."""
    names = [path] if back else [Path(f"{path}.in"), Path(f"{path}.out")]
    for name in names:
        os.mkfifo(name)
    ends = [os.open(name, os.O_RDWR | os.O_NONBLOCK) for name in names]
    fcntl.fcntl(ends[-1], fcntl.F_SETPIPE_SZ, 4096)
    try:
        yield ends[-1]
    finally:
        for fd in ends:
            os.close(fd)


@attack("console stuck while the machine ends")
def console_stuck(place: Place) -> None:
    """What is said fills all that lies before it; and to the last PID 1 has something to say."""
    path = place.folder / "stuck"
    with unread(path) as fd, place.machine("berth.image=app:1 -- probe babble", beside="store",
                                           serial=f"pipe:{path}") as machine:
        wait_until(machine, lambda: waiting(fd) == 4096 and place.noted("changed"), "full console")
        time.sleep(1)
        machine.control("system_powerdown")
        result = place.finish(machine)
    ended(result, 5)


@attack("console stuck while the kernel has much to say")
def kernel_speaks(place: Place) -> None:
    path = place.folder / "stuck"
    with unread(path) as fd, place.machine("berth.image=app:1 -- probe babble", beside="kernel",
                                           serial=f"pipe:{path}") as machine:
        wait_until(machine, lambda: waiting(fd) == 4096 and place.noted("asked"), "full console")
        time.sleep(1)
        machine.control("system_powerdown")
        result = place.finish(machine)
    ended(result, 5)


@attack("console sends back what it gets")
def console_echoes(place: Place) -> None:
    path = place.folder / "echo"
    with unread(path, back=True), place.machine("berth.image=app:1 -- probe babble", beside="idle",
                                                serial=f"pipe:{path}") as machine:
        result = place.finish(machine)
    place.note("busy")
    ended(result, 5)


def waiting(fd: int) -> int:
    """Bytes that nobody has read."""
    return struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, b"\0" * 4))[0]


def wait_until(machine: Machine, condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert machine.running and time.monotonic() < deadline, f"no {what}: {machine.console}"
        time.sleep(0.05)


@attack("disk full: said to who writes, and started again")
def disk_full(place: Place) -> None:
    result = place.run('sh -c "dd if=/dev/zero of=/fill bs=1M count=500 2>/dev/null; '
                       'echo ended $?; exit 3"', memory=128,
                       options="berth.restart=on-failure:1")
    check(result.output("app") == ["ended 1", "ended 1"], result)
    ended(result, 3)


@attack("SIGTERM ignored")
def term_ignored(place: Place) -> None:
    with place.machine("berth.image=app:1 berth.stop-timeout=1 -- probe signals 0") as machine:
        machine.wait_for("waiting for signals")
        machine.control("system_powerdown")
        result = place.finish(machine)
    ended(result, 137)


@attack("daemons left behind")
def daemons(place: Place) -> None:
    """They go with the container, again and again."""
    result = place.run('sh -c "probe daemons 20; exit 3"', options="berth.restart=on-failure:2")
    check(result.output("app") == ["daemons started"] * 3, result)
    ended(result, 3)


@attack("ends in the first millisecond")
def first_millisecond(place: Place) -> None:
    """PID 1 is held until it has ended, again and again; then thirty end at once. (With a terminal, because
    other containers are made before their next start, and one that waits does not end.)"""
    result = place.run("probe exit 9", beside="hold",
                       options="berth.restart=on-failure:2 berth.tty=true")
    notes = place.notes.read_text().split()
    assert notes == ["dead"] * 3, notes
    ended(result, 9)
    text = "services:\n" + "".join(
        f"  s{i}: {{image: app:1, command: [probe, exit, '9'], network_mode: none}}\n"
        for i in range(30))
    result = place.services(text)
    check([item["exit_status"] for item in result.report["containers"]] == [9] * 30, result)
    ended(result, 9)


def beside(path: Path, source: Path) -> Path:
    """The program of the process beside PID 1."""
    subprocess.run(["gcc", "-static", "-Os", "-s", "-Wall", "-Wextra", "-o", path, source],
                   check=True)
    return path
