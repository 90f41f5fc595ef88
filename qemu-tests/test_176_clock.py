# SPDX-License-Identifier: Apache-2.0
"""Machines whose clock is wrong: what they take the time from, and what TLS makes of it."""

import json
import re
import sys
import time
from datetime import datetime, timezone

import pytest

from harness import clouds, images
from harness.certificates import Authority
from harness.command import run
from harness.initrd import archive
from harness.machine import exit_code, run_machine
from harness.paths import TOOLS
from harness.registry import Registry
from harness.time_server import TimeServer

NO_BATTERY = ["-rtc", "base=2001-01-01T00:00:00"]
DAY = 86400


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def build_time(result) -> int:
    """Of the machine: what its clock was set to at first."""
    text = re.search(r"4 clock: (\S+Z) from build time", result.console).group(1)
    return int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
               .timestamp())


def clocks(result) -> list:
    """The sources that set the clock, in order."""
    return [entry["source"] for entry in result.steps("clock")]


def pull_over_tls(registry, authority, folder, rtc, certificate=None):
    """A machine that pulls from a registry with a certificate of `authority`."""
    layout = images.layout("busybox")
    registry.push(layout, "clock")
    folder.mkdir(exist_ok=True)
    with Registry(folder, storage=registry.storage,
                  tls=certificate or authority.issue("localhost")) as closed:
        settings = {"registries": {closed.host: {"ca": authority.root.certificate.read_text()}}}
        initrd = archive(folder / "settings.cpio",
                         {"/etc/berth/images.json": json.dumps(settings).encode()})
        return run_machine(f"berth.image={closed.host}/clock "
                           f"berth.registry.connect={closed.host}=10.0.2.2:{closed.port} "
                           '-- sh -c "echo now: $(date +%s); exit 42"',
                           initrds=[initrd], extra=["-rtc", f"base={rtc}"])


def test_floor_and_registry(registry, authority, tmp_path):
    """A certificate that begins after the clock, which is a floor: the pull works, and the registry's
    answer says what time it is."""
    before = time.time()
    result = pull_over_tls(registry, authority, tmp_path / "site", "2001-01-01T00:00:00")
    assert result.status == exit_code(42), result
    assert clocks(result) == ["build time", "registry"], result
    assert build_time(result) < before - DAY
    assert before - 5 < int(result.facts("clock")["now"]) < time.time() + 5, result


def test_wrong_clock_is_no_floor(registry, authority, tmp_path):
    """An RTC that is only somewhat late is believed, and so is what follows from it."""
    result = pull_over_tls(registry, authority, tmp_path / "site",
                           time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - 5 * DAY)))
    assert clocks(result) == ["rtc"], result
    assert re.search(r"certificate of \S+ .*is not accepted", result.errors[0]), result


def stamp(seconds: float) -> str:
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(seconds))


@pytest.mark.parametrize("end, says", [
    ("20240102000000Z", r"certificate of \S+ .*is not accepted"),
    (stamp(time.time() - DAY), r"localhost says that it is \S+, but its certificates are valid from"),
], ids=["before the floor", "before the registry's own date"])
def test_expired_certificate(registry, authority, tmp_path, end, says):
    """What has ended before a floor has ended; and a server gives itself away by its date."""
    certificate = authority.issue_between("localhost", "20240101000000Z", end)
    result = pull_over_tls(registry, authority, tmp_path / "site", "2001-01-01T00:00:00",
                           certificate)
    assert clocks(result) == ["build time"], result
    assert re.search(says, result.errors[0]), result


def machine_with_servers(image, servers, script):
    words = " ".join(f"berth.time.ntp={server.address}" for server in servers)
    return run_machine(f"berth.image={image('busybox')} berth.name=app {words} "
                       f"berth.registry.connect={image('busybox').partition('/')[0]}=10.0.2.2:"
                       f"{image('busybox').partition('/')[0].partition(':')[2]} "
                       f"berth.registry.insecure={image('busybox').partition('/')[0]} "
                       f"-- sh -c \"{script}\"", extra=NO_BATTERY)


