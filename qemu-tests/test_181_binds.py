# SPDX-License-Identifier: Apache-2.0
"""Bind mounts of a document in a machine: what lies beside it, folders with absolute paths, what there is
of the machine itself; and the volumes of another service."""

import hashlib

import pytest

from harness import debs, images, seeds
from harness.boot import boot
from harness.command import run
from harness.documents import lint
from harness.initrd import archive, local_image
from harness.layout import Layout
from harness.seeded import containers, data_disk, machine

# As the images of well-known databases do it: the folder is given to a user by root, who then becomes that
# user.
DATABASE = """\
#!/bin/sh
set -e
mkdir -p /var/lib/data
chown -R alice /var/lib/data
chmod 700 /var/lib/data
exec su alice -c 'sqlite3 /var/lib/data/shop.db "
  pragma journal_mode = wal;
  create table if not exists visits (number integer primary key, boot text);
  insert into visits (boot) values (\\"$BOOT\\");
  select number, boot from visits;" && ls -ldn /var/lib/data'
"""


@pytest.fixture(scope="module", name="database")
def image_of_a_database(registry, tmp_path_factory):
    """SQLite from Debian's packages, on the same basis as the image busybox."""
    scratch = tmp_path_factory.mktemp("database")
    layout = Layout.new(scratch / "layout", scratch)

    def base(rootfs):
        images.recipes._merged_usr(rootfs)
        images.recipes._accounts(rootfs)

    def entry(rootfs):
        program = rootfs / "usr/bin/entry"
        program.write_text(DATABASE)
        program.chmod(0o755)
        for applet in ("sh", "mkdir", "chown", "chmod", "su", "ls"):
            (rootfs / "usr/bin" / applet).symlink_to("busybox")

    layout.layer(base)
    layout.layer(lambda rootfs: debs.unpack(
        ["busybox-static", *images.recipes.LIBC, "libsqlite3-0", "libreadline8t64 | libreadline8",
         "libtinfo6", "zlib1g", "sqlite3"], rootfs))
    layout.layer(entry)
    layout.configure(entrypoint=["entry"], env=["PATH=/usr/bin:/bin"])
    layout.finish()
    return registry.push(layout.path, "database")


def make_disk(path, size="64M"):
    """A disk for `berth boot --disk`."""
    data_disk(path, size)
    return path


def test_a_database_finds_its_data_again(database, tmp_path):
    """./data is made where it is not, belongs to whom the container gives it, and is kept by the disk; the
    workstation has nothing of it."""
    path, disk = tmp_path / "compose.yaml", make_disk(tmp_path / "data.img")
    path.write_text(f"services:\n  db:\n    image: {database}\n    environment: [BOOT]\n"
                    "    volumes: ['./data:/var/lib/data']\n")
    for number in (1, 2):
        result = boot("--disk", disk, "-e", f"BOOT=boot {number}", path)
        assert result.status == 0, result
        lines = result.output("db")
        assert lines[:-1] == ["wal", *(f"{i}|boot {i}" for i in range(1, number + 1))], result
        assert lines[-1].startswith("drwx------") and lines[-1].split()[2] == "1000", result
        assert "warning" not in result.messages, result
        assert "clean" in run("dumpe2fs", "-h", disk).decode().split("Filesystem state:")[1].split("\n")[0]
        assert b"needs_recovery" not in run("dumpe2fs", "-h", disk)
    assert not (tmp_path / "data").exists()


