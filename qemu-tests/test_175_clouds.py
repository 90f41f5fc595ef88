# SPDX-License-Identifier: Apache-2.0
"""The metadata file from every source over the network: services that enforce their real protocols
(methods, tokens, headers, hop limit 1, source ports) at their real addresses; web servers."""

import gzip
import hashlib

import pytest

from harness import clouds, seeds
from harness.certificates import Authority
from harness.clouds import FIRMWARE, Cloud
from harness.initrd import archive
from harness.machine import run_machine
from harness.media import TlsFolder, WebFolder

why = clouds.missing()
in_clouds = pytest.mark.skipif(why is not None, reason=why or "")


def entry(result):
    assert result.report, result
    found = [entry for entry in result.report["ledger"] if entry["name"] == "config"]
    assert len(found) == 1, result
    return found[0]


def check(result, source, answer, host="cloud-1"):
    assert result.report and result.report["status"] == 7, result
    assert result.output("app") == [f"answer={answer} host={host}"], result
    assert entry(result)["source"] == source, result


def refused(result, *words):
    assert result.report and result.report["status"] == 125, result
    for word in words:
        assert word in result.report["reason"], result


@in_clouds
@pytest.mark.parametrize("name", list(FIRMWARE))
def test_cloud(app, tmp_path, name):
    """The firmware says which cloud it is; the service is asked as it wants to be."""
    text = seeds.document(name)
    cloud = Cloud(tmp_path, name, gzip.compress(text, mtime=0) if name in ("ec2", "akamai") else text)
    append = "berth.config=mmds" if name == "mmds" else ""
    result = cloud.boot(append, FIRMWARE[name], [app], network="link" if name == "mmds" else "tap")
    check(result, name, name, host="app" if name in ("mmds", "akamai") else "cloud-1")
    assert not [asked for asked in cloud.requests if asked["status"] not in (200, 404)], cloud.requests
    if name == "azure":
        assert cloud.requests[-1]["ready"], cloud.requests


@in_clouds
def test_container_declaration(app, tmp_path):
    """Google's declaration of a container, from machines that were made for konlet."""
    cloud = Cloud(tmp_path, "konlet", b"""spec:
  containers:
  - name: app
    image: app:1
    command: ["sh", "-c"]
    args: ["echo answer=$ANSWER host=$(hostname); exit 7"]
    env: [{name: ANSWER, value: konlet}]
  restartPolicy: Never
""")
    check(cloud.boot("", FIRMWARE["gcp"], [app]), "gcp", "konlet")


@in_clouds
def test_user_network(app, tmp_path):
    """The same address through QEMU's own network, after DHCP."""
    cloud = Cloud(tmp_path, "ec2", seeds.document("user"))
    check(cloud.boot("", FIRMWARE["ec2"], [app], network="user"), "ec2", "user")


@in_clouds
def test_nocloud_by_serial_number(app, tmp_path):
    cloud = Cloud(tmp_path, "seed", seeds.document("serial"))
    result = cloud.boot("", ["type=1,serial=ds=nocloud;s=http://169.254.169.254/seed/"], [app])
    check(result, "nocloud-net", "serial")


@in_clouds
def test_nocloud_by_command_line(app, tmp_path):
    cloud = Cloud(tmp_path, "seed", seeds.document("line"))
    result = cloud.boot('"ds=nocloud;s=http://169.254.169.254/seed/;h=own"', (), [app])
    check(result, "nocloud-net", "line", host="own")


@in_clouds
def test_address_with_names(app, tmp_path):
    cloud = Cloud(tmp_path, "seed", seeds.document("names"))
    result = cloud.boot("berth.config=http://169.254.169.254/${serial}/${mac}.yaml",
                        ["type=1,serial=serial no/1"], [app])
    check(result, "url", "names", host="app")


