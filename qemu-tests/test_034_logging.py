# SPDX-License-Identifier: Apache-2.0
"""Where output goes: a real syslog server over UDP and TCP, files on the data disk, the console; servers
that are away."""

import json
import re
import subprocess
import time

import pytest

from harness import initrd, seeds
from harness.boot import Boot, boot
from harness.command import run
from harness.ports import free_port
from harness.seeded import data_disk, machine
from harness.syslog_server import SyslogServer

INFO, ERROR = 6, 3


@pytest.fixture(scope="module", name="server")
def syslog_server(tmp_path_factory):
    with SyslogServer(tmp_path_factory.mktemp("syslog")) as running:
        yield running


def test_what_a_syslog_server_gets(image, server, tmp_path):
    path = tmp_path / "compose.yaml"
    path.write_text(f"""\
services:
  web:
    image: {image("probe")}
    command:
      - sh
      - -c
      - printf 'out \\033[31mred\\033[0m "a"\\r\\n'; echo err >&2
    logging:
      driver: syslog
      options: {{syslog-address: "{server.address('udp')}", syslog-facility: local3, tag: my-tag,
                syslog-format: rfc5424micro, mode: non-blocking}}
  db:
    image: {image("probe")}
    command: [sh, -c, "echo from-db; i=0; while [ $$i -lt 500 ]; do echo $$i; i=$$((i+1)); done"]
  quiet: {{image: {image("probe")}, command: [echo, unheard], logging: {{driver: none}}}}
x-berth: {{hostname: box, logging: {{syslog: "{server.address('tcp')}"}}}}
""")
    result = boot(path)
    assert result.status == 0, result
    server.wait_until(lambda: any(line.text == "499" for line in server.of("db")), "last line of db")
    web, db, own = server.of("my-tag"), server.of("db"), server.of("berth")
    assert sorted((line.text, line.priority, line.way) for line in web) == \
        [("err", 19 * 8 + ERROR, "imudp"), ('out red "a"', 19 * 8 + INFO, "imudp")], web
    assert {(line.host, line.version, line.data) for line in web + db + own} == {("box", "1", "-")}
    assert [line.text for line in db] == ["from-db", *map(str, range(500))]
    assert {(line.priority, line.way) for line in db} == {(3 * 8 + INFO, "imtcp")}
    assert any(re.match(r"berth: 9 run: db started", line.text) for line in own), own
    assert any(line.text.startswith("berth: 11 stop: status 0") for line in own), \
        "the machine's last line arrives"
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|\+00:00)$", line.time) for line in db)
    assert not [line for line in server.lines() if "unheard" in line.text]
    assert "unheard" not in result.console, "none is not on the console either"
    assert "db | from-db" in result.console and "web ! err" in result.console


def test_a_name_is_looked_up(image, server, tmp_path):
    """The machine's /etc/hosts does for a name server."""
    hosts = initrd.archive(tmp_path / "hosts.cpio", {"etc/hosts": b"10.0.2.2 log.test\n"})
    result = boot("--initrd-append", hosts, "--append",
                  f"berth.machine-log.syslog=udp://log.test:{server.port}", "--name", "named",
                  image("probe"), "echo", "by name")
    assert result.status == 0, result
    server.wait_until(lambda: server.of("named"), "line")
    assert server.of("named")[0].text == "by name"


@pytest.mark.parametrize("console, shown, hidden", [
    ("problems", ["berth: error: 9 run"], ["9 run: a started", "hello", "11 stop"]),
    ("none", [], ["9 run", "hello", "11 stop"]),
])
def test_a_quiet_console(app, tmp_path, console, shown, hidden):
    """Also without anybody else who gets the lines; the report says the rest."""
    text = f"""services:
  a: {{image: app:1, command: [sh, -c, "echo hello; sleep 0.5"]}}
  b: {{image: app:1, command: [/none], depends_on: [a]}}
x-berth: {{logging: {{console: {console}}}}}
"""
    result = machine(app, *seeds.fw_cfg(tmp_path / "seed", text.encode()))
    assert result.report["status"] == 127, result
    for words in shown:
        assert words in result.console, result
    for words in hidden:
        assert words not in result.console, result


def kept(path, name):
    """The lines of a file on the data disk."""
    text = subprocess.run(["debugfs", "-R", f"cat /logs/{name}", path], capture_output=True, check=True,
                          text=True).stdout
    return [json.loads(line) for line in text.splitlines()]


FILES = """\
services:
  web:
    image: app:1
    command: [sh, -c, "echo 'out \\"quoted\\"'; echo err >&2"]
    logging: {driver: json-file, options: {max-size: 1m, max-file: "2"}}
  much:
    image: app:1
    command: [sh, -c, "i=0; while [ $$i -lt 400 ]; do echo line $$i; i=$$((i+1)); done"]
    logging: {driver: local, options: {max-size: 8k, max-file: "3"}}
  console-only: {image: app:1, command: [echo, shown]}
"""


