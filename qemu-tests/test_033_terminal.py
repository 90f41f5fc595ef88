# SPDX-License-Identifier: Apache-2.0
"""Terminals and input of containers: `tty`, `stdin_open`, the machine's console, `berth boot -i -t`."""

import fcntl
import hashlib
import os
import pty
import select
import socket
import struct
import subprocess
import termios
import time

import pytest

from harness import seeds
from harness.boot import LIMIT, boot
from harness.machine import Machine
from harness.paths import BERTH
from harness.seeded import containers, machine

LOOK = "tty; stat -c 'owner %u' $(tty); echo to-stderr >&2; test -t 0 && echo $TERM; " \
       "stty | grep -c speed; echo x >/dev/tty; echo y >/dev/stderr"


def test_what_a_container_with_a_terminal_sees(app, tmp_path):
    """Both streams are the terminal; it is the user's; each run has a new one."""
    text = f"""services:
  a: {{image: app:1, tty: true, command: [sh, -c, "{LOOK.replace('$', '$$')}"], user: "1000"}}
  b: {{image: app:1, tty: true, restart: "on-failure:1", environment: {{TERM: dumb}},
      command: [sh, -c, "echo $$TERM; exit 3"]}}
  c: {{image: app:1, command: [tty]}}
  d: {{image: app:1, user: "1000", stdin_open: true, command: [sh, -c, "tty; echo x >/dev/stdout; \
echo y >/dev/stderr; exec 3</dev/stdin && echo opened"]}}
"""
    result = machine(app, *seeds.fw_cfg(tmp_path / "seed", text.encode()))
    found = containers(result)
    lines = result.output("a")
    assert lines[0] in ("/dev/pts/0", "/dev/console"), result
    assert lines[1:] == ["owner 1000", "to-stderr", "xterm", "1", "x", "y"], result
    assert result.output("b") == ["dumb", "dumb"] and found["b"]["exit_status"] == 3, result
    assert result.output("c") == ["not a tty"], result
    assert sorted(result.output("d")) == ["not a tty", "opened", "x"], result
    assert "d ! y" in result.console, "a user may open its own streams again, as in Docker"


class Typed:
    """A machine whose console is typed at, over a socket of QEMU's."""

    def __init__(self, app, folder, text):
        self.path = folder / "serial"
        self.machine = Machine("ip=off", initrds=[app], network=False, debug_exit=False,
                               serial=f"unix:{self.path},server=on,wait=off",
                               extra=seeds.fw_cfg(folder / "seed", text.encode()))

    def run(self, script):
        """script: pairs of what is waited for and what is typed then."""
        with self.machine as running, socket.socket(socket.AF_UNIX) as line:
            deadline = time.monotonic() + LIMIT
            while True:
                try:
                    line.connect(str(self.path))
                    break
                except OSError:
                    assert time.monotonic() < deadline and running.running
                    time.sleep(0.05)
            line.settimeout(LIMIT)
            heard = b""
            for expected, typed in script:
                while expected not in heard:
                    assert time.monotonic() < deadline, heard.decode(errors="replace")
                    heard += line.recv(4096)
                line.sendall(typed)
            for piece in iter(lambda: line.recv(4096), b""):
                heard += piece
            result = running.finish()
        return result, heard.decode(errors="replace")


def test_the_consoles_input_is_the_only_such_services(app, tmp_path):
    """Lines as they are typed; Ctrl-D at the beginning of one ends the input."""
    text = """services:
  other: {image: app:1, command: [sh, -c, "cat; echo other-ended"]}
  app: {image: app:1, stdin_open: true, command: [sh, -c, "echo ready; cat; echo ended; exit 4"]}
"""
    result, heard = Typed(app, tmp_path, text).run(
        [(b"app | ready", b"hello you\r"), (b"app | hello you", b"mistake\x15more\n"),
         (b"app | more", b"\x04")])
    assert result.report["status"] == 4, heard
    assert "app | ended" in heard and "other | other-ended" in heard
    assert heard.count("hello you") == 1, "what is typed is not shown twice"


