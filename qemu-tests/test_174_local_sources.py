# SPDX-License-Identifier: Apache-2.0
"""The metadata file from every source in the machine itself, each made by the real tool, one boot
each; what is refused and why; what wins."""

import threading

import pytest

from harness import documents, seeds
from harness.bad_documents import CASES
from harness.boot import have_kvm
from harness.machine import Machine, run_machine


def entry(result):
    """The ledger's entry of the metadata file."""
    assert result.report, result
    found = [entry for entry in result.report["ledger"] if entry["name"] == "config"]
    assert len(found) == 1 and found[0]["step"] == 3, result
    return found[0]


def check(result, source, answer, *words, host="app"):
    """The container of the document ran, and the ledger says where the document was."""
    assert result.report, result
    assert result.report["status"] == 7, result
    assert result.output("app") == [f"answer={answer} host={host}"], result
    found = entry(result)
    assert found["source"] == source, result
    for word in words:
        assert word in found["decision"], (word, found)
    return found


def machine(app, *words, append="", initrds=()):
    return run_machine(f"ip=off {append}", initrds=[app, *initrds], network=False,
                       debug_exit=False, extra=words)


def test_fw_cfg(app, tmp_path):
    text = seeds.document("fw_cfg", more="x-berth:\n  hostname: box\n")
    result = machine(app, *seeds.fw_cfg(tmp_path / "seed", text))
    found = check(result, "fw_cfg", "fw_cfg", "opt/org.berth/config", host="box")
    assert found["bytes"] == len(text)


def test_decision_is_quick(app, tmp_path):
    """Init start → decision in executed instructions (one a nanosecond), which other load on the
    workstation does not change."""
    words = seeds.fw_cfg(tmp_path / "seed", seeds.document("quick"))
    if have_kvm():
        pytest.skip("instructions are counted under TCG only")
    result = machine(app, *words, "-icount", "shift=0,sleep=off")
    found = check(result, "fw_cfg", "quick")
    begin = [e for e in result.report["ledger"] if e["name"] == "mounts"][0]["at_ns"]
    instructions = found["at_ns"] + found["duration_ns"] - begin
    assert instructions < 20_000_000, result


def test_initramfs(app, tmp_path):
    seed = seeds.initramfs(tmp_path / "seed.cpio", seeds.document("initramfs"))
    check(machine(app, initrds=[seed]), "initramfs", "initramfs", "/berth/config.yaml")


def test_smbios(app, tmp_path):
    words = seeds.oem_string(tmp_path / "seed", b"org.berth.config=" + seeds.document("smbios"))
    check(machine(app, *words), "smbios", "smbios")


def test_smbios_binary(app, tmp_path):
    words = seeds.oem_string(tmp_path / "seed", b"org.berth.config.binary=" +
                             seeds.packed(seeds.document("binary")))
    check(machine(app, *words), "smbios", "binary", "base64, gzip")


def test_credential_of_smbios(app, tmp_path):
    words = seeds.oem_string(tmp_path / "seed", b"io.systemd.credential.binary:berth.config=" +
                             seeds.packed(seeds.document("credential")))
    check(machine(app, *words), "credentials", "credential")


def test_credential_of_fw_cfg(app, tmp_path):
    words = seeds.fw_cfg(tmp_path / "seed", seeds.document("credential"),
                         "opt/io.systemd.credentials/berth.config")
    check(machine(app, *words), "credentials", "credential")


def test_command_line(app):
    """A whole document in what the kernel keeps of its line."""
    text = seeds.packed(seeds.document("line")).decode()
    check(machine(app, append=f"berth.config=data:{text}"), "command-line", "line")


def test_virtio_serial(app, tmp_path):
    port = seeds.Port(tmp_path / "port", seeds.document("port"))
    with Machine("ip=off", initrds=[app], network=False, debug_exit=False,
                 extra=port.words) as running:
        threading.Thread(target=port.serve, daemon=True).start()
        check(running.finish(), "virtio-serial", "port")


@pytest.mark.parametrize("form", ["vfat", "iso9660"])
def test_nocloud(app, tmp_path, form):
    words = seeds.cloud_localds(tmp_path / "seed.img", seeds.document(form), "seed-1", form)
    check(machine(app, *words), "nocloud", form, f"vda ({form})", "user-data", host="seed-1")


def test_config_drive(app, tmp_path):
    words = seeds.config_drive(tmp_path / "drive.iso", seeds.document("drive"), "drive-1")
    check(machine(app, *words), "config-drive", "drive", "vda (iso9660)", host="drive-1")


def test_multipart_beside_cloud_config(app, tmp_path):
    """One seed for cloud-init and for Berth, by the real write-mime-multipart."""
    (tmp_path / "cloud").write_text("#cloud-config\nusers: []\n")
    (tmp_path / "compose").write_bytes(seeds.document("part"))
    text = seeds.multipart(tmp_path / "message", f"{tmp_path / 'cloud'}:text/cloud-config",
                           f"{tmp_path / 'compose'}:text/x-berth")
    words = seeds.cloud_localds(tmp_path / "seed.img", text)
    check(machine(app, *words), "nocloud", "part", "part 2")


