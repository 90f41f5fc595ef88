# SPDX-License-Identifier: Apache-2.0
"""Machines started with QEMU directly, for what `berth boot` has no option for."""

import json
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import List, Optional, Sequence

from .boot import LIMIT, have_kvm
from .command import end
from .paths import INITRAMFS, KERNEL
from .result import Result

QEMU = "qemu-system-x86_64"


class Machine:
    """One virtual machine. The kernel's console is the serial port. `within` is a command that runs
    QEMU, which is the rest of its words. `board` is pc, whose CD drive is behind an IDE controller, or
    q35, which has AHCI. `console` is what the kernel is told, `serial` where QEMU puts
    what comes out of the first port when it is not the file that is read here."""

    def __init__(self, append: str, memory: int = 256, initrds: Sequence[Path] = (),
                 network: bool = True, report: bool = True, debug_exit: bool = True,
                 extra: Sequence[str] = (), initramfs: Optional[Path] = INITRAMFS,
                 limit: float = LIMIT, cut_line_at: Optional[int] = None,
                 within: Sequence[str] = (), kernel: Path = KERNEL, console: str = "ttyS0",
                 serial: str = "", board: str = "pc"):
        self._folder = tempfile.TemporaryDirectory(prefix="berth-machine-")
        folder = Path(self._folder.name)
        self._console = folder / "console"
        self._report = folder / "report"
        self._control = folder / "control"
        self._limit = limit
        accelerator = "kvm" if have_kvm() else "tcg"
        # Under emulation on a busy host the timer can be too late for the kernel's check of it.
        checks = "" if have_kvm() else "no_timer_check "
        command = [*within, QEMU, "-M", board, "-accel", accelerator,
                   "-cpu", "host" if have_kvm() else "max", "-m", str(memory), "-nodefaults",
                   "-display", "none", "-no-reboot", "-kernel", str(kernel),
                   "-append", f"console={console} quiet {checks}{append}"[:cut_line_at],
                   "-serial", serial or f"file:{self._console}",
                   "-qmp", f"unix:{self._control},server=on,wait=off"]
        if initramfs:
            command += ["-initrd", str(self._initrd(folder, [initramfs, *initrds]))]
        if report:
            command += ["-chardev", f"file,id=report,path={self._report}"]
        if report and memory < 64:  # of which a virtio-serial device would take up to 8
            command += ["-device", "isa-debugcon,iobase=0xf8,chardev=report"]
        elif report:
            command += ["-device", "virtio-serial-pci,max_ports=2", "-device",
                        "virtserialport,chardev=report,name=org.berth.report"]
        if debug_exit:
            command += ["-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"]
        if network:
            command += ["-nic", "user,model=virtio-net-pci,ipv6=off"]
        command += extra
        self._started = time.monotonic()
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    @staticmethod
    def _initrd(folder: Path, parts: List[Path]) -> Path:
        """The kernel takes several archives one behind the other, each on a multiple of 4 bytes."""
        if len(parts) == 1:
            return parts[0]
        whole = folder / "initrd"
        with open(whole, "wb") as out:
            for part in parts:
                data = part.read_bytes()
                out.write(data + b"\0" * (-len(data) % 4))
        return whole

    @property
    def console(self) -> str:
        if not self._console.exists():
            return ""
        return self._console.read_bytes().replace(b"\r\n", b"\n").decode(errors="replace")

    @property
    def report_text(self) -> str:
        """What came through the virtio-serial port."""
        return self._report.read_text() if self._report.exists() else ""

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def wait_for(self, text: str, timeout: float = 60) -> None:
        """Returns when the console has shown the text."""
        deadline = time.monotonic() + timeout
        while text not in self.console:
            assert self.running, f"the machine ended without {text!r}:\n{self.console}"
            assert time.monotonic() < deadline, f"no {text!r} in {timeout} s:\n{self.console}"
            time.sleep(0.05)

    def control(self, command: str, **arguments: object) -> None:
        """One QMP command, such as system_powerdown."""
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.settimeout(10)
            monitor.connect(str(self._control))
            answers = monitor.makefile("r")
            answers.readline()
            for name, more in (("qmp_capabilities", {}), (command, arguments)):
                monitor.sendall(json.dumps({"execute": name, "arguments": more}).encode() + b"\n")
                answers.readline()

    def finish(self, limit: Optional[float] = None) -> Result:
        """Waits for the machine's own end."""
        left = (limit or self._limit) - (time.monotonic() - self._started)
        try:
            output, _ = self._process.communicate(timeout=max(left, 1))
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the machine did not end:\n{self.console}") from None
        text = self.report_text
        report = json.loads(text) if text.startswith("{") else None
        return Result(self._process.returncode, self.console, report,
                      time.monotonic() - self._started, output.decode(errors="replace"))

    def kill(self) -> None:
        end(self._process)

    def __enter__(self) -> "Machine":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._folder.cleanup()


def run_machine(append: str, **settings: object) -> Result:
    """Runs a machine to its own end."""
    with Machine(append, **settings) as machine:
        return machine.finish()


def exit_code(value: int) -> int:
    """QEMU's status after isa-debug-exit was written `value`."""
    return (value << 1) | 1
