# SPDX-License-Identifier: Apache-2.0
"""Stopping, restarting, and what the machine does after the end."""

import signal

import pytest

from harness.boot import Boot, boot
from harness.machine import Machine


def raw(registry, reference: str, more: str) -> str:
    return (f"berth.image={reference} berth.registry.insecure={registry.host} "
            f"berth.registry.connect={registry.host}=10.0.2.2:{registry.port} {more}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_sends_the_stop_signal(image, number):
    with Boot(image("probe"), "probe", "signals", "1") as machine:
        machine.wait_for("waiting for signals")
        machine.send(number)
        result = machine.finish()
    assert result.output("probe") == ["waiting for signals", "signal 15"], result
    assert result.container["exit_status"] == 40
    assert result.status == 40
    assert result.steps("stop"), result


def test_second_ctrl_c_kills_the_machine(image):
    with Boot(image("probe"), "probe", "signals", "0") as machine:
        machine.wait_for("waiting for signals")
        machine.interrupt()
        machine.wait_for("signal 15")
        machine.interrupt()
        result = machine.finish()
    assert result.status == 137, result
    assert result.seconds < 60


def test_power_button(image, registry):
    line = raw(registry, image("probe"), 'berth.cmd="probe signals 1"')
    with Machine(line) as machine:
        machine.wait_for("waiting for signals")
        machine.control("system_powerdown")
        result = machine.finish()
    assert "signal 15" in result.console
    assert result.container["exit_status"] == 40


def test_stop_while_pulling(image):
    """A stop before the container exists ends the machine at once, and not with success."""
    with Boot("localhost:1/nobody/listens") as machine:
        machine.wait_for("8 pull")
        machine.interrupt()
        result = machine.finish()
    assert result.status not in (0, 137), result
    assert result.report["status"] != 0


def test_restart_on_failure_counts_and_keeps_the_writable_layer(image):
    result = boot("--restart", "on-failure:2", image("probe"), "sh", "-c",
                  "echo run >> /runs; wc -l < /runs; exit 7")
    assert result.output("probe") == ["1", "2", "3"], result
    assert result.container["restarts"] == 2
    assert result.status == 7


def test_restart_on_failure_leaves_success_alone(image):
    result = boot("--restart", "on-failure", image("probe"), "sh", "-c", "echo run")
    assert result.output("probe") == ["run"], result
    assert result.container["restarts"] == 0
    assert result.status == 0


def test_restart_always_until_stopped(image):
    with Boot("--restart", "always", image("probe"), "sh", "-c", "echo run") as machine:
        machine.wait_until(lambda: machine.console.count("| run") >= 3, "third run")
        machine.interrupt()
        result = machine.finish()
    assert result.container["restarts"] >= 2, result


def test_hold_keeps_the_machine_until_the_power_button(image, registry):
    line = raw(registry, image("probe"), 'berth.on-exit=hold berth.cmd="probe exit 5"')
    with Machine(line) as machine:
        machine.wait_for("11 stop")
        assert machine.running
        machine.control("system_powerdown")
        result = machine.finish()
    assert result.report["status"] == 5


def test_reboot_after_the_end(image, registry):
    line = raw(registry, image("probe"), 'berth.on-exit=reboot berth.cmd="probe exit 5"')
    with Machine(line) as machine:  # -no-reboot: QEMU ends where the machine would start again
        result = machine.finish()
    assert result.status == 0, result
    assert result.report["status"] == 5
