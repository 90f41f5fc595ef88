# SPDX-License-Identifier: Apache-2.0
"""A machine from a document: `berth boot compose.yaml`."""

import hashlib
import os

from harness import initrd
from harness.boot import Boot, boot
from harness.documents import run_berth

DOCUMENT = """\
x-words: &words [facts, "${{WORD:-a word}}", "it's"]
services:
  web:
    image: {image}
    command: *words
    user: alice
    working_dir: /made/by/berth
    environment: {{FROM_IT: document, A_BOTH: document, B_MADE: "${{FROM_OUTSIDE-not set}} $$HOME"}}
    deploy: {{resources: {{limits: {{memory: 48m, pids: 77}}}}}}
x-berth:
  hostname: box
"""


def test_a_document_and_one_over_it(image, tmp_path):
    first, second = tmp_path / "compose.yaml", tmp_path / "site.yaml"
    first.write_text(DOCUMENT.format(image=image("probe")))
    second.write_text("services: {web: {environment: [A_BOTH=site, A_MORE=site]}}\n")
    (tmp_path / ".env").write_text("WORD='from .env'\n")
    result = boot("-e", "A_MORE=option", first, second)
    assert result.status == 0, result
    facts = result.facts("web")
    assert facts["user"].startswith("1000:")
    assert facts["directory"] == "/made/by/berth"
    assert facts["arguments"] == "2:from .env it's"
    variables = dict(item.split("=", 1) for item in facts["environment"].split(";") if "=" in item)
    assert variables["FROM_IT"] == "document" and variables["A_BOTH"] == "site"
    assert variables["A_MORE"] == "option" and variables["B_MADE"] == "not set $HOME"
    assert result.report["containers"][0]["name"] == "web"


def test_nothing_is_started_for_what_cannot_run(tmp_path):
    path = tmp_path / "compose.yaml"
    path.write_text("services:\n  a: {image: x}\n  b: {image: y, secrets: [s]}\n"
                    "secrets: {s: {external: true}}\n")
    done = run_berth("boot", "--json", tmp_path / "report.json", path)
    assert done.returncode == 125
    assert f"{path}:4:25: error: secrets.s: is external, and nobody gives it: --secret s=FILE" in \
        done.stderr
    assert not (tmp_path / "report.json").exists() and done.stdout == ""
    path.write_text("services:\n  a: {image: x, prots: []}\n")
    done = run_berth("boot", path)
    assert done.returncode == 125
    assert f"{path}:2:17: error: services.a.prots: there is no such key (did you mean ports?)" in \
        done.stderr


OPTIONS = """\
services:
  web:
    image: {image}
    command: [sh, -c, "facts; grep host.test /etc/hosts; ulimit -n; ulimit -H -n; \
cat /proc/sys/net/core/somaxconn; cat /proc/1/oom_score_adj; echo x >/scratch/x && cat /scratch/x; \
trap 'exit 9' INT; echo waits-now; while :; do sleep 0.1; done"]
    hostname: inner
    read_only: true
    tmpfs: "/scratch:size=1m,mode=1777"
    shm_size: 1m
    cap_drop: [ALL]
    cap_add: [KILL]
    security_opt: ["no-new-privileges:true"]
    ulimits: {{nofile: {{soft: 100, hard: 200}}}}
    sysctls: {{net.core.somaxconn: 77}}
    extra_hosts: {{host.test: 192.0.2.7, gate.host.test: host-gateway}}
    oom_score_adj: 300
    stop_signal: SIGINT
"""