@in_clouds
@pytest.mark.parametrize("server, words", [
    ("nothing", ["no image to run", "ec2: http://169.254.169.254/latest/user-data is not there"]),
    ("refusing", ["ec2:", "gives no token (status 403)"]),
    ("silent", ["ec2:", "169.254.169.254", "refused"]),
])
def test_no_document(app, tmp_path, server, words):
    """Each way of having none is told apart; the search ends by itself."""
    result = Cloud(tmp_path, server, b"").boot("berth.config.timeout=4", FIRMWARE["ec2"], [app])
    refused(result, *words)


@in_clouds
def test_two_plausible_sources(app, tmp_path):
    """Both are asked at once; the one that answers wins."""
    cloud = Cloud(tmp_path, "seed", seeds.document("race"))
    result = cloud.boot("", ["type=1,manufacturer=Hetzner,"
                             "serial=ds=nocloud;s=http://169.254.169.254/seed/"], [app])
    check(result, "nocloud-net", "race")
    asked = {request["path"] for request in cloud.requests}
    assert {"/seed/user-data", "/hetzner/v1/userdata"} <= asked, asked


def test_no_cloud_no_network(app):
    """No firmware that names a cloud: said at once, and the network is not even begun."""
    result = run_machine("", initrds=[app], debug_exit=False)
    refused(result, "no image to run")
    assert not [e for e in result.report["ledger"] if e["name"] == "network"], result


@pytest.fixture(scope="module", name="folder")
def folder_on_the_web(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web")
    (folder / "compose.yaml").write_bytes(seeds.document(
        "web", more="x-berth:\n  registries:\n    reg.example:5000:\n      insecure: true\n"))
    return folder


def test_network_in_a_document_that_came_over_it(app, tmp_path):
    """It is too late for an address, not for time servers: a warning with its place."""
    (tmp_path / "compose.yaml").write_bytes(seeds.document(
        "web", more="x-berth:\n  network:\n    ntp: none\n    address: 10.0.2.77/24\n"))
    with WebFolder(tmp_path) as web:
        result = run_machine(f"berth.config=http://10.0.2.2:{web.port}/compose.yaml", initrds=[app],
                             debug_exit=False)
    check(result, "url", "web", host="app")
    warnings = [line for line in result.console.splitlines() if "has no effect" in line]
    assert len(warnings) == 1 and "x-berth.network.address[0] has no effect" in warnings[0], result


def test_digest_makes_an_address_trusted(app, folder):
    """A document from the web may not hold dangerous keys, unless its digest is on the command line."""
    digest = hashlib.sha256((folder / "compose.yaml").read_bytes()).hexdigest()
    with WebFolder(folder) as web:
        address = f"berth.config=http://10.0.2.2:{web.port}/compose.yaml"
        result = run_machine(address, initrds=[app], debug_exit=False)
        assert result.report["status"] == 125, result
        assert any("refused from url (trust: network)" in line for line in result.errors), result
        result = run_machine(f"{address} berth.config.digest=sha256:{digest}", initrds=[app],
                             debug_exit=False)
        check(result, "url", "web", host="app")
        result = run_machine(f"{address} berth.config.digest=sha256:{'0' * 64}", initrds=[app],
                             debug_exit=False)
        refused(result, "berth.config.digest wants sha256:0000")


def test_pinned_authority(app, folder, tmp_path):
    """https with an authority of one's own, and no other."""
    for name in ("ca", "other"):
        (tmp_path / name).mkdir()
    authority, other = Authority(tmp_path / "ca"), Authority(tmp_path / "other")
    with TlsFolder(folder, authority.issue("localhost")) as web:
        port = web.url.rpartition(":")[2]
        append = f"berth.config={web.url}/compose.yaml berth.config.ca=/etc/berth/config.pem " \
                 f"berth.config.trust=network berth.registry.connect=localhost:{port}=10.0.2.2:{port}"
        good = archive(tmp_path / "good.cpio", {"/etc/berth/config.pem": authority.root.certificate})
        bad = archive(tmp_path / "bad.cpio", {"/etc/berth/config.pem": other.root.certificate})
        check(run_machine(append, initrds=[app, good], debug_exit=False), "url", "web", host="app")
        refused(run_machine(append, initrds=[app, bad], debug_exit=False), "url:", "certificate")
