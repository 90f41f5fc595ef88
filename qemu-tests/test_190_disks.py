# SPDX-License-Identifier: Apache-2.0
"""Disks and CDs of every kind: behind virtio, virtio-scsi, AHCI, and IDE, which is looked at only when
something is missing."""

import pytest

from harness import archives, images, media, seeds
from harness.machine import run_machine


def steps(result, name):
    assert result.report, result
    return [entry for entry in result.report["ledger"] if entry["name"] == name]


def ide_entries(result):
    return [entry for entry in steps(result, "devices") if entry["source"] == "ide"]


def machine(app, *words, append="", board="pc"):
    return run_machine(f"ip=off {append}", initrds=[app], network=False, debug_exit=False,
                       extra=words, board=board)


def seed(path, answer, **settings):
    """A NoCloud seed on an ISO, by the real cloud-localds."""
    seeds.cloud_localds(path, seeds.document(answer, **settings), "seed-1", "iso9660")
    return path


def check(result, where, answer="seed"):
    assert result.report and result.report["status"] == 7, result
    assert result.output("app") == [f"answer={answer} host=seed-1"], result
    found = steps(result, "config")[0]
    assert found["source"] == "nocloud" and f"{where} (iso9660)" in found["decision"], result


@pytest.mark.parametrize("bus", ["ide-cd", "ide-disk", "scsi-cd", "scsi-disk", "ahci-cd", "ahci-disk"])
def test_a_seed_on_every_bus(app, tmp_path, bus):
    """Only an IDE controller has to be looked at, and is when no other source has a document."""
    result = machine(app, *seeds.attach(seed(tmp_path / "seed.iso", "seed"), bus))
    check(result, seeds.BUSES[bus])
    assert len(ide_entries(result)) == bus.startswith("ide"), result


@pytest.mark.parametrize("board", ["pc", "q35"])
def test_cdrom(app, tmp_path, board):
    """As people say it: -cdrom seed.iso."""
    words = ["-cdrom", seed(tmp_path / "seed.iso", "seed")]
    result = machine(app, *words, board=board)
    check(result, "sr0")
    assert len(ide_entries(result)) == (board == "pc"), result


def test_config_drive_on_ide(app, tmp_path):
    """OpenStack's config drive, asked for by its name."""
    path = tmp_path / "drive.iso"
    seeds.config_drive(path, seeds.document("drive"), "drive-1")
    result = machine(app, *seeds.attach(path, "ide-cd"), append="berth.config=config-drive")
    assert result.output("app") == ["answer=drive host=drive-1"], result
    assert "sr0 (iso9660)" in steps(result, "config")[0]["decision"], result


def test_ide_is_left_alone_when_nothing_is_missing(app, tmp_path):
    """A machine that is told what to run does not wait for channels, …"""
    words = seeds.attach(seed(tmp_path / "seed.iso", "seed"), "ide-cd")
    line = machine(app, *words, append='berth.image=app:1 berth.cmd="sh -c \'exit 3\'"')
    assert line.report["status"] == 3 and not ide_entries(line), line
    told = machine(app, *words, *seeds.fw_cfg(tmp_path / "fw", seeds.document("fw_cfg")))
    assert told.output("app") == ["answer=fw_cfg host=app"], told
    assert not ide_entries(told), told


def test_ide_never_and_always(app, tmp_path):
    """… and berth.ide decides otherwise."""
    words = seeds.attach(seed(tmp_path / "seed.iso", "seed"), "ide-cd")
    never = machine(app, *words, append="berth.ide=never")
    assert never.report["status"] == 125 and "no image to run" in never.report["reason"], never
    always = machine(app, *words, append='berth.ide=always berth.image=app:1 berth.cmd="sh -c '
                                         "'exit 4'\"")
    assert always.report["status"] == 4 and len(ide_entries(always)) == 1, always


def test_an_empty_drive_is_no_mistake(app):
    """Of a machine with no document at all."""
    result = machine(app, "-device", "ide-cd,bus=ide.1")
    assert result.report["status"] == 125, result
    assert "no image to run" in result.report["reason"], result
    assert len(ide_entries(result)) == 1, result


@pytest.mark.parametrize("bus", ["ide-cd", "scsi-cd", "ahci-cd", "scsi-disk"])
def test_an_image_on_every_bus(tmp_path, bus):
    """An ISO with images, in a machine without a network."""
    folder = tmp_path / "place"
    folder.mkdir()
    archives.copy(images.layout("busybox"), f"oci-archive:{folder / 'x.tar'}:app:1")
    path = media.iso(tmp_path / "images.iso", folder)
    result = run_machine('ip=off berth.image=app:1 berth.cmd="sh -c \'exit 6\'"', network=False,
                         debug_exit=False, extra=seeds.attach(path, bus))
    assert result.report and result.report["status"] == 6, result
    assert seeds.BUSES[bus] in steps(result, "pull")[0]["source"] + \
        steps(result, "pull")[0]["decision"], result
