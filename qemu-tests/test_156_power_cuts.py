# SPDX-License-Identifier: Apache-2.0
"""The power goes while the machine pulls onto its disk: the next boot works, with nothing
half-written and no space lost."""

import os
import random
import re
import shutil
import time

from harness.boot import Boot, boot
from harness.command import run
from test_090_pull_failures import disk
from test_120_trees import image_path, listing_of_disk, static_program  # noqa: F401

CUTS = 50 if os.environ.get("BERTH_SOAK") else 4


def cut(data, reference, delay):
    """Kills QEMU itself, as if someone pulled the plug, `delay` seconds into the pull."""
    with Boot("--disk", data, "--accel", "tcg", reference) as machine:
        machine.wait_for("7 network")
        time.sleep(delay)
        machine.cut()


def free_blocks(data) -> int:
    run("e2fsck", "-fp", data)
    return int(re.search(r"^Free blocks: +(\d+)", run("dumpe2fs", "-h", data).decode(),
                         re.M).group(1))


def names(listing):
    return sorted(re.findall(r"^(?:layers|rootfs|images)/[^\t/]+", listing, re.M))


def test_power_cuts_while_pulling(image, probe, tmp_path):
    reference, data = image("perl"), disk(tmp_path / "data", 256)
    whole = disk(tmp_path / "whole", 256)
    started = time.monotonic()
    assert boot("--disk", whole, "--entrypoint", "/none", reference).status == 127
    longest = time.monotonic() - started
    random.seed(CUTS)
    for number in range(CUTS):
        if number % 3 == 0:
            shutil.copy(disk(tmp_path / "fresh", 256), data)
        cut(data, reference, random.uniform(0, longest * 0.8))
        if number % 5 == 4 or number == CUTS - 1:
            result = boot("--disk", data, "--entrypoint", "/none", reference)
            assert result.status == 127, result
            listing = listing_of_disk(probe, data, tmp_path)
            assert ".unsettled-" not in listing, "the machine did not settle its disk"
            assert names(listing) == names(listing_of_disk(probe, whole, tmp_path))
            assert image_path(listing)
            assert abs(free_blocks(data) - free_blocks(whole)) < 500
