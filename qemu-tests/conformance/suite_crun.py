# SPDX-License-Identifier: Apache-2.0
"""crun's own tests: one Python program for each subject."""

import shutil
from pathlib import Path
from typing import List

from harness.command import run

from . import sources
from .machine import Suite

# Asks for criu, which is not in the machine.
LEFT_OUT = {"test_checkpoint_restore"}
ON_TERMINAL = {"test_terminal", "test_tty"}
TEST_LIMIT = 120    # seconds: some wait for a runtime that never comes


def prepare(tree: Path) -> None:
    source = sources.suite("crun") / "tests"
    (tree / "tests").mkdir()
    for path in sorted(source.glob("*.py")):
        shutil.copy(path, tree / "tests")
    (tree / "config.h").touch()
    run("gcc", "-static", "-O2", f"-I{tree}", "-o", tree / "tests" / "init", source / "init.c")


def groups(tree: Path) -> List[str]:
    return sorted(path.stem for path in (tree / "tests").glob("test_*.py")
                  if path.stem not in LEFT_OUT)


def command(group: str) -> str:
    test = f"crun-test {TEST_LIMIT} tests/{group}.py"
    if group in ON_TERMINAL:
        test = f"script -q -e -c '{test}' /dev/null | tr -d '\\r'"
    return f"export OCI_RUNTIME={{runtime}} INIT=/work/tests/init; {test}"


SUITE = Suite("crun", "crun's tests", prepare, groups, command, {"runc": "runc-as-crun"}, limit=1200)
