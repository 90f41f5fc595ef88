# SPDX-License-Identifier: Apache-2.0
"""An image of everything that a layer may hold and that easily goes wrong (layer.md)."""

import tarfile
from typing import List

from .layout import Entry, Layout, entry

DIR, LINK, HARD = tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
# A security.capability value: version 2, cap_net_bind_service (10) permitted and effective.
CAPABILITY = b"\x01\x00\x00\x02\x00\x04\x00\x00" + b"\x00" * 12


def _xattr(name: str, value: bytes) -> dict:
    # tarfile writes pax values as UTF-8 and keeps surrogates as the bytes they stand for.
    return {f"SCHILY.xattr.{name}": value.decode("utf-8", "surrogateescape")}


def _first() -> List[Entry]:
    return [
        entry("./", DIR, mode=0o755, mtime=1500000000),
        entry("usr/", DIR, mode=0o755),
        entry("usr/lib/", DIR, mode=0o755, mtime=1600000001),
        entry("lib", LINK, link="usr/lib", mode=0o777),
        entry("loop", LINK, link="/loop", mode=0o777),
        entry("usr/lib/base", content=b"base\n"),
        entry("setuid", content=b"x", mode=0o4755, owner=(0, 50)),
        entry("setgid", content=b"x", mode=0o2711, owner=(33, 33)),
        entry("sticky/", DIR, mode=0o1777, owner=(1000, 1000)),
        entry("capable", content=b"x", mode=0o755, owner=(1000, 1000),
              pax=_xattr("security.capability", CAPABILITY)),
        entry("attributes", content=b"x", pax=_xattr("user.berth.test", b"\xc3\xa4 value")),
        entry("hard-a", content=b"three names\n", owner=(7, 8), mode=0o640),
        entry("hard-b", HARD, link="hard-a"),
        entry("usr/lib/hard-c", HARD, link="hard-a"),
        entry("symlink-owned", LINK, link="nowhere", owner=(1000, 1000), mode=0o777,
              mtime=1400000000),
        entry("hard-to-symlink", HARD, link="symlink-owned"),
        entry("device-char", tarfile.CHRTYPE, device=(1, 7), mode=0o666),
        entry("device-block", tarfile.BLKTYPE, device=(7, 200), mode=0o660, owner=(0, 6)),
        entry("fifo", tarfile.FIFOTYPE, mode=0o622),
        entry("empty"),
        entry("large", content=bytes(range(256)) * 4096),
        entry("n" * 255, content=b"a name of 255 bytes"),
        entry("/".join(["deep" * 20] * 8) + "/file", content=b"implied parents"),
        entry("umlaut-\u00e4\u00f6\u00fc-\u65e5\u672c", content=b"utf-8"),
        entry("big-owner", content=b"x", owner=(3000000, 4000000)),
        entry("old", content=b"x", mtime=1),
        entry("fraction", content=b"x", mtime=1700000000.25),
        entry("read-only/", DIR, mode=0o555),
        entry("read-only/file", content=b"x", mode=0o444),
        entry("gone-file", content=b"x"),
        entry("gone-dir/", DIR, mode=0o755),
        entry("gone-dir/a/", DIR, mode=0o755),
        entry("gone-dir/a/b", content=b"x"),
        entry("opaque/", DIR, mode=0o700, mtime=1600000002),
        entry("opaque/lower", content=b"x"),
        entry("opaque/lower-dir/", DIR, mode=0o755),
        entry("opaque/lower-dir/x", content=b"x"),
        entry("file-becomes-dir", content=b"x"),
        entry("dir-becomes-file/", DIR, mode=0o755),
        entry("dir-becomes-file/x", content=b"x"),
        entry("dir-becomes-link/", DIR, mode=0o755),
        entry("dir-becomes-link/x", content=b"x"),
        entry("link-becomes-file", LINK, link="usr/lib/base", mode=0o777),
        entry("link-becomes-dir", LINK, link="usr/lib", mode=0o777),
        entry("keeps-children/", DIR, mode=0o755),
        entry("keeps-children/x", content=b"x"),
    ]


def _second() -> List[Entry]:
    return [
        entry("lib/through-symlink", content=b"lands in usr/lib\n"),
        entry("lib/.wh.base"),
        entry(".wh.gone-file"),
        entry("gone-dir/.wh.a"),
        entry("opaque/same-layer-before", content=b"stays"),
        entry("opaque/.wh..wh..opq"),
        entry("opaque/same-layer-after", content=b"stays"),
        entry("file-becomes-dir/", DIR, mode=0o755),
        entry("file-becomes-dir/x", content=b"x"),
        entry("dir-becomes-file", content=b"now a file"),
        entry("dir-becomes-link", LINK, link="usr", mode=0o777),
        entry("link-becomes-file", content=b"now a file"),
        entry("link-becomes-dir/", DIR, mode=0o755),
        entry("keeps-children/", DIR, mode=0o710, owner=(5, 6), mtime=1600000003),
        entry("hard-to-lower", HARD, link="hard-a"),
        entry("empty", content=b"no longer"),
    ]


def _third() -> List[Entry]:
    return [
        entry(".wh.gone-dir"),
        entry("gone-file", content=b"back again"),
        entry("setuid", content=b"replaced, still set-user-ID", mode=0o4711, owner=(1, 1)),
        entry("absolute-hard", HARD, link="/hard-a"),
        entry("replaced-hard", content=b"first"),
        entry("hard-b", content=b"no longer linked"),
    ]


def zoo(image: Layout) -> None:
    """Three layers written entry by entry."""
    for entries in (_first(), _second(), _third()):
        image.raw_layer(entries)
    image.configure(cmd=["/none"])
