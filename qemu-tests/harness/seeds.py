# SPDX-License-Identifier: Apache-2.0
"""Metadata files, in every wrapping and on every local source, made by the tools that make real ones;
and the words by which QEMU gets them."""

import base64
import gzip
import json
from pathlib import Path
from typing import List, Optional

from .command import run
from .initrd import archive


def document(answer: str, image: str = "app:1", more: str = "") -> bytes:
    """A Compose file whose one service says its answer. `more` is put at the end."""
    return f"""name: seed
services:
  app:
    image: {image}
    command: ["sh", "-c", "echo answer=$$ANSWER host=$$(hostname); exit 7"]
    environment:
      ANSWER: {answer}
    mem_limit: 64m
{more}""".encode()


def packed(text: bytes) -> bytes:
    return base64.b64encode(gzip.compress(text, mtime=0))


def cloud_localds(path: Path, user_data: bytes, hostname: Optional[str] = None,
                  form: str = "vfat") -> List[str]:
    """A NoCloud seed by the real cloud-localds."""
    source = path.with_suffix(".user-data")
    source.write_bytes(user_data)
    words = ["--hostname", hostname] if hostname else []
    run("cloud-localds", "--filesystem", form, *words, path, source)
    return disk(path)


def multipart(path: Path, *parts: str) -> bytes:
    """A MIME message by the real write-mime-multipart; each part is FILE[:TYPE]."""
    run("write-mime-multipart", "--output", path, *parts)
    return path.read_bytes()


def config_drive(path: Path, user_data: bytes, hostname: str) -> List[str]:
    """An OpenStack config drive by the real genisoimage."""
    latest = path.parent / f"{path.name}.tree" / "openstack" / "latest"
    latest.mkdir(parents=True)
    (latest / "user_data").write_bytes(user_data)
    (latest / "meta_data.json").write_text(json.dumps({"uuid": "x", "hostname": hostname}))
    run("genisoimage", "-quiet", "-R", "-J", "-V", "config-2", "-o", path, latest.parent.parent)
    return disk(path)


def disk(path: Path) -> List[str]:
    return ["-drive", f"if=none,id=seed,format=raw,readonly=on,file={path}",
            "-device", "virtio-blk-pci,drive=seed"]


# How a disk or a CD can be had by a machine, and the name that it then has there.
BUSES = {"virtio": "vda", "ide-cd": "sr0", "ide-disk": "sda", "scsi-cd": "sr0", "scsi-disk": "sda",
         "ahci-cd": "sr0", "ahci-disk": "sda"}


def attach(path: Path, bus: str, writable: bool = False) -> List[str]:
    """IDE needs the board pc; virtio-scsi and AHCI bring their controllers."""
    guard = "snapshot" if bus in ("ide-disk", "ahci-disk") else "readonly"  # they cannot be read-only
    drive = f"if=none,id=medium,format=raw,file={path}" + ("" if writable else f",{guard}=on")
    kind = {"virtio": ["-device", "virtio-blk-pci,drive=medium"],
            "ide-cd": ["-device", "ide-cd,bus=ide.1,drive=medium"],
            "ide-disk": ["-device", "ide-hd,bus=ide.0,drive=medium"],
            "scsi-cd": ["-device", "virtio-scsi-pci", "-device", "scsi-cd,drive=medium"],
            "scsi-disk": ["-device", "virtio-scsi-pci", "-device", "scsi-hd,drive=medium"],
            "ahci-cd": ["-device", "ahci,id=sata", "-device", "ide-cd,bus=sata.0,drive=medium"],
            "ahci-disk": ["-device", "ahci,id=sata", "-device", "ide-hd,bus=sata.0,drive=medium"]}
    return ["-drive", drive, *kind[bus]]


def fw_cfg(path: Path, user_data: bytes, name: str = "opt/org.berth/config") -> List[str]:
    path.write_bytes(user_data)
    return ["-fw_cfg", f"name={name},file={path}"]


def oem_string(path: Path, text: bytes) -> List[str]:
    path.write_bytes(text)
    return ["-smbios", f"type=11,path={path}"]


def initramfs(path: Path, user_data: bytes) -> Path:
    return archive(path, {"/berth/config.yaml": user_data})


class Port:
    """A virtio-serial port whose host side is a socket: writes the document and closes."""

    def __init__(self, path: Path, user_data: bytes):
        import socket
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen()
        self._path, self._user_data = path, user_data

    @property
    def words(self) -> List[str]:
        return ["-device", "virtio-serial-pci,id=more", "-chardev",
                f"socket,id=config,path={self._path}", "-device",
                "virtserialport,bus=more.0,chardev=config,name=org.berth.config"]

    def serve(self) -> None:
        """Until the machine has taken all."""
        connection, _ = self._server.accept()
        with connection:
            connection.sendall(self._user_data)
            connection.shutdown(1)
            connection.recv(1)
