# SPDX-License-Identifier: Apache-2.0
"""Unpacked trees equal umoci's, in a real machine on a real disk.

Berth pulls an image onto an ext4 disk and the machine ends. The same kernel then starts the probe
program as init=, which lists the disk; on the workstation it lists what umoci unpacked."""

import re

import pytest

from harness import images, programs, trees
from harness.boot import boot
from harness.command import run
from harness.initrd import archive
from harness.machine import Machine
from test_090_pull_failures import disk


@pytest.fixture(scope="module", name="probe")
def static_program(tmp_path_factory):
    return programs.probe(tmp_path_factory.mktemp("probe") / "probe")


def listing_of_disk(probe, path, tmp_path) -> str:
    initramfs = archive(tmp_path / "lister.cpio", {"/probe": probe})
    with Machine("rdinit=/probe -- disk", initramfs=initramfs, network=False, extra=[
            "-drive", f"if=none,id=d,format=raw,file={path}", "-device",
            "virtio-blk-pci,drive=d"]) as machine:
        machine.finish()
        return machine.report_text


def image_path(listing: str) -> str:
    """Below it stands the merged tree of the one image in the store."""
    assert len(re.findall(r"^images/[0-9a-f]{64}\t", listing, re.M)) == 1, listing[:4000]
    assert not re.search(r"/\.partial-", listing), "something is left over"
    return "image"


# A layer that links to a file of a lower layer gets a copy of it, as in every store of layers: the
# names in the lower layer stay with the old file. (`berth unpack` makes one tree, and keeps them.)
COPIED_UP = {"zoo": re.compile(r"(absolute-hard|hard-a|hard-to-lower|usr/lib/hard-c): "
                               r"(links|inode) is ")}


@pytest.mark.parametrize("name", ["nginx", "perl", "userland", "zoo", "capabilities", "identities",
                                  "names", "nodes", "packages", "turns"])
def test_tree_equals_umocis(image, probe, tmp_path, name):
    data = disk(tmp_path / "data", 256)
    result = boot("--disk", data, "--entrypoint", "/none", image(name))
    assert result.status == 127, result
    listing = listing_of_disk(probe, data, tmp_path)
    below = image_path(listing)
    run("umoci", "unpack", "--image", f"{images.layout(name)}:latest", tmp_path / "umoci")
    expected = trees.parse(run(probe, "tree", tmp_path / "umoci" / "rootfs").decode())
    actual = trees.parse(listing, below)
    # No layer says when the root, or a folder that is only implied, was changed.
    implied = [path for path in expected if path == "." or path.startswith("deep")]
    found = trees.differences(expected, actual, implied)
    if name in COPIED_UP:
        links = [line for line in found if COPIED_UP[name].match(line)]
        assert links, "the kernel keeps these links together now: take the exception away"
        found = [line for line in found if line not in links]
    assert not found, "\n".join(found[:50])
    assert len(expected) > 20


def test_image_on_the_disk_needs_no_second_pull(image, registry, tmp_path):
    data = disk(tmp_path / "data", 64)
    first = boot("--disk", data, image("probe"), "probe", "exit", "3")
    assert first.status == 3, first
    assert first.container["source"] == f"registry {registry.host}"
    manifest = first.container["digest"]
    reference = f"{registry.host}/probe@{manifest}"
    second = boot("--disk", data, reference, "probe", "exit", "4")
    assert second.status == 4, second
    assert second.container["source"] == "store"
    assert second.container["digest"] == manifest
