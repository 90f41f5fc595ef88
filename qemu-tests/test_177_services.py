# SPDX-License-Identifier: Apache-2.0
"""Several services in one machine: order, names, ends, restarts; refusals before anything starts."""

import pytest

from harness import seeds
from harness.documents import lint
from harness.seeded import SOURCES, containers, machine, told_by


def errors_of(result):
    return "\n".join(result.errors)


TWO = b"""services:
  web:
    image: app:1
    command: [sh, -c, "cat /etc/hosts; nc database 5432 </dev/null; echo asked; exit 3"]
    depends_on: {init: {condition: service_completed_successfully}, db: {condition: service_started}}
    links: ["db:database"]
    networks: {default: {aliases: [front]}}
    mem_limit: 32m
  db:
    image: app:1
    container_name: store
    command: [sh, -c, "while :; do echo answer | nc -l -p 5432 && break; done; exit 0"]
  init: {image: app:1, command: [sh, -c, "sleep 0.3; echo prepared"]}
"""


@pytest.mark.parametrize("source", SOURCES)
def test_services_from_each_local_source(app, tmp_path, source):
    """web waits for the end of init and the start of db, and reaches db by its names."""
    result = told_by(source, app, tmp_path, TWO)
    found = containers(result)
    assert result.report["status"] == 3, result
    assert result.report["reason"] == "web exited with status 3", result
    assert found["web"]["started_ns"] > found["init"]["ended_ns"], result
    assert found["web"]["started_ns"] > found["store"]["started_ns"], result
    assert found["store"]["exit_status"] == 0, result
    lines = result.output("web")
    assert lines[-2:] == ["answer", "asked"], result
    hosts = [line.split() for line in lines[:-2]]
    assert ["172.17.0.2", "web", "front"] in hosts and \
        ["172.17.0.3", "db", "store", "database"] in hosts and ["172.17.0.4", "init"] in hosts
    pulls = [entry for entry in result.report["ledger"] if entry["name"] == "pull"]
    assert len(pulls) == 1, "one image of three services is pulled once"


def test_a_failed_dependency_ends_the_machine(app, tmp_path):
    """In one line; others are stopped, in reverse order."""
    text = b"""services:
  web: {image: app:1, depends_on: {init: {condition: service_completed_successfully}}}
  user: {image: app:1, command: [sh, -c, "trap 'exit 0' TERM; while :; do sleep 0.1; done"],
         depends_on: [db]}
  db: {image: app:1, command: [sh, -c, "trap 'exit 0' TERM; while :; do sleep 0.1; done"]}
  init: {image: app:1, command: [sh, -c, "sleep 1; exit 9"]}
  more: {image: app:1, command: ["true"],
         depends_on: {init: {condition: service_completed_successfully, required: false}}}
"""
    result = machine(app, *seeds.fw_cfg(tmp_path / "seed", text))
    found = containers(result)
    assert result.report["status"] == 9, result
    assert found["web"]["exit_status"] == 125 and found["web"]["started"] is None
    assert found["web"]["error"] == "waits for init, which ended with status 9", result
    assert "container web: waits for init, which ended with status 9" in errors_of(result), result
    assert found["user"]["exit_status"] == found["db"]["exit_status"] == 0, result
    assert found["user"]["ended_ns"] < found["db"]["ended_ns"], result


def test_exit_code_from_and_restart(app, tmp_path):
    """One service alone is started again; the named one's end is the machine's."""
    text = b"""services:
  tests: {image: app:1, command: [sh, -c, "sleep 1.5; exit 7"], depends_on: [flaky]}
  flaky: {image: app:1, command: [sh, -c, "exit 5"], restart: always}
x-berth: {exit-code-from: tests}
"""
    result = machine(app, *seeds.fw_cfg(tmp_path / "seed", text))
    found = containers(result)
    assert result.report["status"] == 7, result
    assert found["flaky"]["restarts"] >= 1 and found["tests"]["restarts"] == 0, result


def test_shared_network(app, tmp_path):
    text = b"""services:
  a: {image: app:1, command: [sh, -c, "echo inside | nc -l -p 80"]}
  b: {image: app:1, network_mode: "service:a",
      command: [sh, -c, "until nc 127.0.0.1 80 </dev/null; do sleep 0.1; done"]}
"""
    result = machine(app, *seeds.fw_cfg(tmp_path / "seed", text))
    assert result.report["status"] == 0, result
    assert result.output("b")[-1] == "inside", result


def test_circles_are_refused(app, tmp_path):
    text = "services:\n  a: {image: app:1, depends_on: [b]}\n  b: {image: app:1, links: [a]}\n"
    path = tmp_path / "compose.yaml"
    path.write_text(text)
    done = lint(path)
    assert done.returncode == 1
    assert f"{path}:3:29: error: services.b.links: b waits for a, which waits for it" in \
        done.stderr, done.stderr
    result = machine(app, *seeds.fw_cfg(tmp_path / "seed", text.encode()))
    assert result.report["status"] == 125, result
    assert "opt/org.berth/config:3:29: error: services.b.links: b waits for a" in errors_of(result)


def test_restart_policy_of_deploy(app, tmp_path):
    """A delay is waited for each time; after a run as long as the window the attempts count anew."""
    text = b"""services:
  delayed:
    image: app:1
    command: [sh, -c, "cut -d ' ' -f 1 /proc/uptime; exit 3"]
    deploy: {restart_policy: {condition: on-failure, max_attempts: 2, delay: 1500ms}}
  steady: &steady
    image: app:1
    command: [sh, -c, "echo x >>/runs; sleep 1.2; [ $$(wc -l </runs) != 4 ]; exit $$(($$? ? 0 : 4))"]
    deploy: {restart_policy: {condition: on-failure, max_attempts: 1, delay: 100ms, window: 1s}}
  counted:
    <<: *steady
    deploy: {restart_policy: {condition: on-failure, max_attempts: 1, delay: 100ms}}
"""
    result = machine(app, *seeds.fw_cfg(tmp_path / "seed", text))
    found = containers(result)
    times = [float(line) for line in result.output("delayed")]
    assert len(times) == 3 and all(b - a >= 1.5 for a, b in zip(times, times[1:])), result
    assert (found["steady"]["restarts"], found["steady"]["exit_status"]) == (3, 0), result
    assert (found["counted"]["restarts"], found["counted"]["exit_status"]) == (1, 4), result
