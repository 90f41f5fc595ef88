# SPDX-License-Identifier: Apache-2.0
"""Mirrors of registries: in their order, each with its own way in, and what makes Berth pass one over.

The registry itself is mostly one that cannot be there (a name below .invalid), so that a success is the
mirror's."""

import json
import re
import socket

import pytest

from harness import faults, images
from harness.command import run
from harness.cosign import Signer, pinned, require
from harness.faults import FaultServer, Rule
from harness.ports import free_port
from harness.registry import Registry, make_htpasswd
from harness.settings import credentials, image_settings
from harness.workstation import unpack

GONE = "registry.invalid"
OTHER_KEY = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEhhwcQ7Y2axfCK18kfFmTx++YUbcq
JQZB6pgXdJnz3JBIkqj0ZI9bLGbQ1c6+fxU5KMLxoulUNNS9qx0tt+EzxA==
-----END PUBLIC KEY-----
"""


@pytest.fixture(name="pull")
def fixture_pull(registry, image, tmp_path):
    """pull(entry of the settings, reference) → Unpacked; the registry has busybox under its own name
    and as library/busybox and hub/library/busybox."""
    image("busybox")
    for name in ("library/busybox", "hub/library/busybox"):
        registry.push(images.layout("busybox"), name)

    def pull(mirrors, reference=f"{GONE}/busybox", host=GONE, options=(), **members):
        settings = image_settings(tmp_path, {host: dict(members, mirrors=mirrors)})
        return unpack(reference, tmp_path, "--settings", settings, *options)

    return pull


def check_pulled(unpacked, *warnings):
    """The tree is there, and each line of the console is as expected."""
    assert unpacked.status == 0, unpacked.lines
    assert (unpacked.folder / "bin/busybox").is_file()
    lines = [line for line in unpacked.lines if not line.startswith("berth: from ")]
    assert len(lines) == len(warnings), unpacked.lines
    for line, pattern in zip(lines, warnings):
        assert re.search(pattern, line), (pattern, line)


def plain(server, path="", **more):
    return dict({"url": f"http://127.0.0.1:{server.port}{path}"}, **more)


def test_the_first_mirror_is_asked_for_everything(registry, pull):
    with FaultServer(registry.port) as first, FaultServer(registry.port) as second:
        check_pulled(pull([plain(first), plain(second)]))
    assert first.count("GET /v2/busybox/manifests/latest$") == 1
    assert first.count("GET /v2/busybox/blobs/") >= 2
    assert second.seen == []


@pytest.mark.parametrize("path, wanted", [
    ("", "/v2/library/busybox/"), ("/", "/v2/library/busybox/"),
    ("/hub", "/v2/hub/library/busybox/"), ("/v2/hub/", "/v2/hub/library/busybox/")])
def test_path_and_namespace(registry, pull, path, wanted):
    """docker.io's mirror, told whom it stands for."""
    with FaultServer(registry.port) as mirror:
        check_pulled(pull([plain(mirror, path, ns=True)], "busybox", "docker.io"))
    assert mirror.seen
    for seen in mirror.seen:
        assert re.match(f"GET {wanted}[a-z]+/[^?]+\\?ns=docker.io( |$)", seen.line), seen.line


def test_server_below_a_path(registry, pull):
    """As repository managers have them: what stands before /v2 is the server's own."""
    with FaultServer(registry.port) as mirror:
        unpacked = pull([plain(mirror, "/artifactory/api/v2/hub")])
    assert mirror.seen[0].line == "GET /artifactory/api/v2/hub/busybox/manifests/latest"
    assert unpacked.status == 1


def test_a_real_proxy_cache(registry, pull, tmp_path):
    """docker-registry as a pull-through cache of another. It answers 500 now and then when two ask
    for one blob that it does not have yet; a second question helps."""
    cache = {"proxy": {"remoteurl": f"http://127.0.0.1:{registry.port}"}}
    with Registry(tmp_path / "cache", more=cache) as mirror:
        unpacked = pull([plain(mirror, ns=True)])
        assert "GET /v2/busybox/manifests/" in mirror.requests()
    assert unpacked.status == 0, unpacked.lines
    assert (unpacked.folder / "bin/busybox").is_file()


def closed_port():
    return {"url": f"http://127.0.0.1:{free_port()}"}


@pytest.mark.parametrize("fault, reason", [
    (faults.status(404), "404"), (faults.status(500), "500"), (faults.status(503), "503"),
    (faults.status(429, (("Retry-After", "20"),)), "too many requests"),
    (faults.status(401), "401"), (faults.status(403), "403"), (faults.reset, "broke off")])
