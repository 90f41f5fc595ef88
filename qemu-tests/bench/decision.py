# SPDX-License-Identifier: Apache-2.0
"""Time from PID 1's first act to the decision what the machine is, for each source in the machine
itself, from the ledger of the report.

Every source is told the same document (but the command line, which says the same in keys), and the
image is none that is there: the machine ends after it has decided. Each round boots every source once,
as a workstation runs it, and once more all of them with QEMU counting instructions (one a nanosecond),
which other work on the host does not change. Two sources are there without a machine too: with them
PID 1 also runs natively (native.py)."""

import statistics
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Dict, List, Tuple

from bench import native
from harness import seeds
from harness.boot import have_kvm
from harness.machine import Machine

SOURCES = ("the command line", "initramfs", "fw_cfg", "SMBIOS", "credentials", "NoCloud", "config drive",
           "virtio-serial")
LINE = ('berth.image=app:1 berth.env=ANSWER=quick berth.memory=64M '
        'berth.cmd="sh -c \'echo answer=$ANSWER; exit 7\'"')
# Those that wait for no device: QEMU counts waiting as well.
WITHOUT_DEVICES = SOURCES[:5]
NATIVELY = SOURCES[:2]
NATIVE_RUNS = 5  # a round; each takes a fraction of a second
COUNTED = ("-icount", "shift=0,sleep=off")


@dataclass
class Decisions:
    """By source: milliseconds, their ratio to kernel start → PID 1 of the same boot, millions of
    instructions (not with KVM), and milliseconds natively (only for root)."""
    milliseconds: Dict[str, List[float]] = field(default_factory=dict)
    ratios: Dict[str, List[float]] = field(default_factory=dict)
    instructions: Dict[str, float] = field(default_factory=dict)
    native: Dict[str, List[float]] = field(default_factory=dict)

    def describe(self, source: str) -> str:
        counted = f", {self.instructions[source]:.1f} million instructions" \
            if source in self.instructions else ""
        return f"{self.median(source):.1f} ms, {self.ratio(source):.3f} × kernel start → PID 1{counted}"

    def section(self) -> List[str]:
        """Of docs/budgets.md."""
        return ["## PID 1's start → decision", "",
                "From the first entry of the report's ledger to the end of `config`, which says what the machine "
                "is. Each local", "source has the same document of one service, and the machine no network. An "
                "emulated processor translates", "what it executes for the first time, which is nearly all that "
                "is executed here; instructions say what is left", "of that on a real one.", "",
                "| source | median | × kernel start → PID 1 | instructions | runs |", "|---|---|---|---|---|",
                *(f"| {source} | {self.median(source):.1f} ms | {self.ratio(source):.3f} | " +
                  (f"{self.instructions[source]:.2f} million" if source in self.instructions else "—") +
                  f" | {', '.join(f'{value:.1f}' for value in self.milliseconds[source])} |"
                  for source in SOURCES), "", *self.native_section()]

    def native_section(self) -> List[str]:
        if not self.native:
            return ["PID 1 was not run natively, which takes a bench run as root.", ""]
        return ["The same without QEMU: PID 1 as process 1 of namespaces of its own on the workstation's "
                "processor", "and kernel, with all that it does in a machine but its devices "
                "(qemu-tests/bench/native.py).", "",
                "| source | median | fastest | slowest | runs |", "|---|---|---|---|---|",
                *(f"| {source} | {statistics.median(values):.1f} ms | {min(values):.1f} ms | "
                  f"{max(values):.1f} ms | {len(values)} |"
                  for source, values in self.native.items()), ""]

    def median(self, source: str) -> float:
        return statistics.median(self.milliseconds[source])

    def ratio(self, source: str) -> float:
        return statistics.median(self.ratios[source])


def of_ledger(report: dict) -> Tuple[float, float]:
    """(PID 1's start, the decision), in nanoseconds since the kernel's start."""
    steps = {entry["name"]: entry for entry in reversed(report["ledger"])}  # the first of each name
    decided = steps["config"]
    return steps["mounts"]["at_ns"], decided["at_ns"] + decided["duration_ns"]


def boot(*words: str, append: str = "", initrds: Tuple[Path, ...] = (),
         serve: Callable[[], None] = lambda: None) -> Tuple[float, float]:
    with Machine(f"ip=off {append}", network=False, debug_exit=False, initrds=initrds,
                 extra=words) as machine:
        threading.Thread(target=serve, daemon=True).start()
        result = machine.finish()
    assert result.report, result
    return of_ledger(result.report)


def boots(folder: Path, extra: Tuple[str, ...] = ()) -> Dict[str, Callable[[], Tuple[float, float]]]:
    text = seeds.document("quick")
    oem = seeds.oem_string(folder / "oem", b"org.berth.config=" + text)
    credential = seeds.oem_string(folder / "credential", b"io.systemd.credential.binary:berth.config="
                                  + seeds.packed(text))
    archive = seeds.initramfs(folder / "seed.cpio", text)
    fw_cfg = seeds.fw_cfg(folder / "fw_cfg", text)
    cidata = seeds.cloud_localds(folder / "seed.img", text)
    drive = seeds.config_drive(folder / "drive.iso", text, "box")

    def by_port() -> Tuple[float, float]:
        with tempfile.TemporaryDirectory(prefix="berth-port-") as place:
            port = seeds.Port(Path(place) / "port", text)
            return boot(*port.words, *extra, serve=port.serve)

    return {
        "the command line": lambda: boot(*extra, append=LINE),
        "initramfs": lambda: boot(*extra, initrds=(archive,)),
        "fw_cfg": lambda: boot(*fw_cfg, *extra),
        "SMBIOS": lambda: boot(*oem, *extra),
        "credentials": lambda: boot(*credential, *extra),
        "NoCloud": lambda: boot(*cidata, *extra),
        "config drive": lambda: boot(*drive, *extra),
        "virtio-serial": by_port,
    }


def natively(source: str) -> float:
    """Milliseconds of one run."""
    line, document = ((f"ip=off {LINE}", b"") if source == "the command line"
                      else ("ip=off", seeds.document("quick")))
    begin, end = of_ledger(native.run(line, document))
    return (end - begin) / 1e6


def measure(runs: int) -> Decisions:
    found = Decisions({source: [] for source in SOURCES}, {source: [] for source in SOURCES})
    with tempfile.TemporaryDirectory(prefix="berth-decision-") as name:
        plain, counted = Path(name) / "plain", Path(name) / "counted"
        plain.mkdir()
        counted.mkdir()
        kinds = boots(plain)
        for _ in range(runs):
            for source, once in kinds.items():
                begin, end = once()
                found.milliseconds[source].append((end - begin) / 1e6)
                found.ratios[source].append((end - begin) / begin)
            for source in NATIVELY * NATIVE_RUNS if native.is_possible() else ():
                found.native.setdefault(source, []).append(natively(source))
        kinds = boots(counted, COUNTED)
        for source in WITHOUT_DEVICES if not have_kvm() else ():
            begin, end = kinds[source]()
            found.instructions[source] = (end - begin) / 1e6
    return found