def test_options_of_the_container(image, tmp_path):
    path = tmp_path / "compose.yaml"
    path.write_text(OPTIONS.format(image=image("probe")))
    machine = Boot(path)
    machine.wait_for("waits-now")
    machine.interrupt()
    result = machine.finish()
    assert result.status == 9, result
    facts = result.facts("web")
    assert facts["hostname"] == "inner"
    assert "writable" not in facts and facts["shm"] == "x"
    assert "size=1024k" in facts["mount /dev/shm"]
    assert int(facts["CapEff"], 16) == int(facts["CapBnd"], 16) == 1 << 5
    assert facts["NoNewPrivs"] == "1"
    lines = result.output("web")
    rest = lines[lines.index("end: yes") + 1:]
    assert [line.split() for line in rest[:-1]] == \
        [["192.0.2.7", "host.test"], ["172.17.0.1", "gate.host.test"], ["100"], ["200"], ["77"], ["300"], ["x"]]


CARRIED = """\
services:
  app:
    image: {image}
    user: alice
    secrets: [file, {{source: variable, target: /keys/v, uid: "1000", gid: "33", mode: 0400}}, text]
    configs: [page]
    volumes: ["./conf:/conf:ro", "./conf/one:/one:ro", "./conf:/open"]
    command:
      - sh
      - -c
      - |
        cat /run/secrets/file /keys/v /run/secrets/text /page; md5sum </run/secrets/file
        stat -c '%n %u %g %a' /run/secrets/file /keys/v /conf/tool /conf/private /one
        readlink /conf/link; cat /conf/link 2>/dev/null || echo "link leads nowhere"
        /conf/tool; cat /conf/private 2>/dev/null || echo "not for alice"
        touch /conf/y 2>/dev/null || echo "ro"; touch /open/x && ls /conf/x
        tr ' ' '\\n' </proc/cmdline | grep -v -e console -e panic | grep -e hush -e carried
        echo "the line has nothing"
  other:
    image: {image}
    depends_on: {{app: {{condition: service_completed_successfully}}}}
    command: [sh, -c, "ls -A /run/secrets /conf /carried 2>/dev/null; ls -A /sys/firmware | wc -l"]
secrets:
  file: {{file: ./secret.bin}}
  variable: {{environment: TOKEN}}
  text: {{content: "hush text\\n"}}
configs: {{page: {{file: ./conf/one}}}}
"""


def write_project(folder, image):
    (folder / "conf").mkdir()
    (folder / "conf").chmod(0o777)
    (folder / "conf/one").write_text("a page\n")
    (folder / "conf/tool").write_text("#!/bin/sh\necho a tool\n")
    (folder / "conf/tool").chmod(0o755)
    (folder / "conf/private").write_text("hush\n")
    (folder / "conf/private").chmod(0o600)
    (folder / "conf/link").symlink_to("/etc/machine-only")
    (folder / "secret.bin").write_bytes(b"hush \xff\n")
    (folder / ".env").write_text("TOKEN='hush of .env\n'\n")
    path = folder / "compose.yaml"
    path.write_text(CARRIED.format(image=image))
    return path


def test_what_a_document_names_is_carried(image, tmp_path):
    """Secrets, configs and bind mounts, with owners, modes and links, and only for who has them."""
    path = write_project(tmp_path, image("probe"))
    result = boot(path)
    assert result.status == 0, result
    lines = result.output("app")
    assert lines[1:4] == ["hush of .env", "hush text", "a page"], result
    assert lines[4].split()[0] == hashlib.md5(b"hush \xff\n").hexdigest(), result
    owner = f"{os.getuid()} {os.getgid()}"
    assert lines[5:] == [
        "/run/secrets/file 0 0 444", "/keys/v 1000 33 400", f"/conf/tool {owner} 755",
        f"/conf/private {owner} 600", f"/one {owner} 644",
        "/etc/machine-only", "link leads nowhere", "a tool",
        *(["not for alice"] if os.getuid() != 1000 else ["hush"]),
        "ro", "/conf/x", "the line has nothing"], result
    assert result.output("other") == ["0"], result
    assert not (tmp_path / "conf/x").exists()


