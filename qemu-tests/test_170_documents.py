# SPDX-License-Identifier: Apache-2.0
"""Documents: usual Compose files have the normal form that docker compose gives them, and
mistakes are reported with their place. No machine is started here."""

import base64
import gzip
import json
import re
import textwrap

import pytest

from harness import documents, mutations
from harness.bad_documents import CASES

GOOD = sorted(path for path in (documents.FOLDER / "good").iterdir() if path.suffix != ".production")
LAYERS = sorted((documents.FOLDER / "layers").iterdir())
PROBLEM = re.compile(r"^(?P<file>[^:]+):(?P<place>\d+:\d+): error: (?:(?P<key>[\w.[\]-]+): )?"
                     r"(?P<reason>.*?)(?: \(did you mean (?P<suggestion>.+)\?\))?$")


@pytest.mark.parametrize("profiles", [(), ("*",)], ids=["plain", "all-profiles"])
@pytest.mark.parametrize("files", [[path] for path in GOOD] + [LAYERS],
                         ids=[path.stem for path in GOOD] + ["layers"])
def test_same_as_docker_compose(files, profiles):
    ours = documents.comparable(documents.explain(*files, profiles=profiles))
    theirs = documents.comparable(documents.config(*files, profiles=profiles))
    assert documents.differences(ours, theirs) == []
    assert documents.count_values(ours) > 10


# What Berth refuses and docker compose leaves to the engine, which refuses it when it is run.
STRICTER = ["is not an absolute path", "is not a repository name", "there is no service in the document",
            "is neither a port nor a range", "CMD-SHELL has one text behind it", "there is no such limit",
            "has no name before the =", "is not a signal", "are not some of r, w and m",
            "is not a MAC address", "published by", "is an empty text", "two containers have the name",
            "is not a restart policy", "is none of tcp|udp", "is not a capability",
            'not a map or a list of NAME=VALUE', "is not between 0.01 and"]  # of CPUs: Docker itself refuses it when it starts the container
# What docker compose refuses; Berth takes it for said once, and a number for a user's.
LOOSER = ["must be unique", "user must be a string"]
# By name, so that what is drawn by lot stays the same when there is one more.
MUTATED = [documents.FOLDER / "good" / name for name in (
    "analytics.yaml", "automation.yaml", "blog.yaml", "chat.json", "cloud-storage.yaml", "devices.json",
    "events.yaml", "git-forge.yaml", "login.yaml", "logs.yaml", "mail.yaml", "metrics.yaml",
    "objects.yaml", "passwords.yaml", "photos.yaml", "proxy.yaml", "social.yaml",
    "wiki.yaml")]


@pytest.mark.parametrize("seed", range(120))
def test_accepted_as_docker_compose_does(tmp_path, seed):
    """Documents with one thing changed by lot: the same verdict, and the same normal form."""
    for name in documents.FOLDER.joinpath("good").iterdir():
        (tmp_path / name.name).symlink_to(name)
    path = tmp_path / "mutated.yaml"
    text, what = mutations.mutated(MUTATED[seed % len(MUTATED)], seed)
    path.write_text(text)
    ours = documents.run_berth("explain", "--format", "json", "--profile", "*", path)
    theirs = documents.run_config(path, profiles=("*",))
    if ours.returncode and not theirs.returncode:
        assert any(words in ours.stderr for words in STRICTER), (what, ours.stderr)
        return
    if theirs.returncode and not ours.returncode:
        assert any(words in theirs.stderr for words in LOOSER), (what, theirs.stderr)
        return
    if ours.returncode:
        assert re.search(r"mutated\.yaml:\d+:\d+: error: ", ours.stderr), (what, ours.stderr)
        return
    found = documents.differences(documents.comparable(json.loads(ours.stdout)),
                                  documents.comparable(documents.undollar(json.loads(theirs.stdout))))
    assert found == [], what


