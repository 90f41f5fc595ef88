# SPDX-License-Identifier: Apache-2.0
"""Docker's options of a container, seen from inside: what is shared, devices, privileges, a small init,
user namespaces. Each is what Docker's reference says of it."""

import pytest

from harness import seeds
from harness.boot import boot
from harness.command import run
from harness.documents import lint, run_berth
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
  adds: {{image: app:1, cap_add: [SYS_ADMIN], command: *look}}
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


def test_added_capabilities_open_their_calls(powers):
    """Docker's policy depends on the capabilities: with SYS_ADMIN it lets mount() through."""
    found = facts(powers, "adds")
    assert found["Seccomp"] == "2" and found["NoNewPrivs"] == "1" and found["mount"] == "mounted"
    assert found["rename"] == "other" and found["masked"] == "0"


def test_seccomp_profile(powers):
    """Docker's form: rules for all, for a capability that it does not have, for older kernels."""
    found = facts(powers, "filtered")
    assert "No space left" in found["mkdir"]
    assert found["uname"] == "Linux" and found["chown"] == "5"
    assert found["Seccomp"].endswith("2")


def test_a_profile_beside_the_document(image, tmp_path):
    """`berth boot` carries it into the machine; so does what only a document can say."""
    (tmp_path / "profile.json").write_text(
        '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], '
        '"action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}')
    path = tmp_path / "compose.yaml"
    path.write_text(f"""services:
  app:
    image: {image("busybox")}
    security_opt: [seccomp=./profile.json]
    command: [sh, -c, "echo mkdir $$(mkdir /x 2>&1); echo map $$(cat /proc/self/uid_map)"]
x-berth: {{userns: auto}}
""")
    result = boot(path)
    assert result.status == 0, result
    found = facts(result, "app")
    assert "No space left" in found["mkdir"] and found["map"].split()[1] == str(1 << 24), result
    path.write_text("services: {app: {image: x, security_opt: [seccomp=./other.json]}}\n")
    done = run_berth("boot", path)
    assert done.returncode == 125
    assert f"{path}:1:43: not supported: services.app.security_opt[0]: " in done.stderr


INIT = """services:
  tidy:
    image: app:1
    init: true
    command: [sh, -c, "echo first $(cat /proc/1/comm); xargs -0 echo line </proc/1/cmdline; echo own $$$$;
      for i in 1 2 3 4 5; do (sleep 0.1 &); done; sleep 1;
      echo zombies $(cat /proc/[0-9]*/stat 2>/dev/null | grep -c ') Z ');
      echo write $(chmod 777 /sbin/docker-init 2>&1); echo mount $(grep docker-init /proc/mounts);
      trap 'echo told yes; exit 5' TERM; kill -TERM 1; while :; do sleep 0.1; done"]
    healthcheck: {test: "echo $$$$ $(cat /proc/$$PPID/comm) >/tmp/tested", interval: 300ms}
  killed: {image: app:1, init: true, read_only: true, command: [sh, -c, "kill -9 $$$$"]}
  without: {image: app:1, command: [sh, -c, "echo first $(cat /proc/1/comm)"]}
  missing: {image: app:1, init: true, command: [no-such-program], depends_on: {
    tidy: {condition: service_completed_successfully, required: false},
    killed: {condition: service_completed_successfully, required: false}}}
""".replace("$(", "$$(")


def test_init(app, tmp_path):
    """Process 1 is a small program that reaps, hands signals on, and ends as the program does."""
    result = told_by("fw_cfg", app, tmp_path, INIT.encode())
    found, tidy = containers(result), facts(result, "tidy")
    assert tidy["first"] == "docker-init" and facts(result, "without")["first"] == "sh"
    assert tidy["line"].startswith("/sbin/docker-init -- sh -c ") and int(tidy["own"]) > 1
    assert tidy["zombies"] == "0" and tidy["told"] == "yes"
    assert "Read-only" in tidy["write"] and " ro," in tidy["mount"], tidy
    assert found["tidy"]["exit_status"] == 5, result
    assert found["killed"]["exit_status"] == 137, result
    assert found["missing"]["exit_status"] == 127, result
    assert any("no-such-program" in line and "not found" in line for line in result.errors), result


LOOK = """echo id $(id -u):$(id -g); echo map $(cat /proc/self/uid_map);
      for f in / /bin/busybox /etc/hosts /etc/resolv.conf /dev /dev/null /dev/shm /data /scratch /run/secrets/one /proc/1;
      do echo $$f $(stat -c %u:%g $$f); done; echo secret $(cat /run/secrets/one)"""

