# SPDX-License-Identifier: Apache-2.0
"""Published attacks on container runtimes, by the names of their rows, in a machine with Berth's
kernel: against `berth runtime`, and against the runtime as PID 1 uses it. The same machine, and more
of its kind, run weakened builds, each without one defence; the cases that are for it must then fail.
All of them with BERTH_SOAK=1, otherwise a few."""

import os
import re
import shlex
from typing import Callable, Dict

import pytest

from harness import debian, programs, weakened
from harness.paths import BERTH, QEMU_TESTS, ROOT
from harness.runtime_defences import DEFENCES, SAMPLE, case_table

pytestmark = pytest.mark.xdist_group("escapes")  # one machine for many cases
ESCAPES = QEMU_TESTS / "escapes"
MAIN = "qemu-tests/escapes/in_process.c"
WEAKENED = list(DEFENCES) if os.environ.get("BERTH_SOAK") else SAMPLE
# Starts of a race; one that is lost ends there.
STARTS = 350 if os.environ.get("BERTH_SOAK") else 25
WEAKENED_STARTS = 350
BUILDS_OF_A_MACHINE = 5  # of the weakened ones; the first machine has the sound one, too
CASES = [name for file in sorted(ESCAPES.glob("*_rows.py"))
         for name in re.findall(r'^@case\("(.*)"\)$', file.read_text(), re.M)]


def machine_of(build: str) -> int:
    return WEAKENED.index(build) // BUILDS_OF_A_MACHINE if build in WEAKENED else 0


def builds_of(machine: int) -> list:
    return [name for name in WEAKENED if machine_of(name) == machine]


def script(machine: int) -> str:
    """Every case against the build as it is; then the weakened ones, each against its own."""
    lines = []
    if machine == 0:
        lines += [f"ESCAPE_STARTS={STARTS} "
                  "python3 /host/escapes /usr/local/bin/berth-runtime /usr/local/bin/in-process "
                  ">/host/out/sound 2>/host/out/sound.errors"]
    for name in builds_of(machine):
        cases = shlex.join(cases_of(name))
        lines.append(f"ln -s berth-runtime-{name} /usr/local/bin/in-process-{name}; "
                     f"ESCAPE_STARTS={WEAKENED_STARTS} "
                     f"python3 /host/escapes /usr/local/bin/berth-runtime-{name} "
                     f"/usr/local/bin/in-process-{name} {cases} "
                     f">/host/out/{name} 2>/host/out/{name}.errors")
    return "\n".join([*lines, "true"])


def cases_of(name: str) -> list:
    found = [case for case in CASES if case.startswith(DEFENCES[name].cases)]
    assert len(found) >= len(DEFENCES[name].cases), DEFENCES[name].cases
    return found


def attacker(path):
    """The program of the attackers."""
    source = ESCAPES / "attacker.c"
    return programs.program(path, source.read_text())


@pytest.fixture(scope="module", name="done")
def machines(tmp_path_factory) -> Callable[[str], debian.Done]:
    """done("sound") → what came of the machine that has this build; it runs when first asked for."""
    if not weakened.COMMANDS.exists():
        pytest.skip("how the program is built is not recorded: make build/test/commands")
    scratch = tmp_path_factory.mktemp("escapes")
    ended: Dict[int, debian.Done] = {}

    def programs_of(machine: int) -> list:
        """The same program by two names: `berth-runtime…` and `in-process…`."""
        built = [("attacker", attacker(scratch / "attacker"))]
        if machine == 0:
            built += [("berth-runtime", BERTH),
                      ("in-process", weakened.program(scratch / "sound", None, MAIN))]
        return built + [(f"berth-runtime-{name}",
                         weakened.program(scratch / name, DEFENCES[name], MAIN))
                        for name in builds_of(machine)]

    def run(build: str) -> debian.Done:
        machine = machine_of(build)
        if machine not in ended:
            ended[machine] = debian.run(script(machine), programs_of(machine),
                                        folders={"escapes": ESCAPES}, limit=1800)
        assert ended[machine].status == 0, ended[machine]
        return ended[machine]
    return run


def verdict(machine, build: str, case: str) -> str:
    """"ok", or what came of it."""
    errors = machine.files.get(f"{build}.errors", "")
    for line in machine.files.get(build, "").splitlines():
        if re.match(rf"(ok|not ok|broken) {re.escape(case)}(:| #)", line):
            return line + (f"\n{errors}" if line.startswith("broken") else "")
    return f"no verdict\n{errors}\n{machine.files.get(build, '')}"


@pytest.mark.parametrize("case", CASES)
def test_attack(done, case):
    line = verdict(done("sound"), "sound", case)
    assert line.startswith("ok "), line


@pytest.mark.parametrize("name", WEAKENED)
def test_missing_defence_is_seen(done, name):
    for case in cases_of(name):
        line = verdict(done(name), name, case)
        assert line.startswith("not ok "), f"without it the attack is not seen: {line}"


def test_table_is_in_the_documentation():
    assert case_table(CASES) in (ROOT / "docs" / "security.md").read_text()
