# SPDX-License-Identifier: Apache-2.0
"""Docker's options of a container, seen from inside: what is shared, devices, privileges, a small init,
user namespaces. Each is what Docker's reference says of it."""

import pytest

from harness import seeds
from harness.documents import lint
from harness.seeded import containers, machine, told_by

NAMESPACES = "for n in pid net ipc uts cgroup mnt user; do echo $n $(readlink /proc/self/ns/$n); done"
WAIT = "trap 'exit 0' TERM; while :; do sleep 0.1; done"


def facts(result, name):
    """What a container has printed as "KEY VALUE" lines."""
    return dict(line.split(" ", 1) for line in result.output(name) if " " in line)


SHARED = f"""services:
  donor:
    image: app:1
    container_name: the-donor
    ipc: shareable
    shm_size: 1m
    command: [sh, -c, "{NAMESPACES}; echo given >/dev/shm/file; echo ready; {WAIT}"]
    healthcheck: {{test: [CMD, test, -s, /dev/shm/file], interval: 200ms}}
  joins:
    image: app:1
    depends_on: {{donor: {{condition: service_healthy}}}}
    pid: service:donor
    ipc: container:the-donor
    network_mode: container:the-donor
    command: [sh, -c, "{NAMESPACES}; echo file $(cat /dev/shm/file); echo shm $(df -m /dev/shm | tail -n 1);
      echo first $(cat /proc/1/comm); echo own $$$$; kill 1; sleep 20"]
  host:
    image: app:1
    pid: host
    ipc: host
    uts: host
    cgroup: host
    depends_on: {{joins: {{condition: service_completed_successfully, required: false}}}}
    command: [sh, -c, "{NAMESPACES}; echo first $(cat /proc/1/comm); echo name $(hostname);
      echo group $(cat /proc/self/cgroup); echo shared >/dev/shm/x"]
  other:
    image: app:1
    ipc: host
    depends_on: {{host: {{condition: service_completed_successfully}}}}
    command: [sh, -c, "{NAMESPACES}; echo shared $(cat /dev/shm/x)"]
  none:
    image: app:1
    ipc: none
    command: [sh, -c, "{NAMESPACES}; echo shm $(ls -d /dev/shm 2>&1); echo groups $(id -G)"]
    group_add: ["77"]
x-berth: {{hostname: the-machine, exit-code-from: other}}
""".replace("$(", "$$(").replace("$n", "$$n").replace("$$$$$$", "$$$$")


@pytest.fixture(scope="module", name="shared")
def machine_that_shares(app, tmp_path_factory):
    result = told_by("fw_cfg", app, tmp_path_factory.mktemp("shared"), SHARED.encode())
    assert result.report and result.report["status"] == 0, result
    return result


def test_shared_namespaces(shared):
    """pid, ipc and network of another service: its processes, its /dev/shm; the rest is its own."""
    donor, joins = facts(shared, "the-donor"), facts(shared, "joins")
    for kind in ("pid", "net", "ipc"):
        assert donor[kind] == joins[kind], kind
    for kind in ("mnt", "uts", "cgroup"):
        assert donor[kind] != joins[kind], kind
    assert joins["file"] == "given"
    assert joins["shm"].split()[1] == "1", joins["shm"]
    assert joins["first"] == "sh" and int(joins["own"]) > 1
    # It has ended the other one's first process, and so itself.
    found = containers(shared)
    assert found["the-donor"]["exit_status"] == 0, found
    assert found["joins"]["exit_status"] == 137, found


def test_the_machines_namespaces(shared):
    host, other, none = (facts(shared, name) for name in ("host", "other", "none"))
    donor = facts(shared, "the-donor")
    assert host["first"] == "init" and host["name"] == "the-machine"
    assert host["group"] == "0::/berth/host"
    assert host["ipc"] == other["ipc"] and other["shared"] == "shared"
    for kind in ("pid", "uts", "cgroup"):
        assert len({host[kind], other[kind], donor[kind]}) == 3, kind
    assert none["ipc"] not in (host["ipc"], donor["ipc"])
    assert "No such file" in none["shm"], none
    assert none["groups"] == "0 77"


