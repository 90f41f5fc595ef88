# SPDX-License-Identifier: Apache-2.0
"""The way to a registry: whose word for it counts, as whom Berth comes, through which proxy, over which
protocol. Real docker-registry, real tinyproxy."""

import socket
import tempfile
from pathlib import Path

import pytest

from harness import faults
from harness.boot import boot
from harness.certificates import Authority
from harness.command import run
from harness.faults import FaultServer, Rule
from harness.paths import ROOT
from harness.proxy import Listener, Proxy
from harness.registry import Registry, make_htpasswd
from harness.settings import credentials, image_settings
from harness.workstation import unpack

PYTHON = "/usr/bin/python3"


class Site:
    """A registry in TLS with an authority of its own, and what there is to go wrong."""

    def __init__(self, folder, storage):
        self.folder = folder
        self.authority = Authority(folder, "right")
        (folder / "other").mkdir()
        self.other = Authority(folder / "other", "wrong")
        self.storage = storage
        self._open = []

    def serve(self, pair, **options):
        place = self.folder / f"registry{len(self._open)}"
        self._open.append(Registry(place, self.storage, tls=pair, **options))
        return self._open[-1]

    @property
    def ca(self):
        return self.authority.root.certificate.read_text()

    @property
    def other_ca(self):
        return self.other.root.certificate.read_text()

    def close(self):
        for running in self._open:
            running.close()


@pytest.fixture(scope="module", name="site")
def fixture_site(image, registry, tmp_path_factory):
    image("busybox")
    site = Site(tmp_path_factory.mktemp("site"), registry.storage)
    site.right = site.serve(site.authority.issue("localhost"))
    yield site
    site.close()


@pytest.fixture(name="pull")
def fixture_pull(image, tmp_path):
    """pull(registry or host, members of its entry) → Unpacked."""
    image("busybox")

    def pull(where, *options, others=None, environment=None, **members):
        host = where if isinstance(where, str) else where.host
        entries = dict({host: members} if members else {}, **(others or {}))
        settings = image_settings(tmp_path, entries)
        return unpack(f"{host}/busybox", tmp_path, "--settings", settings, *options,
                      environment=environment)
    return pull


def check_pulled(unpacked):
    unpacked.check_done()
    assert (unpacked.folder / "bin/busybox").is_file()


def test_authority_of_the_registry(site, pull):
    check_pulled(pull(site.right, ca=site.ca))


def test_several_authorities(site, pull):
    check_pulled(pull(site.right, ca=site.other_ca + site.ca))


def test_authority_for_all(site, pull):
    """That of "default" is asked too; a registry on loopback must state that it wants a check."""
    check_pulled(pull(site.right, ca=site.other_ca, others={"default": {"ca": site.ca}}))


@pytest.fixture(name="bundle")
def fixture_bundle(site):
    """The authority's file where the workers, who are not root, may read it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "ca.pem").write_text(site.ca)
        yield folder / "ca.pem"


def test_authority_beside_the_bundle(site, pull, bundle):
    check_pulled(pull(site.right, "--ca", bundle, ca=site.other_ca))


def test_authority_without_its_signature(site, pull, bundle):
    """As those in the machine's bundle (rootfs/certificates.py); a wrong one counts no more than before."""
    def without(ca):
        bundle.write_bytes(run(PYTHON, ROOT / "rootfs/certificates.py", ca.root.certificate))
        return bundle
    check_pulled(pull(site.right, "--ca", without(site.authority), ca=site.other_ca))
    assert bundle.read_text() != site.ca and len(bundle.read_text()) == len(site.ca)
    line = pull(site.right, "--ca", without(site.other), ca=site.other_ca).check_failed()
    assert "not accepted" in line, line


def test_bundle_that_cannot_be_read(site, pull, bundle):
    bundle.parent.chmod(0o700)
    line = pull(site.right, "--ca", bundle, ca=site.other_ca).check_failed()
    assert "ca.pem" in line and "ermission" in line, line


def test_pinned_authority(site, pull, bundle):
    """The bundle would do, but does not count."""
    check_pulled(pull(site.right, ca=site.ca, ca_only=True))
    line = pull(site.right, "--ca", bundle, ca=site.other_ca, ca_only=True).check_failed()
    assert "certificate" in line and "not accepted" in line, line