def test_nobody_gets_input_that_several_want(app, tmp_path):
    text = """services:
  a: {image: app:1, stdin_open: true, command: [sh, -c, "echo ready; timeout 2 cat; echo a-$?"]}
  b: {image: app:1, stdin_open: true, command: [sh, -c, "timeout 2 cat; echo b-$?"]}
""".replace("$?", "$$?")
    result, heard = Typed(app, tmp_path, text).run([(b"a | ready", b"hello\r")])
    assert result.report["status"] == 0, heard
    assert "a | a-143" in heard and "b | b-143" in heard and "hello" not in heard, heard


def test_a_terminal_at_the_console(app, tmp_path):
    """Keys go on as they are: the container's terminal shows them, edits lines, makes signals."""
    text = """services:
  app: {image: app:1, tty: true, stdin_open: true,
        command: [sh, -c, "trap 'echo; echo got-it; exit 6' INT; printf 'name? '; read name; \\
echo \\"<$name>\\"; printf 'wait> '; sleep 60 & wait"]}
""".replace("$name", "$$name")
    result, heard = Typed(app, tmp_path, text).run(
        [(b"name? ", b"wrogn\x7f\x7fng\r"), (b"<wrong>", b""), (b"wait> ", b"\x03")])
    assert result.report["status"] == 6, heard
    assert "got-it" in heard and "app | " not in heard, heard


def test_text_through_berth_boot(image):
    """-i: the pipe's text arrives whole, much faster than it is read; its end is the input's end."""
    text = "".join(f"line {number:05d} of what comes from the workstation\n" for number in range(4000))
    done = subprocess.run(
        [str(BERTH), "boot", "--timeout", str(LIMIT), "-i", image("probe"), "sh", "-c",
         "sleep 1; md5sum; echo over; exit 5"], input=text.encode(), capture_output=True,
        timeout=LIMIT + 30, check=False)
    assert done.returncode == 5, done
    assert hashlib.md5(text.encode()).hexdigest().encode() in done.stdout, done.stdout[-3000:]
    assert b"line 00000" not in done.stdout and b"\x13" not in done.stdout


def test_a_line_without_an_end(image):
    done = subprocess.run([str(BERTH), "boot", "--timeout", str(LIMIT), "-i", image("probe"), "cat"],
                          input=b"no end", capture_output=True, timeout=LIMIT + 30, check=False)
    assert done.returncode == 0 and b"| no end\n" in done.stdout, done


def test_a_terminal_through_berth_boot(image):
    """-it: a shell as with `docker run -it`, of the size of the terminal here; which is put back."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 31, 97, 0, 0))
    before = termios.tcgetattr(child)
    process = subprocess.Popen([str(BERTH), "boot", "--timeout", str(LIMIT), "-it", image("probe"), "sh",
                                "-c", "stty size; printf 'word? '; read w; echo \"[$w]\"; exit 7"],
                               stdin=child, stdout=child, stderr=subprocess.PIPE)
    heard, sent, deadline = b"", False, time.monotonic() + LIMIT
    while process.poll() is None and time.monotonic() < deadline:
        if select.select([parent], [], [], 0.2)[0]:
            heard += os.read(parent, 4096)
        if b"word? " in heard and not sent:
            os.write(parent, b"abc\r")
            sent = True
    while select.select([parent], [], [], 0.2)[0]:
        heard += os.read(parent, 4096)
    assert process.wait(30) == 7, heard
    assert b"31 97" in heard and b"word? abc" in heard and b"[abc]" in heard, heard
    assert termios.tcgetattr(child) == before
    os.close(parent)
    os.close(child)


def test_a_terminal_needs_one(image):
    done = subprocess.run([str(BERTH), "boot", "-it", image("probe")], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 125 and "the input is no terminal; drop --tty" in done.stderr


@pytest.mark.parametrize("words", [["-t"], []])
def test_terminal_without_input(image, words):
    result = boot(*words, image("probe"), "sh", "-c", "tty; stty size || true")
    assert result.status == 0, result
    assert ("not a tty" in result.console) == (not words), result