BROUGHT = """\
name: shop
services:
  writer:
    image: {image}
    volumes: ["./conf:/conf", "./conf/one:/one", "./linked:/linked", "./empty/deep:/empty"]
    command:
      - sh
      - -c
      - |
        cat /conf/one /conf/two /conf/sub/three /conf/new 2>/dev/null
        stat -c '%u %g %a' /conf /conf/sub/three
        ls -A /linked /empty | tr '\\n' ' '; echo
        echo one more >>/one; rm /conf/two; mv /conf/sub /conf/moved; mkdir -p /conf/sub
        echo $$BOOT >/conf/sub/fresh; echo new >/conf/new; echo x >/empty/x; echo made >/linked/later; chown 5:6 /conf
  reader:
    image: {image}
    depends_on: {{writer: {{condition: service_completed_successfully}}}}
    volumes: ["./conf:/all:ro", "./conf/sub:/sub:ro", "./linked/later:/later:ro"]
    command:
      - sh
      - -c
      - |
        cat /all/one /all/new /later; ls -A /all | tr '\\n' ' '; echo; ls /sub /all/moved | tr '\\n' ' '; echo
        touch /all/x 2>/dev/null; echo "all $$?"; touch /sub/x 2>/dev/null; echo "sub $$?"
        stat -c '%u %g' /all; grep -c ' /all .*nosuid,nodev' /proc/mounts
"""


def test_what_is_brought_along_is_written_over(image, tmp_path):
    """All services see one folder, also by two names and parts of it; the disk keeps what was changed, and
    what was not is the workstation's of today."""
    path, disk = tmp_path / "compose.yaml", make_disk(tmp_path / "data.img")
    path.write_text(BROUGHT.format(image=image("busybox")))
    conf = tmp_path / "conf"
    (conf / "sub").mkdir(parents=True)
    for name in ("one", "two", "sub/three"):
        (conf / name).write_text(f"{name} of yesterday\n")
    (conf / "sub/three").chmod(0o640)
    (tmp_path / "linked").symlink_to("conf")
    status = conf.stat()
    result = boot("--disk", disk, path)
    assert result.status == 0, result
    assert result.output("writer") == [
        "one of yesterday", "two of yesterday", "sub/three of yesterday",
        f"{status.st_uid} {status.st_gid} 755", f"{status.st_uid} {status.st_gid} 640",
        "/empty:  /linked: one sub two "], result
    seen = ["one of yesterday", "one more", "new", "made", "later moved new one sub ",
            "/all/moved: three  /sub: fresh ", "all 1", "sub 1", "5 6", "1"]
    assert result.output("reader") == seen, result
    assert sorted(item.name for item in conf.iterdir()) == ["one", "sub", "two"]
    assert (conf / "one").read_text() == "one of yesterday\n"
    (conf / "one").write_text("changed here\n")
    (conf / "four").write_text("four of today\n")
    result = boot("--disk", disk, path)
    assert result.status == 0, result
    lines = result.output("writer")
    assert lines[:3] == ["one of yesterday", "one more", "new"] and "5 6 755" in lines, result
    assert "/linked: four later moved new one sub" in lines[-1] and "/empty: x" in lines[-1], result
    assert "four later moved new one sub " in result.output("reader"), result
    kept = run("debugfs", "-R", "ls -p /binds/projects/shop/data/conf", disk).decode()
    assert "/new/" in kept and "/four/" not in kept, kept


def test_in_memory_it_lasts_as_long_as_the_machine(image, tmp_path):
    """… and a restarted container finds it. A single file can be written too."""
    (tmp_path / "state").write_text("0\n")
    path = tmp_path / "compose.yaml"
    path.write_text(f"services:\n  app:\n    image: {image('busybox')}\n    restart: on-failure:2\n"
                    "    volumes: ['./state:/state', './log:/log', './gone:/gone:ro']\n"
                    "    command: [sh, -c, 'read n </state; echo $$((n + 1)) >/state; echo at $$n >>/log/l; "
                    "cat /log/l; ls -A /gone; [ $$n = 2 ]']\n")
    result = boot(path)
    assert result.status == 0, result
    assert result.output("app")[-3:] == ["at 0", "at 1", "at 2"], result
    assert "services.app.volumes[0]: what containers write to it and other binds stays" in result.messages
    assert "services.app.volumes[2]: ./gone is not there: the container has an empty folder" in \
        result.messages, result


