# SPDX-License-Identifier: Apache-2.0
"""Containers that PID 1 makes while they wait for others or for their next start."""

import pytest

from harness import images, seeds
from harness.initrd import local_image
from harness.machine import Machine
from harness.seeded import containers, machine


@pytest.fixture(scope="module", name="probe")
def probe_image(tmp_path_factory):
    """The image with the probe and facts, as app:1."""
    return local_image(tmp_path_factory.mktemp("image") / "app.cpio", images.layout("probe"), "app:1")


def run(probe, folder, text, **settings):
    return machine(probe, *seeds.fw_cfg(folder / "seed", text.encode()), **settings)


def starts(result, name):
    return [entry for entry in result.report["ledger"]
            if entry["name"] == "run" and entry["decision"].startswith(f"{name} started")]


TWINS = """services:
  first: {{image: app:1, command: [sh, -c, "facts; probe syscalls; cat /proc/self/mountinfo; {more}"], hostname: box}}
  second: {{image: app:1, command: [sh, -c, "facts; probe syscalls; cat /proc/self/mountinfo; {more}"], hostname: box,
            depends_on: {{first: {{condition: service_completed_successfully}}}}}}
"""


def settled(lines):
    """Without what is each container's own: the numbers of mounts and devices, its address, its name."""
    kept = []
    for line in lines:
        if line.startswith(("hosts:", "address:", "interfaces:")):
            continue
        if " - " in line and line[0].isdigit():
            fields = line.split()
            line = " ".join(fields[3:])
            line = line.replace("/containers/first/", "/…/").replace("/containers/second/", "/…/")
        kept.append(line)
    return kept


def test_made_beforehand_is_like_any_other(probe, tmp_path):
    """What a container that waited sees and may is what one that did not does; the report says when it
    was made, when it was told to go, and when it executed."""
    result = run(probe, tmp_path, TWINS.format(more="id"))
    found = containers(result)
    assert result.report["status"] == 0, result
    first, second = found["first"], found["second"]
    assert first["prepared_ns"] == 0 and first["decided_ns"] < first["started_ns"], result
    assert 0 < second["prepared_ns"] < first["ended_ns"] <= second["decided_ns"], result
    assert second["decided_ns"] < second["started_ns"], result
    assert " made " in starts(result, "second")[0]["decision"], result
    assert " made " not in starts(result, "first")[0]["decision"], result
    assert settled(result.output("second")) == settled(result.output("first")), result
    assert len(result.output("first")) > 80, result


def test_nothing_of_the_machine_is_mounted(probe, tmp_path):
    """Neither at its place nor below the container's root."""
    text = """services:
  first: {image: app:1, command: [sh, -c, "cat /proc/self/mountinfo"]}
"""
    result = run(probe, tmp_path, text)
    assert result.report["status"] == 0, result
    places = [line.split()[4] for line in result.output("first")]
    assert places[0] == "/", result
    assert all(place.startswith(("/proc", "/sys", "/dev", "/etc/")) for place in places[1:]), result


def test_restarts(probe, tmp_path):
    """The next run is made while the machine waits before it, and each one is a new container."""
    text = """services:
  flaky: {image: app:1, restart: "on-failure:4", command: [sh, -c,
          "echo run $(cat /count | wc -l) $(ls /dev/shm | wc -l) $$$$; echo >>/count; touch /dev/shm/x; exit 5"]}
"""
    result = run(probe, tmp_path, text)
    flaky = containers(result)["flaky"]
    assert result.report["status"] == 5 and flaky["restarts"] == 4, result
    made = [" made " in entry["decision"] for entry in starts(result, "flaky")]
    assert not made[0] and any(made), result
    lines = [line for line in result.output("flaky") if line.startswith("run ")]
    assert lines == [f"run {i} 0 1" for i in range(5)], result


def test_dropped_when_it_is_not_wanted(probe, tmp_path):
    """A failed dependency: the container that waits for it goes, and never runs."""
    text = """services:
  web: {image: app:1, command: [sh, -c, "echo ran"],
        depends_on: {init: {condition: service_completed_successfully}}}
  init: {image: app:1, command: [sh, -c, "sleep 3; exit 9"]}
  last: {image: app:1, stop_grace_period: 20s, command: [sh, -c,
         "trap 'sleep 1; ls /sys/fs/cgroup; exit 0' TERM; while :; do sleep 0.1; done"]}
"""
    result = run(probe, tmp_path, text)
    web = containers(result)["web"]
    assert result.report["status"] == 9, result
    assert web["exit_status"] == 125 and web["started"] is None and web["prepared_ns"] > 0, result
    assert web["error"] == "waits for init, which ended with status 9", result
    assert result.output("web") == [], result


