# SPDX-License-Identifier: Apache-2.0
"""What documents have mounted in a machine: volumes that are shared, filled from the image and kept on
the data disk, file systems in memory, of other disks and of the host, what the initramfs brings along."""

import pytest

from harness import images, media, seeds
from harness.boot import boot
from harness.command import run
from harness.documents import lint
from harness.initrd import archive, local_image
from harness.machine import Machine
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


# Volumes that are no folders of the store.

def file_system(path, form, label, more=()):
    """A disk with one file, from-disk."""
    folder = path.with_suffix(".tree")
    folder.mkdir()
    (folder / "from-disk").write_text(f"a word of {label}\n")
    if form == "iso9660":
        run("xorriso", "-as", "mkisofs", "-quiet", "-R", "-V", label, *more, "-o", path, folder)
        return path
    run("truncate", "-s", "32M", path)
    if form == "vfat":
        run("mkfs.vfat", "-n", label, *more, path)
        run("mcopy", "-i", path, folder / "from-disk", "::/")
    else:
        run("mke2fs", "-q", "-t", form, "-L", label, *more, "-d", folder, path)
    return path


def attached(*paths, more=""):
    """vda, vdb … in this order."""
    words = []
    for number, path in enumerate(paths):
        words += ["-drive", f"if=none,id=disk{number},format=raw,file={path}{more}",
                  "-device", f"virtio-blk-pci,drive=disk{number}"]
    return words


DISKS = """\
name: shop
services:
  first:
    image: app:1
    command:
      - sh
      - -c
      - |
        cat /disk/from-disk /old/from-disk /cd/from-disk /stick/from-disk /host/from-host
        cat /disk/count 2>/dev/null; echo x >>/disk/count; ls -A /home; stat -c '%u %a' /mem
        echo shared >/mem/word; echo back >/host/from-machine; touch /old/x 2>/dev/null || echo "old ro"
        touch /cd/x 2>/dev/null || echo "cd ro"; stat -c '%u %a' /stick/from-disk
        grep -E ' /(disk|mem|old|cd|stick|host) ' /proc/mounts | cut -d ' ' -f 2,3 | sort
        grep ' /disk ' /proc/mounts | grep -c nosuid,nodev,noexec,noatime
        grep ' /mem ' /proc/mounts | grep -o 'size=[0-9]*k'
    volumes:
      [disk:/disk, "old:/old", "cd:/cd", "stick:/stick", "host:/host", "mem:/mem", "home:/home"]
  second:
    image: app:1
    command: [sh, -c, "cat /mem/word /part/count; touch /mem/x 2>/dev/null || echo locked"]
    depends_on: {first: {condition: service_completed_successfully}}
    volumes: ["mem:/mem:ro", {type: volume, source: disk, target: /part}]
volumes:
  disk: {driver_opts: {type: ext4, device: LABEL=extra, o: "noexec,noatime"}}
  old: {driver_opts: {type: ext2, device: "UUID=11111111-2222-3333-4444-555555555ABC", o: ro}}
  cd: {driver_opts: {type: iso9660, device: /dev/vdc}}
  stick: {driver_opts: {type: vfat, device: UUID=1234-ABCD, o: "uid=1000,umask=077"}}
  host: {driver_opts: {type: 9p, device: tag}}
  mem: {driver_opts: {type: tmpfs, device: tmpfs, o: "size=1m,uid=1000,mode=0700"}}
  home: {driver_opts: {type: tmpfs, device: tmpfs}}
"""


