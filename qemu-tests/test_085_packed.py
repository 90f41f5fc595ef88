# SPDX-License-Identifier: Apache-2.0
"""`berth pack` and `berth unpack`: an image unpacked on the workstation, and run by a machine that has
no network and unpacks nothing."""

import re
import shutil
import subprocess

import pytest

from harness import images, programs, trees
from harness.boot import boot
from harness.command import run
from harness.initrd import archive
from harness.layout import Layout
from harness.machine import Machine
from harness.paths import BERTH


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


# No layer says when the root, or a folder that is only implied, was changed.
def implied(tree):
    return [path for path in tree if path == "." or path.startswith("deep")]


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
    result = boot("--offline", "--initrd-append", tmp_path / "busybox.cpio",
                  f"{reference}@{digest}", "true")
    assert result.status == 0, result


def test_another_image_is_not_taken_for_it(image, tmp_path):
    assert berth("pack", image("busybox"), tmp_path / "busybox.cpio").returncode == 0
    result = boot("--offline", "--initrd-append", tmp_path / "busybox.cpio", "other:1", "true")
    assert result.status == 125, result
    assert "no network to pull other:1" in result.console


@pytest.mark.parametrize("name", ["perl", "zoo"])
def test_the_packed_tree_equals_umocis(image, umoci, probe, tmp_path, name):
    """Device nodes, links and times, through cpio and the kernel's unpacking of it. Attributes wait
    in a list until Berth starts (the next test); cpio has whole seconds; the kernel makes two
    symbolic links of one with two names."""
    assert berth("pack", image(name), tmp_path / "image.cpio").returncode == 0
    whole = tmp_path / "whole.cpio"
    lister = archive(tmp_path / "lister.cpio", {"/probe": probe}).read_bytes()
    whole.write_bytes(lister + (tmp_path / "image.cpio").read_bytes())
    with Machine("rdinit=/probe -- tree /berth/store", initramfs=whole, network=False,
                 memory=512) as machine:
        machine.finish()
        listing = machine.console.replace("\r", "")
    below = re.search(r"^(\S*rootfs/[0-9a-f]{64})\t", listing, re.M)
    assert below, listing[:2000]
    expected = trees.parse(run(probe, "tree", umoci(name)).decode())
    actual = trees.parse(listing, below.group(1))
    for tree in (expected, actual):
        for values in tree.values():
            values["xattrs"] = ""
            values["mtime"] = values["mtime"].split(".")[0]
            if values["mode"].startswith("12"):
                values["links"] = values["inode"] = ""
    assert not trees.differences(expected, actual, implied(expected))


def test_attributes_are_restored(tmp_path, probe, registry):
    """File capabilities, as a container sees them."""
    layout = Layout.new(tmp_path / "layout", tmp_path)
    layout.layer(lambda root: put_capability(root, probe))
    layout.configure(entrypoint=["/probe"])
    reference = registry.push(layout.path, "capable")
    assert berth("pack", reference, tmp_path / "image.cpio").returncode == 0
    result = boot("--offline", "--initrd-append", tmp_path / "image.cpio", reference, "tree", "/bin")
    assert result.status == 0, result
    assert "security.capability=" in "\n".join(result.output("capable")), result


def put_capability(root, probe):
    (root / "bin").mkdir()
    shutil.copy(probe, root / "probe")
    shutil.copy(probe, root / "bin" / "ping")
    run("setcap", "cap_net_raw+ep", root / "bin" / "ping")


@pytest.mark.parametrize("name", ["perl", "zoo"])
def test_unpack_equals_umoci(image, umoci, probe, tmp_path, name):
    done = berth("unpack", image(name), tmp_path / "tree")
    assert done.returncode == 0, done.stderr
    expected = trees.parse(run(probe, "tree", umoci(name)).decode())
    actual = trees.parse(run(probe, "tree", tmp_path / "tree").decode())
    assert not trees.differences(expected, actual, implied(expected))


def test_mistakes_are_one_line(image, tmp_path):
    for words, said in [
            (("pack",), "no image given: berth pack [OPTIONS] IMAGE FILE"),
            (("pack", "busybox"), "no target given: berth pack [OPTIONS] IMAGE FILE"),
            (("pack", "busybox", "a", "b"), "too many words: berth pack [OPTIONS] IMAGE FILE"),
            (("pack", "--insecur", "busybox", "a"), "did you mean --insecure?"),
            (("pack", "--memory", "1G", "busybox", "a"), "unknown option --memory"),
            (("pack", "Busy Box", tmp_path / "a"), "Busy Box"),
            (("pack", image("busybox"), tmp_path / "no" / "a"), "create a temporary folder in"),
            (("pack", image("busybox") + "x", tmp_path / "a"), "has no repository"),
            (("unpack", image("busybox"), tmp_path), f"create the folder {tmp_path}"),
    ]:
        done = berth(*words)
        assert done.returncode == 1, (words, done)
        assert said in done.stderr and done.stderr.count("\n") == 1, (words, done.stderr)
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"
