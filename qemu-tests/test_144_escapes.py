# SPDX-License-Identifier: Apache-2.0
"""Published attacks on container runtimes, by the names of their rows, in a machine with Berth's
kernel: against `berth runtime`, and against the runtime as PID 1 uses it. The same machine runs
weakened builds, each without one defence; the cases that are for it must then fail. All of them
with BERTH_SOAK=1, otherwise a few."""

import os
import re
import shlex
from typing import Dict

import pytest

from harness import debian, programs, weakened
from harness.paths import BERTH, QEMU_TESTS, ROOT
from harness.runtime_defences import DEFENCES, SAMPLE, case_table

pytestmark = pytest.mark.xdist_group("escapes")  # one machine for all
ESCAPES = QEMU_TESTS / "escapes"
MAIN = "qemu-tests/escapes/in_process.c"
WEAKENED = list(DEFENCES) if os.environ.get("BERTH_SOAK") else SAMPLE
# Starts of a race; one that is lost ends there.
STARTS = 350 if os.environ.get("BERTH_SOAK") else 25
WEAKENED_STARTS = 350
CASES = [name for file in sorted(ESCAPES.glob("*_rows.py"))
         for name in re.findall(r'^@case\("(.*)"\)$', file.read_text(), re.M)]


def script() -> str:
    """Every case against the build as it is; then the weakened ones, each against its own."""
    lines = [f"ESCAPE_STARTS={STARTS} "
             "python3 /host/escapes /usr/local/bin/berth-runtime /usr/local/bin/in-process "
             ">/host/out/sound 2>/host/out/sound.errors"]
    for name in WEAKENED:
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


@pytest.fixture(scope="module", name="machine")
def machine_of_all(tmp_path_factory) -> debian.Done:
    if not weakened.COMMANDS.exists():
        pytest.skip("how the program is built is not recorded: make build/test/commands")
    scratch = tmp_path_factory.mktemp("escapes")
    # The same program by two names: `berth-runtime…` and `in-process…`.
    built = [("berth-runtime", BERTH), ("attacker", attacker(scratch / "attacker")),
             ("in-process", weakened.program(scratch / "sound", None, MAIN))]
    for name in WEAKENED:
        built.append((f"berth-runtime-{name}",
                      weakened.program(scratch / name, DEFENCES[name], MAIN)))
    done = debian.run(script(), built, folders={"escapes": ESCAPES}, limit=1800)
    assert done.status == 0, done
    return done


def verdict(machine, build: str, case: str) -> str:
    """"ok", or what came of it."""
    errors = machine.files.get(f"{build}.errors", "")
    for line in machine.files.get(build, "").splitlines():
        if re.match(rf"(ok|not ok|broken) {re.escape(case)}(:| #)", line):
            return line + (f"\n{errors}" if line.startswith("broken") else "")
    return f"no verdict\n{errors}\n{machine.files.get(build, '')}"


@pytest.mark.parametrize("case", CASES)
def test_attack(machine, case):
    line = verdict(machine, "sound", case)
    assert line.startswith("ok "), line


@pytest.mark.parametrize("name", WEAKENED)
def test_missing_defence_is_seen(machine, name):
    for case in cases_of(name):
        line = verdict(machine, name, case)
        assert line.startswith("not ok "), f"without it the attack is not seen: {line}"


def test_table_is_in_the_documentation():
    assert case_table(CASES) in (ROOT / "docs" / "security.md").read_text()
