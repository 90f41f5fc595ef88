# SPDX-License-Identifier: Apache-2.0
"""Machines without a network, whose description comes from a local source and whose image app:1 is in
the initramfs."""

import threading
from pathlib import Path
from typing import Any, Dict, List, Sequence

from . import seeds
from .command import run
from .machine import Machine, Result, run_machine

SOURCES = ["fw_cfg", "initramfs", "smbios", "nocloud", "config-drive", "virtio-serial"]


def machine(app: Path, *words: str, initrds: Sequence[Path] = (), append: str = "") -> Result:
    """One that has run to its end. `words` are QEMU's."""
    return run_machine(f"ip=off {append}", initrds=[app, *initrds], network=False,
                       debug_exit=False, extra=words)


def data_disk(path: Path, size: str = "48M") -> List[str]:
    """QEMU's words for an empty disk for the machine's data."""
    run("truncate", "-s", size, path)
    run("mke2fs", "-q", "-t", "ext4", "-L", "berth-data", path)
    return ["-drive", f"if=none,id=data,format=raw,file={path}",
            "-device", "virtio-blk-pci,drive=data"]


def told_by_port(app: Path, port: seeds.Port) -> Result:
    with Machine("ip=off", initrds=[app], network=False, debug_exit=False,
                 extra=port.words) as running:
        threading.Thread(target=port.serve, daemon=True).start()
        return running.finish()


def told_by(source: str, app: Path, folder: Path, text: bytes) -> Result:
    """The machine that has been told `text` by one of SOURCES."""
    if source == "virtio-serial":
        return told_by_port(app, seeds.Port(folder / "port", text))
    if source == "initramfs":
        return machine(app, initrds=[seeds.initramfs(folder / "seed.cpio", text)])
    make = {"fw_cfg": lambda: seeds.fw_cfg(folder / "seed", text),
            "smbios": lambda: seeds.oem_string(folder / "seed", b"org.berth.config=" + text),
            "nocloud": lambda: seeds.cloud_localds(folder / "seed.img", text, "seed-1"),
            "config-drive": lambda: seeds.config_drive(folder / "d.iso", text, "drive-1")}
    return machine(app, *make[source]())


def containers(result: Result) -> Dict[str, Any]:
    """Those of the report, by name."""
    assert result.report, result
    return {item["name"]: item for item in result.report["containers"]}
