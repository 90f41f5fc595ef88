# SPDX-License-Identifier: Apache-2.0
"""`berth boot` ends with the container's own exit status."""

import pytest

from harness.boot import Boot, boot
from harness.machine import exit_code, run_machine

# What runs, and the status that `berth boot` must end with.
STATUSES = [
    (["probe", "exit", "0"], 0),
    (["probe", "exit", "1"], 1),
    (["sh", "-c", "exit 42"], 42),
    (["/bin/not-executable"], 126),
    (["/work"], 126),
    (["no-such-program"], 127),
    (["sh", "-c", "sh -c 'kill -9 $$'; exit $?"], 137),
    (["sh", "-c", "sh -c 'kill $$'; exit $?"], 143),
    (["probe", "exit", "255"], 255),
]


@pytest.mark.parametrize("command, status", STATUSES, ids=[str(row[1]) for row in STATUSES])
def test_status(image, command, status):
    result = boot(image("probe"), *command)
    assert result.status == status, result
    assert result.report["status"] == status
    assert result.container["exit_status"] == status
    assert result.container["signal"] == 0
    assert not result.container["oom"]
    if status in (126, 127):
        assert command[0] in result.container["error"]
        assert len(result.errors) == 1, result


def test_fault_is_reported_with_its_signal(image):
    result = boot(image("probe"), "probe", "fault")
    assert result.status == 139, result
    assert result.container["signal"] == 11


def test_out_of_memory(image):
    result = boot("--append", "berth.memory=32M", image("probe"), "probe", "memory", "64")
    assert result.status == 137, result
    assert result.container["oom"] is True
    assert result.container["signal"] == 9
    assert "out of memory" in result.report["reason"]
    assert "memory touched" not in result.console


def test_stop_signal_ignored_ends_in_sigkill(image):
    """One Ctrl-C is enough: the machine kills what does not stop in time."""
    with Boot("--stop-timeout", "1", image("probe"), "probe", "signals", "0") as machine:
        machine.wait_for("waiting for signals")
        machine.interrupt()
        result = machine.finish()
    assert result.status == 137, result
    assert result.container["exit_status"] == 137
    assert result.container["signal"] == 9
    assert not result.container["oom"]
    assert result.output("probe") == ["waiting for signals", "signal 15"]


def test_timeout_of_the_workstation(image):
    result = boot("--timeout", "1", image("probe"), "sleep", "1000")
    assert result.status == 124, result


@pytest.mark.parametrize("words, value", [
    ("probe exit 0", 0), ("probe exit 60", 60), ("probe exit 61", 127), ("none", 63),
    ("/work", 62), ("probe fault", 64 + 11)])
def test_debug_exit(image, registry, words, value):
    """QEMU's own status, for those who start QEMU themselves."""
    reference = image("probe")
    result = run_machine(f"berth.image={reference} berth.registry.insecure={registry.host} "
                         f"berth.registry.connect={registry.host}=10.0.2.2:{registry.port} "
                         f'berth.cmd="{words}"')
    assert result.status == exit_code(value), result
