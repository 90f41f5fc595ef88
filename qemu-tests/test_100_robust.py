# SPDX-License-Identifier: Apache-2.0
"""Containers that behave badly. PID 1 goes on, says what happened, and ends the machine."""

import pytest

from harness import images
from harness.boot import boot
from harness.initrd import local_image
from harness.machine import exit_code, run_machine


def test_fork_bomb_daemons_and_zombies(image):
    """All in one container, limited to 200 processes; what it leaves behind is killed."""
    script = "probe daemons 20; probe zombies 100; probe forkbomb 50; echo done"
    result = boot("--append", "berth.pids=200", image("probe"), "sh", "-c", script)
    assert result.status == 0, result
    output = result.output("probe")
    assert "daemons started" in output and "zombies made" in output
    assert any(line.startswith("forks refused") for line in output), result
    assert result.errors == []


def test_thousand_zombies(image):
    """PID 1 of the container reaps nothing; they go with it."""
    result = boot("--append", "berth.pids=4000", image("probe"), "probe", "zombies", "1000")
    assert result.status == 0, result
    assert result.output("probe") == ["zombies made"]


def test_container_that_kills_everything_it_can_see(image):
    result = boot("--network", "host", image("probe"), "sh", "-c", "kill -9 -1; echo alive")
    assert result.status == 0, result
    assert result.output("probe") == ["alive"]


def test_memory_of_the_machine_runs_out(image):
    """No limit on the container: the kernel kills it, not Berth."""
    result = boot("-m", "128M", image("probe"), "probe", "memory", "512")
    assert result.status == 137, result
    assert result.container["signal"] == 9
    assert result.container["oom"] is True
    assert "Kernel panic" not in result.console


def test_disk_of_the_machine_runs_out(image):
    result = boot("-m", "128M", image("probe"), "sh", "-c",
                  "dd if=/dev/zero of=/fill bs=1M count=500; echo ended $?")
    assert result.status == 0, result
    assert result.output("probe") == ["ended 1"]


@pytest.fixture(scope="module", name="local")
def appended_image(tmp_path_factory):
    path = tmp_path_factory.mktemp("initrd") / "image.cpio"
    return local_image(path, images.layout("probe"), "local/probe")


@pytest.mark.parametrize("part", range(4))
def test_exit_in_the_first_millisecond(local, part):
    """Again and again: an end that comes before anybody looks must not be lost."""
    for _ in range(5):  # of 20 in all; the parts may run side by side
        result = run_machine('berth.image=local/probe ip=off berth.network=none '
                             'berth.cmd="probe exit 9"', initrds=[local], network=False,
                             memory=96)
        assert result.status == exit_code(9), (part, result)


def test_orphans_in_the_machine_are_reaped(image):
    """With the host's network, but its own PIDs: a restart is not held up by what was left."""
    result = boot("--restart", "on-failure:1", image("probe"), "sh", "-c",
                  "probe daemons 5; exit 3")
    assert result.status == 3, result
    assert result.container["restarts"] == 1
