# SPDX-License-Identifier: Apache-2.0
"""Images drawn by lot (harness/random_images.py): `berth unpack` gives umoci's trees, and the layers
of `berth pull`, filled by Berth's own kernel and mounted on each other, give the same again."""

import hashlib
import os
import subprocess
import time
from pathlib import Path
from typing import Dict, List

import pytest

from harness import debian, programs, random_images, trees
from harness.command import run
from harness.paths import BERTH

pytestmark = pytest.mark.xdist_group("random trees")  # one set of images for all
FIRST = int(os.environ.get("BERTH_SEED") or 1)
COUNT = 400 if os.environ.get("BERTH_SOAK") else 40
SEEDS = range(FIRST, FIRST + COUNT)

# Mounts the layers of each image as its machine would and lists what is to be seen.
# (util-linux has no room for more than three layers.)
SCRIPT = """
mkdir /tmp/tree /tmp/store
cp -r /host/images /tmp/images  # readable for the confined children
mount -t tmpfs -o size=512M store /tmp/store
while read -r seed layers; do
    timeout 60 berth pull --layouts /tmp/images/$seed --store /tmp/store/$seed made.test/r$seed \\
        >/host/out/$seed.said 2>&1 || continue
    cd /tmp/store/$seed/layers
    busybox mount -t overlay -o ro,lowerdir=$layers overlay /tmp/tree || continue
    probe tree /tmp/tree >/host/out/$seed
    umount /tmp/tree
    cd /
    rm -rf /tmp/store/$seed
done </host/images/list
"""


def chain(diff_ids: List[str]) -> List[str]:
    """The chain IDs, lowest layer first (image-spec, config.md)."""
    found: List[str] = []
    for diff_id in diff_ids:
        found.append(diff_id if not found else
                     "sha256:" + hashlib.sha256(f"{found[-1]} {diff_id}".encode()).hexdigest())
    return found


class Images:
    def __init__(self, folder: Path):
        self.folder = folder / "images"
        self.probe = programs.probe(folder / "probe")
        self.start = time.time() - 0.02  # the clock of file systems stands for some milliseconds
        self.berths: Dict[int, Dict[str, Dict[str, str]]] = {}
        self.errors: Dict[int, str] = {}
        lines = []
        for seed in SEEDS:
            ids = random_images.write(self.folder / str(seed), seed, f"made.test/r{seed}:latest")
            names = [name.partition(":")[2] for name in reversed(chain(ids))]
            self._unpack(seed, folder / f"berth-{seed}")
            if seed in self.berths:
                lines.append(f"{seed} {':'.join(names)}\n")
        (self.folder / "list").write_text("".join(lines))

    def _unpack(self, seed: int, tree: Path) -> None:
        done = subprocess.run([BERTH, "unpack", "--layouts", self.folder / str(seed),
                               f"made.test/r{seed}", tree], stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, check=False, timeout=60)
        if done.returncode:
            self.errors[seed] = done.stderr
        else:
            self.berths[seed] = trees.parse(run(self.probe, "tree", tree).decode())

    def implied(self, tree: Dict[str, Dict[str, str]]) -> List[str]:
        """The root, and folders that got their time just now, because no entry gives them one."""
        return ["."] + [path for path, values in tree.items() if values["mode"].startswith("04") and
                        float(values["mtime"]) >= self.start]


@pytest.fixture(scope="module", name="images")
def images_of_all(tmp_path_factory) -> Images:
    return Images(tmp_path_factory.mktemp("random"))


def test_trees_equal_umocis(images, tmp_path):
    same = 0
    for seed in SEEDS:
        bundle = tmp_path / str(seed)
        done = subprocess.run(["umoci", "unpack", "--image", f"{images.folder / str(seed)}:latest",
                               bundle], capture_output=True, text=True, check=False, timeout=60)
        if done.returncode:
            continue  # what Berth does then, test_122 says
        assert seed in images.berths, (seed, images.errors.get(seed))
        expected = trees.parse(run(images.probe, "tree", bundle / "rootfs").decode())
        found = trees.differences(expected, images.berths[seed], images.implied(expected))
        assert not found, f"image {seed}:\n" + "\n".join(found[:20])
        same += 1
    assert same > COUNT // 2


def test_refusals_are_one_line(images):
    for seed, text in images.errors.items():
        lines = text.strip().splitlines()
        assert lines[-1].startswith("berth: ") and "layer sha256:" in lines[-1], (seed, text)


def test_layers_of_the_store_on_berths_kernel(images):
    done = debian.run(SCRIPT, [("berth", BERTH), images.probe], folders={"images": images.folder},
                      limit=900)
    assert done.status == 0, done
    for seed, expected in images.berths.items():
        said, listing = done.files.get(f"{seed}.said", ""), done.files.get(str(seed))
        assert listing is not None, f"image {seed}: {said}"
        found = trees.differences(expected, trees.parse(listing), images.implied(expected))
        # The layers of an overlay mount share no inodes, so links across layers are two files.
        found = [line for line in found if ": links is" not in line and ": inode is" not in line]
        assert not found, f"image {seed}:\n" + "\n".join(found[:20])
