# SPDX-License-Identifier: Apache-2.0
"""Where things are: the build's outputs and the cache of test images."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
QEMU_TESTS = ROOT / "qemu-tests"
TOOLS = QEMU_TESTS / "tools"
BERTH = ROOT / "build" / "berth"
KERNEL = ROOT / "build" / "x86_64" / "vmlinuz"
INITRAMFS = ROOT / "build" / "x86_64" / "initramfs"


def cache() -> Path:
    """The folder for test images and downloaded packages; created."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "berth" / "test-images"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
