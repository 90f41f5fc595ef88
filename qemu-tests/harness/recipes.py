# SPDX-License-Identifier: Apache-2.0
"""How each test image is made: Debian packages, unpacked into the layers of an image by umoci."""

import os
import shutil
from pathlib import Path

from . import debs, programs
from .command import run
from .layout import Layout
from .paths import TOOLS

PASSWD = """\
root:x:0:0:root:/root:/bin/sh
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
alice:x:1000:1000:Alice:/home/alice:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
"""
GROUP = """\
root:x:0:
audio:x:29:alice
www-data:x:33:
staff:x:50:alice,bob
alice:x:1000:
nogroup:x:65534:
"""
MERGED = ("bin", "sbin", "lib", "lib64")
LIBC = ["libc6", "libcrypt1"]


def _accounts(rootfs: Path) -> None:
    (rootfs / "etc").mkdir(exist_ok=True)
    (rootfs / "etc" / "passwd").write_text(PASSWD)
    (rootfs / "etc" / "group").write_text(GROUP)
    home = rootfs / "home" / "alice"
    home.mkdir(parents=True)
    os.chown(home, 1000, 1000)


def _merged_usr(rootfs: Path) -> None:
    for name in MERGED:
        (rootfs / "usr" / name).mkdir(parents=True, exist_ok=True)
        (rootfs / name).symlink_to(f"usr/{name}")
    (rootfs / "tmp").mkdir()
    (rootfs / "tmp").chmod(0o1777)
    (rootfs / "root").mkdir(mode=0o700)


def _busybox(rootfs: Path) -> None:
    _accounts(rootfs)
    debs.unpack(["busybox-static"], rootfs)
    program = next(path for path in (rootfs / "bin/busybox", rootfs / "usr/bin/busybox")
                   if path.exists())
    binaries = rootfs / "bin"
    binaries.mkdir(exist_ok=True)
    if program.parent != binaries:
        program = program.rename(binaries / "busybox")
    shutil.rmtree(rootfs / "usr" / "share", ignore_errors=True)
    for applet in run(program, "--list").decode().split():
        if applet != "busybox":
            (binaries / applet).symlink_to("busybox")
    (rootfs / "tmp").mkdir()
    (rootfs / "tmp").chmod(0o1777)


def busybox(image: Layout) -> None:
    """One small layer, as the well-known image of that name."""
    image.layer(_busybox)
    image.configure(cmd=["sh"], env=["PATH=/bin:/sbin:/usr/bin:/usr/sbin"])


def probe(image: Layout) -> None:
    """busybox and, in a second layer, the probe program; every setting an image can have."""
    def add_probe(rootfs: Path) -> None:
        programs.probe(rootfs / "bin" / "probe")
        script = rootfs / "bin" / "not-executable"
        script.write_text("text, not a program\n")
        script.chmod(0o644)
        shutil.copy(TOOLS / "facts.sh", rootfs / "bin" / "facts")
        (rootfs / "bin" / "facts").chmod(0o755)
        (rootfs / "work" / "deep").mkdir(parents=True)

    image.layer(_busybox)
    image.layer(add_probe)
    image.configure(cmd=["sh"], env=["PATH=/bin:/sbin", "FROM_IMAGE=image value"],
                    workingdir="/work/deep", stopsignal="SIGTERM")


NGINX_CONF = """\
worker_processes 1;
error_log /dev/stderr notice;
pid /run/nginx.pid;
events { worker_connections 64; }
http {
    include /etc/nginx/mime.types;
    access_log /dev/stdout;
    server {
        listen 80;
        root /usr/share/nginx/html;
    }
}
"""
PAGE = "<!doctype html>\n<title>Berth</title>\n<p>nginx in a container, in its own machine.\n"


def nginx(image: Layout) -> None:
    """Six layers: base, C library, libraries, nginx, removal of documentation, site."""
    def base(rootfs: Path) -> None:
        _merged_usr(rootfs)
        _accounts(rootfs)

    def site(rootfs: Path) -> None:
        (rootfs / "etc/nginx/nginx.conf").write_text(NGINX_CONF)
        (rootfs / "usr/share/nginx/html").mkdir(parents=True, exist_ok=True)
        (rootfs / "usr/share/nginx/html/index.html").write_text(PAGE)
        for folder in ("run", "var/lib/nginx", "var/log/nginx"):
            (rootfs / folder).mkdir(parents=True, exist_ok=True)

    image.layer(base)
    image.layer(lambda rootfs: debs.unpack(LIBC, rootfs))
    image.layer(lambda rootfs: debs.unpack(
        ["libpcre2-8-0", "libssl3t64 | libssl3", "libzstd1", "zlib1g"], rootfs))
    image.layer(lambda rootfs: debs.unpack(["nginx", "nginx-common"], rootfs))
    image.layer(lambda rootfs: shutil.rmtree(rootfs / "usr/share/doc"))
    image.layer(site)
    image.configure(entrypoint=["nginx"], cmd=["-g", "daemon off;"], exposedports="80/tcp",
                    stopsignal="SIGQUIT", env=["PATH=/usr/sbin:/usr/bin:/sbin:/bin"])


def perl(image: Layout) -> None:
    """Debian's essential Perl: many small files, hard links, then files deleted and replaced."""
    def rework(rootfs: Path) -> None:
        shutil.rmtree(rootfs / "usr/share/man", ignore_errors=True)
        folder = next((rootfs / "usr/lib/x86_64-linux-gnu/perl-base").glob("unicore"))
        shutil.rmtree(folder)
        folder.mkdir()
        (folder / "replaced").write_text("a directory emptied and filled again\n")
        (rootfs / "usr/bin/perl").chmod(0o711)

    image.layer(_merged_usr)
    image.layer(lambda rootfs: debs.unpack(LIBC, rootfs))
    image.layer(lambda rootfs: debs.unpack(["perl-base", "dash"], rootfs))
    image.layer(rework)
    image.configure(cmd=["perl", "-e", 'print "hello\\n"'], env=["PATH=/usr/bin:/bin"])


def userland(image: Layout) -> None:
    """Debian's basic programs: set-user-ID and set-group-ID files, a file with capabilities."""
    def privileges(rootfs: Path) -> None:
        os.chown(rootfs / "usr/bin/chage", 0, 42)
        (rootfs / "usr/bin/chage").chmod(0o2755)
        (rootfs / "usr/bin/env").chmod(0o4755)
        (rootfs / "usr/share/doc/coreutils/copyright").unlink()
        run("setcap", "cap_net_raw=ep", rootfs / "usr/bin/ping")

    image.layer(lambda rootfs: (_merged_usr(rootfs), _accounts(rootfs)))
    image.layer(lambda rootfs: debs.unpack(LIBC + ["libselinux1", "libpcre2-8-0"], rootfs))
    image.layer(lambda rootfs: debs.unpack(["bash", "coreutils", "passwd", "login"], rootfs))
    image.layer(lambda rootfs: debs.unpack(["iputils-ping"], rootfs))
    image.layer(privileges)
    image.configure(cmd=["bash"], env=["PATH=/usr/sbin:/usr/bin:/sbin:/bin"])