def test_one_service_with_a_secret(image, tmp_path):
    """… and options of its container beside it; nothing stays on the workstation."""
    path = tmp_path / "compose.yaml"
    path.write_text(f"services:\n  app:\n    image: {image('probe')}\n    secrets: [s]\n"
                    "    environment: {A: document, B: document}\n"
                    "    command: [sh, -c, 'cat /run/secrets/s; echo $$A $$B; exit 3']\n"
                    "secrets: {s: {file: ./s}}\n")
    (tmp_path / "s").write_text("hush\n")
    before = set(os.listdir("/tmp"))
    result = boot("-e", "B=option", "--name", "named", path)
    assert result.status == 3 and result.output("named") == ["hush", "document option"], result
    assert not {name for name in set(os.listdir("/tmp")) - before if "carried" in name}


def test_what_cannot_be_carried(tmp_path):
    """Each with its place, and no machine is started."""
    path = tmp_path / "compose.yaml"
    (tmp_path / "out").symlink_to("/etc")
    (tmp_path / "big").mkdir()
    os.truncate(os.open(tmp_path / "big/file", os.O_CREAT | os.O_WRONLY), 1 << 30)
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(os.urandom(70 * 1024))
    service = "services:\n  app:\n    image: x\n"
    for rest, words in (
            ("    volumes: [{type: bind, source: ./gone, target: /x, bind: {create_host_path: false}}]\n",
             ":4:36: error: services.app.volumes[0]: ./gone is not"),
            ("    volumes: ['./out:/x:ro']\n", ":4:15: error: services.app.volumes[0]: ./out leads out"),
            ("    volumes: ['./big:/x:ro']\n", "big/file: more than 268.4 MB in all"),
            ("    secrets: [s]\nsecrets: {s: {file: ./gone}}\n", ":5:21: not supported: secrets.s"),
            ("    configs: [a, b]\nconfigs: {a: {file: ./a}, b: {file: ./b}}\n",
             "is more than the 128 KiB that a machine takes")):
        path.write_text(service + rest)
        done = run_berth("boot", "--json", tmp_path / "report.json", path)
        assert done.returncode == 125 and words in done.stderr, done.stderr
        assert done.stdout == "" and not (tmp_path / "report.json").exists()


def test_signature_policy_of_a_document(image, tmp_path):
    """x-berth.signatures holds in the machine; and a machine that has its own settings keeps them."""
    path, own = tmp_path / "compose.yaml", tmp_path / "images.json"
    path.write_text(f"services: {{web: {{image: '{image('probe')}'}}}}\n"
                    "x-berth: {signatures: {default: {policy: reject}}}\n")
    result = boot(path)
    assert result.status == 125, result
    assert "reject" in result.report["reason"] and "default" in result.report["reason"], result
    own.write_text("{}")
    archive = initrd.archive(tmp_path / "own.cpio", {"etc/berth/images.json": own.read_bytes()})
    result = boot("--initrd-append", archive, path)
    assert result.status == 125, result
    assert "has its own /etc/berth/images.json" in result.report["reason"], result


def test_konlet_declaration(image, tmp_path):
    """A gce-container-declaration boots as it is: the machine's network, a file system in memory."""
    path = tmp_path / "declaration.yaml"
    path.write_text(f"""\
spec:
  containers:
  - name: app
    image: {image("probe")}
    command: [sh, -c]
    args: ["facts; echo kept >/scratch/file; cat /scratch/file; grep ' /scratch ' /proc/mounts"]
    env: [{{name: A_NAME, value: "$HOME"}}]
    volumeMounts: [{{name: scratch, mountPath: /scratch}}]
  volumes: [{{name: scratch, emptyDir: {{medium: Memory, sizeLimit: 1Mi}}}}]
  restartPolicy: Never
""")
    result = boot(path)
    assert result.status == 0, result
    facts = result.facts("app")
    assert facts["environment"].startswith("A_NAME=$HOME;")
    assert facts["address"].startswith("eth0 10.0.2.15/")
    lines = result.output("app")
    assert "kept" in lines
    assert "size=1024k" in lines[-1] and "tmpfs" in lines[-1]
