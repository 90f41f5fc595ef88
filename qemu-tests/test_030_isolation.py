# SPDX-License-Identifier: Apache-2.0
"""What a container may and may not, seen from inside. One boot with every limit set."""

import pytest

from harness.boot import boot

pytestmark = pytest.mark.xdist_group("isolation")  # one machine for all

# Docker's default set: chown dac_override fowner fsetid kill setgid setuid setpcap
# net_bind_service net_raw sys_chroot mknod audit_write setfcap.
DEFAULT_CAPABILITIES = "00000000a80425fb"

REFUSED = ("mount", "umount", "unshare-user", "unshare-mount", "setns", "keyctl", "bpf",
           "perf_event_open", "userfaultfd", "io_uring_setup", "open_by_handle_at", "init_module",
           "kexec_load", "reboot", "swapon", "settimeofday", "sethostname")

NODES = {"null": "1:3", "zero": "1:5", "full": "1:7", "random": "1:8", "urandom": "1:9",
         "tty": "5:0"}


@pytest.fixture(scope="module", name="result")
def one_boot(image):
    return boot("--append", "berth.memory=48M berth.cpus=0.5 berth.pids=50", "--hostname", "box",
                image("probe"), "sh", "-c", "facts; probe syscalls; probe forkbomb 20")


@pytest.fixture(scope="module", name="facts")
def facts_of(result):
    assert result.status == 0, result
    facts = result.facts("probe")
    assert facts.get("end") == "yes", result
    return facts


def test_identity(facts):
    assert facts["user"] == "0:0"
    assert int(facts["processes"]) < 10
    assert facts["hostname"] == "box"
    assert facts["cgroup"] == "0::/"


def test_capabilities(facts):
    for name in ("CapPrm", "CapEff", "CapBnd"):
        assert facts[name] == DEFAULT_CAPABILITIES
    assert facts["CapInh"].strip("0") == facts["CapAmb"].strip("0") == ""
    assert facts["NoNewPrivs"] == "1"
    assert facts["Seccomp"] == "2"


@pytest.mark.parametrize("call", REFUSED)
def test_refused_system_calls(facts, call):
    assert facts[call] in ("EPERM", "ENOSYS"), facts[call]


def test_refused_files(facts):
    for name in ("/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/kcore",
                 "/sys/fs/cgroup/cgroup.procs"):
        assert facts[name] in ("EROFS", "EPERM", "EACCES", "ENOENT"), name


def test_limits(facts):
    assert facts["memory.max"] == str(48 << 20)
    assert facts["memory.swap.max"] in ("0", "cat: can't open '/sys/fs/cgroup/memory.swap.max': "
                                        "No such file or directory")
    assert facts["cpu.max"] == "50000 100000"
    assert facts["pids.max"] == "50"
    assert 40 <= int(facts["forks refused"].split()[1]) < 50


def test_masked_and_read_only(facts):
    for name, value in facts.items():
        if name.startswith("masked "):
            assert value in ("absent", "0 entries", "0 bytes"), name
    for place in ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"):
        assert facts[f"read-only {place}"] in ("ro", ""), place
    assert facts["read-only /proc/sys"] == "ro"


def test_mounts(facts):
    assert facts["root-type"] == "overlay"
    assert facts["writable"] == "written"
    assert facts["shm"] == "x"
    assert facts["mount /proc"].startswith("proc ")
    for place in ("/sys", "/sys/fs/cgroup"):
        assert " ro," in facts[f"mount {place}"], place
    for place in ("/dev", "/dev/shm", "/proc"):
        assert "nosuid" in facts[f"mount {place}"], place
    assert facts["mount /dev/pts"].startswith("devpts ")
    assert facts["mount /dev/shm"].startswith("tmpfs ")


def test_devices(facts):
    for name, number in NODES.items():
        assert facts[f"node {name}"] == f"{number} 666 character special file"
    assert facts["link fd"] == "/proc/self/fd"
    assert facts["link stdin"] == "/proc/self/fd/0"
    assert facts["link stdout"] == "/proc/self/fd/1"
    assert facts["link stderr"] == "/proc/self/fd/2"
    assert facts["link ptmx"] in ("pts/ptmx", "/dev/pts/ptmx")
    assert not {"vda", "sda", "mem", "kmsg", "ttyS0", "vport0p1", "vport1p1"} & \
        set(facts["devices"].split())


def test_descriptors(facts):
    # busybox sh keeps the script it reads on a high descriptor of its own.
    assert facts["descriptors"].split() in (["0", "1", "2"], ["0", "1", "10", "2"])


def test_network(facts):
    assert facts["interfaces"].split() == ["eth0", "lo"]
    assert facts["address"].strip() == "eth0 172.17.0.2/16"
    assert facts["route"] == "172.17.0.1"
    assert int(facts["resolver"]) >= 1
    assert facts["hosts"].split()[1] != "0"