def test_dropped_at_a_stop(probe, tmp_path):
    text = b"""services:
  web: {image: app:1, command: [sh, -c, "echo ran"],
        depends_on: {db: {condition: service_healthy}}}
  db: {image: app:1, command: [sh, -c, "echo up; trap 'exit 0' TERM; while :; do sleep 0.1; done"],
       healthcheck: {test: "false", interval: 1s}}
"""
    with Machine("ip=off", initrds=[probe], network=False, debug_exit=False,
                 extra=seeds.fw_cfg(tmp_path / "seed", text)) as running:
        running.wait_for("db | up")
        running.control("system_powerdown")
        result = running.finish()
    found = containers(result)
    assert found["web"]["started"] is None and found["web"]["state"] == "ended", result
    assert found["web"]["error"] == "stopped before it was started", result
    assert found["db"]["exit_status"] == 0 and result.output("web") == [], result


def test_what_is_wrong_is_said_at_the_start(probe, tmp_path):
    """A container that cannot be made is quiet until its time has come."""
    text = """services:
  web: {image: app:1, user: nobody-here, command: [sh, -c, "echo ran"],
        depends_on: {init: {condition: service_completed_successfully}}}
  init: {image: app:1, command: [sh, -c, "sleep 1; echo over"]}
"""
    result = run(probe, tmp_path, text)
    web = containers(result)["web"]
    assert result.report["status"] == 125, result
    assert "nobody-here" in web["error"] and web["prepared_ns"] == 0, result
    assert web["decided_ns"] >= containers(result)["init"]["ended_ns"], result
    assert result.console.index("init | over") < result.console.index("nobody-here"), result


def test_shared_volumes_are_seen_as_they_are_at_the_start(probe, tmp_path):
    """Users, the working directory and the program may come from a volume that the one before fills."""
    text = """services:
  web: {image: app:1, user: late, working_dir: /data/made, volumes: ["etc:/etc", "data:/data"],
        command: [/data/program], depends_on: {init: {condition: service_completed_successfully}}}
  init: {image: app:1, volumes: ["etc:/etc", "data:/data"], command: [sh, -c,
         "sleep 3; echo late:x:4321:99::/data: >>/etc/passwd; mkdir -m 711 /data/made; printf '#!/bin/sh\\nid -u; pwd\\n' >/data/program; chmod 755 /data /data/program"]}
volumes: {etc: {}, data: {}}
"""
    result = run(probe, tmp_path, text)
    assert result.report["status"] == 0, result
    assert containers(result)["web"]["prepared_ns"] > 0, result
    assert result.output("web") == ["4321", "/data/made"], result


def test_beside_a_fork_bomb(probe, tmp_path):
    text = """services:
  web: {image: app:1, command: [sh, -c, "echo ran"],
        depends_on: {bomb: {condition: service_completed_successfully}}}
  bomb: {image: app:1, pids_limit: 100, command: [sh, -c, "probe forkbomb 50; sleep 2; probe memory 8; echo over"],
         deploy: {resources: {limits: {memory: 32m}}}}
"""
    result = run(probe, tmp_path, text)
    assert result.report["status"] == 0 and result.output("web") == ["ran"], result
    assert containers(result)["web"]["prepared_ns"] > 0, result


def test_not_without_memory_to_spare(probe, tmp_path):
    """A machine that has little is left what it has."""
    text = b"""services:
  web: {image: app:1, command: [sh, -c, "echo ran"],
        depends_on: {init: {condition: service_completed_successfully}}}
  init: {image: app:1, command: [sh, -c, "echo over"]}
"""
    with Machine("ip=off", initrds=[probe], network=False, debug_exit=False, memory=48,
                 extra=seeds.fw_cfg(tmp_path / "seed", text)) as running:
        result = running.finish()
    assert result.report["status"] == 0 and result.output("web") == ["ran"], result
    assert containers(result)["web"]["prepared_ns"] == 0, result