def test_volumes_of_disks(app, tmp_path):
    """By device, label and UUID; they are left clean, and the next machine finds what was written."""
    extra = file_system(tmp_path / "extra", "ext4", "extra")
    old = file_system(tmp_path / "old", "ext2", "old", ["-U", "11111111-2222-3333-4444-555555555abc"])
    disc = file_system(tmp_path / "cd", "iso9660", "CD")
    stick = file_system(tmp_path / "stick", "vfat", "STICK", ["-i", "1234abcd"])
    share = tmp_path / "share"
    share.mkdir()
    (share / "from-host").write_text("a word of the host\n")
    words = [*attached(extra, old, disc, stick), "-virtfs",
             f"local,path={share},mount_tag=tag,security_model=none",
             *seeds.fw_cfg(tmp_path / "seed", DISKS.encode())]
    for boots in (1, 2):
        result = machine(app, *words)
        assert result.output("first") == [
            "a word of extra", "a word of old", "a word of CD", "a word of STICK", "a word of the host",
            *["x"] * (boots - 1), "alice", "1000 700", "old ro", "cd ro", "1000 700",
            "/cd iso9660", "/disk ext4", "/host 9p", "/mem tmpfs", "/old ext2", "/stick vfat", "1",
            "size=1024k"], result
        assert result.output("second") == ["shared", *["x"] * boots, "locked"], result
        assert any("6 devices: volume shop_disk on /dev/vda (ext4)" in line
                   for line in result.console.splitlines()), result
        run("e2fsck", "-fn", extra)
    assert (share / "from-machine").read_text() == "back\n"


ONE = """\
services: {a: {image: 'app:1', command: [cat, /v/from-disk], volumes: ['v:/v']}}
volumes: {v: {name: v, driver_opts: %s}}
"""


@pytest.mark.parametrize("options, more, reason", [
    ("{type: ext4, device: LABEL=gone}", "",
     "there is no disk LABEL=gone; there are vda (ext4, berth-data), vdb (ext4, extra)"),
    ("{type: ext4, device: /dev/vdq}", "", "there is no disk /dev/vdq; there are vda"),
    ("{type: vfat, device: LABEL=extra}", "", "the disk vdb has the file system ext4 and not vfat"),
    ("{type: ext4, device: /dev/vda}", "", "the disk vda (ext4, berth-data) is the machine's own"),
    ("{type: ext4, device: LABEL=extra}", ",readonly=on", "/dev/vdb can only be read: o: ro"),
    ("{type: ext4, device: LABEL=extra, o: data=maybe}", "", "mount ext4: data"),
    ("{type: 9p, device: nobody}", "", "mount 9p: create"),
], ids=["no label", "no device", "another file system", "the data disk", "read-only", "option", "no share"])
def test_volumes_that_cannot_be_mounted(app, tmp_path, options, more, reason):
    """One line, and no container starts."""
    store = tmp_path / "store"
    words = seeded_disk(store) + attached(file_system(tmp_path / "extra", "ext4", "extra"), more=more)
    result = machine(app, *words, *seeds.fw_cfg(tmp_path / "seed", (ONE % options).encode()))
    assert result.report["status"] == 125 and result.output("a") == [], result
    assert result.report["reason"].startswith("volume v: ") and reason in result.report["reason"], result


def test_a_volume_of_virtiofs(app, tmp_path):
    """A folder of the host, written from both sides."""
    if not media.find_virtiofsd():
        pytest.skip("there is no virtiofsd here (Debian 13: the package virtiofsd)")
    share = tmp_path / "share"
    share.mkdir()
    (share / "word").write_text("a word of the host\n")
    text = """\
services:
  a:
    image: app:1
    command: [sh, -c, "cat /v/word; grep -o '/v virtiofs' /proc/mounts; echo back >/v/from-machine"]
    volumes: ['v:/v']
volumes: {v: {driver_opts: {type: virtiofs, device: tag}}}
"""
    with media.VirtioFs(tmp_path, share, 256, "tag") as daemon:
        result = machine(app, *daemon.words, *seeds.fw_cfg(tmp_path / "seed", text.encode()))
    assert result.output("a") == ["a word of the host", "/v virtiofs"], result
    assert (share / "from-machine").read_text() == "back\n", result


def seeded_disk(path):
    run("truncate", "-s", "32M", path)
    run("mke2fs", "-q", "-t", "ext4", "-L", "berth-data", path)
    return ["-drive", f"if=none,id=data,format=raw,file={path}", "-device", "virtio-blk-pci,drive=data"]


