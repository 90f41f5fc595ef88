#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a cpio archive (newc, as in the kernel's Documentation/driver-api/early-userspace/
buffer-format.rst) of what a list names. The same list and files give the same bytes.

usage: pack.py LIST EPOCH NAME=FILE... >ARCHIVE
"""

import pathlib
import stat
import sys


class Archive:
    def __init__(self, output, epoch):
        self.output = output
        self.epoch = epoch
        self.inode = 0
        self.size = 0

    def write(self, data):
        self.output.write(data)
        self.size += len(data)

    def pad(self, multiple):
        self.write(b"\0" * (-self.size % multiple))

    def add(self, path, mode, data=b"", device=(0, 0)):
        name = path.encode() + b"\0"
        self.inode += 1
        fields = (self.inode, mode, 0, 0, 2 if stat.S_ISDIR(mode) else 1, self.epoch,
                  len(data), 0, 0, *device, len(name), 0)
        self.write(b"070701" + b"".join(b"%08X" % field for field in fields) + name)
        self.pad(4)
        self.write(data)
        self.pad(4)

    def end(self):
        self.inode, self.epoch = -1, 0
        self.add("TRAILER!!!", 0)
        self.pad(512)


def add_line(archive, words, sources):
    kind, path = words[0], words[1].lstrip("/")
    if kind == "dir":
        archive.add(path, stat.S_IFDIR | int(words[2], 8))
    elif kind == "file":
        source = sources.get(words[2].strip("@"), words[2])
        archive.add(path, stat.S_IFREG | int(words[3], 8), pathlib.Path(source).read_bytes())
    elif kind == "link":
        archive.add(path, stat.S_IFLNK | 0o777, words[2].encode())
    elif kind == "char":
        archive.add(path, stat.S_IFCHR | int(words[2], 8), device=(int(words[3]), int(words[4])))
    else:
        sys.exit(f"pack.py: unknown kind of entry: {kind}")


def main():
    list_file, epoch, *pairs = sys.argv[1:]
    sources = dict(pair.split("=", 1) for pair in pairs)
    archive = Archive(sys.stdout.buffer, int(epoch))
    for line in pathlib.Path(list_file).read_text().splitlines():
        words = line.split()
        if words and not words[0].startswith("#"):
            add_line(archive, words, sources)
    archive.end()


main()
