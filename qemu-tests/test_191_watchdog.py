# SPDX-License-Identifier: Apache-2.0
"""Watchdogs: QEMU's i6300esb, the chip set's and the kernel's timer. A PID 1 that is stuck, which is a
weakened build, is what they are for."""

import time

import pytest

from harness import seeds, weakened
from harness.initrd import archive
from harness.machine import Machine, run_machine

I6300 = ("-device", "i6300esb", "-action", "watchdog=reset")
RUN = 'berth.image=app:1 berth.cmd="sh -c \'sleep %s; exit 9\'"'

# After the container's start the event loop comes round no more.
STUCK = weakened.Defence(
    "PID 1's event loop goes on", {"init/main.c": (
        ("static void on_container_started(void)\n{\n",
         "static void on_container_started(void)\n{\n	for (;;)\n		pause();\n"),)}, ())


def machine(app, line, *words, **settings):
    return run_machine(f"ip=off {line}", initrds=[app], network=False, debug_exit=False, extra=words,
                       **settings)


def watchdog_lines(result):
    assert result.report, result
    return [entry["decision"] for entry in result.report["ledger"] if entry["source"] == "watchdog"]


@pytest.fixture(scope="module", name="stuck")
def stuck_init(tmp_path_factory):
    """An archive whose /init takes the place of the other one."""
    scratch = tmp_path_factory.mktemp("stuck")
    return archive(scratch / "init.cpio", {"/init": weakened.program(scratch / "program", STUCK)})


def test_a_healthy_machine_outlives_it(app):
    """It is kept quiet for several times its timeout, and stopped at the end."""
    result = machine(app, "berth.watchdog=5 " + RUN % 16, *I6300)
    assert result.report and result.report["status"] == 9, result
    assert watchdog_lines(result) == ["i6300ESB timer on /dev/watchdog0, 5 s"] or \
        watchdog_lines(result) == ["i6300ESB timer on /dev/watchdog1, 5 s"], result
    assert "did not stop" not in result.console, result


def test_from_a_document(app, tmp_path):
    """And without a device it is the kernel's timer."""
    text = seeds.document("dog", more="x-berth:\n  watchdog: {timeout: 1m, device: software}\n")
    result = machine(app, "", *seeds.fw_cfg(tmp_path / "fw", text))
    assert result.report and result.report["status"] == 7, result
    assert [line.split(" on ")[0] for line in watchdog_lines(result)] == ["Software Watchdog"], result
    assert watchdog_lines(result)[0].endswith(", 60 s"), result


def test_automatic_and_missing(app):
    """auto is content with the kernel's timer; who asks for hardware must have it."""
    result = machine(app, "berth.watchdog=30 " + RUN % 0)
    assert watchdog_lines(result)[0].startswith("Software Watchdog"), result
    result = machine(app, "berth.watchdog=30 berth.watchdog.device=hardware " + RUN % 0)
    assert result.report["status"] == 125, result
    assert "berth.watchdog: there is no watchdog hardware" in result.report["reason"], result


def test_the_chip_set_of_q35(app):
    result = machine(app, "berth.watchdog=30 " + RUN % 0, board="q35")
    assert result.report["status"] == 9, result
    assert watchdog_lines(result)[0].startswith("iTCO_wdt"), result


@pytest.mark.parametrize("words, line", [
    (I6300, "berth.watchdog=15"),
    ((), "berth.watchdog=15 berth.watchdog.device=software"),
], ids=["i6300esb", "software"])
def test_a_stuck_machine_is_reset(app, stuck, words, line):
    """It boots once more; without a watchdog it would hang for ever (below)."""
    with Machine(f"ip=off {line} " + RUN % 0, initrds=[app, stuck], network=False, debug_exit=False,
                 extra=[*words, "-action", "reboot=reset"]) as running:
        running.wait_for("9 run: app started", 300)
        deadline = time.monotonic() + 300
        while running.console.count("berth: 2 console:") < 2:
            assert running.running and time.monotonic() < deadline, running.console
            time.sleep(0.2)
        assert "11 stop" not in running.console


def test_a_stuck_machine_without_a_watchdog(app, stuck):
    with Machine("ip=off " + RUN % 0, initrds=[app, stuck], network=False, debug_exit=False,
                 extra=[*I6300, "-action", "reboot=reset"]) as running:
        running.wait_for("9 run: app started", 300)
        time.sleep(15)
        assert running.running and running.console.count("berth: 2 console:") == 1, running.console
