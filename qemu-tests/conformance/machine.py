# SPDX-License-Identifier: Apache-2.0
"""One suite with one runtime, in one machine (harness/debian.py) on Berth's kernel with
kernel-config/conformance.config."""

import shlex
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, List

from harness import debian
from harness.paths import BERTH, BUILD, QEMU_TESTS

from . import tap

KERNEL = BUILD / "conformance" / "vmlinuz"
IN_MACHINE = QEMU_TESTS / "conformance" / "in-machine"
RUNTIMES = ("berth-runtime", "crun", "runc")
MACHINES = 3    # that may die for one runtime of a suite


@dataclass(frozen=True)
class Suite:
    """A suite is a folder in the machine (/work, also its working directory) and one command, which
    says TAP, for each of its groups; {runtime} is the runtime's path."""
    name: str
    title: str
    prepare: Callable[[Path], None]             # fills the folder
    groups: Callable[[Path], List[str]]         # of the folder
    command: Callable[[str], str]               # of a group
    adapters: Dict[str, str] = None     # runtime → a program of in-machine/ that stands for it
    limit: int = 600                            # seconds for a group


def disk(suite: Suite, scratch: Path) -> "tuple[Path, List[str]]":
    """An ext4 image with the suite, and its groups."""
    tree = scratch / "tree"
    tree.mkdir()
    suite.prepare(tree)
    return debian.file_system(tree, scratch / "disk", "1G"), suite.groups(tree)


def _script(suite: Suite, runtime: str, groups: List[str]) -> str:
    adapter = (suite.adapters or {}).get(runtime)
    path = f"/usr/local/bin/{adapter}" if adapter else f"$(command -v {runtime})"
    lines = [f"runtime={path}", "export runtime", f"{runtime} --version >/host/out/version 2>&1",
             "begin-suite", "cd /work || exit"]
    for group in groups:
        command = suite.command(group).format(runtime="$runtime")
        lines.append(f"run-group {shlex.quote(group)} {suite.limit} {shlex.quote(command)}")
    return "\n".join(lines) + "\n"


def _run_machines(suite: Suite, image: Path, runtime: str, groups: List[str],
                  folder: Path) -> Dict[str, str]:
    """What the groups left. An emulated machine with two processors now and then dies of a kernel
    that changes its own code under the other one: what it did not come to is done by another."""
    programs = [("berth-runtime", BERTH), *sorted(IN_MACHINE.iterdir())]
    files: Dict[str, str] = {}
    for number in range(MACHINES):
        left = [group for group in groups if f"{group}.status" not in files]
        if not left:
            break
        done = debian.run(_script(suite, runtime, left), programs, disks=[image], memory=2048,
                          limit=600 + 60 * len(left) + suite.limit, kernel=KERNEL)
        (folder / f"console-{number}").write_text(f"{done.machine.console}\n{done.output}")
        files.update(done.files)
    return files


def run(suite: Suite, image: Path, runtime: str, groups: List[str],
        folder: Path) -> Dict[str, object]:
    """Runs groups; what they said is kept in the folder, for reading. {"version": of the runtime,
    "groups": {group: [[name, status, reason of a skip]]}}."""
    folder.mkdir(parents=True, exist_ok=True)
    files = _run_machines(suite, image, runtime, groups, folder)
    for name, text in files.items():
        (folder / name).write_text(text)
    answer: Dict[str, object] = {}
    for group in groups:
        status = files.get(f"{group}.status", "").strip()
        tests = tap.parse(files.get(f"{group}.tap", ""), int(status) if status else None)
        answer[group] = [[test.name, test.status, test.reason] for test in tests]
    version = (files.get("version", "") or "unknown").splitlines()[0]
    return {"version": version, "groups": answer}


def run_suite(suite: Suite, runtimes: List[str], only: List[str], results: Path,
              jobs: int = 1) -> Dict[str, object]:
    """{runtime: what run() says}; so many machines run at once."""
    scratch = Path(tempfile.mkdtemp(prefix="berth-suite-"))
    try:
        image, groups = disk(suite, scratch)
        groups = [group for group in groups if not only or group in only]
        debian.root()
        with ThreadPoolExecutor(jobs) as pool:
            answers = pool.map(lambda runtime: run(suite, image, runtime, groups,
                                                   results / suite.name / runtime), runtimes)
            return dict(zip(runtimes, answers))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