def test_files_on_the_data_disk(app, tmp_path):
    """As Docker's json-file has them; the next boot goes on; old ones go."""
    words = data_disk(tmp_path / "data.img")
    for number in (1, 2):
        result = machine(app, *words, *seeds.fw_cfg(tmp_path / f"seed{number}", FILES.encode()))
        assert result.report["status"] == 0, result
        assert "web | out \"quoted\"" in result.console and "much | line 399" in result.console
    run("e2fsck", "-f", "-n", tmp_path / "data.img")
    lines = kept(tmp_path / "data.img", "web.log")
    assert len(lines) == 4, lines
    assert sorted((line["log"], line["stream"]) for line in lines[:2]) == \
        [("err\n", "stderr"), ('out "quoted"\n', "stdout")]
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$", line["time"]) for line in lines)
    names = run("debugfs", "-R", "ls -p /logs", tmp_path / "data.img").decode()
    assert set(re.findall(r"/([\w.-]+\.log[.\d]*)/", names)) == \
        {"web.log", "much.log", "much.log.1", "much.log.2"}, names
    newest = [line["log"] for name in ("much.log.2", "much.log.1", "much.log")
              for line in kept(tmp_path / "data.img", name)]
    assert newest == [f"line {number}\n" for number in range(400 - len(newest), 400)], newest[:3]


def test_the_machines_own_lines_in_a_file(app, tmp_path):
    words = data_disk(tmp_path / "data.img")
    text = b"services: {a: {image: app:1, command: [echo, x]}}\nx-berth: {logging: {files: true}}\n"
    result = machine(app, *words, *seeds.fw_cfg(tmp_path / "seed", text))
    assert result.report["status"] == 0, result
    own = [line["log"] for line in kept(tmp_path / "data.img", "_berth.log")]
    assert any("berth: 9 run: a started" in line for line in own), own
    assert "berth: 11 stop: status 0" in own[-1] and not own[-1].startswith("["), own
    assert kept(tmp_path / "data.img", "a.log")[0]["log"] == "x\n"


def test_without_a_data_disk(app, tmp_path):
    """Memory is not for logs: it is said, once, and the machine goes on."""
    result = machine(app, *seeds.fw_cfg(tmp_path / "seed", FILES.encode()))
    assert result.report["status"] == 0, result
    assert result.console.count("there is no data disk: output is not kept in files") == 1


def test_a_full_disk(app, tmp_path):
    """Lines are lost, which is said once; nobody waits for it."""
    words = data_disk(tmp_path / "data.img", "10M")
    text = """services:
  a: {image: app:1, command: [sh, -c, "head -c 30000000 /dev/zero >/fill 2>/dev/null; \
i=0; while [ $$i -lt 300 ]; do echo line $$i; i=$$((i+1)); done; rm /fill; echo after"],
      logging: {driver: json-file}}
"""
    result = machine(app, *words, *seeds.fw_cfg(tmp_path / "seed", text.encode()))
    assert result.report["status"] == 0, result
    assert "a | line 299" in result.console and "a | after" in result.console
    assert result.console.count("the output of a cannot be kept: No space left") <= 1, result


def test_a_server_that_comes_late(image, tmp_path):
    """Lines wait for it as far as there is room; what is lost is counted, and said there. (QEMU's
    network does not tell that nobody listens for UDP: that is init/tests/test_logging.c's.)"""
    port = free_port()
    many = 3000
    path = tmp_path / "compose.yaml"
    path.write_text(f"""\
services:
  late:
    image: {image("probe")}
    command: [sh, -c, "i=0; while [ $$i -lt {many} ]; do echo line $$i of many that come early; \
i=$$((i+1)); done; echo all-said; while :; do sleep 0.1; done"]
    stop_grace_period: 0s
x-berth: {{logging: {{syslog: "tcp://10.0.2.2:{port}"}}}}
""")
    running = Boot(path)
    running.wait_for("all-said")
    running.wait_for("cannot be reached")
    with SyslogServer(tmp_path, port) as server:
        running.wait_for("is reached again")
        server.wait_until(lambda: [line for line in server.lines() if "were lost here" in line.text],
                          "count of lost lines")
        running.interrupt()
        result = running.finish()
        server.wait_until(lambda: any("11 stop" in line.text for line in server.lines()), "last line")
        came = [line.text for line in server.of("late") if line.text.startswith("line ")]
        lost = [int(found.group(1)) for line in server.lines()
                if (found := re.match(r"(?:berth: )?(\d+) lines were lost here", line.text))]
    assert result.console.count("cannot be reached") == 1, result
    assert came[:10] == [f"line {number} of many that come early" for number in range(10)], came[:10]
    assert 100 < len(came) < many and len(came) + sum(lost) >= many, (len(came), lost)


def test_a_server_that_never_comes(image):
    """Nobody waits for it, neither the container nor the end of the machine."""
    port = free_port()
    begun = time.monotonic()
    result = boot("--append", f"berth.machine-log.syslog=tcp://10.0.2.2:{port}", image("probe"), "sh",
                  "-c", "i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done; exit 9")
    assert result.status == 9 and "| line 1999" in result.console, result
    assert time.monotonic() - begun < 200, "far less than the machine's own limit"
