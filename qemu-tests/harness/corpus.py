# SPDX-License-Identifier: Apache-2.0
"""The corpus of images whose trees are compared with umoci's, with those of recipes.py and zoo.py.
Each is made by tools that people make images with: dpkg, GNU tar, umoci, buildah, crane, skopeo."""

import io
import os
import shutil
import stat
import tarfile
from pathlib import Path
from typing import Callable, List

import pytest

from . import debs, recipes, sandbox, suites
from .command import run
from .layout import Entry, Layout, entry

DIR, LINK, HARD = tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
EPOCH = 1700000000
# security.capability, version 3: cap_net_raw permitted and effective, for the root of user 100000.
CAPABILITY_3 = b"\x01\x00\x00\x03\x00\x20\x00\x00" + b"\x00" * 12 + b"\xa0\x86\x01\x00"


def _acl(*entries: tuple) -> bytes:
    """system.posix_acl_*: version 2, then tag, permissions and id of each entry."""
    return (2).to_bytes(4, "little") + b"".join(
        tag.to_bytes(2, "little") + bits.to_bytes(2, "little") + number.to_bytes(4, "little")
        for tag, bits, number in entries)


NOBODY = 0xffffffff
ACL = _acl((1, 6, NOBODY), (2, 4, 1000), (4, 4, NOBODY), (16, 4, NOBODY), (32, 4, NOBODY))