def test_a_volume_on_an_ide_disk(app, tmp_path):
    """It is looked for behind IDE controllers when it is not elsewhere."""
    words = seeds.attach(file_system(tmp_path / "cd", "iso9660", "CD"), "ide-cd")
    text = ONE % "{type: iso9660, device: LABEL=CD}"
    result = machine(app, *words, *seeds.fw_cfg(tmp_path / "seed", text.encode()))
    assert result.report["status"] == 0 and result.output("a") == ["a word of CD"], result


def test_a_volume_on_a_disk_that_does_not_answer(app, tmp_path):
    """Any more, after its label was read: the machine does not wait for it, and ends in order."""
    disk = file_system(tmp_path / "slow", "ext4", "slow")
    port = seeds.Port(tmp_path / "port", (ONE % "{type: ext4, device: LABEL=slow}").encode())
    with Machine("ip=off", initrds=[app], network=False, debug_exit=False,
                 extra=[*attached(disk), *port.words]) as running:
        running.wait_for("3 command-line: ")  # the labels were read before anything is shown
        running.control("block_set_io_throttle", device="disk0", bps=1, bps_rd=0, bps_wr=0, iops=0, iops_rd=0,
                        iops_wr=0)
        port.serve()
        result = running.finish()
    assert result.report["status"] == 125, result
    assert result.report["reason"] == "volume v: mount /dev/vda (ext4): no answer in 30 s", result
    assert "11 stop: a disk does not answer: the machine ends without it" in result.console, result


def test_external_volume(app, tmp_path):
    """It is there when a machine before has made it, or someone else."""
    words = seeded_disk(tmp_path / "store")
    made = ("services: {a: {image: 'app:1', command: [sh, -c, 'echo kept >/v/word'], volumes: ['v:/v']}}\n"
            "volumes: {v: {name: the_volume}}\n")
    found = ("services: {a: {image: 'app:1', command: [cat, /v/word], volumes: ['v:/v']}}\n"
             "volumes: {v: {external: true, name: %s}}\n")
    assert machine(app, *words, *seeds.fw_cfg(tmp_path / "a", made.encode())).report["status"] == 0
    result = machine(app, *words, *seeds.fw_cfg(tmp_path / "b", (found % "the_volume").encode()))
    assert result.output("a") == ["kept"], result
    result = machine(app, *words, *seeds.fw_cfg(tmp_path / "c", (found % "another").encode()))
    assert result.report["status"] == 125, result
    assert "the volume another is external and is not there" in result.report["reason"], result


def test_attached_and_bound(image, tmp_path):
    """`berth boot` attaches disks and carries the folder that a volume is."""
    disk = file_system(tmp_path / "disk", "ext4", "extra")
    locked = file_system(tmp_path / "cd:ro", "iso9660", "CD")
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/one").write_text("one of the folder\n")
    path = tmp_path / "compose.yaml"
    path.write_text(f"""\
services:
  app:
    image: {image("probe")}
    command: [sh, -c, "cat /d/from-disk /c/from-disk /conf/one /part; echo new >/d/new"]
    volumes: ["d:/d", "c:/c", "conf:/conf:ro",
              {{type: volume, source: conf, target: /part, read_only: true, volume: {{subpath: one}}}}]
volumes:
  d: {{driver_opts: {{type: ext4, device: LABEL=extra}}}}
  c: {{driver_opts: {{type: iso9660, device: LABEL=CD}}}}
  conf: {{driver_opts: {{type: none, o: bind, device: ./conf}}}}
""")
    result = boot("--attach", disk, "--attach", f"{locked}:ro", path)
    assert result.status == 0, result
    assert result.output("app") == ["a word of extra", "a word of CD", *["one of the folder"] * 2], result
    assert b"new" in run("debugfs", "-R", "cat /new", disk), result
    result = boot("--attach", tmp_path / "gone", path)
    assert result.status == 125 and "--attach: open the disk" in result.messages, result
