# SPDX-License-Identifier: Apache-2.0
"""A real image to measure with: Debian packages in six layers, more than 150 MB compressed."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness import debs
from harness.command import run
from harness.layout import Layout
from harness.paths import cache

LAYERS = [
    ["libc6", "libgcc-s1", "libstdc++6", "perl-base", "coreutils", "bash"],
    ["perl-modules-5.36 | perl-modules-5.40", "libperl5.36 | libperl5.40", "git", "git-man"],
    ["gcc-12", "cpp-12", "libgcc-12-dev", "libc6-dev", "binutils-x86-64-linux-gnu"],
    ["g++-12", "libstdc++-12-dev", "python3.11 | python3.13",
     "libpython3.11-stdlib | libpython3.13-stdlib", "libpython3.11-minimal | libpython3.13-minimal"],
    ["libllvm14 | libllvm19", "libclang-cpp14 | libclang-cpp19"],
    ["vim-runtime", "locales", "groff-base", "tzdata", "libicu72 | libicu76", "fonts-dejavu-core"],
]


@dataclass
class BigImage:
    layout: Path
    layers: int
    packed: int    # bytes of all compressed layers
    unpacked: int  # of the files
    files: int


def make() -> BigImage:
    layout = cache() / "bench-big"
    if not layout.exists():
        with tempfile.TemporaryDirectory(dir=cache()) as scratch:
            image = Layout.new(Path(scratch) / "layout", Path(scratch))
            for packages in LAYERS:
                image.layer(lambda root, wanted=packages: debs.unpack(wanted, root))
            image.configure(cmd=["/bin/bash"])
            image.finish()
            image.path.rename(layout)
    return describe(layout)


def describe(layout: Path) -> BigImage:
    index = json.loads((layout / "index.json").read_text())
    digest = index["manifests"][0]["digest"].partition(":")[2]
    manifest = json.loads((layout / "blobs/sha256" / digest).read_text())
    with tempfile.TemporaryDirectory(dir=cache()) as scratch:
        run("umoci", "unpack", "--image", f"{layout}:latest", f"{scratch}/bundle", timeout=600)
        root = Path(scratch) / "bundle/rootfs"
        files = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
        return BigImage(layout, len(manifest["layers"]),
                        sum(layer["size"] for layer in manifest["layers"]),
                        sum(path.stat().st_size for path in files), len(files))
