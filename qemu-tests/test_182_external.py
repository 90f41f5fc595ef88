# SPDX-License-Identifier: Apache-2.0
"""Secrets and configs that a document calls external: whoever starts the machine has left their values
in one of the places of its local sources."""

import base64
import json

import pytest

from harness import seeds
from harness.boot import boot
from harness.command import run
from harness.initrd import archive
from harness.seeded import machine

DOCUMENT = b"""\
services:
  a:
    image: app:1
    command: [sh, -c, "cat /run/secrets/s /c; stat -c '%u %a' /run/secrets/s"]
    secrets: [{source: s, uid: "1000", mode: 0400}]
    configs: [c]
secrets: {s: {external: true, name: db-pass}}
configs: {c: {external: true}}
"""


def values(place, folder):
    """The words for QEMU and the archives that leave the two values there."""
    if place == "fw_cfg":
        return [*seeds.fw_cfg(folder / "s", b"hush\n", "opt/org.berth/secrets/db-pass"),
                *seeds.fw_cfg(folder / "c", b"page\n", "opt/org.berth/configs/c")], []
    if place == "credentials of fw_cfg":
        return [*seeds.fw_cfg(folder / "s", b"hush\n", "opt/io.systemd.credentials/db-pass"),
                *seeds.fw_cfg(folder / "c", b"page\n", "opt/io.systemd.credentials/c")], []
    if place == "credentials of SMBIOS":
        return [*seeds.oem_string(folder / "s", b"io.systemd.credential:db-pass=hush\n"),
                *seeds.oem_string(folder / "c", b"io.systemd.credential.binary:c=" +
                                  base64.b64encode(b"page\n"))], []
    return [], [archive(folder / "values.cpio", {"/berth/secrets/db-pass": b"hush\n",
                                                 "/berth/configs/c": b"page\n"})]


@pytest.mark.parametrize("place", ["fw_cfg", "credentials of fw_cfg", "credentials of SMBIOS", "initramfs"])
def test_places(app, tmp_path, place):
    words, initrds = values(place, tmp_path)
    result = machine(app, *words, *seeds.fw_cfg(tmp_path / "seed", DOCUMENT), initrds=initrds)
    assert result.output("a") == ["hush", "page", "1000 400"], result
    assert "hush" not in json.dumps(result.report["config"]), result


def nocloud(folder, files):
    """A disk of cidata with more files than the document."""
    tree = folder / "tree"
    for name, content in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(content)
        (tree / name).chmod(0o600)
    path = folder / "cidata.img"
    run("truncate", "-s", "4M", path)
    run("mke2fs", "-q", "-t", "ext4", "-L", "cidata", "-d", tree, path)
    return seeds.disk(path)


def test_the_disk_of_the_document(app, tmp_path):
    """A disk has its own values, and no others: those of the firmware are for better trusted sources, …"""
    words = nocloud(tmp_path, {"user-data": DOCUMENT, "secrets/db-pass": b"of the disk\n",
                               "configs/c": b"page\n"})
    others, _ = values("fw_cfg", tmp_path)
    result = machine(app, *words, *others)
    assert result.output("a") == ["of the disk", "page", "1000 400"], result
    trusted = machine(app, *words, *others, append="berth.config.trust=disk")
    assert trusted.output("a") == ["hush", "page", "1000 400"], "… which then come first"


def test_a_disk_without_them(app, tmp_path):
    words = nocloud(tmp_path, {"user-data": DOCUMENT})
    others, _ = values("fw_cfg", tmp_path)
    result = machine(app, *words, *others)
    assert result.report["status"] == 125, result
    assert any('vda (ext4), user-data:7:25: error: secrets.s: "db-pass" is external and not there: looked for it '
               "in secrets on the disk of the document, which is trusted with no other place" in line
               for line in result.errors), result


def test_missing(app, tmp_path):
    """Where was looked is said, in one line for each."""
    result = machine(app, *seeds.fw_cfg(tmp_path / "seed", DOCUMENT))
    assert result.report["status"] == 125, result
    for key, name, kind in (("secrets.s", "db-pass", "secrets"), ("configs.c", "c", "configs")):
        wanted = (f'error: {key}: "{name}" is external and not there: looked for it in opt/org.berth/{kind} and '
                  f"opt/io.systemd.credentials of fw_cfg, the credentials of SMBIOS, /berth/{kind} of the initramfs")
        assert len([line for line in result.errors if wanted in line]) == 1, result


def test_too_large(app, tmp_path):
    words = seeds.fw_cfg(tmp_path / "s", b"x" * 100_000, "opt/org.berth/secrets/db-pass")
    result = machine(app, *words, *seeds.fw_cfg(tmp_path / "seed", DOCUMENT))
    assert result.report["status"] == 125, result
    assert any("secrets.s: org.berth/secrets/db-pass is longer than 98304 bytes" in line
               for line in result.errors), result


def test_given_to_boot(image, tmp_path):
    """`berth boot --secret` carries it; what is not given, or not asked for, is said before."""
    path, secret, config = tmp_path / "compose.yaml", tmp_path / "secret", tmp_path / "config"
    path.write_bytes(DOCUMENT.replace(b"app:1", image("probe").encode()))
    secret.write_bytes(b"hush\n")
    config.write_bytes(b"page\n")
    result = boot("--secret", f"db-pass={secret}", "--config", f"c={config}", path)
    assert result.status == 0 and result.output("a") == ["hush", "page", "1000 400"], result
    for words, wanted in (([], f"{path}:7:25: error: secrets.s: is external, and nobody gives it: "
                               "--secret db-pass=FILE"),
                          (["--secret", "s=x"], "--secret s: is not asked for"),
                          (["--secret", f"db-pass={tmp_path / 'gone'}", "--config", f"c={config}"],
                           "secrets.s: open ")):
        result = boot(*words, path)
        assert result.status == 125 and wanted in result.messages, result
    result = boot("--secret", "s=x", image("probe"))
    assert result.status == 125 and "is none" in result.messages, result
    own = archive(tmp_path / "own.cpio", {"/berth/secrets/db-pass": b"of an archive\n",
                                          "/berth/configs/c": b"page\n"})
    result = boot("--initrd-append", own, path)
    assert result.output("a") == ["of an archive", "page", "1000 400"], result
