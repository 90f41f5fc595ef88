# SPDX-License-Identifier: Apache-2.0
"""Images whose layers are drawn by lot: few names, so that every kind of entry meets every other,
below parents that are symbolic links with and without "..", in this layer or in a lower one."""

import json
import random
import tarfile
from pathlib import Path
from typing import List

from .layout import Entry, entry, tar
from .upload import OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST, sha256

FOLDERS, FILES = ["a", "b", "l", "m"], ["x", "y", "z"]
TARGETS = ["a", "b", "a/b", "..", "../a", "../b", "../../..", "../../../b", "/", "/a", "/b/../a", ".",
           "./b", "nowhere/a", "/m/../../a"]
KINDS = ["directory"] * 6 + ["file"] * 6 + ["symlink"] * 4 + ["hard link", "whiteout", "whiteout",
                                                              "opaque", "fifo"]


def _entry(dice: random.Random, known: List[str]) -> Entry:
    kind = dice.choice(KINDS)
    below = "".join(f"{dice.choice(FOLDERS)}/" for _ in range(dice.choice([0, 0, 1, 1, 1, 2])))
    folder, file = below + dice.choice(FOLDERS), below + dice.choice(FILES)
    time = 1_600_000_000 + dice.randrange(1_000_000)
    owner = (dice.choice([0, 0, 1000]), dice.choice([0, 5]))
    if kind == "directory":
        return entry(folder, tarfile.DIRTYPE, mode=dice.choice([0o755, 0o700, 0o1777]), mtime=time,
                     owner=owner)
    if kind == "symlink":
        return entry(folder, tarfile.SYMTYPE, link=dice.choice(TARGETS), mtime=time, owner=owner)
    if kind == "hard link" and known:
        return entry(file, tarfile.LNKTYPE, link=dice.choice(known), mtime=time)
    if kind == "whiteout":
        return entry(f"{below}.wh.{dice.choice(FOLDERS + FILES)}", content=b"")
    if kind == "opaque":
        return entry(f"{below}.wh..wh..opq", content=b"")
    if kind == "fifo":
        return entry(file, tarfile.FIFOTYPE, mtime=time, owner=owner)
    known.append(file)
    return entry(file, content=dice.randbytes(dice.choice([0, 3, 700, 70_000])), mtime=time,
                 mode=dice.choice([0o644, 0o4755, 0o600]), owner=owner)


def layers(seed: int) -> List[bytes]:
    """Two to four layers of one to ten entries, uncompressed; no entry twice in a layer."""
    dice = random.Random(seed)
    known: List[str] = []
    found = []
    for _ in range(dice.choice([2, 3, 4])):
        entries = {item[0].name: item for item in
                   (_entry(dice, known) for _ in range(dice.randint(1, 10)))}
        found.append(tar(entries.values()))
    return found


def write(folder: Path, seed: int, reference: str) -> List[str]:
    """An OCI layout of one image, tagged "latest" for umoci and named by its reference for Berth;
    returns its diff IDs."""
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def blob(data: bytes, media_type: str) -> dict:
        (blobs / sha256(data).partition(":")[2]).write_bytes(data)
        return {"mediaType": media_type, "digest": sha256(data), "size": len(data)}

    archives = layers(seed)
    diff_ids = [sha256(data) for data in archives]
    config = {"architecture": "amd64", "os": "linux", "config": {},
              "rootfs": {"type": "layers", "diff_ids": diff_ids}}
    manifest = blob(json.dumps(
        {"schemaVersion": 2, "mediaType": OCI_MANIFEST,
         "config": blob(json.dumps(config).encode(), OCI_CONFIG),
         "layers": [blob(data, OCI_LAYER) for data in archives]}).encode(), OCI_MANIFEST)
    key = "org.opencontainers.image.ref.name"
    (folder / "index.json").write_text(json.dumps(
        {"schemaVersion": 2, "mediaType": OCI_INDEX,
         "manifests": [dict(manifest, annotations={key: name}) for name in ("latest", reference)]}))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return diff_ids
