# SPDX-License-Identifier: Apache-2.0
"""What cannot be pulled: one line with the reason, status 125, and never a kernel panic."""

import json
import re

import pytest

from harness import faults, odd_images, programs
from harness.boot import Boot, boot
from harness.command import run
from harness.faults import FaultServer, Rule
from harness.initrd import archive
from harness.machine import exit_code, run_machine
from harness.ports import free_port
from harness.upload import OCI_MANIFEST, Uploader


def check(result, *patterns: str) -> str:
    """The one error line, which must match every pattern."""
    assert result.status == 125, result
    assert "Kernel panic" not in result.console
    assert len(result.errors) == 1, result
    for pattern in patterns:
        assert re.search(pattern, result.errors[0], re.I), (pattern, result.errors[0])
    assert result.report["status"] == 125
    assert result.report["containers"][0]["error"], result.report
    assert result.report["ledger"][-1]["name"] == "stop"
    return result.errors[0]


def test_registry_down():
    host = f"localhost:{free_port()}"
    check(boot(f"{host}/app"), re.escape(host), "refused|connect")


def test_wrong_name(image, registry):
    image("busybox")
    check(boot(f"{registry.host}/busybux"), re.escape(registry.host), "busybux")


def test_wrong_tag(image):
    check(boot(f"{image('busybox')}:1.99"), "busybox", r"1\.99", "latest")


LAYER_FAULTS = [
    (faults.corrupt, "sha256|digest|corrupt"),
    (faults.truncate, "truncat|bytes|ended|closed|incomplete|short"),
    (faults.shorten, "size|bytes|length"),
    (faults.lengthen, "size|bytes|length"),
    (faults.status(404), "404"),
    (faults.status(500), "500"),
    (faults.reset, "reset|closed|broke|recv"),
    (faults.replace(b"<html>please log in</html>", "text/html"), "size|bytes|length"),
]


@pytest.mark.parametrize("fault, reason", LAYER_FAULTS,
                         ids=["corrupt", "truncated", "short", "long", "404", "500", "reset",
                              "replaced"])
def test_layer(image, registry, fault, reason):
    layers = inspect(image("busybox"))["Layers"]
    with FaultServer(registry.port, Rule(f"GET .*/blobs/{layers[0]}", fault)) as server:
        check(boot(f"{server.host}/busybox"), reason)


def inspect(reference: str) -> dict:
    return json.loads(run("skopeo", "inspect", "--tls-verify=false", f"docker://{reference}"))


MANIFEST_FAULTS = [
    (faults.corrupt, "manifest|JSON|digest"),
    (faults.replace(b'{"schemaVersion":2}'), "manifest"),
    (faults.replace(b"<html>hello</html>", "text/html"), "manifest|JSON|text/html"),
    (faults.replace(b" " * (5 << 20), OCI_MANIFEST), "large|MiB|bytes|limit|long"),
    (faults.replace(b"[" * 100_000, OCI_MANIFEST), "manifest|JSON|deep"),
]


@pytest.mark.parametrize("fault, reason", MANIFEST_FAULTS,
                         ids=["corrupt", "empty", "html", "huge", "deep"])
def test_manifest(image, registry, fault, reason):
    """By digest, so that a changed byte is seen even where the JSON stays good."""
    image("busybox")
    digest = inspect(f"{registry.host}/busybox")["Digest"]
    with FaultServer(registry.port, Rule("GET .*/manifests/", fault)) as server:
        check(boot(f"{server.host}/busybox@{digest}"), reason)


def test_wrong_diff_id(registry):
    odd_images.wrong_diff_id(Uploader(registry.port, "diffid"))
    check(boot(f"{registry.host}/diffid"), "diff|uncompressed|unpacked|sha256")


def test_unknown_platform(registry):
    odd_images.index(Uploader(registry.port, "platforms"), "s390x", "riscv64")
    check(boot(f"{registry.host}/platforms"), "linux/amd64", "s390x", "riscv64")


def test_image_larger_than_memory(registry):
    odd_images.zeros(Uploader(registry.port, "zeros"), 300)
    line = check(boot("-m", "128M", f"{registry.host}/zeros"), "zeros|image", "MB|MiB|bytes")
    assert len(re.findall(r"\d+", line)) >= 2, f"needed and free are missing: {line}"


def disk(path, mebibytes: int):
    """An empty ext4 file system with the label that Berth looks for."""
    with open(path, "wb") as file:
        file.truncate(mebibytes << 20)
    run("mke2fs", "-q", "-t", "ext4", "-L", "berth-data", path)
    return path


def test_disk_too_small(registry, tmp_path):
    odd_images.zeros(Uploader(registry.port, "zeros"), 300)
    line = check(boot("--disk", disk(tmp_path / "disk", 16), f"{registry.host}/zeros"),
                 "MB|MiB|bytes")
    assert len(re.findall(r"\d+", line)) >= 2, line


@pytest.mark.parametrize("where", ["disk", "memory"])
def test_space_runs_out_while_unpacking(registry, tmp_path, where):
    """The archive does not say how large it is, so that only the unpacking finds out."""
    odd_images.lying_zeros(Uploader(registry.port, "lying"), 300)
    options = ["--disk", disk(tmp_path / "disk", 32)] if where == "disk" else ["-m", "128M"]
    check(boot(*options, f"{registry.host}/lying"), "space|full|free|limit|budget|larger|more than")


def test_no_network_card():
    check(boot("--offline", "localhost:5000/app"), "network")


def test_network_turned_off():
    result = run_machine("berth.image=localhost:5000/app ip=off")
    assert result.status == exit_code(61), result
    assert len(result.errors) == 1 and "network" in result.errors[0], result.errors


def test_network_without_dhcp(image, registry):
    """A card behind which nobody answers."""
    result = run_machine(f"berth.image={registry.host}/none", network=False,
                         extra=["-netdev", f"socket,id=n,udp=127.0.0.1:{free_port()},"
                                f"localaddr=127.0.0.1:{free_port()}",
                                "-device", "virtio-net-pci,netdev=n"])
    assert result.status == exit_code(61), result
    assert len(result.errors) == 1 and re.search("DHCP", result.errors[0], re.I), result.errors


def test_child_that_crashes_is_reported_and_retried(tmp_path):
    """The DHCP client is replaced by a program that dies at once."""
    broken = programs.program(tmp_path / "broken", "int main(void) { __builtin_trap(); }")
    initrd = archive(tmp_path / "broken.cpio", {"/bin/busybox": broken})
    result = run_machine("berth.image=localhost:5000/app", initrds=[initrd])
    assert result.status == exit_code(61), result
    assert "Kernel panic" not in result.console
    assert len(re.findall(r"udhcpc|DHCP client", result.console)) >= 2, result
    assert len(result.errors) == 1, result


def test_server_that_stalls_is_asked_again(image, registry):
    """A layer that trickles: the request is given up and repeated; the pull can be stopped."""
    layer = f"GET .*/blobs/{inspect(image('busybox'))['Layers'][0]}"
    with FaultServer(registry.port, Rule(layer, faults.stall)) as server:
        with Boot(f"{server.host}/busybox") as machine:
            machine.wait_until(lambda: server.count(layer) >= 2, "second request", 150)
            machine.interrupt()
            result = machine.finish()
    assert result.status not in (0, 137), result