POWERS = f"""services:
  plain:
    image: app:1
    command: &look [sh, -c, "awk '/^(Cap|NoNewPrivs|Seccomp:)/ {{ sub(/:.*/, e, $$1); print $$1, $$2 }}' /proc/self/status;
      echo masked $(cat /proc/timer_list 2>/dev/null | wc -c); echo sys $(mkdir /sys/fs/cgroup/sub 2>&1 && echo made);
      echo kernel $(echo 1 >/proc/sys/vm/overcommit_memory && echo written);
      echo disk $(dd if=/dev/vda of=/dev/null bs=512 count=1 2>&1 | tail -n 1);
      echo nodes $(ls /dev | tr '\n' ' '); mkdir -p /m; echo mount $(mount -t tmpfs none /m 2>&1 && echo mounted);
      mknod /tmp/node b $(cat /sys/class/block/vda/dev | tr ':' ' ');
      echo made $(dd if=/tmp/node of=/dev/null bs=512 count=1 2>&1 | tail -n 1);
      echo rename $(hostname other 2>&1 && hostname)"]
  all: {{image: app:1, privileged: true, command: *look}}
  some:
    image: app:1
    devices: ["/dev/vda:/dev/disk:r", "/dev/rtc0"]
    command: [sh, -c, "echo node $(stat -c '%t:%T %a %u:%g' /dev/disk); echo number $(cat /sys/class/block/vda/dev);
      echo read $(dd if=/dev/disk of=/dev/null bs=512 count=1 2>&1 | tail -n 1);
      echo write $(dd if=/dev/zero of=/dev/disk bs=512 count=1 conv=notrunc 2>&1 | head -n 1);
      echo clock $(: </dev/rtc0 && echo opened); echo nodes $(ls /dev | tr '\n' ' ')"]
  ruled:
    image: app:1
    device_cgroup_rules: ["b *:* r"]
    command: [sh, -c, "mknod /tmp/node b $(cat /sys/class/block/vda/dev | tr ':' ' ');
      echo made $(dd if=/tmp/node of=/dev/null bs=512 count=1 2>&1 | tail -n 1)"]
  gains:
    image: app:1
    security_opt: ["no-new-privileges:false", "seccomp=unconfined", "systempaths=unconfined", "label=disable"]
    cap_add: [SYS_ADMIN]
    command: *look
  filtered:
    image: app:1
    security_opt:
      - 'seccomp={{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[
        {{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":28}},
        {{"name":"uname","action":"SCMP_ACT_ERRNO","includes":{{"caps":["CAP_SYS_ADMIN"]}}}},
        {{"name":"chown","action":"SCMP_ACT_ERRNO","excludes":{{"minKernel":"4.8"}}}}]}}'
    command: [sh, -c, "echo mkdir $(mkdir /x 2>&1); echo uname $(uname -s); echo Seccomp $(grep Seccomp: /proc/self/status);
      echo chown $(chown 5 /tmp 2>&1 && stat -c %u /tmp)"]
""".replace("$(", "$$(")


@pytest.fixture(scope="module", name="powers")
def machine_with_powers(app, tmp_path_factory):
    """From the initramfs, which is trusted with all of it; with a disk."""
    folder = tmp_path_factory.mktemp("powers")
    disk = folder / "disk"
    disk.write_bytes(bytes(1 << 20))
    result = machine(app, "-drive", f"file={disk},format=raw,if=virtio",
                     initrds=[seeds.initramfs(folder / "seed.cpio", POWERS.encode())])
    assert result.report, result
    assert {item["exit_status"] for item in result.report["containers"]} == {0}, result
    assert disk.read_bytes() == bytes(1 << 20)
    return result


def test_a_plain_container_has_none_of_it(powers):
    found = facts(powers, "plain")
    assert found["CapEff"] == "00000000a80425fb"
    assert found["NoNewPrivs"] == "1" and found["Seccomp"] == "2"
    assert found["masked"] == "0"
    assert "Read-only" in found["sys"] and "kernel" not in found
    assert "can't open" in found["disk"] and "not permitted" in found["made"]
    assert not {"vda", "kmsg", "mem"} & set(found["nodes"].split())
    assert "ermi" in found["mount"] and "ermi" in found["rename"]


def test_privileged(powers):
    """All capabilities, all devices, nothing masked, /sys and cgroups writable, no filter."""
    found, plain = facts(powers, "all"), facts(powers, "plain")
    assert int(found["CapEff"], 16) == int(found["CapBnd"], 16) >= (1 << 40) - 1
    assert found["NoNewPrivs"] == "0" and found["Seccomp"] == "0"
    assert int(found["masked"]) > 0
    assert found["sys"] == "made" and found["kernel"] == "written"
    assert "1+0 records" in found["disk"] and "1+0 records" in found["made"]
    assert {"vda", "kmsg", "ttyS0"} <= set(found["nodes"].split())
    assert set(plain["nodes"].split()) <= set(found["nodes"].split())
    assert found["mount"] == "mounted" and found["rename"] == "other"


