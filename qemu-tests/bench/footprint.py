# SPDX-License-Identifier: Apache-2.0
"""Bytes on disk and in memory."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness import images
from harness.boot import boot
from harness.paths import BERTH, INITRAMFS, KERNEL
from harness.registry import Registry

SMALL_MACHINE_MIB = 48


@dataclass
class Footprint:
    kernel: int             # bytes
    initramfs: int
    program: int
    resident: int           # bytes, all Berth processes beside one container
    processes: int
    small_machine: bool     # a busybox container ran in SMALL_MACHINE_MIB


def measure() -> Footprint:
    with tempfile.TemporaryDirectory(prefix="berth-bench-") as name:
        with Registry(Path(name)) as registry:
            reference = registry.push(images.layout("busybox"), "busybox")
            ordinary = boot(reference, "true")
            small = boot("-m", f"{SMALL_MACHINE_MIB}M", reference, "sh", "-c", "exit 12")
    memory = ordinary.report["memory"]
    return Footprint(KERNEL.stat().st_size, INITRAMFS.stat().st_size, BERTH.stat().st_size,
                     memory["berth_bytes"], memory["berth_processes"], small.status == 12)
