# SPDX-License-Identifier: Apache-2.0
"""Health of services: tests in running containers, who waits for a healthy one, and `berth boot` with a
document of several services."""

import socket

import pytest

from harness import images, seeds
from harness.boot import Boot, boot
from harness.documents import lint, run_berth
from harness.initrd import local_image
from harness.ports import free_port
from harness.seeded import SOURCES, containers, machine, told_by


def document(app, folder, text):
    return machine(app, *seeds.fw_cfg(folder / "seed", text.encode()))


TWO = b"""services:
  web:
    image: app:1
    command: [sh, -c, "echo may begin; exit 3"]
    depends_on: {db: {condition: service_healthy}}
  db:
    image: app:1
    command: [sh, -c, "trap 'exit 0' TERM; sleep 0.7; echo up >/ready; while :; do sleep 0.1; done"]
    healthcheck: {test: "cat /ready", interval: 150ms, timeout: 60s, retries: 1000}
x-berth: {exit-code-from: web}
"""


@pytest.mark.parametrize("source", SOURCES)
def test_healthy_from_each_local_source(app, tmp_path, source):
    """web starts when the test of db has been good, which it is not at first."""
    result = told_by(source, app, tmp_path, TWO)
    found = containers(result)
    health = found["db"]["health"]
    assert result.report["status"] == 3, result
    assert result.output("web") == ["may begin"], result
    assert health["status"] == "healthy" and health["tests"] >= 2, health
    assert health["last_failure"].startswith("exited with status 1: cat: "), health
    assert found["db"]["started_ns"] < health["healthy_ns"] <= found["web"]["started_ns"]
    assert found["web"]["health"] is None
    said = [result.console.index(text) for text in (
        "10 supervise: db is starting: its health is tested in 150 ms",
        "10 supervise: db is healthy", "9 run: web started")]
    assert said == sorted(said), result
    assert found["db"]["exit_status"] == 0, "stopped in order"


def test_unhealthy_dependency(app, tmp_path):
    """Whoever waits for it is not started, in one line; what the test printed is in the report. Who
    can do without it starts all the same."""
    result = document(app, tmp_path, """services:
  web: {image: app:1, depends_on: {db: {condition: service_healthy}}}
  db:
    image: app:1
    command: [sh, -c, "trap 'exit 0' TERM; while :; do sleep 0.1; done"]
    healthcheck: {test: "echo first; echo broken >&2; exit 4", interval: 100ms, retries: 2}
  late: {image: app:1, command: ["true"], depends_on: [web]}
""")
    found = containers(result)
    assert result.report["status"] == 125, result
    assert result.report["reason"] == "web waits for db, which is unhealthy", result
    assert found["web"]["error"] == "waits for db, which is unhealthy"
    assert found["web"]["started"] is None and found["late"]["started"] is None
    assert "container web: waits for db, which is unhealthy" in "\n".join(result.errors), result
    health = found["db"]["health"]
    assert health == {"status": "unhealthy", "failing_streak": 2, "tests": 2, "last_status": 4,
                      "healthy_ns": 0, "last_failure": "exited with status 4: broken",
                      "output": "first\nbroken\n"}
    assert "db is unhealthy: its test has failed 2 times in a row; the last one exited with " \
        "status 4: broken" in result.console, result
    assert found["db"]["exit_status"] == 0, result


def test_cut_short_by_the_end(app, tmp_path):
    """A test that falls into the container's end says nothing of its health."""
    result = document(app, tmp_path, """services:
  brief:
    image: app:1
    command: [sh, -c, "sleep 0.4; exit 1"]
    restart: "on-failure:5"
    healthcheck: {test: ["CMD", "true"], interval: 1ms, retries: 1}
""")
    brief = containers(result)["brief"]
    assert brief["restarts"] == 5 and brief["exit_status"] == 1, result
    assert brief["health"]["tests"] > 5 and brief["health"]["failing_streak"] == 0, brief
    assert "unhealthy" not in result.console, result