def _file(path: Path, content: bytes = b"", mode: int = 0o644, owner: tuple = (0, 0)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.chown(path, *owner)
    path.chmod(mode)
    return path


def _fresh(image: Layout) -> Path:
    """An empty folder to make a layer in."""
    folder = image.scratch / "tree"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _gnu_tar(image: Layout, folder: Path, *options: str) -> None:
    """Adds a folder as a layer, packed by GNU tar."""
    archive = image.scratch / "layer.tar"
    run("tar", "--numeric-owner", "--sort=name", *options, "-C", folder, "-cf", archive, ".")
    run("umoci", "raw", "add-layer", "--image", image.image, archive)


def packages(image: Layout) -> None:
    """Packages put in, replaced and purged again by dpkg, one layer each time."""
    def dpkg(rootfs: Path, *words: object) -> None:
        run("dpkg", f"--root={rootfs}", "--log=/dev/null", "--force-depends", "--force-unsafe-io",
            "--no-triggers", *words)

    def install(*names: str) -> Callable[[Path], None]:
        return lambda rootfs: dpkg(rootfs, "--install", *map(debs.download, names))

    def database(rootfs: Path) -> None:
        recipes._merged_usr(rootfs)
        for name in ("info", "updates"):
            (rootfs / "var/lib/dpkg" / name).mkdir(parents=True)
        (rootfs / "var/lib/dpkg/status").write_bytes(b"")

    image.layer(database)
    image.layer(install("zlib1g", "libonig5", "libjq1"))
    image.layer(install("jq", "tree", "hello"))
    image.layer(lambda rootfs: dpkg(rootfs, "--purge", "hello", "tree"))
    image.layer(lambda rootfs: dpkg(rootfs, "--purge", "jq", "libjq1", "libonig5"))
    image.layer(install("hello"))
    image.configure(cmd=["hello"])


def _through_links(package: str) -> List[Entry]:
    """The files of a package under the names they had before usr/ was merged: lib/…, bin/…"""
    archive = io.BytesIO(run("dpkg-deb", "--fsys-tarfile", debs.download(package)))
    entries = []
    with tarfile.open(fileobj=archive) as members:
        for info in members:
            name = info.name[2:] if info.name.startswith("./") else info.name
            info.name = name[4:] if name.startswith(("usr/lib/", "usr/bin/", "usr/sbin/")) else name
            content = members.extractfile(info).read() if info.isreg() else None
            if not info.isdir():
                entries.append((info, content))
    return entries


def through_links(image: Layout) -> None:
    """Later layers write, link and delete by lib/…, where lib is a symlink to usr/lib."""
    image.layer(recipes._merged_usr)
    image.layer(lambda rootfs: debs.unpack(["libc6"], rootfs))
    for package in ("perl-base", "zlib1g", "dash"):
        image.raw_layer(_through_links(package))
    image.raw_layer([
        entry("etc/", DIR, mode=0o755), entry("etc/absolute", LINK, link="/usr/lib", mode=0o777),
        entry("etc/relative", LINK, link="../etc/absolute", mode=0o777),
        entry("etc/relative/by-two-links", content=b"in usr/lib\n"),
        entry("etc/absolute/hard", HARD, link="etc/relative/by-two-links"),
        entry("lib/x86_64-linux-gnu/.wh.libz.so.1"),
        entry("bin/.wh.dash")])


def capabilities(image: Layout) -> None:
    """File capabilities of both versions, set-ID programs, ACLs and attributes; then taken away."""
    def first(rootfs: Path) -> None:
        debs.unpack(["iputils-ping", "login"], rootfs)
        ping = next(path for path in (rootfs / "bin/ping",
                                      rootfs / "usr/bin/ping") if path.exists())
        run("setcap", "cap_net_raw=ep", ping)
        for name in ("version-3", "stripped", "chowned"):
            os.setxattr(_file(rootfs / name, b"x", 0o755, (1000, 1000)), "security.capability",
                        CAPABILITY_3)
        _file(rootfs / "set-both", b"x", 0o6755, (33, 33))
        _file(rootfs / "set-without-x", b"x", 0o6644, (33, 33))
        os.setxattr(_file(rootfs / "acl", b"x", 0o644), "system.posix_acl_access", ACL)
        (rootfs / "acl-folder").mkdir()
        os.setxattr(rootfs / "acl-folder", "system.posix_acl_default", ACL)
        for name in ("attributes", "attributes-folder/file"):
            os.setxattr(_file(rootfs / name, b"x"), "user.berth.binary", bytes(range(256)))
        os.setxattr(rootfs / "attributes", "user.empty", b"")
        os.setxattr(rootfs / "attributes-folder", "user.on.folder", b"value")
        os.setxattr(rootfs / "attributes-folder", "user.on.folder.too", b"value")

    def second(rootfs: Path) -> None:
        os.removexattr(rootfs / "stripped", "security.capability")
        os.chown(rootfs / "chowned", 0, 0)
        os.chown(rootfs / "set-both", 0, 0)
        (rootfs / "set-both").chmod(0o4711)
        os.removexattr(rootfs / "attributes-folder", "user.on.folder")
        os.setxattr(rootfs / "attributes-folder", "user.on.folder.too", b"other")
        _file(rootfs / "acl-folder/inherits-nothing", b"x", 0o600)

    image.layer(first)
    image.layer(second)
    folder = _fresh(image)
    os.setxattr(_file(folder / "by-gnu-tar", b"x", 0o644), "system.posix_acl_access", ACL)
    os.setxattr(folder / "by-gnu-tar", "user.kept", b"value")
    _gnu_tar(image, folder, "--format=pax", "--acls", "--xattrs", "--xattrs-include=*")


def _nodes(folder: Path) -> None:
    numbers = [("null", stat.S_IFCHR, 1, 3), ("large", stat.S_IFCHR, 511, 0xfffff),
               ("disk", stat.S_IFBLK, 259, 70000), ("loop", stat.S_IFBLK, 7, 200)]
    (folder / "dev").mkdir(exist_ok=True)
    for number, (name, kind, major, minor) in enumerate(numbers):
        os.mknod(folder / "dev" / name, kind | 0o600, os.makedev(major, minor))
        os.chown(folder / "dev" / name, number, 6)
        (folder / "dev" / name).chmod(0o640 + number)
    os.mkfifo(folder / "fifo")
    (folder / "fifo").chmod(0o4622)
    os.link(folder / "fifo", folder / "fifo-again")
    os.link(folder / "dev/disk", folder / "disk-again")


def nodes(image: Layout) -> None:
    """FIFOs and device nodes, linked too; replaced by other things and the other way round."""
    def turn(rootfs: Path) -> None:
        for name in ("fifo", "dev/null", "file", "link"):
            (rootfs / name).unlink()
        shutil.rmtree(rootfs / "folder")
        os.mknod(rootfs / "fifo", stat.S_IFCHR | 0o600, os.makedev(1, 5))
        _file(rootfs / "dev/null", b"now a file")
        for name in ("file", "link", "folder"):
            os.mkfifo(rootfs / name)

    folder = _fresh(image)
    _nodes(folder)
    _gnu_tar(image, folder)
    image.layer(lambda rootfs: ((rootfs / "more").mkdir(), _nodes(rootfs / "more")))
    image.layer(lambda rootfs: (_file(rootfs / "file"), _file(rootfs / "folder/x"),
                                (rootfs / "link").symlink_to("file")))
    image.layer(turn)


def names(image: Layout) -> None:
    """Names and targets of every length and of any bytes, in the formats of GNU tar. Symlinks are
    shorter than a block of a small ext4, which is all that such a disk can hold."""
    odd = [b"latin-\xe4\xf6", b"broken-\xf0\x9f", b"new\nline", b"back\\slash", b"-dash", b"star*",
           b" space ", b"tab\t", b"quote\"'", b"\x01\x7f", b"...", b"..two", b"wh.", b"\xff" * 200,
           "日本語".encode(), "u\u0308 and \u00fc".encode()]

    def fill(folder: Path, longest: int) -> None:
        top = os.fsencode(folder)
        for name in odd if longest > 256 else []:
            os.mkdir(top + b"/" + name)
            Path(os.fsdecode(top + b"/" + name + b"/" + name)).write_bytes(name)
            os.symlink(name, top + b"/" + name + b"/link")
            os.link(top + b"/" + name + b"/" + name, top + b"/" + name + b"/hard")
        lengths = (99, 100, 101, 155, 156, 254, 255, 256, 257, 600, 3000)
        for length in filter(longest.__ge__, lengths):
            rest = length - len(f"./{folder.name}/")
            path = folder.joinpath(*["p" * 80] * ((rest - 1) // 81), "r" * ((rest - 1) % 81 + 1))
            _file(path, str(length).encode())
            if length <= 100 or longest > 256:
                os.symlink("t" * min(length, 999), folder / f"symlink-{length}")
                os.link(path, folder / f"hard-{length}")
        for length in (90, 100, 101, 255) if longest > 256 else (90,):
            _file(folder / ("c" * length), b"one component")
        if longest > 256:
            os.symlink("../" * 330 + "x", folder / "symlink-up")

    for form, longest in (("v7", 99), ("ustar", 160), ("oldgnu", 4096), ("gnu", 4096),
                          ("pax", 4096)):
        folder = _fresh(image)
        (folder / form).mkdir()
        fill(folder / form, longest)
        _gnu_tar(image, folder, f"--format={form}")


def sparse(image: Layout) -> None:
    """Files with holes in the three pax forms of GNU tar."""
    for version in ("0.0", "0.1", "1.0"):
        folder = _fresh(image)
        sparse_folder(folder, version)
        _gnu_tar(image, folder, "--sparse", "--format=pax", f"--sparse-version={version}")


def sparse_folder(folder: Path, name: str) -> None:
    sizes = {"hole": (), "end": (0,), "middle": (1 << 20, 7 << 20),
             "many": tuple(range(0, 4 << 20, 1 << 16))}
    for kind, offsets in sizes.items():
        with open(folder / f"{kind}-{name}", "wb") as file:
            for offset in offsets:
                file.seek(offset)
                file.write(f"{kind} {offset}".encode() * 300)
            file.truncate((32 << 20) + 12345)
    _file(folder / f"dense-{name}", b"no hole" * 5000)


def hard_links(image: Layout) -> None:
    """Groups of links within a layer, to lower layers, and broken up again."""
    def within(rootfs: Path) -> None:
        _file(rootfs / "a/one", b"group", 0o640, (7, 8))
        for number in range(20):
            os.link(rootfs / "a/one", rootfs / f"a/{number:02}")
        (rootfs / "b").mkdir()
        os.link(rootfs / "a/one", rootfs / "b/far")
        (rootfs / "symlink").symlink_to("a/one")
        os.link(rootfs / "symlink", rootfs / "b/symlink", follow_symlinks=False)

    def breaking(rootfs: Path) -> None:
        (rootfs / "a/03").unlink()
        (rootfs / "a/04").unlink()
        _file(rootfs / "a/04", b"alone now")
        (rootfs / "a/05").unlink()
        (rootfs / "a/05").symlink_to("one")

    image.layer(within)
    image.raw_layer([entry("c/", DIR, mode=0o755), entry("c/lower", HARD, link="a/one"),
                     entry("c/absolute", HARD, link="/b/far"),
                     entry("c/dots", HARD, link="./c/../a/./10"),
                     entry("c/symlink", HARD, link="symlink"),
                     entry("c/first", content=b"new"), entry("c/second", HARD, link="c/first"),
                     entry("a/06", HARD, link="c/second")])
    image.layer(breaking)
    image.raw_layer([entry(".wh.a"), entry("a/", DIR, mode=0o700),
                     entry("a/from-b", HARD, link="b/far")])


def identities(image: Layout) -> None:
    """Large owners, and times of any age and fineness."""
    owners = [0, 65534, 65536, 2097151, 2097152, 2**31 - 1, 2**31, 2**32 - 2]
    times = [0, 1, -1, -2**31, -0.5, -1.25, 2**31, 2**33, 1234567890.123456789]
    entries = [entry("./", DIR, mode=0o755, mtime=1500000000)]
    for number in owners:
        entries.append(entry(f"owner-{number}", owner=(number, owners[-1] - number)))
        entries.append(entry(f"link-{number}", LINK, link="x", mode=0o777, owner=(number, number)))
    image.raw_layer(entries)
    for form in ("gnu", "pax", "ustar"):
        folder = _fresh(image)
        for number, moment in enumerate(times):
            if form == "ustar" and not 0 <= moment < 2**33:
                continue
            file = _file(folder / f"{form}-{number}/file")
            for path in (file.parent, file):
                os.utime(path, ns=(int(moment * 10**9),) * 2)
        os.utime(_file(folder / f"{form}-ns"), ns=(1, 1600000000_987654321))
        _gnu_tar(image, folder, f"--format={form}")


def turns(image: Layout) -> None:
    """Folders, files and symlinks that take each other's places over five layers."""
    kinds = ("folder", "file", "link", "gone")

    def make(path: Path, kind: str, number: int) -> None:
        if kind == "folder":
            _file(path / f"child-{number}", b"x")
            _file(path / "deep/er" / f"child-{number}", b"x")
        elif kind == "file":
            _file(path, f"file {number}".encode(), 0o600 + number)
        elif kind == "link":
            path.symlink_to(f"target-{number}")

    def turn(number: int) -> Callable[[Path], None]:
        def change(rootfs: Path) -> None:
            for start in range(len(kinds)):
                for step in (1, 2, 3):
                    path = rootfs / f"from-{start}-by-{step}"
                    if path.is_dir() and not path.is_symlink():
                        shutil.rmtree(path)
                    elif path.is_symlink() or path.exists():
                        path.unlink()
                    make(path, kinds[(start + step * number) % 4], number)
        return change

    for number in range(5):
        image.layer(turn(number))


def opaque(image: Layout) -> None:
    """Opaque folders, deleted folders that come back, and whiteouts of what is not there."""
    lower = [entry("a/", DIR, mode=0o755), entry("a/x", content=b"1"), entry("a/d/", DIR,
                                                                             mode=0o700),
             entry("a/d/y", content=b"1"), entry("a/l", LINK, link="d", mode=0o777)]

    def copies(prefix: str, entries: List[Entry]) -> List[Entry]:
        out = []
        for info, content in entries:
            copy = tarfile.TarInfo.frombuf(info.tobuf(tarfile.PAX_FORMAT), "utf-8", "strict")
            copy.name = prefix + info.name + ("/" if info.isdir() else "")
            out.append((copy, content))
        return out

    tops = ["first/", "middle/", "last/", "alone/", "deep/", "again/", "twice/"]
    image.raw_layer([made for top in tops
                     for made in [entry(top, DIR, mode=0o755)] + copies(top, lower)])
    mark = ".wh..wh..opq"
    image.raw_layer([
        entry("first/a/" + mark), entry("first/a/", DIR, mode=0o711), entry("first/a/n",
                                                                            content=b"2"),
        entry("middle/a/", DIR, mode=0o711), entry("middle/a/n", content=b"2"),
        entry("middle/a/" + mark), entry("middle/a/d/", DIR, mode=0o701),
        entry("last/a/", DIR, mode=0o711), entry("last/a/x", content=b"2"),
        entry("last/a/" + mark),
        entry("alone/a/" + mark), entry("deep/a/d/" + mark),
        entry("again/.wh.a"), entry("again/a/", DIR, mode=0o711), entry("again/a/n", content=b"2"),
        entry("twice/a/" + mark), entry("twice/.wh.missing"), entry("missing/.wh.x"),
        entry("first/.wh..wh.plnk/", DIR, mode=0o700), entry(".wh..wh.aufs")])
    image.raw_layer([entry("twice/.wh.a"), entry("again/.wh.a"),
                     entry("first/a/x", content=b"3")])


def empty(image: Layout) -> None:
    """Layers without entries, one entry twice, the same layer twice; history without layers."""
    image.raw_layer([entry("a/", DIR, mode=0o755), entry("a/x", content=b"1")])
    image.raw_layer([])
    image.configure(env=["ONE=1"])
    image.raw_layer([])
    image.raw_layer([entry("a/x", content=b"2"), entry("a/x", content=b"3"),
                     entry("./a//x", content=b"4"), entry("a/y/", DIR, mode=0o700),
                     entry("a/y/", DIR, mode=0o755), entry("a/y", LINK, link="x", mode=0o777)])
    for _ in range(2):
        image.raw_layer([entry("a/z", content=b"z"), entry(".wh.b")])
    image.configure(cmd=["/none"])


def _buildah(image: Layout, *words: object) -> str:
    state = image.scratch / "buildah"
    return run("buildah", "--root", state, "--runroot", image.scratch / "buildah-run",
               "--storage-driver", "vfs", *words, timeout=300).decode().strip()


def buildah(image: Layout) -> None:
    """Three builds on each other, committed by buildah from what changed in its trees."""
    if not sandbox.root_is_mount_point():
        pytest.skip("buildah applies no layer where the root directory is no mount point (a chroot)")
    def change(number: int, rootfs: Path) -> None:
        if number == 0:
            recipes._merged_usr(rootfs)
            recipes._accounts(rootfs)
            debs.unpack(["libc6", "dash", "iputils-ping"], rootfs)
            _file(rootfs / "opt/old/file", b"x")
            _file(rootfs / "opt/turn", b"x")
            os.mkfifo(rootfs / "opt/fifo")
            os.link(rootfs / "opt/turn", rootfs / "opt/hard")
        elif number == 1:
            debs.unpack(["perl-base"], rootfs)
            shutil.rmtree(rootfs / "usr/share/doc")
            shutil.rmtree(rootfs / "opt/old")
            _file(rootfs / "opt/old/file-of-a-new-folder", b"y", 0o4755)
            (rootfs / "opt/turn").unlink()
            _file(rootfs / "opt/turn/file", b"now in a folder")
        else:
            shutil.rmtree(rootfs / "usr/share")
            shutil.rmtree(rootfs / "opt/turn")
            (rootfs / "opt/turn").symlink_to("old")
            (rootfs / "opt").chmod(0o711)

    base = "scratch"
    for number in range(3):
        container = _buildah(image, "from", "--pull-never", base)
        change(number, Path(_buildah(image, "mount", container)))
        _buildah(image, "config", "--cmd", "sh", container)
        base = f"localhost/made:{number}"
        _buildah(image, "commit", "--quiet", "--format", "docker", container, base)
    shutil.rmtree(image.path)
    _buildah(image, "push", "--quiet", "--format", "oci", base, f"oci:{image.path}:latest")


def crane(image: Layout) -> None:
    """Archives of GNU tar appended by crane, and saved as a docker-archive for skopeo."""
    layers = []
    for number in range(3):
        folder = _fresh(image)
        _file(folder / "etc/number", str(number).encode(), 0o640 + number, (number, number))
        _file(folder / f"var/{number}", b"x")
        os.link(folder / f"var/{number}", folder / f"var/{number}-again")
        if number == 2:
            _file(folder / "var/.wh.0", b"")
        layers.append(image.scratch / f"layer-{number}.tar")
        run("tar", "--sort=name", "-C", folder, "-cf", layers[-1], ".")
    saved = image.scratch / "saved.tar"
    run(suites.program("crane", "sid"), "append", "--oci-empty-base", "-t", "made.test/by/crane:1",
        "-f", ",".join(map(str, layers)), "-o", saved)
    shutil.rmtree(image.path)
    run("skopeo", "copy", "--quiet", "--insecure-policy", f"docker-archive:{saved}",
        f"oci:{image.path}:latest")
    # crane's empty base names no platform.
    run("umoci", "config", "--image", image.image, "--architecture", "amd64", "--os", "linux")


IMAGES = {made.__name__.replace("_", "-"): made for made in (
    packages, through_links, capabilities, nodes, names, sparse, hard_links, identities, turns,
    opaque, empty, buildah, crane)}
