# SPDX-License-Identifier: Apache-2.0
"""How much memory a pull takes: the sum of the proportional set sizes of its processes, looked at
again and again while it runs; for a store on a tmpfs, together with what the tmpfs holds."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import List

from harness.command import run
from harness.paths import BERTH


@dataclass
class Memory:
    disk: int   # bytes of all processes at the worst moment, store on a disk
    above: int  # bytes of processes and tmpfs at the worst moment, less what the tmpfs holds at last


def processes(session: int) -> List[str]:
    found = subprocess.run(["pgrep", "-s", str(session)], capture_output=True, text=True,
                           check=False)
    return found.stdout.split()


def resident(session: int) -> int:
    total = 0
    for process in processes(session):
        try:
            for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) << 10
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


def used(folder: Path) -> int:
    about = os.statvfs(folder)
    return (about.f_blocks - about.f_bfree) * about.f_frsize


def watch(reference: str, store: Path, with_files: bool) -> int:
    pull = subprocess.Popen([str(BERTH), "pull", "--store", store, reference],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            start_new_session=True)
    most = 0
    while pull.poll() is None:
        most = max(most, resident(pull.pid) + (used(store.parent) if with_files else 0))
        time.sleep(0.005)
    assert pull.returncode == 0
    return most


def measure(reference: str, scratch: Path) -> Memory:
    disk = watch(reference, scratch / "memory-store", False)
    tmpfs = scratch / "tmpfs"
    tmpfs.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=4g", "bench", tmpfs)
    try:
        most = watch(reference, tmpfs / "store", True)
        return Memory(disk, most - used(tmpfs))
    finally:
        run("umount", tmpfs)
