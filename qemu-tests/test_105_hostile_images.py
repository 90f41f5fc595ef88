# SPDX-License-Identifier: Apache-2.0
"""Images made to break out: each either fails with one line, or finds itself inside after all.

The names in the test ids are the published attacks on other runtimes that a case repeats."""

import tarfile

import pytest

from harness import images, programs
from harness.boot import boot
from harness.layout import Layout, entry

DIR, LINK, HARD = tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE


def hostile(registry, scratch, name: str, entries: list, **settings: object) -> str:
    """The probe image with one more layer."""
    copy = images.variant("probe", scratch, **settings)
    Layout(copy, scratch).raw_layer(entries)
    return registry.push(copy, name)


def refused(result) -> None:
    assert result.status == 125, result
    assert len(result.errors) == 1, result
    assert "Kernel panic" not in result.console


MOUNT_TARGETS = {
    "CVE-2019-19921": [entry("proc", LINK, link="/evil"), entry("evil/", DIR, mode=0o755)],
    "CVE-2023-27561": [entry("sys", LINK, link="/"), entry("evil/", DIR, mode=0o755)],
    "CVE-2026-41579": [entry("dev", LINK, link="/evil"), entry("evil/", DIR, mode=0o755)],
}


@pytest.mark.parametrize("attack", MOUNT_TARGETS)
def test_mount_target_is_a_symlink(registry, tmp_path, attack):
    """Nothing may be mounted anywhere but at /proc, /sys and /dev of the container."""
    reference = hostile(registry, tmp_path, attack.lower(), MOUNT_TARGETS[attack])
    result = boot(reference, "sh", "-c", "ls -A /evil | xargs echo evil:; cat /proc/mounts")
    if result.status == 125:
        refused(result)
        return
    output = result.output(attack.lower())
    assert "evil:" in output, result
    assert not any(" /evil " in line for line in output), result


def test_null_device_is_a_symlink(registry, tmp_path):
    """CVE-2025-31133: masking a path must not make another one writable."""
    reference = hostile(registry, tmp_path, "cve-2025-31133", [
        entry("dev/", DIR, mode=0o755),
        entry("dev/null", LINK, link="/proc/sys/kernel/core_pattern"),
        entry("dev/console", LINK, link="/proc/sysrq-trigger")])
    result = boot(reference, "sh", "-c",
                  "stat -c %t:%T /dev/null; echo x > /proc/sys/kernel/core_pattern || echo refused")
    assert result.status == 0, result
    assert result.output("cve-2025-31133") == ["1:3", "refused"], result


def test_files_that_berth_writes_are_symlinks(registry, tmp_path):
    """CVE-2025-24965: hosts, hostname and resolv.conf lead elsewhere."""
    reference = hostile(registry, tmp_path, "cve-2025-24965", [
        entry("etc/hosts", LINK, link="../../../../../../etc/target"),
        entry("etc/resolv.conf", LINK, link="/proc/sys/kernel/core_pattern"),
        entry("etc/hostname", LINK, link="/dev/kmsg"),
        entry("etc/target", content=b"untouched\n")])
    result = boot(reference, "cat", "/etc/target", "/proc/sys/kernel/core_pattern")
    if result.status == 125:
        refused(result)
        return
    text = "\n".join(result.output("cve-2025-24965"))
    assert "nameserver" not in text, result


@pytest.mark.parametrize("number", [3, 5, 8])
def test_working_directory_is_a_descriptor(registry, tmp_path, number):
    """CVE-2024-21626: a descriptor of the machine's file system left open."""
    reference = hostile(registry, tmp_path, f"cve-2024-21626-{number}", [entry("here")],
                        workingdir=f"/proc/self/fd/{number}")
    result = boot(reference, "sh", "-c", "ls ../../../../../init ../../../berth")
    assert result.status != 0, result
    assert "Kernel panic" not in result.console


USERS = ["4294967296", "2147483648", "-1", "+0", "0x0", "1000:-1"]


@pytest.mark.parametrize("user", USERS)
def test_user_that_is_no_number(image, user):
    """CVE-2024-40635, CVE-2026-46680: never user 0 by overflow, never a name that looks so."""
    result = boot(f"--user={user}", image("probe"), "id")
    refused(result)


