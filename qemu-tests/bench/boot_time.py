# SPDX-License-Identifier: Apache-2.0
"""Time from the kernel's start to the container's first instruction.

One static program reads CLOCK_BOOTTIME as its first act and prints it. It runs in turn
  bare    as init= of the same kernel, alone in an initramfs;
  packed  as the container of an image that `berth pack` put, unpacked, behind Berth's initramfs;
  layout  as the container of the same image as an OCI layout there: hashed and unpacked at boot;
  pull    as the container of the same image, pulled from a registry on loopback.
They alternate, so that other work on the host falls on all of them alike; and each boots twice in a
row, of which the second counts: on a workstation that is itself a virtual machine, a boot behind a
smaller one waits for memory that the host has to give first, and only "bare" is smaller.
Last, those that wait for nobody outside boot once with QEMU counting instructions: what has grown
there has grown, whatever else the host did."""

import re
import statistics
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List

from harness.boot import have_kvm
from harness.command import run
from harness.initrd import archive, local_image
from harness.layout import Layout, entry
from harness.machine import Machine
from harness.paths import BERTH
from harness.programs import probe
from harness.registry import Registry

KINDS = ("bare", "packed", "layout", "pull")
COUNTED = ("-icount", "shift=0,sleep=off")  # one a nanosecond


@dataclass
class BootTimes:
    """By kind: seconds, and millions of instructions up to the program's first (not with KVM)."""
    seconds: Dict[str, List[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    instructions: Dict[str, float] = field(default_factory=dict)

    def median(self, kind: str) -> float:
        return statistics.median(self.seconds[kind])

    def ratio(self, kind: str) -> float:
        """The median of the rounds' own ratios: each compares boots that are seconds apart."""
        return statistics.median(value / bare for value, bare in
                                 zip(self.seconds[kind], self.seconds["bare"]))


def first_instruction(append: str, **settings: object) -> float:
    """Boots once and returns what the program printed, in seconds."""
    with Machine(append, **settings) as machine:
        result = machine.finish()
    found = re.search(r"first-instruction (\d+\.\d+)", result.console)
    assert found, f"the program did not run:\n{result}"
    return float(found.group(1))


def make_image(folder: Path, program: Path) -> Path:
    image = Layout.new(folder / "layout", folder)
    image.raw_layer([entry("first", content=program.read_bytes(), mode=0o755)])
    image.configure(entrypoint=["/first"])
    return image.path


def measure(runs: int) -> BootTimes:
    times = BootTimes()
    with tempfile.TemporaryDirectory(prefix="berth-bench-") as name:
        folder = Path(name)
        program = probe(folder / "probe")
        bare = archive(folder / "bare.cpio", {"/init": program})
        layout = make_image(folder, program)
        local = local_image(folder / "local.cpio", layout, "local/first")
        with Registry(folder / "registry") as registry:
            reference = registry.push(layout, "first")
            packed = folder / "packed.cpio"
            run(str(BERTH), "pack", reference, str(packed))
            pull = (f"berth.image={reference} berth.registry.insecure={registry.host} "
                    f"berth.registry.connect={registry.host}=10.0.2.2:{registry.port}")
            boots = {
                "bare": lambda **more: first_instruction("PROBE_IS_INIT=1", initramfs=bare, **more),
                "packed": lambda **more: first_instruction(f"berth.image={reference}",
                                                           initrds=[packed], **more),
                "layout": lambda **more: first_instruction("berth.image=local/first",
                                                           initrds=[local], **more),
                "pull": lambda **more: first_instruction(pull, **more),
            }
            for _ in range(runs):
                for kind, once in boots.items():
                    once()
                    times.seconds[kind].append(once())
            for kind in ("bare", "packed", "layout") if not have_kvm() else ():
                times.instructions[kind] = 1000 * boots[kind](extra=COUNTED)
    return times
