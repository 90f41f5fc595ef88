# SPDX-License-Identifier: Apache-2.0
"""Machines started the way a user does it: with `berth boot`."""

import functools
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Callable, List, Optional

from .command import Word
from .paths import BERTH
from .result import Result

LIMIT = 240  # seconds for one machine, many times what it needs


class Boot:
    """`berth boot` with a time limit, its console read as it comes."""

    def __init__(self, *words: Word, limit: Optional[float] = LIMIT,
                 show: Optional[Callable[[bytes], None]] = None):
        self.folder = tempfile.TemporaryDirectory(prefix="berth-boot-")
        self.report = Path(self.folder.name) / "report.json"
        timeout = ["--timeout", int(limit)] if limit else []
        command = [BERTH, "boot", *timeout, "--json", self.report, *words]
        self.limit = limit
        self._show = show
        self._started = time.monotonic()
        self._errors = open(Path(self.folder.name) / "stderr", "w+b")
        # A session of its own: Ctrl-C on the terminal reaches it once, through interrupt().
        self._process = subprocess.Popen([str(word) for word in command],
                                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=self._errors, start_new_session=True)
        self._console: List[bytes] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for piece in iter(lambda: self._process.stdout.read1(4096), b""):
            self._console.append(piece)
            if self._show:
                self._show(piece)

    @property
    def console(self) -> str:
        return b"".join(self._console).decode(errors="replace")

    def wait_for(self, text: str, timeout: float = 60) -> None:
        """Returns when the console has shown the text."""
        self.wait_until(lambda: text in self.console, f"{text!r} on the console", timeout)

    def wait_until(self, condition: Callable[[], bool], what: str, timeout: float = 60) -> None:
        deadline = time.monotonic() + timeout
        while not condition():
            if self._process.poll() is not None and not self._reader.is_alive():
                assert condition(), f"the machine ended without {what}:\n{self.finish()}"
                return
            assert time.monotonic() < deadline, f"no {what} in {timeout} s:\n{self.console}"
            time.sleep(0.05)

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.send(signal.SIGINT)

    def send(self, number: int) -> None:
        self._process.send_signal(number)

    def cut(self) -> None:
        """Kills the machine as a power cut does; QEMU dies with `berth boot`."""
        self._process.kill()
        self._process.wait()

    def finish(self) -> Result:
        """Waits for the end and collects what there is."""
        try:
            self._process.wait(self.limit + 30 if self.limit else None)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        self._reader.join(10)
        self._errors.seek(0)
        messages = self._errors.read().decode(errors="replace")
        self._errors.close()
        report = _read_report(self.report)
        self.folder.cleanup()
        return Result(self._process.returncode, self.console, report,
                      time.monotonic() - self._started, messages)

    def __enter__(self) -> "Boot":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.interrupt()
            time.sleep(0.2)
            self.interrupt()
            self.finish()


def _read_report(path: Path) -> Optional[dict]:
    return json.loads(path.read_text()) if path.exists() and path.stat().st_size else None


def boot(*words: Word, limit: float = LIMIT) -> Result:
    """Runs `berth boot` to its end."""
    return Boot(*words, limit=limit).finish()


@functools.lru_cache(maxsize=None)
def have_kvm() -> bool:
    """Whether a machine runs with KVM: inside other machines /dev/kvm may be there and not work."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    trial = Boot("--accel", "kvm", "--offline", "none.invalid/none", limit=60)
    return bool(trial.finish().report)