def test_links_that_climb_stay_inside(registry, tmp_path):
    """CVE-2018-15664 and its kin: ".." ends at the image's root."""
    reference = hostile(registry, tmp_path, "climbing", [
        entry("up", LINK, link="../../../../../.."),
        entry("up/landed", content=b"inside\n"),
        entry("absolute", LINK, link="/etc"),
        entry("absolute/landed", content=b"inside too\n"),
        entry("../../dots", content=b"inside as well\n")])
    result = boot(reference, "cat", "/landed", "/etc/landed", "/dots")
    assert result.output("climbing") == ["inside", "inside too", "inside as well"], result


def test_hard_link_to_a_file_of_the_machine(registry, tmp_path):
    reference = hostile(registry, tmp_path, "hardlink", [
        entry("stolen", HARD, link="../../../../../../etc/ssl/cert.pem")])
    refused(boot(reference, "cat", "/stolen"))


def test_devices_of_the_machine_cannot_be_opened(registry, tmp_path):
    """A node in the image, and one that the container makes (it has CAP_MKNOD by default)."""
    reference = hostile(registry, tmp_path, "devices", [
        entry("kmsg", tarfile.CHRTYPE, device=(1, 11), mode=0o666),
        entry("port", tarfile.CHRTYPE, device=(1, 4), mode=0o666)])
    result = boot(reference, "sh", "-c",
                  "mknod /made c 1 11; mknod /dev/made c 1 11; mknod /dev/shm/made c 1 11; "
                  "for f in /kmsg /port /made /dev/made /dev/shm/made; do "
                  "dd if=$f of=/tmp/out bs=1 count=1 2>/dev/null && echo opened $f; done; "
                  "echo end")
    assert result.output("devices") == ["end"], result


HELPERS = ["unpigz", "pigz", "gzip", "gunzip", "xz", "unxz", "zstd", "tar", "sh"]


def test_cve_2026_41567_helpers_of_the_image_are_not_run(registry, tmp_path):
    """Also CVE-2014-9357 and CVE-2019-14271: decompressors and NSS libraries that the image brings.
    What unpacks the second and third layer could find them in the first one."""
    program = programs.program(tmp_path / "evil",
                               "#include <fcntl.h>\nint main(void) { return creat("
                               '"/ran", 0600), creat("/tmp/ran", 0600) < 0; }').read_bytes()
    library = programs.library(tmp_path / "evil.so",
                               "#include <fcntl.h>\n__attribute__((constructor)) "
                               'static void run(void) { creat("/ran", 0600); }').read_bytes()
    copy = images.variant("probe", tmp_path, user="alice")
    image = Layout(copy, tmp_path)
    image.raw_layer([entry(f"usr/{folder}/{name}", content=program, mode=0o755)
                     for folder in ("bin", "sbin", "local/bin") for name in HELPERS] +
                    [entry(f"{folder}/libnss_{name}.so.2", content=library, mode=0o755)
                     for folder in ("lib", "usr/lib", "lib/x86_64-linux-gnu")
                     for name in ("files", "dns", "compat")])
    image.raw_layer([entry("later", content=b"x")])
    result = boot(registry.push(copy, "helpers"), "/bin/sh", "-c",
                  "ls /ran /tmp/ran /later 2>/dev/null | xargs; id -un")
    assert result.output("helpers") == ["/later", "alice"], result


def test_cve_2022_23648_volume_is_a_symlink(registry, tmp_path):
    """A VOLUME that leads out of the image leads to a place in the container, where the volume is:
    nothing of the machine is copied or mounted there."""
    copy = images.variant("probe", tmp_path, volume="/volume")
    Layout(copy, tmp_path).raw_layer([entry("volume", LINK, link="../../../../../../../berth")])
    result = boot(registry.push(copy, "volume"), "sh", "-c",
                  "ls -A /berth | xargs echo found; echo own >/volume/word; cat /berth/word; "
                  "grep -c -e ' /volume' -e ' /berth' /proc/mounts; grep -c ' /berth tmpfs' /proc/mounts")
    assert result.output("volume") == ["found", "own", "1", "1"], result


def test_cve_2026_53488_labels_change_nothing(registry, tmp_path):
    """A label is text, also when it looks like a setting."""
    copy = images.variant("probe", tmp_path, label=["berth.network=host", "org.berth.user=0",
                                                    "berth.cmd=probe exit 9"], user="alice")
    result = boot(registry.push(copy, "labels"), "sh", "-c", "id -u; cd /sys/class/net; ls -d */ | tr -d / | xargs")
    assert result.output("labels") == ["1000", "eth0 lo"], result
