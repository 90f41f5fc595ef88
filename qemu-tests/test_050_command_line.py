# SPDX-License-Identifier: Apache-2.0
"""Words on the kernel command line: mistakes are named, with what was probably meant."""

import re

import pytest

from harness.boot import boot
from harness.machine import exit_code, run_machine

MISTAKES = [
    ("berth.imag=nginx", r"berth\.imag\b.*berth\.image"),
    ("berth.image=nginx berth.prot=80", r"berth\.prot\b.*berth\.port"),
    ("berth.image=nginx berth.port=99999", r"berth\.port.*99999"),
    ("berth.image=nginx berth.memory=12X", r"berth\.memory.*12X"),
    ("berth.image=nginx berth.restart=sometimes", r"berth\.restart.*sometimes"),
    ("berth.image=UPPER/Case", r"berth\.image.*(UPPER|lower)"),
    ("ip=dhcp quiet", r"no image.*berth\.image"),
    ("berth.image=nginx ip=10.0.0.300", r"ip.*10\.0\.0\.300"),
]


@pytest.mark.parametrize("line, message", MISTAKES, ids=[row[0] for row in MISTAKES])
def test_mistake(line, message):
    result = run_machine(line, network=False)
    assert result.status == exit_code(61), result
    assert result.report["status"] == 125
    assert len(result.errors) == 1, result
    assert re.search(message, result.errors[0]), result.errors


def test_words_that_are_not_berths_are_left_alone():
    result = run_machine("root=/dev/vda rw nomodeset foo.bar=1 berth.image=nginx ip=off",
                         network=False)
    assert len(result.errors) == 1, result
    assert "network" in result.errors[0]


def test_line_too_long_for_the_kernel():
    """A line that fills the kernel's 2,047 bytes may have been cut by a boot loader: what is left
    must not run as if it were all."""
    result = run_machine("berth.image=nginx " + "berth.env=LONG=" + "x" * 2100, network=False,
                         cut_line_at=2047)
    assert result.status == exit_code(61), result
    assert len(result.errors) == 1 and "2048" in result.errors[0], result.errors


def test_line_too_long_is_refused_on_the_workstation():
    result = boot("-e", "LONG=" + "x" * 3000, "localhost:1/none")
    assert result.status == 125, result
    assert "2048" in result.messages or "2047" in result.messages, result.messages
    assert result.console == ""


def test_unknown_option_on_the_workstation():
    result = boot("--memroy", "1G", "nginx")
    assert result.status == 125, result
    assert "--memory" in result.messages
