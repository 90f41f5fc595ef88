# SPDX-License-Identifier: Apache-2.0
"""PID 1 never dies, hangs or spins, whatever containers and the machine do to it. Weakened builds of
it, each without one defence, lose; all of them with BERTH_SOAK=1, otherwise a few."""

import os

import pytest

from harness import images, weakened
from harness.initrd import archive, local_image
from harness.machine import exit_code, run_machine
from harness.paths import ROOT, TOOLS
from harness.pid1_attacks import ATTACKS, Lost, Place, beside
from harness.pid1_defences import PID1_DEFENCES, SAMPLE, lost_by, pid1_table

SOAK = bool(os.environ.get("BERTH_SOAK"))
WEAKENED = list(PID1_DEFENCES) if SOAK else SAMPLE


@pytest.fixture(scope="module", name="initrds")
def archives(tmp_path_factory):
    """The image of the containers, and the process beside PID 1."""
    folder = tmp_path_factory.mktemp("pid1")
    program = beside(folder / "beside", TOOLS / "beside.c")
    return [local_image(folder / "app.cpio", images.layout("probe"), "app:1"),
            archive(folder / "beside.cpio", {"/beside": program})]


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(initrds, tmp_path, name):
    ATTACKS[name](Place(tmp_path, initrds, weakened=False))


@pytest.mark.parametrize("name", WEAKENED)
def test_missing_defence_is_seen(initrds, tmp_path, name):
    """It boots, and loses what the defence is for."""
    if not weakened.COMMANDS.exists():
        pytest.skip("how the program is built is not recorded: make build/test/commands")
    program = weakened.program(tmp_path / "program", PID1_DEFENCES[name])
    init = archive(tmp_path / "init.cpio", {"/init": program})
    for number, case in enumerate(lost_by(PID1_DEFENCES[name], list(ATTACKS))):
        folder = tmp_path / f"case-{number}"
        folder.mkdir()
        place = Place(folder, [*initrds, init], weakened=True)
        with pytest.raises(Lost) as lost:
            ATTACKS[case](place)
        print(f"{name}: {case}: {str(lost.value)[:300]}")


@pytest.mark.parametrize("limit", [*range(4, 40)] if SOAK else [16])
def test_few_descriptors(initrds, limit):
    """However few there are: the machine ends, and does not say that all went well when it did not."""
    result = run_machine("rdinit=/beside ip=off berth.image=app:1 berth.network=none "
                         f"beside=limit:{limit} -- probe exit 9", initrds=initrds, network=False)
    assert "Kernel panic" not in result.console, result
    assert result.status in (exit_code(9), exit_code(61)), result


def test_table_is_in_the_documentation():
    assert pid1_table(list(ATTACKS)) in (ROOT / "docs" / "security.md").read_text()
