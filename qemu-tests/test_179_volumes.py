# SPDX-License-Identifier: Apache-2.0
"""What documents have mounted in a machine: volumes that are shared, filled from the image and kept on
the data disk, file systems in memory, what the initramfs brings along."""

import pytest

from harness import images, seeds
from harness.command import run
from harness.documents import lint
from harness.initrd import archive, local_image
from harness.seeded import containers, machine


@pytest.fixture(scope="module", name="disk")
def data_disk(tmp_path_factory):
    """The words for QEMU, of one disk for several machines."""
    path = tmp_path_factory.mktemp("disk") / "data.img"
    run("truncate", "-s", "48M", path)
    run("mke2fs", "-q", "-t", "ext4", "-L", "berth-data", path)
    return ["-drive", f"if=none,id=data,format=raw,file={path}",
            "-device", "virtio-blk-pci,drive=data"]


VOLUMES = """\
name: shop
services:
  first:
    image: app:1
    command:
      - sh
      - -c
      - |
        stat -c 'home %u %a' /home/alice
        stat -c 'scratch %a' /shared/scratch
        grep ' /shared/scratch ' /proc/mounts | grep -o 'size=[0-9]*k'
        cat /shared/word /cache/word 2>/dev/null
        echo first-was-here >/shared/word; echo kept >/cache/word
        touch /locked/x 2>/dev/null; echo "locked $?"
        cat /conf/greeting; touch /conf/greeting 2>/dev/null; echo "conf $?"; cat /one
        ls -a /empty | wc -l
        grep -c ' /home ext4.*nosuid,nodev' /proc/mounts
    volumes:
      - home:/home
      - type: tmpfs
        target: /shared/scratch
        tmpfs: {size: 1m, mode: 0711}
      - shared:/shared
      - shared:/locked:ro
      - /cache
      - ./conf:/conf:ro
      - {type: bind, source: /berth/conf/greeting, target: /one, read_only: true}
      - {type: volume, source: bare, target: /etc, volume: {nocopy: true}, read_only: true}
      - bare:/empty
  second:
    image: app:1
    read_only: true
    command: [sh, -c, "cat /shared/word; ls /part; touch /part/new && echo written; touch /x"]
    depends_on: {first: {condition: service_completed_successfully}}
    volumes:
      - shared:/shared
      - {type: volume, source: home, target: /part, volume: {subpath: alice}}
volumes:
  home:
  bare:
  shared: {name: the_shared}
"""


def test_volumes(app, disk, tmp_path):
    """The second machine finds on the disk what the first one left."""
    path = tmp_path / "compose.yaml"
    path.write_text(VOLUMES)
    done = lint(path)
    assert done.returncode == 0, done.stderr
    seed = archive(tmp_path / "seed.cpio", {"/berth/config.yaml": path,
                                            "/berth/conf/greeting": b"hello from outside\n"})
    for boot in (1, 2):
        result = machine(app, *disk, initrds=[seed])
        found = containers(result)
        assert found["first"]["exit_status"] == 0, result
        before = ["first-was-here", "kept"] if boot == 2 else []
        assert result.output("first") == [
            "home 1000 755", "scratch 711", "size=1024k", *before, "locked 1", "hello from outside",
            "conf 1", "hello from outside", "2", "1"], result
        assert result.output("second") == [
            "first-was-here", *(["new"] if boot == 2 else []), "written"], result
        assert found["second"]["exit_status"] == 1, "the root itself is read-only"


def test_in_memory_from_the_command_line(app):
    """Without a disk a volume lasts as long as the machine; a restarted container finds it."""
    script = "cat /data/word && exit 0; cp /etc/passwd /data/word; ls /data; exit 1"
    result = machine(app, append=f'berth.image=app:1 berth.volume=data:/data berth.volume=/home '
                     f'berth.restart=on-failure:1 berth.cmd="sh -c \'{script}\'"')
    assert result.container["restarts"] == 1 and result.report["status"] == 0, result
    assert result.output("app")[0] == "word" and "root:x:0:0:root:/root:/bin/sh" in \
        result.output("app"), result


