# SPDX-License-Identifier: Apache-2.0
"""Images that are wrong on purpose, or that say something untrue; uploaded by hand."""

import gzip
import hashlib
import subprocess
from typing import Optional

from .layout import entry, tar
from .upload import OCI_INDEX, OCI_LAYER, Uploader, sha256

GZIP = OCI_LAYER + "+gzip"
ZSTD = OCI_LAYER + "+zstd"


def zeros_archive(mebibytes: int) -> bytes:
    """A tar archive with one file of zeros."""
    return tar([entry("zeros", content=b"\0" * (mebibytes << 20))])


def zeros(uploader: Uploader, mebibytes: int) -> None:
    """A large image that is small on the wire, and honest."""
    archive = zeros_archive(mebibytes)
    layer = uploader.blob(gzip.compress(archive, 1), GZIP)
    uploader.image([layer], [sha256(archive)], {"Cmd": ["/none"]})


def lying_zeros(uploader: Uploader, mebibytes: int) -> None:
    """The same in two gzip members, as RFC 1952 allows: the size at the end of the file speaks of
    the second one only, a few bytes."""
    archive = zeros_archive(mebibytes)
    data = gzip.compress(archive[:-1024], 1) + gzip.compress(archive[-1024:], 1)
    layer = uploader.blob(data, GZIP)
    uploader.image([layer], [sha256(archive)], {"Cmd": ["/none"]})


def wrong_diff_id(uploader: Uploader) -> None:
    """The layer's bytes are those of the manifest, but not those of the configuration."""
    archive = tar([entry("file", content=b"x")])
    layer = uploader.blob(gzip.compress(archive), GZIP)
    uploader.image([layer], [sha256(b"something else")], {"Cmd": ["/none"]})


def index(uploader: Uploader, *platforms: str) -> None:
    """An index of empty images for other platforms ("arm64", "s390x")."""
    manifests = []
    for platform in platforms:
        archive = tar([entry("file", content=platform.encode())])
        layer = uploader.blob(gzip.compress(archive), GZIP)
        descriptor = uploader.image([layer], [sha256(archive)], {"Cmd": ["/none"]}, platform,
                                    platform)
        descriptor["platform"] = {"os": "linux", "architecture": platform}
        manifests.append(descriptor)
    uploader.manifest({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests})


def index_around(uploader: Uploader, manifest: bytes, media_type: str) -> str:
    """An index as builders make it: attestation, other platforms, and at last `manifest`.
    Returns the index's digest."""
    attestation = uploader.image([], [], {}, "attestation", "unknown")
    attestation["platform"] = {"os": "unknown", "architecture": "unknown"}
    other = uploader.image([], [], {}, "other", "arm64")
    other["platform"] = {"os": "linux", "architecture": "arm64", "variant": "v8"}
    windows = dict(other, platform={"os": "windows", "architecture": "amd64"})
    ours = {"mediaType": media_type, "digest": sha256(manifest), "size": len(manifest),
            "platform": {"os": "linux", "architecture": "amd64"}}
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX,
                "manifests": [attestation, other, windows, ours]}
    return uploader.manifest(document)["digest"]


def zstd_zeros(count: int) -> bytes:
    """A zstd frame of so many zeros (a multiple of 128 KiB), 32,000 times as small: blocks of one
    repeated byte (RFC 8878, 3.1.1.2)."""
    block, last = (count.to_bytes(3, "little") + b"\0" for count in (2 | 1 << 20, 3 | 1 << 20))
    return b"\x28\xb5\x2f\xfd\x00\x38" + block * (count // (128 << 10) - 1) + last


def zeros_behind(uploader: Uploader, sizes: list) -> None:
    """An image with a layer for each size: a good archive, and so many bytes of zeros after its
    end, which no file has room to be refused for."""
    layers, sums = [], []
    for number, size in enumerate(sizes):
        archive = tar([entry(f"file{number}", content=b"x" * number)])
        head = subprocess.run(["zstd", "-q"], input=archive, stdout=subprocess.PIPE, check=True)
        layers.append(uploader.blob(head.stdout + zstd_zeros(size), ZSTD))
        digest = hashlib.sha256(archive)
        for _ in range(size >> 20):
            digest.update(bytes(1 << 20))
        sums.append("sha256:" + digest.hexdigest())
    uploader.image(layers, sums, {"Cmd": ["/none"]})


def from_entries(uploader: Uploader, entries: list, config: Optional[dict] = None,
                 uncompressed: bool = True) -> None:
    """An image of one layer with exactly these tar entries."""
    archive = tar(entries)
    data = archive if uncompressed else gzip.compress(archive)
    layer = uploader.blob(data, OCI_LAYER if uncompressed else GZIP)
    uploader.image([layer], [sha256(archive)], config or {"Cmd": ["/none"]})