FACTS = """id; pwd; hostname; env | grep -v ^SHLVL | sort; grep -E '^(Cap|NoNewPrivs|Seccomp:)' \
/proc/self/status; cat /proc/self/cgroup /proc/self/oom_score_adj; ulimit -n; \
for n in mnt pid net ipc uts cgroup user; do readlink /proc/self/ns/$$n; done; readlink /proc/self/fd/0"""


def test_a_test_is_a_process_of_its_container(app, tmp_path):
    """The same user, environment, rights, limits, namespaces and cgroup."""
    result = document(app, tmp_path, f"""services:
  one:
    image: app:1
    entrypoint: [sh, -c, '"$$@"; trap "exit 0" TERM; while :; do sleep 0.1; done', -]
    command: [sh, -c, "{FACTS}"]
    user: "1000:29"
    working_dir: /home/alice
    environment: {{A: "b c"}}
    cap_add: [NET_ADMIN]
    cap_drop: [CHOWN]
    ulimits: {{nofile: 99}}
    oom_score_adj: 77
    healthcheck: {{test: [CMD, sh, -c, "{FACTS}; exit 9"], interval: 300ms, timeout: 60s, retries: 1}}
  two:
    image: app:1
    depends_on: {{one: {{condition: service_healthy}}}}
""")
    health = containers(result)["one"]["health"]
    lines = result.output("one")
    assert health["output"].splitlines() == lines and len(lines) > 20, (health["output"], lines)
    assert lines[0].startswith("uid=1000(alice) gid=29(audio)"), result
    assert {"HOSTNAME=one", "A=b c", "99", "77", "/home/alice", "0::/"} <= set(lines), result


def test_time_and_what_follows(app, tmp_path):
    """A test is killed at its time with all that it started; x-berth-on-failure: stop stops the
    container, and on-failure starts it again. The words of the kernel command line say the same."""
    path = tmp_path / "compose.yaml"
    path.write_text("""services:
  slow:
    image: app:1
    command: [sh, -c, "trap 'echo left: $$(ps | grep -c [s]leep.1234); exit 6' TERM; \
while :; do sleep 0.1; done"]
    restart: on-failure:1
    healthcheck: {test: "sleep 1234 & echo begun; sleep 1234", timeout: 1500ms, interval: 100ms, retries: 1,
                  x-berth-on-failure: stop}
""")
    result = boot("--offline", "--initrd-append", app, path)
    assert result.status == 6, result
    health = result.container["health"]
    assert result.container["restarts"] == 1, result
    assert result.output("slow") == ["left: 0", "left: 0"], result
    assert health["tests"] == 2 and health["failing_streak"] == 1 and health["last_status"] == -1
    assert health["last_failure"] == "took longer than 1500 ms and was killed: begun", health


def test_the_images_own_test(app, tmp_path):
    """It holds with its times and its shell, unless the document says otherwise, or turns it off."""
    own = images.edited("busybox", tmp_path, Shell=["/bin/busybox", "ash", "-c"], Healthcheck={
        "Test": ["CMD-SHELL", "echo $0 of the image; exit 5"], "Interval": 150_000_000,
        "Retries": 1, "StartPeriod": 0})
    more = local_image(tmp_path / "own.cpio", own, "own:1", "own")
    text = """services:
  plain: {image: own:1, command: &wait [sh, -c, "trap 'exit 0' TERM; while :; do sleep 0.1; done"]}
  over: {image: own:1, command: *wait, healthcheck: {test: [CMD, "true"]}}
  off: {image: own:1, command: *wait, healthcheck: {disable: true}}
  none: {image: own:1, command: *wait, healthcheck: {test: [CMD, no-such-program], retries: 2}}
  end:
    image: app:1
    command: ["true"]
    depends_on:
      over: {condition: service_healthy}
      plain: {condition: service_healthy, required: false}
      none: {condition: service_healthy, required: false}
      app: {condition: service_healthy, required: false}
  app: {image: app:1, command: *wait}
x-berth: {exit-code-from: end}
"""
    result = machine(more, *seeds.fw_cfg(tmp_path / "seed", text.encode()), initrds=[app])
    found = containers(result)
    assert result.report["status"] == 0, result
    assert found["plain"]["health"]["status"] == "unhealthy"
    assert found["plain"]["health"]["output"] == "ash of the image\n", found["plain"]
    assert found["plain"]["health"]["last_status"] == 5
    assert found["over"]["health"]["status"] == "healthy", found["over"]
    assert found["off"]["health"] is None and found["app"]["health"] is None
    assert found["none"]["health"]["last_failure"].startswith("could not be run: exec "), result
    assert found["none"]["health"]["last_status"] == -1
    assert "over is starting: its health is tested in 150 ms" in result.console, "the image's interval"


