# SPDX-License-Identifier: Apache-2.0
"""A real syslog server: Debian's rsyslogd, unpacked and not installed, on a free port of loopback.
Machines reach it at 10.0.2.2."""

import fcntl
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, List

from . import debs
from .command import end
from .paths import cache
from .ports import free_port

PACKAGES = ["rsyslog", "libestr0", "libfastjson4"]

CONFIGURATION = """\
global(workDirectory="{folder}" maxMessageSize="16k")
module(load="imudp")
module(load="imtcp")
input(type="imudp" address="127.0.0.1" port="{port}")
input(type="imtcp" address="127.0.0.1" port="{port}")
template(name="fields" type="string" string="%PRI%~~%PROTOCOL-VERSION%~~%TIMESTAMP:::date-rfc3339%\
~~%HOSTNAME%~~%APP-NAME%~~%STRUCTURED-DATA%~~%inputname%~~%msg%\\n")
*.* action(type="omfile" file="{folder}/lines" template="fields" flushInterval="1")
"""


@dataclass
class Line:
    priority: int
    version: str
    time: str
    host: str
    program: str
    data: str
    way: str  # imudp or imtcp
    text: str


def _program() -> Path:
    """Where the packages are unpacked."""
    folder = cache() / "rsyslog"
    with open(cache() / "rsyslog.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            folder.mkdir(exist_ok=True)
            debs.unpack(PACKAGES, folder)
            (folder / "done").touch()
    return folder


class SyslogServer:
    """`port` may be one that nothing has listened on yet."""

    def __init__(self, folder: Path, port: int = 0):
        self.folder = folder
        self.port = port or free_port()
        root = _program()
        libraries = root / "usr/lib/x86_64-linux-gnu"
        configuration = folder / "rsyslog.conf"
        configuration.write_text(CONFIGURATION.format(folder=folder, port=self.port))
        self._errors = open(folder / "errors", "w", encoding="utf-8")
        self._process = subprocess.Popen(
            [str(root / "usr/sbin/rsyslogd"), "-n", "-f", str(configuration), "-i",
             str(folder / "pid"), "-M", str(libraries / "rsyslog")],
            env={"LD_LIBRARY_PATH": str(libraries)}, stdin=subprocess.DEVNULL,
            stdout=self._errors, stderr=self._errors)
        self._await_ready()

    def _await_ready(self) -> None:
        """It listens on both when a line that is sent to it arrives."""
        deadline = time.monotonic() + 30
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            while not self.lines():
                assert self._process.poll() is None and time.monotonic() < deadline, \
                    (self.folder / "errors").read_text()
                sock.sendto(b"<30>1 - - ready - - - ready", ("127.0.0.1", self.port))
                time.sleep(0.1)

    def address(self, way: str) -> str:
        return f"{way}://10.0.2.2:{self.port}"

    def lines(self) -> List[Line]:
        path = self.folder / "lines"
        text = path.read_text(errors="replace") if path.exists() else ""
        rows = [row.split("~~", 7) for row in text.split("\n")[:-1]]
        return [Line(int(row[0]), *row[1:7], row[7].removeprefix(" ")) for row in rows]

    def of(self, program: str) -> List[Line]:
        return [line for line in self.lines() if line.program == program]

    def wait_until(self, condition: Callable[[], bool], what: str, timeout: float = 60) -> None:
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, f"no {what}: {self.lines()[-20:]}"
            time.sleep(0.1)

    def close(self) -> None:
        end(self._process)
        self._errors.close()

    def __enter__(self) -> "SyslogServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