def test_passed_over(registry, pull, fault, reason):
    with FaultServer(registry.port, Rule("GET", fault)) as bad, \
            FaultServer(registry.port) as good:
        check_pulled(pull([plain(bad), plain(good)]),
                     f"mirror 127.0.0.1:{bad.port} is passed over.*{reason}")
        assert bad.count("GET") <= 2


def test_nobody_there(registry, pull):
    with FaultServer(registry.port) as good:
        check_pulled(pull([closed_port(), plain(good)]), "passed over.*refused")


def test_silence(registry, pull):
    """A mirror that accepts connections and says nothing."""
    with socket.socket() as silent, FaultServer(registry.port) as good:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        port = silent.getsockname()[1]
        check_pulled(pull([{"url": f"http://127.0.0.1:{port}"}, plain(good)]),
                     "passed over.*nothing or too slowly")


def test_not_in_tls(registry, pull):
    """Plain http where https was written is passed over, not spoken to."""
    with FaultServer(registry.port) as bad, FaultServer(registry.port) as good:
        check_pulled(pull([{"url": f"https://127.0.0.1:{bad.port}"}, plain(good)]),
                     "passed over.*does not answer in TLS")
        assert bad.seen == []


def test_the_registry_itself_is_last(registry, pull):
    with FaultServer(registry.port, Rule("GET", faults.status(404))) as bad:
        check_pulled(pull([plain(bad)], f"{registry.host}/busybox", registry.host),
                     "passed over.*404")


def test_all_fail(registry, pull):
    """The last word is the registry's."""
    with FaultServer(registry.port, Rule("GET", faults.status(404))) as bad:
        unpacked = pull([plain(bad)], f"{registry.host}/none", registry.host)
    assert unpacked.status == 1 and len(unpacked.lines) == 2, unpacked.lines
    assert "passed over" in unpacked.lines[0]
    assert f'{registry.host} has no repository "none"' in unpacked.lines[1]


def test_busy_mirror_and_no_way_to_the_registry(registry, pull):
    """Where only the mirror can be reached, it gets a second chance, and the time it asks for."""
    busy = [Rule("manifests/", faults.status(503), 2),
            Rule("blobs/", faults.status(429, (("Retry-After", "1"),)), 2)]
    with FaultServer(registry.port, *busy) as mirror:
        unpacked = pull([plain(mirror)])
    assert unpacked.status == 0, unpacked.lines
    assert all(rule.times == 0 for rule in busy)
    assert any("passed over" in line and "503" in line for line in unpacked.lines)


def test_mirror_that_stays_busy(registry, pull):
    with FaultServer(registry.port, Rule("GET", faults.status(503))) as mirror:
        unpacked = pull([plain(mirror)])
        assert unpacked.status == 1 and 3 <= mirror.count("GET") <= 6, unpacked.lines
    assert "503" in unpacked.lines[-1] and f"127.0.0.1:{mirror.port}" in unpacked.lines[-1]


def test_blob_missing_at_the_mirror(registry, pull):
    """A cache that lacks a blob: the next one has it."""
    with FaultServer(registry.port, Rule("blobs/", faults.status(404))) as half, \
            FaultServer(registry.port) as whole:
        unpacked = pull([plain(half), plain(whole)])
    assert unpacked.status == 0, unpacked.lines
    assert "passed over" in unpacked.lines[0] and "404" in unpacked.lines[0], unpacked.lines
    assert whole.count("manifests/") == 0 and whole.count("blobs/") >= 2


def test_the_mirror_dies_within_a_blob(registry, pull):
    """The registry goes on where the mirror stopped; the digest goes on too."""
    with FaultServer(registry.port, Rule("blobs/(?!.*bytes)", faults.truncate, 2),
                     Rule("blobs/.*bytes=[0-9]+-$", faults.status(502))) as dying:
        unpacked = pull([plain(dying)], f"{registry.host}/busybox", registry.host)
    assert unpacked.status == 0, unpacked.lines
    assert any("passed over" in line for line in unpacked.lines)


@pytest.mark.parametrize("fault", [faults.corrupt, faults.shorten])
def test_wrong_bytes_end_the_pull(registry, pull, fault):
    """A mirror with other bytes than the manifest names is not passed over in silence."""
    with FaultServer(registry.port, Rule("blobs/(?!.*bytes)", fault)) as bad, \
            FaultServer(registry.port) as good:
        line = pull([plain(bad), plain(good)]).check_failed()
    assert "sha256:" in line and good.seen == [], line
    assert f"mirror 127.0.0.1:{bad.port} of {GONE}: " in line, line


