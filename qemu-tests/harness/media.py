# SPDX-License-Identifier: Apache-2.0
"""Media with images, made by the tools that make real ones, and the words by which QEMU gets them."""

import functools
import http.server
import subprocess
import threading
import time
from pathlib import Path
from typing import List, Optional, Sequence

from .certificates import KeyPair, speak_tls
from .command import end, run
from .ports import free_port, wait_for_port

LABEL = "berth-images"


def ext4(path: Path, folder: Path, size: str = "32M", options: Sequence[str] = ()) -> Path:
    path.write_bytes(b"")
    run("truncate", "-s", size, path)
    run("mke2fs", "-q", "-t", "ext4", *options, "-L", LABEL, "-d", folder, path)
    return path


def fat(path: Path, folder: Path, size: str = "32M") -> Path:
    """Its label has 11 characters at most."""
    path.write_bytes(b"")
    run("truncate", "-s", size, path)
    run("mkfs.vfat", "-n", LABEL.upper()[:11], path)
    for item in sorted(folder.iterdir()):
        run("mcopy", "-s", "-i", path, item, "::/")
    return path


def iso(path: Path, folder: Path) -> Path:
    run("xorriso", "-as", "mkisofs", "-quiet", "-R", "-V", LABEL.upper(), "-o", path, folder)
    return path


def disks(*paths: Path, more: str = "") -> List[str]:
    """`more` are further options of QEMU's drives."""
    words: List[str] = []
    for number, path in enumerate(paths):
        words += ["-drive", f"if=none,id=medium{number},format=raw,readonly=on,file={path}{more}",
                  "-device", f"virtio-blk-pci,drive=medium{number}"]
    return words


def share(folder: Path) -> List[str]:
    return ["-virtfs", f"local,path={folder},mount_tag={LABEL},security_model=none,readonly=on"]


def find_virtiofsd() -> Optional[List[str]]:
    """The program and how it is told a folder: Debian 12 has the one in C, later ones that in Rust."""
    for program, words in (("/usr/libexec/virtiofsd", ["--sandbox", "none", "--shared-dir"]),
                           ("/usr/lib/qemu/virtiofsd", ["-o", "sandbox=chroot", "-o", "source="])):
        if Path(program).exists():
            return [program, *words]
    return None


class VirtioFs:
    """virtiofsd for one folder."""

    def __init__(self, scratch: Path, folder: Path, memory: int, tag: str = LABEL):
        self._socket = scratch / "virtiofs.socket"
        self._memory, self._tag = memory, tag
        words = find_virtiofsd()
        assert words
        words = [*words[:-1], words[-1] + str(folder)] if words[-1].endswith("=") \
            else [*words, str(folder)]
        with open(scratch / "virtiofsd.log", "wb") as log:
            self._process = subprocess.Popen([*words, f"--socket-path={self._socket}"],
                                             stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while not self._socket.exists():
            assert self._process.poll() is None and time.monotonic() < deadline, \
                (scratch / "virtiofsd.log").read_text()
            time.sleep(0.02)

    @property
    def words(self) -> List[str]:
        return ["-object", f"memory-backend-memfd,id=memory,size={self._memory}M,share=on",
                "-numa", "node,memdev=memory", "-chardev", f"socket,id=fs,path={self._socket}",
                "-device", f"vhost-user-fs-pci,chardev=fs,tag={self._tag}"]

    def __enter__(self) -> "VirtioFs":
        return self

    def __exit__(self, *_: object) -> None:
        end(self._process)


class WebFolder:
    """A plain web server on loopback: busybox httpd, which knows of files and ranges only."""

    def __init__(self, folder: Path, port: int = 0):
        self.port = port or free_port()
        self._process = subprocess.Popen(
            ["busybox", "httpd", "-f", "-p", f"127.0.0.1:{self.port}", "-h", str(folder)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(self.port)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def __enter__(self) -> "WebFolder":
        return self

    def __exit__(self, *_: object) -> None:
        end(self._process)


class TlsFolder:
    """Python's own web server in TLS. It knows nothing of ranges."""

    def __init__(self, folder: Path, pair: KeyPair):
        handler = functools.partial(_Silent, directory=str(folder))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        speak_tls(self._server, pair)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"https://localhost:{self._server.server_address[1]}"

    def __enter__(self) -> "TlsFolder":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass
