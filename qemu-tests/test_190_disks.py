# SPDX-License-Identifier: Apache-2.0
"""Disks and CDs of every kind: behind virtio, virtio-scsi, AHCI, and IDE, which is looked at only when
something is missing."""

import pytest

from harness import archives, images, media, seeds
from harness.command import run
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


# The data disk.

def empty_disk(path, size="64M"):
    path.write_bytes(b"")
    run("truncate", "-s", size, path)
    return path


def keeper(more):
    """A document whose service counts its starts in a volume."""
    return ("services:\n  app:\n    image: app:1\n    volumes: [data:/data]\n"
            "    command: [sh, -c, 'echo x >>/data/count; echo starts=$$(wc -l </data/count)']\n"
            f"volumes:\n  data:\nx-berth:\n  disks:\n    data: {more}\n").encode()


def told(app, tmp_path, text, *words, **settings):
    return machine(app, *words, *seeds.fw_cfg(tmp_path / "fw", text), **settings)


def store_lines(result):
    return [entry["decision"] for entry in steps(result, "devices")]


def file_system(path):
    """What e2fsck says of it, after it has found nothing wrong."""
    run("e2fsck", "-fn", path)
    return run("dumpe2fs", "-h", path).decode()


def test_an_empty_disk_is_formatted_once(app, tmp_path):
    """And keeps what containers leave; the workstation's e2fsck finds nothing wrong with it."""
    path = empty_disk(tmp_path / "disk")
    words = seeds.attach(path, "virtio", writable=True)
    first = told(app, tmp_path, keeper("{format: if-empty}"), *words)
    assert first.output("app") == ["starts=1"], first
    assert any("/dev/vda" in line and "it was empty" in line for line in store_lines(first)), first
    found = file_system(path)
    assert "berth-data" in found and "has_journal" in found and "metadata_csum" in found, found
    second = told(app, tmp_path, keeper("{format: if-empty}"), *words)
    assert second.output("app") == ["starts=2"], second
    assert not any("it was empty" in line for line in store_lines(second)), second


@pytest.mark.parametrize("bus, device", [("ahci-disk", "sda"), ("ide-disk", "sda"), ("scsi-disk", "sda")])
def test_the_data_disk_on_every_bus(app, tmp_path, bus, device):
    """By the command line; of IDE it is looked for because it is missed."""
    path = empty_disk(tmp_path / "disk")
    words = seeds.attach(path, bus, writable=True)
    result = machine(app, *words, append=f"berth.data=device=/dev/{device},format=if-empty "
                     'berth.image=app:1 berth.cmd="sh -c \'exit 5\'"')
    assert result.report and result.report["status"] == 5, result
    assert any(f"/dev/{device}" in line and "it was empty" in line for line in store_lines(result)), \
        result
    file_system(path)


def test_a_disk_by_its_serial_number(app, tmp_path):
    """The second of two."""
    one, two = empty_disk(tmp_path / "one"), empty_disk(tmp_path / "two")
    words = []
    for name, path in (("first", one), ("second", two)):
        words += ["-drive", f"if=none,id={name},format=raw,file={path}",
                  "-device", f"virtio-blk-pci,drive={name},serial={name}"]
    result = told(app, tmp_path, keeper("{serial: second, format: if-empty}"), *words)
    assert result.output("app") == ["starts=1"], result
    assert set(one.read_bytes()) == {0}, "the other one is still empty"
    file_system(two)


@pytest.mark.parametrize("at", [0, 510, 4096, 64 * 1024 * 1024 - 1])
def test_a_disk_that_is_not_empty_is_left_alone(app, tmp_path, at):
    path = empty_disk(tmp_path / "disk")
    with open(path, "r+b") as disk:
        disk.seek(at)
        disk.write(b"x")
    before = path.read_bytes()
    result = told(app, tmp_path, keeper("{format: if-empty}"),
                  *seeds.attach(path, "virtio", writable=True))
    assert result.report["status"] == 125, result
    assert "no disk is the one of berth.data" in result.report["reason"], result
    assert "vda (67.1 MB, neither empty nor ext4)" in result.report["reason"], result
    assert path.read_bytes() == before


def test_a_grown_disk(app, tmp_path):
    """Made small, and the disk grew; mke2fs of the workstation had made it."""
    path = empty_disk(tmp_path / "disk")
    run("mke2fs", "-q", "-t", "ext4", "-b", "4096", "-L", "berth-data", path)
    run("truncate", "-s", "160M", path)
    result = told(app, tmp_path, keeper("{label: berth-data}"),
                  *seeds.attach(path, "virtio", writable=True))
    assert result.output("app") == ["starts=1"], result
    assert any("grown by" in line for line in store_lines(result)), result
    assert "Block count:              40960" in file_system(path)


def test_a_missing_disk(app, tmp_path):
    """Ends the machine, unless it is not required."""
    result = told(app, tmp_path, keeper("{serial: other}"))
    assert result.report["status"] == 125 and "there are none" in result.report["reason"], result
    result = told(app, tmp_path, keeper("{serial: other, required: false}"))
    assert result.output("app") == ["starts=1"], result
    assert any("berth: warning:" in line and "berth.data" in line
               for line in result.console.splitlines()), result


def test_errors_that_were_found_before(app, tmp_path):
    """Are said; there is no e2fsck in the machine."""
    path = empty_disk(tmp_path / "disk")
    run("mke2fs", "-q", "-t", "ext4", "-L", "berth-data", path)
    run("debugfs", "-w", "-R", "set_super_value state 3", path)
    result = told(app, tmp_path, keeper("{label: berth-data, grow: false}"),
                  *seeds.attach(path, "virtio", writable=True))
    assert result.output("app") == ["starts=1"], result
    assert "check it with e2fsck" in result.console, result


def test_no_disk_although_there_is_one(app, tmp_path):
    """berth.data=none leaves it alone."""
    path = empty_disk(tmp_path / "disk")
    run("mke2fs", "-q", "-t", "ext4", "-L", "berth-data", path)
    result = machine(app, *seeds.attach(path, "virtio", writable=True), append="berth.data=none "
                     'berth.image=app:1 berth.cmd="sh -c \'exit 5\'"')
    assert result.report["status"] == 5, result
    assert store_lines(result)[-1].startswith("store on memory"), result