def test_devices(powers):
    found = facts(powers, "some")
    major, minor = found["number"].split(":")
    assert found["node"] == f"{int(major):x}:{int(minor):x} 600 0:0"
    assert "1+0 records" in found["read"]
    assert "not permitted" in found["write"], found
    assert found["clock"] == "opened"
    assert {"disk", "rtc0"} <= set(found["nodes"].split())
    assert "vda" not in found["nodes"].split()
    assert "1+0 records" in facts(powers, "ruled")["made"]


def test_security_options(powers):
    found = facts(powers, "gains")
    assert found["NoNewPrivs"] == "0" and found["Seccomp"] == "0"
    assert int(found["masked"]) > 0 and found["mount"] == "mounted"
    assert int(found["CapEff"], 16) == 0xa80425fb | 1 << 21
    assert "can't open" in found["disk"] and "not permitted" in found["made"], "devices are others"


def test_seccomp_profile(powers):
    """Docker's form: rules for all, for a capability that it does not have, for older kernels."""
    found = facts(powers, "filtered")
    assert "No space left" in found["mkdir"]
    assert found["uname"] == "Linux" and found["chown"] == "5"
    assert found["Seccomp"].endswith("2")


def test_refusals(tmp_path):
    """Before anything starts, with place and reason."""
    path = tmp_path / "compose.yaml"
    path.write_text("""services:
  a: {image: x, ipc: 'service:b'}
  b: {image: x, pid: 'container:nobody'}
""")
    done = lint(path)
    assert done.returncode == 1
    for words in (":2:22: error: services.a.ipc: b does not share its IPC namespace",
                  ":3:22: error: services.b.pid: no service of the document has the container name "
                  '"nobody"'):
        assert f"{path}{words}" in done.stderr, (words, done.stderr)
    path.write_text("""services:
  c: {image: x, pid: hots}
  d: {image: x, devices: ['/dev/vdb:/dev/x:q'], device_cgroup_rules: ['c 1']}
""")
    done = lint(path)
    assert done.returncode == 1
    for words in (":2:22: error: services.c.pid: \"hots\" is none of host|service:NAME",
                  ":3:27: error: services.d.devices[0].permissions:",
                  ":3:71: error: services.d.device_cgroup_rules[0]: \"c 1\" is not a rule"):
        assert f"{path}{words}" in done.stderr, (words, done.stderr)
    path.write_text("""services:
  a: {image: x, security_opt: [apparmor=mine, foo]}
  b: {image: x, security_opt: ['seccomp={"defaultAction": "SCMP_ACT_NOPE"}']}
""")
    done = lint(path)
    assert done.returncode == 1
    for words in (":2:32: not in this version: services.a.security_opt[0]: apparmor=mine: the machine's "
                  "kernel has no AppArmor", ":2:47: not in this version: services.a.security_opt[1]: "
                  '"foo" is none of', ":3:32: error: services.b.security_opt[0]: seccomp: "
                  'linux.seccomp.defaultAction: unknown "SCMP_ACT_NOPE"'):
        assert f"{path}{words}" in done.stderr, (words, done.stderr)


DANGEROUS = ("privileged: true", "pid: host", "ipc: host", "uts: host", "cgroup: host",
             "devices: [/dev/vda]", "device_cgroup_rules: ['a *:* rwm']", "cap_add: [SYS_ADMIN]",
             "security_opt: [seccomp=unconfined]", "security_opt: ['no-new-privileges:false']",
             "security_opt: [systempaths=unconfined]",
             "security_opt: ['seccomp={\"defaultAction\": \"SCMP_ACT_ALLOW\"}']")
HARMLESS = ("privileged: false", "ipc: private", "ipc: none", "cgroup: private", "group_add: [7]",
            "init: true", "security_opt: [no-new-privileges=true, label=disable, seccomp=builtin]")


def test_dangerous_keys_from_a_disk(app, tmp_path):
    """Each is refused, with its place and what to do, from a source that anybody can plug in."""
    text = "services:\n" + "".join(f"  s{number}: {{image: app:1, {key}}}\n"
                                   for number, key in enumerate(DANGEROUS + HARMLESS))
    result = told_by("nocloud", app, tmp_path, text.encode())
    assert result.report["status"] == 125, result
    errors = "\n".join(result.errors)
    for number, key in enumerate(DANGEROUS):
        name = key.split(":")[0]
        place = f"services.s{number}.{name}"
        lines = [line for line in result.errors if f":{number + 2}:" in line and place in line]
        assert lines and "is refused from nocloud (trust: disk)" in lines[0], (place, errors)
    for number in range(len(DANGEROUS), len(DANGEROUS + HARMLESS)):
        assert f"services.s{number}." not in errors, errors