PUBLISHED = """services:
  web:
    image: {image}
    command: [sh, -c, "echo listening; echo answer | nc -l -p 80; env | grep MORE; echo $$PRICE; exit 5"]
    environment: {{PRICE: "${{PRICE}}$$"}}
    env_file: [more.env]
    ports: ["{port}:80"]
    depends_on: {{db: {{condition: service_healthy}}}}
    profiles: [front]
  db:
    image: {image}
    command: [sh, -c, "trap 'exit 0' TERM; sleep 0.5; echo up >/ready; while :; do sleep 0.1; done"]
    healthcheck: {{test: [CMD, test, -e, /ready], interval: 150ms, retries: 1000}}
  unused: {{image: none.invalid/x, profiles: [other]}}
x-berth: {{exit-code-from: web}}
"""


def test_boot_of_a_document_with_several_services(image, tmp_path):
    """Variables, files and profiles are the workstation's, and ports answer there."""
    path, port = tmp_path / "compose.yaml", free_port()
    path.write_text(PUBLISHED.format(image=image("busybox"), port=port))
    (tmp_path / "more.env").write_text("MORE=from a file\n")
    (tmp_path / ".env").write_text("PRICE=7\n")
    running = Boot("--profile", "front", "--hostname", "box", path)
    running.wait_for("web | listening")
    running.wait_until(lambda: _ask(port) == b"answer\n", "an answer at the published port")
    result = running.finish()
    found = containers(result)
    assert result.status == 5 == result.report["status"], result
    assert set(found) == {"web", "db"}
    assert result.output("web") == ["listening", "MORE=from a file", "7$"], result
    assert found["web"]["started_ns"] >= found["db"]["health"]["healthy_ns"] > 0
    assert found["db"]["exit_status"] == 0
    config = result.steps("config")
    assert config[0]["source"] == "fw_cfg" and "2 services" in config[0]["decision"]


def _ask(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            return connection.recv(100)
    except OSError:
        return b""


def test_what_is_refused_before_anything_starts(tmp_path):
    path = tmp_path / "compose.yaml"
    path.write_text("services:\n  a: {image: x, depends_on: {b: {condition: service_healthy}}}\n"
                    "  b: {image: y, healthcheck: {test: a}}\n")
    assert lint(path).returncode == 0, lint(path).stderr
    done = run_berth("boot", "-e", "A=b", path)
    assert done.returncode == 125
    assert "--env is about one container, and" in done.stderr, done.stderr
    done = run_berth("boot", "--dry-run", path)
    assert done.returncode == 0, done.stderr
    assert " -fw_cfg name=opt/org.berth/config,file=document.json " in done.stdout
    assert "berth.config=fw_cfg" in done.stdout and "berth.image" not in done.stdout
    path.write_text(path.read_text().replace("test: a", "test: [NONE]"))
    done = lint(path)
    assert done.returncode == 3
    assert "services.a.depends_on.b: waits for the health of a service whose test is turned off" in \
        done.stderr, done.stderr