USERS = f"""services:
  first:
    image: app:1
    volumes: [data:/data]
    tmpfs: /scratch
    secrets: [one]
    restart: on-failure:1
    command: [sh, -c, "if [ -e /mark ]; then echo again $(stat -c %u:%g /mark); exit 0; fi; {LOOK};
      echo x >/data/file; chown 1000:1001 /data/file; echo volume $(stat -c %u:%g /data/file); touch /scratch/x /dev/shm/x;
      echo files $(stat -c %u:%g /scratch/x) $(stat -c %u:%g /dev/shm/x); mkdir /new; rm /bin/true; ln -s x /link;
      echo made $(stat -c %u:%g /new /link) $(ls /bin/true 2>&1); echo reopened yes >/dev/stdout; touch /mark; exit 1"]
  second:
    image: app:1
    user: "1000"
    volumes: [data:/data]
    tmpfs: /scratch:mode=1777
    read_only: true
    secrets: [{{source: one, uid: "1000", mode: 0400}}]
    hostname: second
    devices: [/dev/ttyS1]
    ulimits: {{nofile: 4096}}
    sysctls: {{net.ipv4.ip_forward: 1}}
    healthcheck: {{test: "test -e /scratch/ready", interval: 200ms}}
    depends_on: {{first: {{condition: service_completed_successfully}}}}
    command: [sh, -c, "{LOOK}; echo name $(hostname); echo device $(stat -c '%t:%T %u:%g' /dev/ttyS1);
      echo files $(ulimit -n); echo forward $(cat /proc/sys/net/ipv4/ip_forward); echo sealed $(touch /x 2>&1); touch /scratch/ready; trap 'exit 0' TERM;
      exec sleep 987"]
  terminal:
    image: app:1
    tty: true
    init: true
    user: "1000"
    command: [sh, -c, "echo owner $(stat -c %u:%g $(tty)); echo opened yes >$(tty); echo first $(cat /proc/1/comm);
      echo group $(cut -d ' ' -f 8 /proc/$$$$/stat) $$$$"]
  joins:
    image: app:1
    pid: service:second
    network_mode: service:second
    depends_on: {{second: {{condition: service_healthy}}}}
    command: [sh, -c, "echo map $(cat /proc/self/uid_map); echo ping $(ping -c 1 172.17.0.3 2>&1 | grep -c '1 packets received');
      echo link $(ip link set lo down 2>&1 && echo set); kill -0 1; echo sees $(cat /proc/1/comm)"]
    cap_add: [NET_ADMIN]
  watch:
    image: app:1
    pid: host
    userns_mode: host
    volumes: [data:/data]
    depends_on: {{joins: {{condition: service_completed_successfully, required: false}}}}
    command: [sh, -c, "echo outside $(grep -h Uid: $(grep -l '^Name:.sleep' /proc/[0-9]*/status));
      echo stored $(stat -c %u:%g /data/file); echo map $(cat /proc/self/uid_map)"]
x-berth: {{userns: auto, exit-code-from: watch}}
secrets: {{one: {{content: hidden}}}}
volumes: {{data: }}
""".replace("$(", "$$(")


@pytest.fixture(scope="module", name="users")
def machine_with_users(app, tmp_path_factory):
    result = told_by("initramfs", app, tmp_path_factory.mktemp("users"), USERS.encode())
    assert result.report and result.report["status"] == 0, result
    return result


def test_users_of_its_own(users):
    """The image, its files in /etc, volumes, tmpfs, secrets: all belong to the container's root, whom
    the machine knows by another number."""
    found = facts(users, "first")
    assert found["id"] == "0:0"
    assert found["map"].split() == ["0", str(1 << 24), str(1 << 24)]
    for place in ("/", "/bin/busybox", "/etc/hosts", "/etc/resolv.conf", "/dev", "/dev/null", "/dev/shm",
                  "/data", "/scratch", "/run/secrets/one", "/proc/1"):
        assert found[place] == "0:0", (place, found)
    assert found["secret"] == "hidden" and found["reopened"] == "yes"
    assert found["made"].startswith("0:0 0:0 ") and "No such file" in found["made"]
    assert found["volume"] == "1000:1001" and found["files"] == "0:0 0:0"
    assert containers(users)["first"]["restarts"] == 1
    assert found["again"] == "0:0", "the writable layer is the same after a restart"


def test_another_user_of_its_own(users):
    found = facts(users, "second")
    assert found["id"].startswith("1000:")
    assert found["map"].split() == ["0", str(2 << 24), str(1 << 24)]
    assert found["/data"] == "0:0" and found["/run/secrets/one"] == "1000:0"
    assert found["secret"] == "hidden" and found["name"] == "second"
    assert found["device"].split()[0] == "4:41" and found["device"].split()[1].startswith("0:")
    assert found["files"] == "4096" and found["forward"] == "1" and "Read-only" in found["sealed"]


