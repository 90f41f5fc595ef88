# SPDX-License-Identifier: Apache-2.0
"""The report and the ledger; and an image that is already in the machine."""

import re
from datetime import datetime

import pytest

from harness import images
from harness.initrd import local_image
from harness.machine import exit_code, run_machine

pytestmark = pytest.mark.xdist_group("report")  # one machine for all

STEPS = ["mounts", "console", "command-line", "clock", "entropy", "devices", "network", "pull",
         "run", "supervise", "stop"]
IN_ORDER = [*STEPS[:3], "config", *STEPS[3:]]  # which is the third, too


@pytest.fixture(scope="module", name="initrd")
def appended_image(tmp_path_factory):
    path = tmp_path_factory.mktemp("initrd") / "image.cpio"
    return local_image(path, images.layout("probe"), "registry.invalid/team/probe:1")


@pytest.fixture(scope="module", name="result")
def one_boot(initrd):
    return run_machine('berth.image=registry.invalid/team/probe:1 ip=off berth.env="A_B=c d" '
                       'berth.cmd="sh -c \'env; exit 42\'"', initrds=[initrd], network=False)


def test_local_image_runs_without_a_network(result):
    assert result.status == exit_code(42), result
    assert result.errors == []
    assert "A_B=c d" in result.output("probe")
    assert result.container["source"].startswith("layout")


def test_report(result):
    report = result.report
    assert report["version"] == 1
    assert re.fullmatch(r"\d+\.\d+\.\d+", report["berth"])
    assert report["status"] == 42
    assert "42" in report["reason"] and "\n" not in report["reason"]
    assert len(report["containers"]) == 1


def test_container_in_the_report(result):
    container = result.container
    assert container["name"] == "probe"
    assert container["image"] == "registry.invalid/team/probe:1"
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", container["digest"])
    assert container["platform"] == "linux/amd64"
    assert container["exit_status"] == 42
    assert container["signal"] == 0
    assert container["oom"] is False
    assert container["restarts"] == 0
    assert container["error"] == ""
    assert 0 < container["started_ns"] < container["ended_ns"]
    started, ended = (datetime.strptime(container[key], "%Y-%m-%dT%H:%M:%SZ")
                      for key in ("started", "ended"))
    assert datetime(2024, 1, 1) < started <= ended


def test_ledger_has_every_step_in_order(result):
    ledger = result.report["ledger"]
    assert list(dict.fromkeys(entry["name"] for entry in ledger)) == IN_ORDER
    for entry in ledger:
        assert entry["step"] == (3 if entry["name"] == "config" else STEPS.index(entry["name"]) + 1)
        assert entry["at_ns"] > 0 and entry["duration_ns"] >= 0 and entry["bytes"] >= 0
        assert isinstance(entry["source"], str) and isinstance(entry["decision"], str)
    starts = [entry["at_ns"] for entry in ledger]
    assert starts == sorted(starts)


def test_console_has_the_same_steps(result):
    for number, name in enumerate(STEPS, 1):
        assert re.search(rf"^\[ *\d+\.\d+\] berth: {number} {name}", result.console, re.M), name


def test_machine_without_any_of_the_devices(initrd):
    """No report port, no debug exit, no network card: it still runs and switches itself off."""
    result = run_machine("berth.image=registry.invalid/team/probe:1 ip=off berth.network=none "
                         'berth.cmd="probe exit 3"', initrds=[initrd], network=False,
                         report=False, debug_exit=False)
    assert result.status == 0, result
    assert "exited with status 3" in result.console
