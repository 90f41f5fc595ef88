#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes an initramfs (cpio newc) from a list, the same bytes for the same input.

  initramfs.py LIST OUTPUT NAME=FILE...

A line of LIST: "dir PATH MODE", "file PATH MODE NAME", "link PATH TARGET", "node PATH MODE c|b
MAJOR MINOR". NAME stands for a file given on the command line. Owners are 0:0, times are
SOURCE_DATE_EPOCH. Linux: Documentation/driver-api/early-userspace/buffer-format.rst.
"""

import os
import stat
import sys
from pathlib import Path

HEADER = "070701" + "%08X" * 13


class Archive:
    def __init__(self) -> None:
        self.data = bytearray()
        self.inode = 0

    def add(self, path: str, mode: int, content: bytes = b"", device: tuple[int, int] = (0, 0)) -> None:
        self.inode += 1
        links = 2 if stat.S_ISDIR(mode) else 1
        time = int(os.environ["SOURCE_DATE_EPOCH"])
        name = path.lstrip("/").encode() + b"\0"
        fields = (self.inode, mode, 0, 0, links, time, len(content), 0, 0, *device, len(name), 0)
        self.put((HEADER % fields).encode() + name)
        self.put(content)

    def put(self, data: bytes) -> None:
        self.data += data + bytes(-(len(self.data) + len(data)) % 4)

    def finish(self) -> bytes:
        self.add("TRAILER!!!", 0)
        return bytes(self.data + bytes(-len(self.data) % 512))


def add_line(archive: Archive, words: list[str], files: dict[str, Path]) -> None:
    kind, path, *rest = words
    if kind == "dir":
        archive.add(path, stat.S_IFDIR | int(rest[0], 8))
    elif kind == "file":
        archive.add(path, stat.S_IFREG | int(rest[0], 8), files[rest[1]].read_bytes())
    elif kind == "link":
        archive.add(path, stat.S_IFLNK | 0o777, rest[0].encode())
    elif kind == "node":
        kinds = {"c": stat.S_IFCHR, "b": stat.S_IFBLK}
        archive.add(path, kinds[rest[1]] | int(rest[0], 8), device=(int(rest[2]), int(rest[3])))
    else:
        sys.exit(f"initramfs.py: {kind} is no kind of entry")


def main() -> None:
    listing, output, *given = sys.argv[1:]
    files = {name: Path(path) for name, path in (word.split("=", 1) for word in given)}
    archive = Archive()
    for line in Path(listing).read_text().splitlines():
        words = line.split("#")[0].split()
        if words:
            add_line(archive, words, files)
    Path(output).write_bytes(archive.finish())


if __name__ == "__main__":
    main()