def test_wrong_manifest_for_a_digest(registry, pull):
    digest = run("skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}",
                 f"docker://{registry.host}/busybox").decode().strip()
    with FaultServer(registry.port, Rule("manifests/", faults.corrupt)) as bad, \
            FaultServer(registry.port) as good:
        line = pull([plain(bad), plain(good)], f"{GONE}/busybox@{digest}").check_failed()
    assert "does not match its digest" in line and good.seen == [], line
    assert f"mirror 127.0.0.1:{bad.port} of {GONE}: " in line, line


def test_each_mirror_its_own_password(registry, pull, tmp_path):
    """And none sees another's."""
    htpasswd = make_htpasswd(tmp_path / "htpasswd", "alice", "one")
    with Registry(tmp_path / "closed", registry.storage, htpasswd=htpasswd) as closed, \
            FaultServer(closed.port) as first, FaultServer(closed.port) as second:
        file = credentials(tmp_path, {f"127.0.0.1:{first.port}": ("alice", "wrong"),
                                      f"127.0.0.1:{second.port}": ("alice", "one"),
                                      GONE: ("alice", "three")})
        check_pulled(pull([plain(first), plain(second)], options=("--credentials", file)),
                     "passed over.*401")
        sent = [{seen.headers["Authorization"] for seen in server.seen
                 if "Authorization" in seen.headers} for server in (first, second)]
    assert len(sent[0]) == 1 and len(sent[1]) == 1 and sent[0] != sent[1]


def test_default_mirrors(registry, pull, image):
    """Mirrors of "default" stand before every registry that states none of its own."""
    with FaultServer(registry.port) as mirror:
        check_pulled(pull([plain(mirror, ns=True)], host="default"))
        assert mirror.count(f"ns={GONE}") == len(mirror.seen) > 0


@pytest.fixture(scope="module", name="signer")
def fixture_signer(tmp_path_factory):
    return Signer(tmp_path_factory.mktemp("keys") / "one")


@pytest.mark.parametrize("classic", [True, False], ids=["classic", "bundle"])
def test_signature_that_the_mirror_lacks(registry, signer, tmp_path, classic):
    """Caches often have images and not what refers to them. The rule is the registry's name."""
    pushed = registry.push(images.layout("busybox"), f"signed-{classic}".lower())
    signer.sign(pinned(pushed), classic=classic)
    lacks = Rule("/(manifests/sha256-|referrers/)", faults.status(404))
    with FaultServer(registry.port, lacks) as mirror:
        settings = image_settings(tmp_path, {registry.host: {"mirrors": [plain(mirror)]}})
        document = json.loads(settings.read_text())
        document["signatures"] = {registry.host: require(signer, identity="any")}
        settings.write_text(json.dumps(document))
        unpack(pushed, tmp_path, "--settings", settings).check_done()
        assert mirror.count("/(manifests/sha256-|referrers/)") >= 1
        assert mirror.count("GET .*/blobs/") >= 2
        document["signatures"][registry.host]["keys"] = [OTHER_KEY]
        settings.write_text(json.dumps(document))
        unpacked = unpack(pushed, tmp_path, "--settings", settings)
    assert unpacked.status == 1 and not unpacked.folder.exists()
    assert "no valid signature" in unpacked.lines[-1], unpacked.lines


@pytest.mark.parametrize("registries, message", [
    ({"docker.io": {"mirors": []}}, 'unknown member "mirors": did you mean "mirrors"?'),
    ({"docker.io": {"mirrors": [{}]}}, 'docker.io: mirror 1: it has no "url"'),
    ({"docker.io": {"mirrors": [{"url": "mirror.lan"}]}}, "starts with https://"),
    ({"docker.io": {"mirrors": [{"url": "https://m.lan", "insecure": 1}]}},
     '"insecure" is neither true nor false'),
    ({"hub.docker.com/x": {}}, "write docker.io"),
    ({"x.lan": {"ca": "text"}}, '"ca" holds no certificate in PEM'),
    ({"x.lan": {"ca_only": True}}, '"ca_only" needs a "ca"'),
    ({"x.lan": {"client_key": "x"}}, "belong together"),
    ({"x.lan": {"proxy": "socks5://p:1"}}, "proxy is not a usable address"),
    ({"default": {"insecure": True}}, 'default: unknown member "insecure"'),
    ({"x.lan": {"insecure": True},
      "y.lan": {"mirrors": [{"url": "https://x.lan", "proxy": "http://p.lan:1"}]}},
     "x.lan is reached is stated twice, and differently"),
    ([], "not an object")])
def test_mistakes(image, tmp_path, registries, message):
    """They are found even where nothing needs the entry."""
    settings = image_settings(tmp_path, registries)
    line = unpack(image("busybox"), tmp_path, "--settings", settings).check_failed()
    assert message in line and "image settings: registries" in line, line
