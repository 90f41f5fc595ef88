# SPDX-License-Identifier: Apache-2.0
"""The rescue shell: on the console, when a trusted source wants it, and at no other time."""

import socket
import time

import pytest

from harness import seeds
from harness.machine import Machine, run_machine


class Console:
    """The first serial port as a socket that somebody types into."""

    def __init__(self, path):
        self.path, self.text = path, ""
        self._socket = None

    @property
    def words(self):
        return ["-chardev", f"socket,id=typist,path={self.path},server=on,wait=on"]

    def connect(self):
        self._socket = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + 30
        while True:
            try:
                self._socket.connect(str(self.path))
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        self._socket.settimeout(120)

    def until(self, text):
        while text not in self.text:
            more = self._socket.recv(4096)
            assert more, f"the console ended without {text!r}:\n{self.text}"
            self.text += more.decode(errors="replace").replace("\r", "")

    def type(self, line):
        self._socket.sendall(line.encode() + b"\n")

    def rest(self):
        while True:
            more = self._socket.recv(4096)
            if not more:
                return self.text
            self.text += more.decode(errors="replace").replace("\r", "")


def talk(app, tmp_path, append, lines, *words):
    """A machine in whose shell the lines are typed; the console's text and the report."""
    console = Console(tmp_path / "typist")
    with Machine(f"ip=off {append}", initrds=[app], network=False, debug_exit=False,
                 serial="chardev:typist", extra=[*console.words, *words]) as running:
        console.connect()
        console.until("rescue# ")
        for line in lines:
            console.type(line)
        text = console.rest()
        result = running.finish()
    assert result.report, text
    return text, result.report


RUN = 'berth.image=app:1 berth.cmd="sh -c \'exit %d\'"'


def test_at_start(app, tmp_path):
    """As root, with its applets; the boot goes on after its end."""
    text, report = talk(app, tmp_path, "berth.rescue=at-start " + RUN % 6,
                        ["printf 'x%sx words\\n' 42", "ls /sys/class/block; ps; df /",
                         "cat /proc/self/status", "echo >/x", "exit 3"])
    assert "x42x words" in text, text
    assert "rescue: the shell exited with status 3" in text and "Uid:\t0\t0\t0\t0" in text, text
    assert "Read-only file system" in text, text
    assert text.index("rescue: the shell") < text.index("8 pull:"), text
    assert report["status"] == 6, report


def test_on_failure(app, tmp_path):
    """The status is the one that was there before the shell."""
    text, report = talk(app, tmp_path, "berth.rescue=on-failure " + RUN % 6, ["exit"])
    assert text.index("app exited with status 6") < text.index("rescue# "), text
    assert report["status"] == 6 and "status 6" in report["reason"], report


def test_on_failure_of_the_boot(app, tmp_path):
    """There is nothing to run."""
    text, report = talk(app, tmp_path, "berth.rescue=on-failure", ["exit"])
    assert "no image to run" in text and report["status"] == 125, text


def test_from_a_trusted_document(app, tmp_path):
    document = seeds.document("shell", more="x-berth:\n  rescue: at-start\n")
    text, report = talk(app, tmp_path, "", ["exit"], *seeds.fw_cfg(tmp_path / "fw", document))
    assert "answer=shell" in text and report["status"] == 7, text


def test_the_power_button_ends_it(app, tmp_path):
    console = Console(tmp_path / "typist")
    with Machine("ip=off berth.rescue=at-start " + RUN % 6, initrds=[app], network=False,
                 debug_exit=False, serial="chardev:typist", extra=console.words) as running:
        console.connect()
        console.until("rescue# ")
        running.control("system_powerdown")
        text = console.rest()
        result = running.finish()
    assert "asked to stop" in text and "8 pull:" not in text, text
    assert result.report, text


def test_not_without_failure(app):
    result = run_machine("ip=off berth.rescue=on-failure " + RUN % 0, initrds=[app], network=False,
                         debug_exit=False)
    assert result.report["status"] == 0 and "rescue" not in result.console, result


@pytest.mark.parametrize("line, allowed", [("", False), ("berth.config.trust=disk", True)])
def test_a_disk_is_not_trusted_with_it(app, tmp_path, line, allowed):
    document = seeds.document("shell", more="x-berth:\n  rescue: on-failure\n").replace(b"exit 7",
                                                                                      b"exit 0")
    words = seeds.cloud_localds(tmp_path / "seed.img", document)
    result = run_machine(f"ip=off {line}", initrds=[app], network=False, debug_exit=False, extra=words)
    if allowed:
        assert result.report["status"] == 0, result
    else:
        assert result.report["status"] == 125 and "rescue#" not in result.console, result
        assert any("x-berth.rescue is refused from nocloud (trust: disk)" in text
                   for text in result.errors), result
