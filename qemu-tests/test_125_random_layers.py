# SPDX-License-Identifier: Apache-2.0
"""Layers made of random entries over few names, so that they meet each other: files, directories,
symlinks, hard links, nodes, whiteouts and opaque directories. Berth's unpacker, built with the
sanitizers and run on the workstation, must give the trees that umoci gives.

Left out of the comparison, on purpose: times of directories that no entry names, and the cases
that umoci refuses and Berth answers (a file where a parent is needed, a hard link to itself)."""

import random
import re
import tarfile

import pytest

from harness import programs, trees
from harness.command import CommandFailed, run
from harness.layout import Layout, entry
from harness.paths import BUILD, ROOT

IMAGES = 32
SANITIZE = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
LIBRARIES = ("-lmbedtls", "-larchive", "-lzstd", "-lisal", "-lyyjson", "-lcurl", "-lseccomp")


@pytest.fixture(scope="module", name="unpacker")
def unpack_stream(tmp_path_factory):
    """images/tools/unpack_stream.c with the objects of the unit tests."""
    archive = BUILD / "test" / "libberth.a"
    if not archive.exists():
        pytest.skip("the objects of the unit tests are not built: make unit")
    folders = re.findall(r"-L\S+", (BUILD / "glibc.mk").read_text())
    path = tmp_path_factory.mktemp("unpacker") / "unpack_stream"
    run("gcc", "-std=gnu17", "-D_GNU_SOURCE", "-O1", *SANITIZE, f"-I{ROOT}", "-o", path,
        ROOT / "images" / "tools" / "unpack_stream.c", archive, *folders, *LIBRARIES)
    return path


@pytest.fixture(scope="module", name="probe")
def static_program(tmp_path_factory):
    return programs.probe(tmp_path_factory.mktemp("probe") / "probe")


def random_path(dice: random.Random) -> str:
    """Capital letters are directories or symlinks, small ones anything else."""
    parents = [dice.choice("AB") for _ in range(dice.choice([0, 0, 1, 1, 2]))]
    return "/".join(parents + [dice.choice("abAB" if dice.random() < 0.4 else "ab")])


def random_entry(dice: random.Random, linkable: list) -> tuple:
    path = random_path(dice)
    parent, _, leaf = path.rpartition("/")
    below = parent + "/" if parent else ""
    kind = dice.choice(["directory"] * 3 + ["file"] * 4 + ["symlink", "hard link", "fifo", "device",
                                                           "whiteout", "whiteout", "opaque"])
    common = {"mode": dice.choice([0o755, 0o644, 0o4711, 0o1777, 0o600]),
              "owner": (dice.randrange(3), dice.randrange(3)), "mtime": 1000 + dice.randrange(100)}
    if kind == "whiteout":
        return entry(f"{below}.wh.{leaf}", content=b"")
    if kind == "opaque":
        return entry(f"{below or 'A/'}.wh..wh..opq", content=b"")
    if kind == "symlink":
        target = dice.choice(["", "/", "../", "../../"]) + random_path(dice)
        return entry(path, tarfile.SYMTYPE, link=target, **common)
    if kind == "directory" or leaf in "AB":
        return entry(path, tarfile.DIRTYPE, **common)
    if kind == "hard link" and linkable:
        return entry(path, tarfile.LNKTYPE, link=dice.choice(["", "/"]) + dice.choice(linkable))
    linkable.append(path)
    if kind == "fifo":
        return entry(path, tarfile.FIFOTYPE, **common)
    if kind == "device":
        return entry(path, tarfile.CHRTYPE, device=(1, dice.randrange(9)), **common)
    return entry(path, content=path.encode() * dice.randrange(3), **common)


def make_image(dice: random.Random, folder) -> tuple:
    """The layout, and the names of its layer files in order."""
    folder.mkdir()
    image = Layout.new(folder / "layout", folder)
    linkable, files = [], []
    for number in range(dice.randint(2, 3)):
        image.raw_layer([random_entry(dice, linkable) for _ in range(dice.randint(4, 14))])
        files.append(folder / f"{number}.tar")
        (folder / "layer.tar").rename(files[-1])
    return image, files


def implied(tree: dict, start: float) -> list:
    """Directories whose time is the time of unpacking in umoci's tree: no entry set it."""
    return ["."] + [path for path, values in tree.items() if float(values["mtime"]) > start]


@pytest.mark.parametrize("seed", range(4))
def test_random_layers_equal_umocis(unpacker, probe, tmp_path, seed):
    dice = random.Random(seed)
    compared = 0
    for number in range(IMAGES // 4):
        folder = tmp_path / str(number)
        image, files = make_image(dice, folder)
        (folder / "berth").mkdir()
        try:
            run("umoci", "raw", "unpack", "--image", image.image, folder / "umoci")
        except CommandFailed:
            continue  # a hard link to nothing, or what the text above leaves out
        run(unpacker, folder / "berth", *files)
        expected = trees.parse(run(probe, "tree", folder / "umoci").decode())
        actual = trees.parse(run(probe, "tree", folder / "berth").decode())
        found = trees.differences(expected, actual, implied(expected, 1e9))
        assert not found, "\n".join([f"image {number}: {files}"] + found[:20])
        compared += 1
    assert compared > IMAGES // 4 // 3