@pytest.mark.parametrize("name, days", [("localhost", -1), ("elsewhere.test", 2)])
def test_wrong_certificate(site, pull, name, days):
    """Expired, or another's."""
    served = site.serve(site.authority.issue(name, days))
    line = pull(served, ca=site.ca).check_failed()
    assert "certificate of localhost" in line and "not accepted" in line, line


def test_unknown_authority(site, pull):
    line = pull(site.right, ca=site.other_ca).check_failed()
    assert "not accepted" in line and "right" not in line, line


def test_never_down_to_http(registry, site, pull):
    """A registry with an authority is not spoken to in plain http, although it is on loopback and
    stated as insecure on the command line."""
    before = registry.requests()
    line = pull(registry, "--insecure", registry.host, ca=site.ca).check_failed()
    assert "does not answer in TLS" in line, line
    assert "GET /v2/busybox" not in registry.requests()[len(before):]


@pytest.fixture(scope="module", name="mutual")
def fixture_mutual(site):
    """It wants to see a certificate of the authority."""
    return site.serve(site.authority.issue("localhost"),
                      client_ca=site.authority.root.certificate)


def client(authority):
    pair = authority.issue("client")
    return {"client_certificate": pair.certificate.read_text(), "client_key": pair.key.read_text()}


def test_client_certificate(site, mutual, pull):
    check_pulled(pull(mutual, ca=site.ca, **client(site.authority)))


def test_without_client_certificate(site, mutual, pull):
    line = pull(mutual, ca=site.ca).check_failed()
    assert "client certificate" in line, line


def test_wrong_client_certificate(site, mutual, pull):
    line = pull(mutual, ca=site.ca, **client(site.other)).check_failed()
    assert "client certificate" in line, line


def test_key_of_another_certificate(site, mutual, pull):
    mixed = dict(client(site.authority), client_key=client(site.other)["client_key"])
    line = pull(mutual, ca=site.ca, **mixed).check_failed()
    assert "client certificate" in line, line


def test_mirror_with_client_certificate(site, mutual, pull):
    """A mirror's members are its own; the registry's are not used there."""
    mirror = dict(client(site.authority), url=f"https://{mutual.host}", ca=site.ca)
    unpacked = pull("registry.invalid", mirrors=[mirror], ca=site.other_ca, ca_only=True)
    assert unpacked.status == 0, unpacked.lines


def test_mirror_without_tls_but_with_an_authority(site, registry, pull):
    """One of the two is a mistake, and it could be the wrong one."""
    mirror = {"url": f"http://{registry.host}", "ca": site.ca}
    line = pull("registry.invalid", mirrors=[mirror]).check_failed()
    assert "mirror 1: certificates have no meaning with http://" in line, line


def test_word_of_the_registry(registry, pull):
    """Given on to the user once, without what could upset a terminal."""
    warn = faults.header("Warning", '299 - "this \x1b[31mtag goes away"')
    with FaultServer(registry.port, Rule("GET", warn)) as server:
        unpacked = pull(server)
    words = [line for line in unpacked.lines if " says: " in line]
    assert unpacked.status == 0 and len(words) == 1, unpacked.lines
    assert words[0].endswith(f"{server.host} says: this ?[31mtag goes away"), words


def test_proxy_for_tls(site, pull, tmp_path):
    with Proxy(tmp_path / "proxy", connect_port=site.right.port) as proxy:
        check_pulled(pull(site.right, ca=site.ca, proxy=proxy.url))
        assert f"CONNECT {site.right.host}" in proxy.requests()


def test_proxy_for_http(registry, pull, tmp_path):
    with Proxy(tmp_path / "proxy") as proxy:
        check_pulled(pull(registry, insecure=True, proxy=proxy.url))
        assert f"GET http://{registry.host}/v2/busybox/manifests/latest" in proxy.requests()


def test_proxy_with_a_password(site, pull, tmp_path):
    with Proxy(tmp_path / "proxy", "bob", "pw", site.right.port) as proxy:
        url = proxy.url.replace("://", "://bob:pw@")
        check_pulled(pull(site.right, ca=site.ca, proxy=url))
        line = pull(site.right, ca=site.ca, proxy=proxy.url).check_failed()
        assert f"127.0.0.1:{proxy.port}" in line and "407" in line, line
        wrong = pull(site.right, ca=site.ca, proxy=proxy.url.replace("://", "://bob:no@"))
        assert "no@" not in wrong.check_failed()