IMAGE_VOLUMES = """\
x-look: &look
  image: app:1
  command:
    - sh
    - -c
    - |
      stat -c '%n %u %a' /home /home/alice /new/deep
      for at in /home /new/deep /mnt /opt/v; do echo $$at $$(grep -c " $$at " /proc/mounts); done
      cat /new/deep/word /home/word 2>/dev/null
      echo kept >/new/deep/word; echo kept >/home/word
      touch /root-is-writable 2>/dev/null; ls /root-is-writable 2>/dev/null; ls /opt/v; exit 1
services:
  first:
    <<: *look
    restart: on-failure:1
    volumes: ["named:/opt/v", "other:/mnt/sub"]
    tmpfs: /mnt
  second: {<<: *look, read_only: true}
volumes: {named: , other: }
"""


@pytest.fixture(scope="module", name="declared")
def image_with_volumes(tmp_path_factory):
    """app:1 with VOLUMEs: one with content, one that is not there, two where others are mounted."""
    folder = tmp_path_factory.mktemp("declared")
    layout = images.edited("busybox", folder, Volumes={"/home": {}, "//new/./deep/": {}, "/mnt": {},
                                                       "/opt/x/../v": {}})
    return local_image(folder / "app.cpio", layout, "app:1")


def test_volumes_of_the_image(declared, disk, tmp_path):
    """As in Docker: a volume for each that nothing else is mounted on, filled from the image, kept over a
    restart, writable when the root is not. In memory what the image has is not copied once more."""
    words = seeds.fw_cfg(tmp_path / "seed", IMAGE_VOLUMES.encode())
    for more in ([], disk):
        result = machine(declared, *words, *more)
        before = ["/home 0 755", "/home/alice 1000 755", "/new/deep 0 755"]
        home = 1 if more else 0
        mounts = [f"/home {home}", "/new/deep 1", "/mnt 1", "/opt/v 1"]
        again = ["kept", "kept"]
        assert result.output("first") == [
            *before, *mounts, "/root-is-writable", *before, *mounts, *again, "/root-is-writable"], \
            result
        assert result.output("second") == [*before, "/home 1", "/new/deep 1", "/mnt 1", "/opt/v 1"]
        assert containers(result)["first"]["restarts"] == 1, result


def test_volumes_of_the_image_that_cannot_be(tmp_path):
    for path, words in (("/proc/x", "nothing can be mounted on /proc/x"), ("/..", "not an absolute"),
                        ("/etc/passwd", "")):
        folder = tmp_path / path.replace("/", "_")
        folder.mkdir()
        layout = images.edited("busybox", folder, Volumes={path: {}})
        archive_of = local_image(folder / "app.cpio", layout, "app:1")
        result = machine(archive_of, append="berth.image=app:1 berth.cmd=true")
        assert result.report["status"] == 125, result
        reason = result.report["reason"]
        assert (f"the image's VOLUME {path}" in reason if words else "/etc/passwd" in reason) and \
            words in reason, result


REFUSED = """\
services:
  a:
    image: app:1
    volumes:
      - old:/old
volumes:
  old: {external: true, name: %s}
"""


def test_refusals(app, tmp_path):
    """In one line, and nothing is started: a volume that must be there, a disk that wants the machine's
    files, …"""
    result = machine(app, *seeds.fw_cfg(tmp_path / "seed", (REFUSED % "old").encode()))
    assert result.report["status"] == 125, result
    assert "volume old:/old:rw,external: the volume old is external and is not there" in \
        result.report["reason"], result
    path = tmp_path / "compose.yaml"
    path.write_text("services:\n  a:\n    image: x\n    volumes:\n      - /etc:/x\n"
                    "      - v:/y:nocpy\n      - v:/proc/z\nvolumes: {v: }\n")
    done = lint(path)
    assert done.returncode == 1
    assert f"{path}:6:9: error: services.a.volumes[1]: \"nocpy\" is no option" in done.stderr
    path.write_text(path.read_text().replace(":nocpy", ""))
    done = lint(path)
    assert done.returncode == 1
    assert f"{path}:5:9: not supported: services.a.volumes[0]" in done.stderr
    assert f"{path}:7:9: " in done.stderr and "/proc/z" in done.stderr, done.stderr


def test_a_disk_gets_no_files_of_the_machine(app, tmp_path):
    """A bind mount is for sources that are trusted."""
    text = seeds.document("disk").replace(b"    mem_limit: 64m\n", b"    volumes: ['./x:/x:ro']\n")
    seed = archive(tmp_path / "seed.cpio", {"/berth/x": b"secret\n"})
    words = seeds.cloud_localds(tmp_path / "seed.img", text)
    result = machine(app, *words, initrds=[seed])
    assert result.report["status"] == 125, result
    assert any("services.app.volumes[0] is refused from nocloud (trust: disk)" in line
               for line in result.errors), result