INCLUDING = {
    "compose.yaml": """\
        include:
          - sub/db.yaml
          - path: [sub/cache.yaml, sub/cache.override.yaml]
            project_directory: .
            env_file: sub/vars
        services:
          web:
            image: nginx
            volumes: ["./html:/usr/share/nginx/html:ro"]
            depends_on: [db, cache]
            extends: {file: sub/base.yaml, service: base}
        volumes:
          data:
        """,
    "sub/db.yaml": """\
        include: [deep/net.yaml]
        services:
          db:
            image: "postgres:${RELEASE:-1}"
            env_file: db.env
            volumes: [data:/var/lib/db, "./init:/docker-entrypoint-initdb.d:ro"]
            networks: [back]
        volumes:
          data:
          more: {}
        """,
    "sub/.env": "RELEASE=16\n", "sub/db.env": "A=1\n", "sub/vars": "TAG=7\nRELEASE=17\n",
    "sub/deep/net.yaml": "networks: {back: {internal: true}}\n",
    "sub/cache.yaml": 'services: {cache: {image: "redis:${TAG}-${RELEASE}", volumes: ["./c:/c:ro"]}}\n',
    "sub/cache.override.yaml": "services: {cache: {environment: {B: two}}}\n",
    "sub/base.yaml": 'services: {base: {image: x, volumes: ["./b:/b:ro"], env_file: db.env}}\n',
}


@pytest.mark.parametrize("files", [["compose.yaml"], ["compose.yaml", "sub/cache.override.yaml"]],
                         ids=["alone", "overridden"])
def test_include(tmp_path, files):
    """Paths start from the included document's folder, variables come from its .env or env_file."""
    for name, text in INCLUDING.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(textwrap.dedent(text))
    paths = [tmp_path / name for name in files]
    ours = documents.comparable(documents.explain(*paths))
    assert documents.differences(ours, documents.comparable(documents.config(*paths))) == []
    assert ours["services"]["db"]["image"] == "postgres:16"
    assert ours["services"]["cache"]["image"] == "redis:7-17"


@pytest.mark.parametrize("text, place, words", [
    ("services: {x: {image: b}}\n", "compose.yaml:2:15", "services.x: an included document says"),
    ("x-berth: {hostname: z}\n", "other.yaml:1:10", "write x-berth into the one that includes it"),
    ("include: [other.yaml]\n", "other.yaml:1:10", "include each other in a circle"),
    ("services: {y: {imgae: b}}\n", "other.yaml:1:16", "services.y.imgae: there is no such key"),
    ("- a\n", "other.yaml:1:1", "the document is a list"),
    (None, "compose.yaml:1:11", "include[0]: open ")])
def test_include_mistake(tmp_path, text, place, words):
    (tmp_path / "compose.yaml").write_text("include: [other.yaml]\nservices: {x: {image: a}}\n")
    if text:
        (tmp_path / "other.yaml").write_text(text)
    done = documents.lint(tmp_path / "compose.yaml")
    lines = [line for line in done.stderr.splitlines() if ": error: " in line]
    assert done.returncode == 1 and len(lines) == 1, done.stderr
    assert f"{place}: error: " in lines[0] and words in lines[0], lines


def test_project_name_of_the_variables(tmp_path):
    """COMPOSE_PROJECT_NAME in .env stands above the document's name."""
    (tmp_path / ".env").write_text("COMPOSE_PROJECT_NAME=other\n")
    for text in ("name: said\n", ""):
        path = tmp_path / "compose.yaml"
        path.write_text(text + "services: {a: {image: x, volumes: ['vol:/v']}}\nvolumes: {vol: }\n")
        ours = documents.comparable(documents.explain(path))
        assert ours["name"] == "other"
        assert documents.differences(ours, documents.comparable(documents.config(path))) == []


def test_empty_texts_say_nothing(tmp_path):
    """As they are left by a variable that is not set; but they hide what an earlier document said."""
    keys = ["restart", "user", "working_dir", "pid", "ipc", "uts", "userns_mode",
            "stop_signal", "hostname", "domainname", "container_name", "mac_address", "cpuset", "platform"]
    first, second = tmp_path / "compose.yaml", tmp_path / "second.yaml"
    first.write_text("services: {a: {image: x, restart: always, user: '5'}}\n")
    second.write_text(json.dumps({"services": {"a": {key: "${NOBODY_HAS_SET_IT}" for key in keys}}}))
    ours = documents.comparable(documents.explain(first, second))
    assert set(ours["services"]["a"]) == {"image", "networks", "environment"}
    theirs = documents.comparable(documents.config(first, second))
    assert documents.differences(ours, theirs) == []


