# SPDX-License-Identifier: Apache-2.0
"""Shares, reservations, rates of disks; name servers, domains, hardware addresses, platforms."""

import pytest

from harness import seeds
from harness.boot import boot
from harness.documents import lint
from harness.seeded import containers, data_disk, machine

LOOK = """\
cd /sys/fs/cgroup; for f in cpu.weight memory.max memory.low cpuset.cpus io.max; do
  echo "$f: $(cat $f)"; done; echo "cpus: $(nproc)"; echo "domain: $(cat /proc/sys/kernel/domainname)"
echo "card: $(cat /sys/class/net/eth0/address)"; echo "whole: $(hostname -f)"
echo "resolver: $(tr '\\n' ';' </etc/resolv.conf)"; ls memory.swap.max 2>/dev/null || echo "swap: none"
"""


def command(text):
    text = text.replace("$", "$$").replace("\\", "\\\\").replace(chr(34), "\\" + chr(34)).replace("\n", "\\n")
    return f"[sh, -c, \"{text}\"]"


ALL = f"""\
name: shop
version: "3.9"
services:
  first:
    image: app:1
    command: {command(LOOK)}
    hostname: box
    domainname: shop.test
    mac_address: 02:42:0a:00:00:07
    dns: [192.0.2.1, 192.0.2.2]
    dns_search: shop.test
    dns_opt: ["ndots:2", rotate]
    platform: linux/amd64
    cpu_shares: 512
    cpuset: "1"
    mem_limit: 48m
    memswap_limit: 96m
    blkio_config:
      device_read_bps: [{{path: /dev/vda, rate: 1mb}}]
      device_write_iops: [{{path: /dev/vda, rate: 30}}]
    deploy: {{resources: {{reservations: {{cpus: "0.5", memory: 16m}}}}}}
  second:
    image: app:1
    command: {command(LOOK)}
    mem_reservation: 8m
networks: {{default: {{labels: {{team: a}}}}}}
"""


def test_what_a_container_sees_of_each_key(app, tmp_path):
    disk = data_disk(tmp_path / "data.img")
    result = machine(app, "-smp", "2", *disk, *seeds.fw_cfg(tmp_path / "seed", ALL.encode()))
    assert result.report["status"] == 0, result
    first, second = result.facts("first"), result.facts("second")
    assert first["cpu.weight"] == "59" and second["cpu.weight"] == "100", result
    assert first["memory.max"] == str(48 << 20) and second["memory.max"] == "max", result
    assert first["memory.low"] == str(16 << 20) and second["memory.low"] == str(8 << 20), result
    assert first["cpuset.cpus"] == "1" and second["cpuset.cpus"] == "", result
    assert first["cpus"] == "1" and second["cpus"] == "2", result
    assert set(first["io.max"].split()[1:]) == {"rbps=1048576", "wbps=max", "riops=max", "wiops=30"}
    assert first["swap"] == "none", "the kernel has swap: memswap_limit is to be looked at again"
    assert first["domain"] == "shop.test" and second["domain"] == "(none)", result
    assert first["whole"] == "box.shop.test", result
    assert first["card"] == "02:42:0a:00:00:07" and second["card"] != first["card"], result
    assert first["resolver"] == "search shop.test;nameserver 192.0.2.1;nameserver 192.0.2.2;" \
                                "options ndots:2 rotate;", result
    assert second["resolver"] == "", result


def test_the_machines_resolver_fills_what_is_not_said(image, tmp_path):
    path = tmp_path / "compose.yaml"
    path.write_text(f"services: {{a: {{image: '{image('probe')}', dns_search: [a.test], "
                    "command: [cat, /etc/resolv.conf]}}\n")
    result = boot(path)
    assert result.status == 0, result
    assert result.output("a") == ["search a.test", "nameserver 10.0.2.3"], result


def of(key, tmp_path):
    return seeds.fw_cfg(tmp_path / "seed", f"services: {{a: {{image: app:1, {key}}}}}\n".encode())


@pytest.mark.parametrize("key, words, reason", [
    ("cpuset: 0-5", ["-smp", "2"], "the machine has no CPU 2, only 0-1"),
    ("blkio_config: {device_read_bps: [{path: /dev/vdq, rate: 1m}]}", [], "/dev/vdq: No such file"),
    ("platform: linux/amd64/v2", ["-cpu", "qemu64"], "needs a newer processor: this one is of v1"),
])
def test_what_the_machine_does_not_have(app, tmp_path, key, words, reason):
    result = machine(app, *words, *of(key, tmp_path))
    assert result.report["status"] == 125, result
    assert reason in containers(result)["a"]["error"] and reason in "\n".join(result.errors), result


@pytest.mark.parametrize("key, reason", [
    ("mem_limit: 16m, mem_reservation: 32m", "memory-reservation is above berth.memory"),
    ("memswap_limit: 32m", "memory-swap counts memory too"),
    ("mem_limit: 64m, memswap_limit: 32m", "memory-swap is below berth.memory"),
    ("platform: linux/arm64", "not a platform that the machine is"),
    ("cpuset: all", "not a list of CPUs"),
    ("blkio_config: {weight: 300}", "the kernel has no weights of disks"),
])
def test_mistakes_are_seen_by_lint(tmp_path, key, reason):
    path = tmp_path / "compose.yaml"
    path.write_text(f"services: {{a: {{image: app, {key}}}}}\n")
    done = lint(path)
    assert done.returncode == 1 and reason in done.stderr, done.stderr