def test_a_terminal_with_users_of_its_own(users):
    """It is the user's, and the program is in its foreground also below the small init."""
    found = facts(users, "terminal")
    assert found["owner"] == "1000:5" and found["opened"] == "yes", found
    assert found["first"] == "docker-init" and len(set(found["group"].split())) == 1, found


def test_shared_users(users):
    """Who shares namespaces has the same users, and power over them."""
    found = facts(users, "joins")
    assert found["map"] == facts(users, "second")["map"]
    assert found["link"] == "set" and found["ping"] == "1" and found["sees"] == "sleep"


def test_users_seen_from_the_machine(users):
    found = facts(users, "watch")
    assert found["outside"].split()[1:] == [str((2 << 24) + 1000)] * 4, found
    assert found["stored"] == "1000:1001", "on the disk are the container's own numbers"
    assert found["map"].split() == ["0", "0", "4294967295"]


TURNED = """services:
  app:
    image: app:1
    volumes: [data:/data]
    command: [sh, -c, "echo before $(stat -c %u:%g /data/x /data/y /mark /bin/busybox 2>/dev/null | tr '\\n' ' ');
      echo map $(cat /proc/self/uid_map); touch /data/x /data/y /mark; chown 5:6 /data/y; rm -rf /bin/false /etc/group;
      echo after $(stat -c %u:%g /data/x /data/y /mark | tr '\\n' ' ') $(ls /bin/false /etc/group 2>/dev/null)"]
x-berth: {userns: MODE}
volumes: {data: }
""".replace("$(", "$$(")


def test_users_are_not_on_the_disk(app, tmp_path):
    """A data disk holds the container's own numbers: with users of its own, without, and with again."""
    disk = tmp_path / "data.img"
    disk.write_bytes(b"")
    with disk.open("r+b") as file:
        file.truncate(64 << 20)
    run("mke2fs", "-q", "-t", "ext4", "-L", "berth-data", disk)
    for number, mode in enumerate(("auto", "host", "auto")):
        seed = seeds.initramfs(tmp_path / f"{number}.cpio", TURNED.replace("MODE", mode).encode())
        result = machine(app, "-drive", f"file={disk},format=raw,if=virtio", initrds=[seed])
        found = facts(result, "app")
        assert found["map"].split()[1] == ("0" if mode == "host" else str(1 << 24)), result
        assert found["before"].split()[-1] == "0:0" and found["after"].split() == ["0:0", "5:6", "0:0"]
        if number:
            assert found["before"].split()[:2] == ["0:0", "5:6"], found


def test_what_does_not_go_with_users(tmp_path):
    """Docker's rules."""
    path = tmp_path / "compose.yaml"
    for key in ("privileged: true", "pid: host", "network_mode: host"):
        path.write_text(f"services: {{a: {{image: app:1, {key}}}}}\nx-berth: {{userns: auto}}\n")
        done = lint(path)
        place = f"error: services.a.{key.split(':')[0]}: does not go with users of the container's own"
        assert done.returncode == 1 and place in done.stderr, done.stderr
        path.write_text(f"services: {{a: {{image: app:1, userns_mode: host, {key}}}}}\n"
                        "x-berth: {userns: auto}\n")
        done = lint(path)
        assert done.returncode == 0, done.stderr
    path.write_text("services: {a: {image: app:1, uts: host, hostname: b}}\n")
    assert ":1:51: error: services.a.hostname: is the container's own" in lint(path).stderr


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
    for words in (":2:32: not supported: services.a.security_opt[0]: apparmor=mine: the machine's "
                  "kernel has no AppArmor", ":2:47: not supported: services.a.security_opt[1]: "
                  '"foo" is none of', ":3:32: error: services.b.security_opt[0]: seccomp: "
                  'linux.seccomp.defaultAction: unknown "SCMP_ACT_NOPE"'):
        assert f"{path}{words}" in done.stderr, (words, done.stderr)


DANGEROUS = ("privileged: true", "pid: host", "ipc: host", "uts: host", "cgroup: host",
             "devices: [/dev/vda]", "device_cgroup_rules: ['a *:* rwm']", "cap_add: [SYS_ADMIN]",
             "security_opt: [seccomp=unconfined]", "security_opt: ['no-new-privileges:false']",
             "security_opt: [systempaths=unconfined]", "userns_mode: host",
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