def test_foreign_documents_are_named(app, tmp_path):
    """A seed for cloud-init is no mistake when the command line says what to run, …"""
    words = seeds.cloud_localds(tmp_path / "seed.img", b"#cloud-config\npackages: [nginx]\n")
    result = machine(app, *words, append='berth.image=app:1 berth.cmd="sh -c \'exit 5\'"')
    assert result.report["status"] == 5, result
    assert "#cloud-config for cloud-init, which Berth does not read" in entry(result)["decision"]


def test_nothing_else_to_run(app, tmp_path):
    """… and the reason when there is nothing else."""
    words = seeds.cloud_localds(tmp_path / "seed.img", b"#!/bin/sh\ntrue\n")
    result = machine(app, *words)
    assert result.report["status"] == 125, result
    assert "no image to run" in result.report["reason"] and "a script" in result.report["reason"]


def test_order_and_command_line(app, tmp_path):
    """fw_cfg is asked before a disk; the keys of the line win over the document's."""
    words = seeds.cloud_localds(tmp_path / "seed.img", seeds.document("disk"))
    words += seeds.fw_cfg(tmp_path / "seed", seeds.document("fw_cfg"))
    result = machine(app, *words, append="berth.env=ANSWER=line berth.hostname=other")
    check(result, "fw_cfg", "line", host="other")


def test_named_source(app, tmp_path):
    """berth.config=NAME asks that one alone."""
    words = seeds.cloud_localds(tmp_path / "seed.img", seeds.document("disk"))
    words += seeds.fw_cfg(tmp_path / "seed", seeds.document("fw_cfg"))
    check(machine(app, *words, append="berth.config=nocloud"), "nocloud", "disk")


def test_named_source_that_is_not_there(app, tmp_path):
    words = seeds.fw_cfg(tmp_path / "seed", seeds.document("fw_cfg"))
    result = machine(app, *words, append="berth.config=config-drive")
    assert result.report["status"] == 125, result
    assert "config-drive: no disk labelled config-2" in result.report["reason"], result


def test_mistakes_are_named_with_their_place(app, tmp_path):
    text = seeds.document("x").replace(b"mem_limit: 64m", b"memlimit: 64m")
    result = machine(app, *seeds.fw_cfg(tmp_path / "seed", text))
    assert result.report["status"] == 125, result
    assert any("opt/org.berth/config:8:5" in line and "mem_limit" in line
               for line in result.errors), result


# One of each kind, without those that are about the workstation's variables.
IN_THE_MACHINE = [case for case in CASES if "NAME" not in case.text][::11]


@pytest.mark.parametrize("case", IN_THE_MACHINE, ids=[f"{case.place} {case.key}" for case in IN_THE_MACHINE])
def test_mistakes_are_told_as_on_the_workstation(app, tmp_path, case):
    """The same line, and nothing is pulled or started: the ledger ends with the configuration."""
    done = documents.lint("-", stdin=case.text)
    wanted = [line.replace("-:", "opt/org.berth/config:", 1) for line in done.stderr.splitlines()]
    result = machine(app, *seeds.fw_cfg(tmp_path / "seed", case.text.encode()))
    assert result.report["status"] == 125 and wanted, result
    told = [line.partition("3 config: ")[2] for line in result.errors]
    assert set(wanted) <= set(told), (wanted, result)
    assert {step["name"] for step in result.report["ledger"]} & {"pull", "run"} == set(), result


@pytest.mark.parametrize("least, status", [("", 125), ("berth.config.trust=disk", 7)])
def test_dangerous_keys_need_trust(app, tmp_path, least, status):
    """A disk may not switch the checks of a registry off, unless the command line allows it."""
    more = "x-berth:\n  registries:\n    reg.example:5000:\n      insecure: true\n"
    words = seeds.cloud_localds(tmp_path / "seed.img", seeds.document("disk", more=more))
    result = machine(app, *words, append=least)
    assert result.report["status"] == status, result
    if status == 125:
        assert any("x-berth.registries" in line and "refused from nocloud (trust: disk)" in line
                   for line in result.errors), result


def test_broken_sources(app, tmp_path):
    """A disk that cannot be mounted is passed over, and said."""
    path = tmp_path / "seed.img"
    seeds.cloud_localds(path, seeds.document("x"), form="iso9660")
    path.write_bytes(path.read_bytes()[:20 * 2048])  # its descriptors, and nothing behind them
    result = machine(app, *seeds.disk(path), append="berth.image=app:1 berth.cmd=true")
    assert result.report["status"] == 0, result
    assert "nocloud: vda (iso9660)" in entry(result)["decision"], result