def test_enough_files():
    assert len(GOOD) >= 15 and len(CASES) >= 50


@pytest.mark.parametrize("case", CASES, ids=[f"{case.place} {case.key}" for case in CASES])
def test_mistake(case):
    done = documents.lint("-", stdin=case.text)
    assert done.returncode == 1 and done.stdout == ""
    found = [PROBLEM.match(line) for line in done.stderr.splitlines() if ": error: " in line]
    assert len(found) == 1, done.stderr
    problem = found[0].groupdict("")
    assert (problem["file"], problem["place"], problem["key"], problem["suggestion"]) == \
        ("-", case.place, case.key, case.suggestion), done.stderr
    assert case.reason in problem["reason"]


USER_DATA = {
    "cloud-config": ("#cloud-config\npackages: [nginx]\n", "a #cloud-config for cloud-init"),
    "script": ("#!/bin/sh\n", "a script"),
    "parts": ('Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/cloud-config\n\n'
              "#cloud-config\na: b\n--b\nContent-Type: text/x-berth\n\n"
              "services: {a: {imge: x}}\n--b--\n", "-:1:16: error: services.a.imge: "),
    "packed": (base64.b64encode(gzip.compress(b"services: {a: {imge: x}}\n")).decode(),
               "-:1:16: error: services.a.imge: "),
}


@pytest.mark.parametrize("name", USER_DATA)
def test_lint_reads_what_a_machine_is_given(name):
    text, words = USER_DATA[name]
    done = documents.lint("-", stdin=text)
    assert done.returncode == 1 and words in done.stderr, done.stderr


def test_every_mistake_of_a_document_is_reported():
    text = "services:\n  a: {imgae: x}\n  b: {image: x, ports: [0], restart: never}\n"
    done = documents.lint("-", stdin=text)
    places = [line.split(" ")[0] for line in done.stderr.splitlines()]
    assert places == ["-:2:7:", "-:3:25:", "-:3:38:"], done.stderr


def test_sources(tmp_path):
    """Where each value came from, over two files."""
    base, site = tmp_path / "base.yaml", tmp_path / "site.yaml"
    base.write_text("services:\n  web:\n    image: nginx\n    environment: {A: one, B: two}\n")
    site.write_text("services:\n  web:\n    environment:\n      B: three\n")
    listing = documents.explain(base, site, form="sources")
    sources = {entry["key"]: (entry["value"], entry["source"]) for entry in listing}
    assert sources["services.web.image"] == ("nginx", f"{base}:3:12")
    assert sources["services.web.environment.A"] == ("one", f"{base}:4:22")
    assert sources["services.web.environment.B"] == ("three", f"{site}:4:10")
    assert sources["networks.default.name"][1] == "standard"
    text = documents.explain(base, site, form="yaml")
    assert f"      B: three  # {site}:4:10\n" in text


@pytest.mark.parametrize("path", GOOD, ids=[path.stem for path in GOOD])
def test_status_says_what_this_version_does(path):
    """Right files are never called mistakes; what is not done yet is named, each key with its place."""
    done = documents.lint("--profile", "*", path)
    assert done.returncode in (0, 3), done.stderr
    lines = [line for line in done.stderr.splitlines() if "warning: " not in line]
    assert bool(lines) == (done.returncode == 3)
    for line in lines:
        assert re.match(r"\S+(:\d+:\d+)?: not supported: [\w.[\]-]+: ", line), line


def test_schema_knows_the_keys():
    done = documents.run_berth("schema")
    schema = json.loads(done.stdout)
    service = schema["properties"]["services"]["additionalProperties"]
    assert schema["$schema"].endswith("draft-07/schema#")
    assert {"image", "ports", "healthcheck", "deploy"} <= set(service["properties"])
    assert service["additionalProperties"] is False
    # The same verdict as lint on the keys of the good files and of those with an unknown key.
    for path in GOOD:
        for name, content in documents.explain(path, profiles=("*",))["services"].items():
            assert set(content) <= set(service["properties"]), name