def test_ntp(image):
    """One server in four is good; it is 1,000 days ahead of us, so that nothing else can have said so.
    The container waits for it; the machine did not."""
    wait = ("i=0; while [ $(date +%s) -lt " + str(int(time.time()) + 900 * DAY) +
            " ] && [ $i -lt 60 ]; do i=$((i+1)); sleep 1; done; echo now: $(date +%s)")
    with TimeServer(1000 * DAY) as good, TimeServer(5000 * DAY, lie="origin") as liar, \
            TimeServer(lie="DENY") as unwilling, TimeServer(lie="silent") as silent:
        result = machine_with_servers(image, [liar, unwilling, silent, good], wait)
    assert result.status == exit_code(0), result
    assert clocks(result) == ["build time", "ntp"], result
    now = int(result.facts("app")["now"]) - 1000 * DAY
    assert abs(now - time.time()) < 60, result
    assert "does not want to be asked" in result.console
    assert silent.asked == 2 and liar.asked >= 1, (silent.asked, liar.asked)


@pytest.mark.skipif(clouds.missing() is not None, reason=clouds.missing() or "")
@pytest.mark.parametrize("options, asked", [("42,10.9.0.1;6,10.9.0.7;15,lan.example", True),
                                            ("6,10.9.0.7;15,lan.example", False)])
def test_server_from_dhcp(app, tmp_path, options, asked):
    """A lease of dnsmasq names the time server (option 42), or nobody is asked."""
    wait = ("i=0; while [ $(date +%s) -lt " + str(int(time.time()) + 900 * DAY) +
            f" ] && [ $i -lt {30 if asked else 4} ]; do i=$((i+1)); sleep 1; done; "
            "echo now: $(date +%s); cat /etc/resolv.conf")
    within = ["unshare", "--user", "--map-root-user", "--net", sys.executable,
              str(TOOLS / "dhcp_host.py"), str(tmp_path), str(1000 * DAY), options]
    result = run_machine(f'berth.image=app:1 -- sh -c "{wait}"', initrds=[app], network=False,
                         debug_exit=False, extra=[*clouds.TAP[1], *NO_BATTERY], within=within)
    assert result.report and result.report["status"] == 0, result
    assert clocks(result) == ["build time", "ntp"] if asked else ["build time"], result
    assert (abs(int(result.facts("app")["now"]) - 1000 * DAY - time.time()) < 60) == asked, result
    assert "nameserver 10.9.0.7" in result.output("app"), result
    assert "search lan.example" in result.output("app"), result


def test_ntp_without_an_answer(image):
    """Servers that lie, refuse, disagree or are silent change nothing, and hold nothing up."""
    with TimeServer(5000 * DAY, lie="origin") as liar, TimeServer(lie="RATE") as busy:
        result = machine_with_servers(image, [liar, busy], "sleep 6; exit 42")
    assert result.status == exit_code(42), result
    assert clocks(result) == ["build time"], result
    assert "no time from NTP" in result.console, result
    assert busy.asked == 1, busy.asked


def test_saved_time(image, tmp_path):
    """What the disk remembers is later than the build: the clock goes on from there, and is saved at
    the end."""
    disk, folder = tmp_path / "disk", tmp_path / "tree"
    folder.mkdir()
    saved = int(time.time()) + 100 * DAY
    (folder / "clock").write_text(f"{saved}\n")
    run("truncate", "-s", "256M", disk)
    run("mke2fs", "-q", "-t", "ext4", "-L", "berth-data", "-d", folder, disk)
    host = image("busybox").partition("/")[0]
    result = run_machine(f"berth.image={image('busybox')} berth.registry.insecure={host} "
                         f"berth.registry.connect={host}=10.0.2.2:{host.partition(':')[2]} "
                         '-- sh -c "sleep 1; exit 42"',
                         extra=[*NO_BATTERY, "-drive",
                                f"if=none,id=disk,format=raw,file={disk}",
                                "-device", "virtio-blk-pci,drive=disk"])
    assert result.status == exit_code(42), result
    assert clocks(result) == ["build time", "saved time"], result
    kept = int(run("debugfs", "-R", "cat clock", disk).decode().split()[0])
    assert saved < kept < saved + 600, (saved, kept)
