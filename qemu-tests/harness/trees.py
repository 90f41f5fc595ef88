# SPDX-License-Identifier: Apache-2.0
"""Comparing unpacked trees: everything but the inode numbers, which say only what is linked."""

from typing import Dict, Iterable, List

FIELDS = ("mode", "owner", "size", "mtime", "device", "links", "inode", "content", "xattrs")


def parse(listing: str, below: str = "") -> Dict[str, Dict[str, str]]:
    """The output of `probe tree`, only what stands below a path (which becomes ".")."""
    tree: Dict[str, Dict[str, str]] = {}
    for line in listing.splitlines():
        path, *values = line.split("\t")
        if below:
            if path == below:
                path = "."
            elif path.startswith(below + "/"):
                path = path[len(below) + 1:]
            else:
                continue
        tree[path] = dict(zip(FIELDS, values))
    _name_links(tree)
    return tree


def _name_links(tree: Dict[str, Dict[str, str]]) -> None:
    """Replaces inode numbers by the first name of the file."""
    first: Dict[str, str] = {}
    for path in sorted(tree):
        inode = tree[path]["inode"]
        tree[path]["inode"] = first.setdefault(inode, path)


def differences(expected: Dict[str, Dict[str, str]], actual: Dict[str, Dict[str, str]],
                any_mtime: Iterable[str] = (".",)) -> List[str]:
    """One line for each difference; modification times of `any_mtime` are not compared."""
    lines = [f"missing: {path}" for path in sorted(expected.keys() - actual.keys())]
    lines += [f"too much: {path}" for path in sorted(actual.keys() - expected.keys())]
    free = set(any_mtime)
    for path in sorted(expected.keys() & actual.keys()):
        for field in FIELDS:
            left, right = expected[path][field], actual[path][field]
            if left != right and not (field == "mtime" and path in free):
                lines.append(f"{path}: {field} is {right}, should be {left}")
    return lines
