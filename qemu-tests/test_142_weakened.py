# SPDX-License-Identifier: Apache-2.0
"""Each defence against hostile images and registries is taken away, one at a time, and the tests
that are named for it must see that. The product has no switch for it: the source is changed in a
scratch folder."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from harness import sandbox
from harness.command import run
from harness.defences import (CLIENT_DEFENCES, DEFENCES, attack_table, table,
                              unnamed_attacks)
from harness.paths import BUILD, ROOT

PROGRAMS = sorted({program for defence in DEFENCES.values() for program in defence.checks})
COMMANDS = BUILD / "test" / "commands"


@pytest.fixture(scope="module", name="commands", autouse=True)
def commands_of_the_build():
    """Compiler and linker of the unit tests, as words."""
    if os.getuid() != 0:
        pytest.skip("needs root, to lock the weakened programs up")
    if not sandbox.root_is_mount_point():
        pytest.skip("the root directory is no mount point here (a chroot): the weakened programs "
                    "could not be kept apart")
    if not COMMANDS.exists() or not (BUILD / "test" / "libberth.a").exists():
        pytest.skip("the unit tests are not built: make unit")
    return [line.split() for line in COMMANDS.read_text().splitlines()]


def weaken(defence, scratch: Path) -> Path:
    """The changed source; fails when the text to be changed is not there any more."""
    path = scratch / Path(defence.file()).name
    text = (ROOT / defence.file()).read_text()
    for old, new in defence.changes:
        text = text.replace(old, new)
    path.write_text(text)
    return path


def compile_weakened(command, defence, scratch: Path) -> list:
    """The objects without the defence, and without the other one that stands in front of it."""
    compiler, *flags = command
    objects = []
    for taken in [defence] + ([DEFENCES[defence.also]] if defence.also else []):
        source = weaken(taken, scratch)
        objects.append(source.with_suffix(".o"))
        run(compiler, *flags, "-Wno-error", "-c", "-o", objects[-1], source, cwd=ROOT)
    return objects


def link(commands, program: str, objects: list, scratch: Path) -> Path:
    """A unit test program; the objects given come before those of the archive."""
    folder = BUILD / "test" / "images" / "tests"
    helpers = [path for path in folder.glob("*.o") if not path.name.startswith("test_")]
    compiler, *flags = commands[1]
    run(compiler, "-o", scratch / program, folder / f"{program}.o", *helpers, *objects,
        BUILD / "test" / "libberth.a", *flags, cwd=ROOT)
    return scratch / program


def checks(output: str, failed: bool) -> list:
    return re.findall(r"^not ok \d+ - (.*)$" if failed else r"^ok \d+ - (.*)$", output, re.M)


@pytest.mark.parametrize("program", PROGRAMS)
def test_nothing_fails_as_it_is(commands, tmp_path, program):
    """In the same place as the weakened ones, so that they cannot fail because of it."""
    done = sandbox.run(link(commands, program, [], tmp_path))
    assert done.returncode == 0, done.stdout[-3000:]
    passed = checks(done.stdout, failed=False)
    for defence in DEFENCES.values():
        for name in defence.checks.get(program, []):
            assert any(check.startswith(name) for check in passed), f"no check begins so: {name}"


@pytest.mark.parametrize("name", DEFENCES)
def test_missing_defence_is_seen(commands, tmp_path, name):
    defence = DEFENCES[name]
    changed = compile_weakened(commands[0], defence, tmp_path)
    for program, names in defence.checks.items():
        output = sandbox.run(link(commands, program, changed, tmp_path)).stdout
        failed = checks(output, failed=True)
        unseen = [name for name in names if not any(check.startswith(name) for check in failed)]
        assert not unseen, f"{program} does not see it: {unseen}\n{output[-3000:]}"


def other_objects(file: str) -> list:
    """What the real berth is linked from, without the object of one source."""
    folder = BUILD / "objects"
    objects = [path.relative_to(folder) for path in sorted(folder.rglob("*.o"))]
    return [folder / path for path in objects
            if path.parts[0] == "gen" or
            ((ROOT / path.with_suffix(".c")).exists() and str(path.with_suffix(".c")) != file)]


def link_berth(commands, defence, scratch: Path) -> Path:
    """A build folder like the real one, but with a weakened berth."""
    folder = scratch / "build"
    folder.mkdir()
    for path in BUILD.resolve().iterdir():
        if path.name != "berth":
            (folder / path.name).symlink_to(path)
    compiler, *flags = commands[3]
    run(compiler, "-o", folder / "berth", *other_objects(defence.file()),
        *compile_weakened(commands[2], defence, scratch), *flags, cwd=ROOT)
    return folder


def run_tests(build: Path, file: str, name: str, scratch: Path) -> str:
    """One test with another berth, in a network of its own, which leads nowhere."""
    done = subprocess.run(["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh",
                           "/usr/bin/python3", "-m", "pytest", "-q", "-n0", "-p",
                           "no:cacheprovider",
                           f"--basetemp={scratch / name}", f"{file}::{name}"],
                          cwd=ROOT / "qemu-tests", env=dict(os.environ, BERTH_BUILD=str(build)),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          timeout=240)
    return done.stdout


@pytest.mark.parametrize("name", CLIENT_DEFENCES)
def test_missing_defence_of_the_client_is_seen(commands, tmp_path, name):
    defence = CLIENT_DEFENCES[name]
    build = link_berth(commands, defence, tmp_path)
    for file, tests in defence.checks.items():
        for test in tests:
            output = run_tests(build, file, test, tmp_path)
            assert re.search(r"^1 failed in ", output, re.M), output[-3000:]
            assert re.search(r"^E  .*(assert|Error)", output, re.M), output[-3000:]
            output = run_tests(BUILD.resolve(), file, test, tmp_path)
            assert re.search(r"^1 passed in ", output, re.M), output[-3000:]


def test_every_attack_is_in_the_name_of_a_test():
    assert unnamed_attacks() == []


def test_tables_are_in_the_documentation():
    text = (ROOT / "docs" / "security.md").read_text()
    assert table({**DEFENCES, **CLIENT_DEFENCES}) in text
    assert attack_table() in text