ABSOLUTE = """\
services:
  a:
    image: app:1
    command: [sh, -c, "cat /data/word /sub/word 2>/dev/null; echo kept >/data/word; mkdir -p /data/deep/er;
                       echo below >/data/deep/er/word; ln -sfn / /data/out; ln -sfn ../deep /data/deep/er/loop"]
    volumes: ["/srv/data:/data", "/home/me/sub:/sub:rw,z"]
  b:
    image: app:1
    depends_on: {a: {condition: service_completed_successfully}}
    command: [sh, -c, "cat /below/word; echo from b >/all/b; ls /all; grep -c ' /below ' /proc/mounts"]
    volumes: ["/srv/data/deep/er:/below:rslave", {type: bind, source: /srv, target: /srv,
              bind: {create_host_path: false, propagation: rprivate}}, "/srv/data:/all:delegated"]
"""


def test_folders_with_absolute_paths(app, tmp_path):
    """As on a fresh host they are made, and are one tree for all; a disk keeps them. A link that a
    container has made leads nowhere."""
    disk = data_disk(tmp_path / "data.img")
    words = seeds.fw_cfg(tmp_path / "seed", ABSOLUTE.encode())
    for number in (1, 2):
        result = machine(app, *words, *disk)
        assert result.report["status"] == 0, result
        assert result.output("a") == (["kept"] if number == 2 else []), result
        assert result.output("b") == ["below", "b", "deep", "out", "word",
                                      "1"], result
    for path in ("/srv/data/out", "/srv/data/out/etc", "/srv/data/deep/er/loop/er"):
        text = f"services: {{c: {{image: 'app:1', command: [ls, /x], volumes: ['{path}:/x']}}}}\n"
        result = machine(app, *seeds.fw_cfg(tmp_path / "bad", text.encode()), *disk)
        assert result.report["status"] == 125, result
        assert "a symbolic link is on the way" in result.report["reason"], result
    text = ("services: {c: {image: 'app:1', command: [ls], volumes: [{type: bind, source: /srv/none, "
            "target: /x, bind: {create_host_path: false}}]}}\n")
    result = machine(app, *seeds.fw_cfg(tmp_path / "bad", text.encode()), *disk)
    assert result.report["status"] == 125 and "srv/none is not there" in result.report["reason"], result


SYSTEM = """\
services:
  a:
    image: app:1
    command:
      - sh
      - -c
      - |
        md5sum </etc/localtime; cat /etc/timezone /tz; touch /etc/localtime 2>/dev/null; echo "clock $$?"
        ls -A /lib/modules | wc -l; touch /lib/modules/x 2>/dev/null; echo "modules $$?"
        cat /host/proc/1/comm; cat /proc/1/comm
        echo 1 2>/dev/null >/host/proc/sys/vm/swappiness; echo "proc $$?"
        ls -d /host/sys/block /host/cgroup/berth/a /sys/kernel; ls /sys/firmware | wc -l
        touch /host/cgroup/x 2>/dev/null; echo "sys $$?"
        grep -c -e ' /host/proc ' -e ' /host/cgroup ' /proc/mounts
    volumes:
      - /etc/localtime:/etc/localtime:ro
      - /etc/timezone:/etc/timezone:ro
      - /etc/timezone:/tz
      - /lib/modules:/lib/modules
      - /proc:/host/proc:ro,rslave
      - /sys:/host/sys:ro
      - /sys/fs/cgroup:/host/cgroup:ro
      - /sys:/sys:ro
"""
# The file of the time zone database for UTC, as Debian's tzdata has it.
UTC = (b"TZif2" + bytes(15 + 16) + b"\0\0\0\1\0\0\0\4" + bytes(6) + b"UTC\0") * 2 + b"\nUTC0\n"


