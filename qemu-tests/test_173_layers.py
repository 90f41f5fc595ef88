# SPDX-License-Identifier: Apache-2.0
"""What documents bring along and how several become one: secrets, configs, files beside a document,
profiles, sources over each other, and what the report says of it."""

import json

from harness import seeds
from harness.command import run
from harness.documents import lint, run_berth
from harness.initrd import archive
from harness.seeded import machine


def disk(tmp_path, files):
    """A NoCloud disk with more files than its user data, which only root may read."""
    folder = tmp_path / "cidata"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)
    path = tmp_path / "cidata.img"
    run("truncate", "-s", "4M", path)
    run("mke2fs", "-q", "-t", "ext4", "-L", "cidata", "-d", folder, path)
    return seeds.disk(path)


BASE = """\
services:
  app:
    image: app:1
    env_file: ./app.env
    environment: {A: base, B: base}
    command:
      - sh
      - -c
      - |
        cat /run/secrets/token; md5sum </keys/key.der; stat -c '%u %g %a %s' /keys/key.der
        cat /greeting /etc/page.html
        echo "$$A $$B $$FROM_FILE"
        touch /run/secrets/token 2>/dev/null || echo locked
        grep -c ' /run/secrets/token tmpfs ro,nosuid,nodev,noexec' /proc/mounts
        cat /proc/sys/vm/overcommit_memory
    secrets:
      - token
      - {source: key, target: /keys/key.der, uid: "1000", gid: "33", mode: 0440}
    configs: [greeting, {source: page, target: /etc/page.html}]
  debug: {image: app:1, command: [echo, debugging], profiles: [debug]}
  other: {image: app:1, command: [echo, other], profiles: [other]}
secrets:
  token: {content: "hush\\n"}
  key: {file: ./key.der}
configs:
  greeting: {content: "hello\\n"}
  page: {file: ./page.html}
x-berth:
  hostname: base
  profiles: [other]
  sysctls: {vm.overcommit_memory: 1}
"""


def test_layers(app, tmp_path):
    """The initramfs' document and its files, fw_cfg's over it, profiles and a variable by the line."""
    path = tmp_path / "config.yaml"
    path.write_text(BASE)
    (tmp_path / "app.env").write_text("FROM_FILE=file\nA=file\n")
    (tmp_path / "key.der").write_bytes(bytes(range(256)))
    (tmp_path / "page.html").write_text("<p>\n")
    done = lint(path)
    assert done.returncode == 0, done.stderr
    seed = archive(tmp_path / "seed.cpio", {
        "/berth/config.yaml": path, "/berth/app.env": tmp_path / "app.env",
        "/berth/key.der": tmp_path / "key.der", "/berth/page.html": tmp_path / "page.html"})
    words = seeds.fw_cfg(tmp_path / "more", b"services: {app: {environment: {B: over}}}\n"
                         b"x-berth: {hostname: over}\n")
    result = machine(app, *words, initrds=[seed], append="berth.config=initramfs,fw_cfg,nocloud? "
                     "berth.config.profiles=debug berth.on-exit=poweroff")
    assert result.report and result.report["status"] == 0, result
    assert result.output("app") == [
        "hush", "e2c865db4162bed963bfaa9ef6ac18f0  -", "1000 33 440 256", "hello", "<p>",
        "base over file", "locked", "1", "1"], result
    assert result.output("debug") == ["debugging"] and result.output("other") == [], result
    entry = result.steps("config")[-1]
    assert entry["source"] == "initramfs, fw_cfg" and "nocloud: " in entry["decision"], entry
    said = {item["key"]: (item["value"], item["source"]) for item in result.report["config"]}
    assert said["services.app.environment.B"] == ("over", "opt/org.berth/config:1:35"), said
    assert said["services.app.environment.A"][1] == "/berth/config.yaml:5:22"
    assert said["x-berth.hostname"][0] == "over" and said["secrets.token.content"][0] == "…"
    assert said["berth.on-exit"] == ("poweroff", "command line")
    assert "hush" not in json.dumps(result.report)
    report = tmp_path / "report.json"
    report.write_text(json.dumps(result.report))
    done = run_berth("explain", "--boot", report)
    assert done.returncode == 0, done.stderr
    assert "services.app.environment.B: over  # opt/org.berth/config:1:35\n" in done.stdout
    assert "berth.on-exit: poweroff  # command line\n" in done.stdout
    report.write_text("[]")
    done = run_berth("explain", "--boot", report)
    assert done.returncode == 1 and "says nothing of a configuration" in done.stderr


def test_files_of_a_disk(app, tmp_path):
    """A disk's document has the files of its disk, whoever may read them, and no others."""
    text = (b"services:\n  app:\n    image: app:1\n    secrets: [key]\n    env_file: ./env\n"
            b"    command: [sh, -c, 'cat /run/secrets/key; echo $$WORD']\n"
            b"secrets: {key: {file: ./key}}\n")
    words = disk(tmp_path, {"user-data": text, "key": b"of the disk\n", "env": b"WORD=disk\n"})
    seed = archive(tmp_path / "seed.cpio", {"/berth/key": b"of the initramfs\n"})
    result = machine(app, *words, initrds=[seed])
    assert result.output("app") == ["of the disk", "disk"], result


def test_a_disk_cannot_take_a_policy_away(app, tmp_path):
    """… of a source that is trusted more."""
    seed = archive(tmp_path / "seed.cpio", {"/berth/config.yaml": (
        b"services: {app: {image: 'app:1', command: [echo, ran]}}\n"
        b"x-berth: {signatures: {default: {policy: reject}}}\n")})
    words = disk(tmp_path, {"user-data": b"x-berth:\n  signatures: !reset {}\n"})
    result = machine(app, *words, initrds=[seed], append="berth.config=initramfs,nocloud")
    assert result.report["status"] == 125 and result.output("app") == [], result
    assert any("vda (ext4), user-data:2:15: error: x-berth.signatures: takes away what a source "
               "before says" in line for line in result.errors), result


def test_a_source_that_must_have_one(app, tmp_path):
    seed = archive(tmp_path / "seed.cpio", {"/berth/config.yaml": seeds.document("x")})
    result = machine(app, initrds=[seed], append="berth.config=initramfs,config-drive")
    assert result.report["status"] == 125, result
    assert "config-drive: no disk labelled config-2" in result.report["reason"], result


def test_refusals(tmp_path):
    """What nobody can give, each with its place."""
    path = tmp_path / "compose.yaml"
    path.write_text("""\
services:
  a:
    image: x
    secrets: [gone, {source: here, uid: root}, none]
    configs: [{source: c, target: /proc/x}]
secrets:
  gone: {file: ./gone}
  here: {content: x}
  none: {environment: NOT_SET}
configs: {c: {content: y}}
""")
    done = lint(path)
    assert done.returncode == 1, done.stderr
    for words in (":7:16: not supported: secrets.gone", "secrets[1]: is not a number",
                  "secrets.none: there is no such variable",
                  f"{path}:5:15: error: services.a.configs[0]: nothing can be mounted on /proc/x"):
        assert words in done.stderr, (words, done.stderr)
