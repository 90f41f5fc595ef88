# SPDX-License-Identifier: Apache-2.0
"""Where things are: the build's outputs (in $BERTH_BUILD, or build/) and the cache of test images."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
QEMU_TESTS = ROOT / "qemu-tests"
TOOLS = QEMU_TESTS / "tools"
BUILD = Path(os.environ.get("BERTH_BUILD") or ROOT / "build")
BERTH = BUILD / "berth"
KERNEL = BUILD / "x86_64" / "vmlinuz"
INITRAMFS = BUILD / "x86_64" / "initramfs"
INITRAMFS_FILES = BUILD / "initramfs.cpio"  # what is packed in it


def cache() -> Path:
    """The folder for test images and downloaded packages; created."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "berth" / "test-images"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