def test_what_there_is_of_the_machine(app, tmp_path):
    """Time zone, modules, the kernel's file systems to be read; these only from whom is trusted."""
    result = machine(app, *seeds.fw_cfg(tmp_path / "seed", SYSTEM.encode()))
    assert result.report["status"] == 0, result
    assert result.output("a") == [
        hashlib.md5(UTC).hexdigest() + "  -", "Etc/UTC", "Etc/UTC", "clock 1", "0", "modules 1", "init",
        "sh", "proc 1", "/host/cgroup/berth/a", "/host/sys/block", "/sys/kernel", "0", "sys 1", "2"], result
    text = seeds.document("disk").replace(
        b"    mem_limit: 64m\n", b"    volumes: ['/srv/x:/x', '/proc:/host/proc:ro']\n")
    result = machine(app, *seeds.cloud_localds(tmp_path / "seed.img", text))
    assert result.report["status"] == 125, result
    assert any("services.app.volumes[1] is refused from nocloud (trust: disk)" in line
               for line in result.errors), result
    assert not any("volumes[0]" in line for line in result.errors), result


DONOR = """\
services:
  db:
    image: app:1
    command: [sh, -c, "echo named >/n/w; echo own >/own/w; echo image >/home/w; echo bind >/b/w; echo mem >/t/w"]
    volumes: ["named:/n", "/own", "/srv/x:/b", "/etc/timezone:/tz:ro"]
    tmpfs: /t
  backup:
    image: app:1
    volumes_from: ["db:ro"]
    volumes: ["other:/n"]
    depends_on: {db: {condition: service_completed_successfully}}
    command: [sh, -c, "cat /own/w /home/w /b/w /tz; ls -A /n /t 2>/dev/null; touch /own/x 2>/dev/null;
                       echo $$?; echo mine >/n/w"]
  again:
    image: app:1
    volumes_from: [backup, "container:db:rw"]
    depends_on: {backup: {condition: service_completed_successfully}}
    command: [sh, -c, "cat /n/w /own/w /home/w; touch /own/x 2>/dev/null; echo $$?"]
volumes: {named: , other: }
"""


def test_volumes_from(tmp_path):
    """Named, unnamed, the image's own and binds, as Docker has it: what is mounted anyway goes first, and
    what the other has from others comes along."""
    app = local_image(tmp_path / "app.cpio",
                      images.edited("busybox", tmp_path, Volumes={"/home": {}}), "app:1")
    for disk in ([], data_disk(tmp_path / "data.img")):
        result = machine(app, *seeds.fw_cfg(tmp_path / "seed", DONOR.encode()), *disk)
        assert result.report["status"] == 0, result
        assert result.output("backup") == ["own", "image", "bind", "Etc/UTC", "/n:", "1"], result
        assert result.output("again") == ["mine", "own", "image", "1"], result


OWN_USERS = """\
services:
  a:
    image: app:1
    volumes: ["./data:/data", "/srv/x:/x"]
    command: [sh, -c, "cat /data/w 2>/dev/null; echo mine >/data/w; chown alice /data/w; echo x >/x/w;
                       stat -c '%u' /data/w /x/w; grep -c overlay./data /proc/mounts"]
  b:
    image: app:1
    userns_mode: host
    volumes: ["./conf:/conf:ro"]
    command: [cat, /conf/word]
x-berth: {userns: auto}
"""


def test_users_of_the_container_s_own(app, tmp_path):
    """Their folders have the owners that they see; what is brought along is for others."""
    disk = data_disk(tmp_path / "data.img")
    seed = archive(tmp_path / "seed.cpio", {"/berth/conf/word": b"a word\n"})
    words = seeds.fw_cfg(tmp_path / "seed", OWN_USERS.encode())
    for number in (1, 2):
        result = machine(app, *words, *disk, initrds=[seed])
        assert result.output("a") == [*(["mine"] if number == 2 else []), "1000", "0", "0"], result
        assert result.output("b") == ["a word"], result
    for old, new, why in (("conf:ro", "conf", "can only be read where containers have users of their own"),
                          ("userns_mode: host", "tty: false", "say userns_mode: host")):
        words = seeds.fw_cfg(tmp_path / "seed", OWN_USERS.replace(old, new).encode())
        result = machine(app, *words, initrds=[seed])
        assert result.report["status"] == 125 and why in result.report["reason"], result


