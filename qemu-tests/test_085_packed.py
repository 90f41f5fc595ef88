# SPDX-License-Identifier: Apache-2.0
"""`berth pack` and `berth unpack`: an image unpacked on the workstation, and run by a machine that has
no network and unpacks nothing."""

import subprocess

import pytest

from harness import images, programs, trees
from harness.boot import boot
from harness.command import run
from harness.initrd import archive
from harness.machine import Machine
from harness.paths import BERTH
from test_120_trees import rootfs_path


def berth(*words):
    return subprocess.run([str(BERTH), *map(str, words)], capture_output=True, text=True,
                          check=False, timeout=300)


@pytest.fixture(scope="module", name="probe")
def static_program(tmp_path_factory):
    return programs.probe(tmp_path_factory.mktemp("probe") / "probe")


@pytest.fixture(scope="module", name="umoci")
def unpacked_by_umoci(tmp_path_factory):
    def unpack(name):
        target = tmp_path_factory.mktemp("umoci") / name
        run("umoci", "unpack", "--image", f"{images.layout(name)}:latest", target)
        return target / "rootfs"
    return unpack


def without_implied(tree):
    """No layer says when the root, or a folder that is only implied, was changed."""
    return [entry for entry in trees.comparable(tree)]


def test_a_packed_image_runs_without_a_network(image, tmp_path):
    reference = image("busybox")
    packed = berth("pack", reference, tmp_path / "busybox.cpio")
    assert packed.returncode == 0, packed.stderr
    result = boot("--offline", "--initrd-append", tmp_path / "busybox.cpio", reference, "sh", "-c",
                  "echo packed; touch /new && exit 42")
    assert result.status == 42, result
    assert result.output("busybox") == ["packed"]
    step = next(step for step in result.report["ledger"] if step["name"] == "pull")
    assert step["source"] == "initramfs /berth/store", step
    assert step["bytes"] == 0


def test_it_is_found_by_its_digest_too(image, tmp_path):
    reference = image("busybox")
    packed = berth("pack", reference, tmp_path / "busybox.cpio")
    digest = packed.stdout.split()[1].rstrip(":")
    pinned = f"{reference.rsplit(':', 1)[0] if '/' in reference.rsplit(':', 1)[0] else reference}@{digest}"
    result = boot("--offline", "--initrd-append", tmp_path / "busybox.cpio", pinned, "true")
    assert result.status == 0, result


def test_another_image_is_not_taken_for_it(image, tmp_path):
    assert berth("pack", image("busybox"), tmp_path / "busybox.cpio").returncode == 0
    result = boot("--offline", "--initrd-append", tmp_path / "busybox.cpio", "other:1", "true")
    assert result.status == 125, result
    assert "no network to pull other:1" in result.console


@pytest.mark.parametrize("name", ["perl", "zoo"])
def test_the_packed_tree_equals_umocis(image, umoci, probe, tmp_path, name):
    """Device nodes, links, attributes and times, through cpio and the kernel's unpacking of it."""
    assert berth("pack", image(name), tmp_path / "image.cpio").returncode == 0
    disk = tmp_path / "data"
    with open(disk, "wb") as file:
        file.truncate(64 << 20)
    lister = archive(tmp_path / "lister.cpio", {"/probe": probe})
    whole = tmp_path / "whole.cpio"
    whole.write_bytes(lister.read_bytes() + (tmp_path / "image.cpio").read_bytes())
    with Machine("rdinit=/probe -- tree /berth/store", initramfs=whole, network=False,
                 memory=512) as machine:
        machine.finish()
        listing = machine.report_text
    expected = trees.parse(run(probe, "tree", umoci(name)).decode())
    trees.assert_equal(trees.parse(listing, rootfs_path(listing)), expected)


@pytest.mark.parametrize("name", ["perl", "zoo"])
def test_unpack_equals_umoci(image, umoci, probe, tmp_path, name):
    done = berth("unpack", image(name), tmp_path / "tree")
    assert done.returncode == 0, done.stderr
    expected = trees.parse(run(probe, "tree", umoci(name)).decode())
    trees.assert_equal(trees.parse(run(probe, "tree", tmp_path / "tree").decode()), expected)


def test_mistakes_are_one_line(image, tmp_path):
    for words, said in [
            (("pack",), "no image given: berth pack [OPTIONS] IMAGE FILE"),
            (("pack", "busybox"), "no target given: berth pack [OPTIONS] IMAGE FILE"),
            (("pack", "busybox", "a", "b"), "too many words: berth pack [OPTIONS] IMAGE FILE"),
            (("pack", "--insecur", "busybox", "a"), "did you mean --insecure?"),
            (("pack", "--memory", "1G", "busybox", "a"), "unknown option --memory"),
            (("pack", "Busy Box", tmp_path / "a"), "Busy Box"),
            (("pack", image("busybox"), tmp_path / "no" / "a"), "create a temporary folder in"),
            (("pack", image("busybox") + "x", tmp_path / "a"), "not found"),
            (("unpack", image("busybox"), tmp_path), f"create the folder {tmp_path}"),
    ]:
        done = berth(*words)
        assert done.returncode == 1, (words, done)
        assert said in done.stderr and done.stderr.count("\n") == 1, (words, done.stderr)
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"