def test_proxy_that_refuses(site, pull, tmp_path):
    with Proxy(tmp_path / "proxy", connect_port=1) as proxy:
        line = pull(site.right, ca=site.ca, proxy=proxy.url).check_failed()
    assert "the proxy refuses (403)" in line, line


def test_proxy_does_not_see_credentials(site, pull, tmp_path):
    htpasswd = make_htpasswd(tmp_path / "htpasswd", "alice", "s3cret")
    closed = site.serve(site.authority.issue("localhost"), htpasswd=htpasswd)
    file = credentials(tmp_path, {closed.host: ("alice", "s3cret")})
    listener = Listener()
    check_pulled(pull(closed, "--credentials", file, ca=site.ca, proxy=listener.url))
    listener.close()
    assert listener.seen and not any("uthorization" in seen for seen in listener.seen)


def test_proxy_in_tls(registry, site, pull):
    """TLS to the proxy, checked like every other; within it TLS to the registry, or none."""
    listener = Listener(site.authority.issue("localhost"))
    check_pulled(pull(site.right, ca=site.ca, proxy=listener.url))
    assert listener.seen
    line = pull(site.right, ca=site.other_ca, proxy=listener.url).check_failed()
    assert "certificate" in line, line
    line = pull(registry, insecure=True, proxy=listener.url).check_failed()
    assert "certificate" in line, line
    listener.close()


def test_proxy_of_the_environment(registry, pull, tmp_path):
    """A name that is not loopback's, and leads there all the same."""
    host = f"0.0.0.0:{registry.port}"
    with Proxy(tmp_path / "proxy") as proxy:
        both = {"HTTPS_PROXY": proxy.url, "http_proxy": proxy.url}
        check_pulled(pull(host, "--insecure", host, environment=both))
        through = proxy.requests()
        assert f"CONNECT {host}" in through and f"GET http://{host}/v2/" in through
        for none in ("0.0.0.0", "localhost,0.0.0.0/8", "*"):
            check_pulled(pull(host, "--insecure", host,
                              environment=dict(both, NO_PROXY=none)))
        assert proxy.requests() == through
        check_pulled(pull(registry, environment=both))  # loopback itself
        assert proxy.requests() == through


def test_settings_go_before_the_environment(registry, pull, tmp_path):
    host = f"0.0.0.0:{registry.port}"
    gone = {"HTTPS_PROXY": "http://127.0.0.1:1", "http_proxy": "http://127.0.0.1:1"}
    line = pull(host, "--insecure", host, environment=gone).check_failed()
    assert "through the proxy 127.0.0.1:1" in line, line
    check_pulled(pull(host, environment=gone, insecure=True, proxy=""))
    with Proxy(tmp_path / "proxy") as proxy:
        default = {"default": {"proxy": proxy.url}}
        check_pulled(pull(host, "--insecure", host, others=default, environment=gone))
        assert f"GET http://{host}/v2/" in proxy.requests()
        default["default"]["no_proxy"] = ["0.0.0.0"]
        check_pulled(pull(host, "--insecure", host, others=default, environment=gone))


def have_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        return True
    except OSError:
        return False


@pytest.mark.skipif(not have_ipv6(), reason="this machine has no ::1")
def test_ipv6_only(site, registry, pull, tmp_path):
    """A registry that listens on ::1 alone; in TLS, its certificate names the address."""
    with Registry(tmp_path / "six", registry.storage, address="::1") as plain:
        assert plain.host.startswith("[::1]:")
        check_pulled(pull(plain))
    secure = site.serve(site.authority.issue("localhost"), address="::1")
    check_pulled(pull(secure, ca=site.ca))
    assert "not accepted" in pull(secure, ca=site.other_ca).check_failed()


@pytest.mark.skipif(not have_ipv6(), reason="this machine has no ::1")
def test_machine_and_ipv6_only_registry(registry, image, tmp_path):
    """`berth boot` leads the machine to a registry that listens on the workstation's ::1 alone."""
    image("busybox")
    with Registry(tmp_path / "six", registry.storage, address="::1") as six:
        result = boot(f"{six.host}/busybox", "sh", "-c", "exit 33")
        assert result.status == 33, result
        assert result.container["source"] == f"registry {six.host}"