def test_lint_says_what_is_bound(tmp_path):
    """One line for all that is lost without a disk, and a reason for all that there is not."""
    path = tmp_path / "compose.yaml"
    path.write_text("services:\n  a: {image: x, volumes: ['./a:/a', './b:/b', '/srv/none:/c']}\n"
                    "  b: {image: x, scale: 2, volumes: ['./a:/a', '/tmp:/c:cached', './a:/d:ro,rslave']}\n")
    done = lint(path)
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 2, done.stderr
    assert lines[0].startswith(f"{path}:2:27: warning: services.a.volumes[0]: what containers write")
    assert lines[1].startswith(f"{path}:3:47: warning: services.b.volumes[1]: the machine has a folder of its "
                               "own by this name"), done.stderr
    path.write_text("services:\n  a: {image: x, volumes: ['./a:/a']}\nx-berth: {disks: {data: {label: x}}}\n")
    assert lint(path).stderr == ""
    for source, words in (("/", "the machine's root has nothing"), ("/etc/ssl/certs", "put the file or folder"),
                          ("/var/run/docker.sock", "no Docker Engine"), ("/run/dbus", "no D-Bus"),
                          ("/dev/ttyUSB0", "named under devices"), ("/dev/shm", "shm_size"),
                          ("/usr/share/zoneinfo", "beside the document"), ("/proc", "say :ro"),
                          ("/var/lib/docker", "no Docker Engine"), ("/var/lib/berth/x", "own store")):
        path.write_text(f"services:\n  a: {{image: x, volumes: ['{source}:/x']}}\n")
        done = lint(path)
        assert done.returncode == 3, (source, done.stderr)
        assert f"{path}:2:27: not supported: services.a.volumes[0]: " in done.stderr and \
            words in done.stderr, (source, done.stderr)
    path.write_text("services: {a: {image: x, cap_add: [SYS_ADMIN], volumes: ['./a:/a:rshared']}}\n")
    done = lint(path)
    assert done.returncode == 3 and "is not seen by the machine" in done.stderr, done.stderr
    path.write_text("services: {a: {image: x, volumes: ['/sys:/x:ro']}}\nx-berth: {userns: auto}\n")
    done = lint(path)
    assert done.returncode == 3 and "userns_mode: host" in done.stderr, done.stderr
    path.write_text("services: {a: {image: x, volumes: ['./compose.yaml:/x:ro']}}\nx-berth: {userns: auto}\n")
    done = lint(path)
    assert done.returncode == 3 and "what is brought along does not go" in done.stderr, done.stderr
    path.write_text("services: {a: {image: x, volumes_from: [b]}, b: {image: x, volumes_from: ['a:ro']}}\n")
    done = lint(path)
    assert done.returncode == 1 and "which waits for it" in done.stderr, done.stderr


def test_no_bind_no_overlay(app):
    """Who binds nothing has nothing of it."""
    result = machine(app, append='berth.image=app:1 berth.pid=host berth.cmd="sh -c \'grep -c binds '
                     '/proc/1/mounts; ls -d /proc/1/root/run/berth/binds 2>/dev/null; true\'"')
    assert result.output("app") == ["0"], result


def test_on_the_command_line(app, tmp_path):
    """berth.volume has the same, and the root file system stays as it is."""
    seed = archive(tmp_path / "seed.cpio", {"/berth/x/word": b"first\n"})
    result = machine(app, initrds=[seed], append='berth.image=app:1 berth.volume=/berth/x:/x '
                     'berth.volume=/srv/y:/y berth.restart=on-failure:1 '
                     'berth.cmd="sh -c \'cat /x/word; [ -e /y/z ] && exit; echo second >/x/word; touch /y/z; '
                     'exit 1\'"')
    assert result.report["status"] == 0 and result.output("app") == ["first", "second"], result
    assert containers(result)["app"]["restarts"] == 1, result
